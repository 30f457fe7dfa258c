"""The audit trail tells what happened and nothing else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.clientes.models import Cliente, TipoPessoa
from app.core.auditoria import de_json, para_json
from app.core.models import UserAuditLog
from app.core.tipos import Dinheiro, coluna_enum
from tests import fabricas as f

CPF = "52998224725"


def test_what_a_savepoint_undid_is_not_audited_later(sessao) -> None:
    f.um_cliente(sessao, cpf_cnpj=CPF)
    ultimo = sessao.scalar(select(UserAuditLog.id).order_by(UserAuditLog.id.desc()).limit(1))
    with pytest.raises(IntegrityError), sessao.begin_nested():
        f.gravar(sessao, Cliente(nome="Repetido", cpf_cnpj=CPF))
    plano = f.um_plano(sessao)
    depois = sessao.execute(select(UserAuditLog.resource, UserAuditLog.resource_id).where(UserAuditLog.id > ultimo)).all()
    assert depois == [("plano", str(plano.id))]


@pytest.mark.parametrize("valor", [Decimal("10.05"), dt.date(2026, 12, 31), TipoPessoa.PJ, "texto", None, True, 7])
def test_what_json_keeps_of_a_column_reads_back_as_it_was(valor) -> None:
    tipo = {Decimal: Dinheiro(), dt.date: sa.Date(), TipoPessoa: coluna_enum(TipoPessoa), str: sa.Text(), bool: sa.Boolean(), int: sa.Integer()}
    assert de_json(sa.Column(tipo.get(type(valor), sa.Text())), para_json(valor)) == valor


def test_what_is_no_value_of_its_column_any_more_stays_as_written() -> None:
    assert de_json(sa.Column(coluna_enum(TipoPessoa)), "extinto") == "extinto" and de_json(None, "10.05") == "10.05"
