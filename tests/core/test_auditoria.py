"""The audit trail tells what happened and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.clientes.models import Cliente
from app.core.models import UserAuditLog
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
