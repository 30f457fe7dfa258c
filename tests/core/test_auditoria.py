"""The audit trail tells what happened and nothing else."""

from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.clientes.models import Cliente, TipoPessoa
from app.core.auditoria import de_json, para_json
from app.core.models import UserAuditLog
from app.core.telas.auditoria import ACOES
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


def verbos_escritos() -> set[str]:
    """Every word the source gives to ``auditoria.registrar``, or to a method that only hands it on."""
    achados = set()
    for fonte in Path("app").rglob("*.py"):
        if "auditoria" not in (texto := fonte.read_text()):
            continue
        for no in (n for n in ast.walk(ast.parse(texto)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)):
            dono = getattr(no.func.value, "id", "")
            if (dono, no.func.attr) in (("auditoria", "registrar"), ("self", "_registrar")):
                palavra = no.args[1 if dono == "auditoria" else 0]
                partes = (palavra.body, palavra.orelse) if isinstance(palavra, ast.IfExp) else (palavra,)
                achados |= {p.value for p in partes if isinstance(p, ast.Constant)}
    return achados


def test_every_verb_the_source_records_has_words() -> None:
    assert {"emitir", "ver_senha", "pausar", "tentar_de_novo"} <= verbos_escritos() <= set(ACOES)
