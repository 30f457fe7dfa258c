"""Lists of billing in a reader's words: where a row came from, money as money, and runs that had something to do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core import relogio
from app.core.transacao import transacao
from app.faturamento.estados import Metodo, StatusExecucao, StatusPagamento
from app.faturamento.models import CicloFaturamento, ClienteEstacionado, Credito, ExecucaoFaturamento, Pagamento
from tests import fabricas as f

DIA = dt.date(2026, 3, 5)


@pytest.fixture
def corpo(app, http):
    """``corpo(address)``: the rows of a list, as somebody of the finance team sees them."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Financeiro").username
    http.entrar(nome)
    return lambda endereco: http.get(endereco).text.split("<tbody")[1].split("</tbody>")[0]


def test_a_payment_says_who_brought_it(app, corpo) -> None:
    with app.app_context(), transacao() as s:
        invoice = f.uma_invoice(s)
        for origem in ("manual", "api", "stripe"):
            f.gravar(s, Pagamento(
                invoice_id=invoice.id, data_pagamento=DIA, valor=Decimal(5), valor_principal=Decimal(5), metodo=Metodo.pix, numero_referencia=f"ref-{origem}",
                gateway=origem, status=StatusPagamento.confirmado))
    linhas = corpo("/pagamentos/list/")
    assert "Lançado por uma pessoa" in linhas and ">API<" in linhas and ">stripe<" in linhas and ">manual<" not in linhas


def test_a_payment_is_found_by_customer_receipt_reference_and_invoice(app, corpo) -> None:
    with app.app_context(), transacao() as s:
        numeros = []
        for nome in ("Ana Souza", "Bia Prado"):
            invoice = f.uma_invoice(s, contrato=f.um_contrato(s, cliente_id=f.um_cliente(s, nome=nome).id))
            numeros.append(invoice.numero)
            f.gravar(s, Pagamento(
                invoice_id=invoice.id, data_pagamento=DIA, valor=Decimal(5), valor_principal=Decimal(5), metodo=Metodo.pix,
                numero_referencia=f"E{nome[:3]}", recibo=f"R2026-9{len(numeros)}", status=StatusPagamento.confirmado))
    for texto in ("ana souza", "r2026-91", "EAna", str(numeros[0])):
        linhas = corpo(f"/pagamentos/list/?q={texto}")
        assert "Ana Souza" in linhas and "R2026-91" in linhas and "Bia Prado" not in linhas, texto


def uma_rodada(s, dia: dt.date, esperado: int) -> None:
    f.gravar(s, ExecucaoFaturamento(
        referencia=dia, status=StatusExecucao.executando, origem="agenda", esperado=esperado, valor_esperado=Decimal("1234.5"), iniciada_em=relogio.agora()))


def test_the_menu_leads_to_the_runs_that_had_something_to_bill(app, http, corpo) -> None:
    with app.app_context(), transacao() as s:
        uma_rodada(s, DIA, 7)
        uma_rodada(s, DIA + dt.timedelta(days=1), 0)
    assert 'href="/faturamento/rodadas/list/?_flt_1_esperado=0"' in http.get("/").text
    com_faturas, todas = corpo("/faturamento/rodadas/list/?_flt_1_esperado=0"), corpo("/faturamento/rodadas/list/")
    assert "05/03/2026" in com_faturas and "06/03/2026" not in com_faturas and "06/03/2026" in todas
    assert ">Agenda<" in com_faturas and "R$\N{NO-BREAK SPACE}1.234,50" in com_faturas


def test_the_origin_of_a_credit_begins_like_a_sentence(app, corpo) -> None:
    with app.app_context(), transacao() as s:
        f.gravar(s, Credito(cliente_id=f.um_cliente(s).id, valor=Decimal(5), saldo=Decimal(5), motivo="pago a mais na fatura 000000007"))
    assert "Pago a mais na fatura 000000007" in corpo("/faturamento/creditos/list/")


def test_a_parked_customer_is_tried_again_only_until_he_is_billed(app, http, corpo) -> None:
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s)
        ciclo = s.scalars(select(CicloFaturamento).where(CicloFaturamento.cliente_id == contrato.cliente_id)).one()
        parado = {"cliente_id": contrato.cliente_id, "ciclo_faturamento_id": ciclo.id, "motivo": "sem endereço"}
        espera = f.gravar(s, ClienteEstacionado(**parado, vencimento=DIA)).id
        feito = f.gravar(s, ClienteEstacionado(**parado, vencimento=DIA, resolvido_em=relogio.agora())).id
    assert "Tentar de novo" in http.get(f"/faturamento/estacionados/show/{espera}").text
    assert "Tentar de novo" not in http.get(f"/faturamento/estacionados/show/{feito}").text
