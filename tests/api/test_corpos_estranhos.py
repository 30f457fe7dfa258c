"""Bodies nobody should send: each is refused with a sentence, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.brasil import brcode
from app.contratos.models import Contrato
from app.core import relogio
from app.core.datas import UM_DIA
from app.core.transacao import transacao
from app.faturamento.models import Credito, Invoice, ItemInvoice, Lancamento, Pagamento
from app.notificacoes.models import ModeloMensagem
from app.planos.models import Adicional
from app.rede.models import Pop
from tests import fabricas as f
from tests.programas import programa

TABELAS = (Invoice, Lancamento, Pagamento, Credito)
Chamar = Callable[..., Any]


@pytest.fixture
def ids(app) -> dict[str, int]:
    """A customer with an invoice of his contract, and a company that issues."""
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
        invoice = f.uma_invoice(s)
        contrato = s.scalars(select(ItemInvoice.contrato_id).where(ItemInvoice.invoice_id == invoice.id)).first()
        return {"cliente": invoice.cliente_id, "invoice": invoice.id, "contrato": contrato}


def quantas(app) -> list[int]:
    with app.app_context(), transacao() as s:
        return [s.scalar(select(func.count()).select_from(t)) for t in TABELAS]


GERAR = {"vencimento": f"{relogio.hoje() + 10 * UM_DIA}", "itens": [{"descricao": "Visita", "valor_unitario": "9.00"}]}
LANCAR = {"descricao": "Roteador", "valor": "100.00", "a_partir_de": f"{relogio.hoje()}"}
PAGAR = {"valor": "10.00", "metodo": "pix", "referencia": "x1"}


@pytest.mark.parametrize(("caminho", "corpo", "diz"), [
    ("/invoice/gerar", {**GERAR, "itens": [{"descricao": "\ud800x", "valor_unitario": "9"}]}, "caractere inválido"),
    ("/invoice/gerar", {**GERAR, "vencimento": "9999-12-31"}, "longe demais"),
    ("/invoice/gerar", {**GERAR, "itens": [{"descricao": " ", "valor_unitario": "9"}]}, "descrição"),
    ("/invoice/gerar", {**GERAR, "itens": [{"descricao": "Cabo", "valor_unitario": "1.999"}]}, "2 casas"),
    ("/invoice/gerar", {**GERAR, "itens": [{"descricao": "Cabo", "valor_unitario": "9", "quantidade": "1.0004"}]}, "inteiro"),
    ("/lancamento/lancar", {**LANCAR, "a_partir_de": "9999-12-31", "parcelas": 36}, "longe demais"),
    ("/lancamento/lancar", {**LANCAR, "a_partir_de": "0001-01-01"}, "antiga demais"),
    ("/lancamento/lancar", {**LANCAR, "descricao": "  "}, "descrição"),
    ("/lancamento/lancar", {**LANCAR, "valor": "9999999999.99"}, "9.999.999,00"),
    ("/lancamento/lancar", {**LANCAR, "valor": "10.005"}, "2 casas"),
    ("/execucao_faturamento/previa", {"referencia": "9999-12-31"}, "longe demais"),
    ("/execucao_faturamento/previa", {"referencia": "0001-01-01"}, "antiga demais"),
    ("/invoice/{invoice}/pagar", {**PAGAR, "valor": "9999999999.99"}, "9.999.999,00"),
    ("/invoice/{invoice}/pagar", {**PAGAR, "valor": "10.005"}, "2 casas"),
    ("/contrato/{contrato}/encerrar", {"motivo": "    "}, "motivo"),
    ("/contrato/{contrato}/encerrar", {"motivo": "\u200b\u3164\u2800"}, "motivo"),
    ("/lancamento/lancar", {**LANCAR, "descricao": "\u200b"}, "descrição"),
    ("/invoice/gerar", {**GERAR, "itens": [{"descricao": "\u200b", "valor_unitario": "9"}]}, "descrição"),
    ("/invoice/{invoice}/pagar", {**PAGAR, "referencia": "\u200b"}, "referência"),
])
def test_it_is_refused_with_a_sentence_and_nothing_is_kept(app, ids, caminho: str, corpo: dict[str, Any], diz: str) -> None:
    chamar, antes = programa(app), quantas(app)
    if caminho.startswith(("/invoice/gerar", "/lancamento")):
        corpo = {"cliente_id": ids["cliente"], **corpo}
    resposta = chamar("POST", caminho.format(**ids), json=corpo)
    assert resposta.status_code in (400, 409, 422) and diz in str(resposta.json)
    assert quantas(app) == antes
    with app.app_context(), transacao() as s:
        assert s.get_one(Contrato, ids["contrato"]).data_fim is None


BRANCOS = ["", "   ", "\u200b", "\u00a0\ufeff"]
TEXTOS = {"plano": "nome", "adicional": "nome", "pop": "nome", "cliente": "nome", "modelo_mensagem": "corpo"}


@pytest.mark.parametrize("branco", [*BRANCOS, "\u202eabc", "\ud800"], ids=ascii)
@pytest.mark.parametrize("recurso", TEXTOS)
def test_a_name_is_something_that_can_be_read(app, recurso: str, branco: str) -> None:
    with app.app_context(), transacao() as s:
        feitos = {
            "plano": f.um_plano, "cliente": f.um_cliente, "pop": lambda s: f.gravar(s, Pop(nome="Centro", municipio="Campinas", uf="SP")),
            "adicional": lambda s: f.gravar(s, Adicional(nome="IP fixo", preco=9)),
            "modelo_mensagem": lambda s: s.scalars(select(ModeloMensagem)).first(),
        }
        chave = feitos[recurso](s).id
    recusado = programa(app)("PUT", f"/{recurso}/{chave}", json={TEXTOS[recurso]: branco})
    assert recusado.status_code == 422, recusado.text
    assert ("branco" if branco in BRANCOS else "inválido") in str(recusado.json)


def test_what_is_owed_is_told_for_the_day_asked(app, ids) -> None:
    chamar = programa(app)
    hoje, depois = (chamar("GET", f"/invoice/{ids['invoice']}/valor{pergunta}").json["result"] for pergunta in ("", "?em=2026-03-10"))
    assert brcode.ler(depois["pix_copia_e_cola"]).valor == Decimal(depois["pix_valor"]) == Decimal(depois["principal"]) < Decimal(depois["total"])
    assert hoje["em"] == f"{relogio.hoje()}" and depois["em"] == "2026-03-10" and Decimal(depois["total"]) < Decimal(hoje["total"])
    for torto, diz in (("amanha", "2026-12-31"), ("9999-12-31", "longe demais"), ("2026-02-30", "2026-12-31"), ("2020-01-01", "foi emitida em")):
        resposta = chamar("GET", f"/invoice/{ids['invoice']}/valor?em={torto}")
        assert resposta.status_code == 400 and diz in resposta.json["message"]
