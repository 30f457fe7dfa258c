"""A program whose answer was lost asks again with the same key, and nothing is done twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.contratos.models import Contrato
from app.core import relogio
from app.core.datas import UM_DIA
from app.core.transacao import transacao
from app.faturamento.models import Credito, Invoice, Lancamento
from tests import fabricas as f
from tests.programas import programa

HOJE, DEPOIS = f"{relogio.hoje()}", f"{relogio.hoje() + 10 * UM_DIA}"
PEDIDOS = [
    (Invoice, "/invoice/gerar", {"vencimento": DEPOIS, "itens": [{"descricao": "Visita", "valor_unitario": "9.00"}]}, 1),
    (Lancamento, "/lancamento/lancar", {"descricao": "Roteador", "valor": "100.00", "a_partir_de": HOJE, "parcelas": 3}, 3),
    (Credito, "/credito/dar", {"valor": "30.00", "motivo": "cortesia"}, 1),
    (Contrato, "/contrato/criar", {"data_inicio": HOJE}, 1),
]


@pytest.fixture
def ids(app) -> dict[str, int]:
    """A customer with a contract, whom a cycle bills, and a plan."""
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
        contrato = f.um_contrato(s)
        return {"cliente_id": contrato.cliente_id, "plano_id": contrato.plano_id}


def quantos(app, tabela: Any) -> int:
    """Rows of a table."""
    with app.app_context(), transacao() as s:
        return s.scalar(select(func.count()).select_from(tabela))


@pytest.mark.parametrize(("tabela", "caminho", "corpo", "linhas"), PEDIDOS, ids=[p[1] for p in PEDIDOS])
def test_the_same_key_and_body_is_one_request(app, ids, tabela: Any, caminho: str, corpo: dict[str, Any], linhas: int) -> None:
    chamar, antes = programa(app), quantos(app, tabela)
    corpo = {"cliente_id": ids["cliente_id"], **({"plano_id": ids["plano_id"]} if tabela is Contrato else {}), **corpo}

    def pedir(chave: str, **mais: Any) -> Any:
        resposta = chamar("POST", caminho, json={**corpo, **mais}, headers={"Idempotency-Key": chave} if chave else {})
        assert resposta.status_code == 201, resposta.text
        return {nome: resposta.json.get(nome) for nome in ("id", "ids")}

    assert pedir("a") == pedir("a")
    assert quantos(app, tabela) == antes + linhas
    assert pedir("b") != pedir("a") and pedir("") != pedir("") and pedir("c" * 300) != pedir("c" * 300 + "d")
    assert quantos(app, tabela) == antes + 6 * linhas
    outro = {"data_inicio": DEPOIS} if tabela is Contrato else {"vencimento": f"{relogio.hoje() + 11 * UM_DIA}"} if tabela is Invoice else {"valor": "7.00"}
    assert pedir("a", **outro) != pedir("a")
