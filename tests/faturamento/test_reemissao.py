"""A cancelled invoice is issued again from its page; a paid one may receive again as credit; a payment is reversed once; the period is whole."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core import relogio
from app.core.transacao import transacao
from app.faturamento import documentos
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import Credito, Invoice, Pagamento
from tests import fabricas as f


def com(app, funcao):
    with app.app_context(), transacao() as s:
        s.expire_on_commit = False
        return funcao(s)


@pytest.fixture
def financeiro(app, http):
    """Somebody who may, signed in."""
    http.entrar(com(app, lambda s: f.um_usuario(s, "Financeiro")).username)
    return http


def test_a_cancelled_invoice_is_issued_again_from_its_page(app, financeiro) -> None:
    velha = com(app, lambda s: f.uma_invoice(s, status=StatusInvoice.cancelada, motivo_cancelamento="valor errado")).id
    assert "Reemitir" in financeiro.get(f"/faturamento/{velha}").text
    pagina = financeiro.post(f"/faturamento/action/reemitir/{velha}", follow_redirects=True).text
    nova = com(app, lambda s: s.scalars(select(Invoice).where(Invoice.substitui_id == velha)).one())
    assert nova.numero_formatado in pagina and nova.data_vencimento >= relogio.hoje()
    pagina = financeiro.get(f"/faturamento/{velha}").text
    assert "Reemitir" not in pagina and f'href="/faturamento/{nova.id}"' in pagina
    assert "já foi substituída" in financeiro.post(f"/faturamento/action/reemitir/{velha}", follow_redirects=True).text


def test_what_a_paid_invoice_receives_is_credit_and_the_page_says_so(app, financeiro) -> None:
    paga = com(app, lambda s: f.uma_invoice(s, status=StatusInvoice.paga, valor_pago=Decimal("99.90"), data_pagamento=relogio.hoje())).id
    assert "já está paga" in financeiro.get(f"/faturamento/{paga}/pagar").text
    financeiro.post(f"/faturamento/{paga}/pagar", data={"valor": "50,00", "recebido_em": relogio.hoje().isoformat(), "metodo": "pix", "chave": "c1"})
    assert str(com(app, lambda s: s.scalars(select(Credito)).one()).valor) == "50.00"


def test_a_payment_reversed_twice_says_that_it_was_reversed(app, financeiro) -> None:
    invoice = com(app, lambda s: f.uma_invoice(s, vencimento=relogio.hoje())).id
    financeiro.post(f"/faturamento/{invoice}/pagar", data={"valor": "99,90", "recebido_em": relogio.hoje().isoformat(), "metodo": "pix", "chave": "c2"})
    pagamento = com(app, lambda s: s.scalars(select(Pagamento)).one()).id

    def estornar() -> str:
        return financeiro.post(f"/pagamentos/action/estornar/{pagamento}", data={"motivo": "devolvido"}, follow_redirects=True).text

    assert "Feito em 1 registro" in estornar()
    segunda = estornar()
    assert "já estava estornado" in segunda and "Feito em" not in segunda


def test_the_period_of_an_invoice_has_the_days_of_its_lines(app) -> None:
    def periodo(s):
        invoice = f.uma_invoice(s, vencimento=dt.date(2026, 2, 10))
        invoice.itens[0].periodo_inicio, invoice.itens[0].periodo_fim = dt.date(2026, 1, 25), dt.date(2026, 2, 9)
        s.flush()
        return documentos.periodo_de(invoice)

    assert com(app, periodo) == (dt.date(2026, 1, 25), dt.date(2026, 3, 9))


def test_a_payment_decided_on_before_the_invoice_changed_is_not_recorded(app, financeiro) -> None:
    """Two tabs: the second would take the same money again and call it credit."""
    endereco = f"/faturamento/{com(app, lambda s: f.uma_invoice(s, vencimento=relogio.hoje())).id}/pagar"

    def aberto() -> dict[str, str]:
        pagina = financeiro.get(endereco).text
        campos = {n: re.search(rf'name="{n}" type="hidden" value="([^"]+)"', pagina)[1] for n in ("chave", "saldo")}
        return {**campos, "valor": "99,90", "recebido_em": f"{relogio.hoje()}", "metodo": "pix"}

    primeira, segunda = aberto(), aberto()
    assert financeiro.post(endereco, data=primeira).status_code == 302
    tarde = financeiro.post(endereco, data=segunda)
    assert tarde.status_code == 200 and "o saldo agora é R$ 0,00" in tarde.text.replace("\xa0", " ")
    assert financeiro.post(endereco, data=primeira).status_code == 302      # the same form once more is the same receipt
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Pagamento)) == 1
    sabendo = re.search(r'name="saldo" type="hidden" value="([^"]+)"', tarde.text)[1]
    assert financeiro.post(endereco, data={**segunda, "saldo": sabendo}).status_code == 302      # on purpose it is credit


def test_a_comma_forgotten_is_asked_about_and_credit_is_told(app, financeiro) -> None:
    endereco = f"/faturamento/{com(app, lambda s: f.uma_invoice(s, vencimento=relogio.hoje())).id}/pagar"
    dados = {"valor": "9990,00", "recebido_em": f"{relogio.hoje()}", "metodo": "pix", "chave": "c9"}
    pergunta = financeiro.post(endereco, data=dados)
    assert pergunta.status_code == 200 and "É mais de dez vezes R$ 99,90" in pergunta.text.replace("\xa0", " ")
    assert com(app, lambda s: s.scalar(select(func.count()).select_from(Pagamento))) == 0
    conferido = re.search(r'name="conferido" type="hidden" value="([^"]+)"', pergunta.text)[1]
    assert "É mais de dez vezes" in financeiro.post(endereco, data={**dados, "valor": "99900,00", "conferido": conferido}).text
    feito = financeiro.post(endereco, data={**dados, "conferido": conferido}, follow_redirects=True)
    assert "R$ 9.890,10 viraram crédito do cliente." in feito.text.replace("\xa0", " ")
