"""A customer who leaves pays for no day he will not have, and what is left in hand can be used or given back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from sqlalchemy import func, select, update

from app.contratos.models import Contrato
from app.core.erros import RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.models import Evento
from app.faturamento.estados import DesejoCobranca, Metodo, StatusCobranca, StatusInvoice
from app.faturamento.models import CicloFaturamento, Cobranca, Credito, Invoice
from app.faturamento.services import FaturamentoService, ItemManual
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import em

INICIO, FIM = dt.date(2026, 11, 10), dt.date(2026, 11, 25)


def duas_faturas(sessao, *, pagar: bool = True) -> tuple[FaturamentoService, Contrato, list[Invoice]]:
    """R$ 99,90 a month since 10 November: November's paid (or not), December's (10/12 to 09/01) issued and open."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO)
    servico = FaturamentoService(sessao)
    for dia in (dt.date(2026, 11, 1), dt.date(2026, 11, 30)):
        with em(dia):
            servico.gerar_invoices_automaticas(hoje=dia, cliente_id=contrato.cliente_id)
    faturas = list(sessao.scalars(select(Invoice).order_by(Invoice.data_vencimento)))
    if pagar:
        with em(INICIO):
            servico.registrar_pagamento(faturas[0].id, D("99.90"), Metodo.pix, em=INICIO, referencia="nov")
    return servico, contrato, faturas


def encerrar(servico: FaturamentoService, contrato: Contrato, dia: dt.date = FIM) -> None:
    with em(dt.date(2026, 12, 1)):
        servico.encerrar_contrato(contrato.id, em=dia, motivo="mudou")


def saldo(sessao) -> D:
    return sessao.scalar(select(func.coalesce(func.sum(Credito.saldo), 0)))


def test_an_invoice_for_days_after_the_end_is_not_owed_any_more(sessao) -> None:
    servico, contrato, (paga, aberta) = duas_faturas(sessao)
    f.gravar(sessao, Cobranca(invoice_id=aberta.id, gateway="falso", valor=D("99.90"), chave_idempotencia="c", status=StatusCobranca.a_registrar))
    encerrar(servico, contrato)
    assert (aberta.status, aberta.saldo, aberta.valor_abatido, aberta.data_pagamento) == (StatusInvoice.paga, 0, D("99.90"), FIM)
    assert (paga.status, saldo(sessao)) == (StatusInvoice.paga, D("46.62"))      # 14 of 30 days of November's
    assert sessao.scalar(select(Cobranca.desejado)) is DesejoCobranca.cancelada
    assert sessao.scalar(select(func.count()).where(Evento.tipo == "credito_aplicado")) == 1


def test_what_is_open_of_the_days_used_stays_owed(sessao) -> None:
    servico, contrato, (usada, futura) = duas_faturas(sessao, pagar=False)
    encerrar(servico, contrato)
    assert (futura.saldo, usada.saldo, saldo(sessao)) == (0, D("53.28"), 0)      # 16 of 30 days
    assert usada.status is not StatusInvoice.paga


def test_with_another_contract_only_its_own_invoices_are_abated(sessao) -> None:
    servico, contrato, _faturas = duas_faturas(sessao)
    outro = f.um_contrato(sessao, cliente_id=contrato.cliente_id, inicio=INICIO, faturar=False)
    dele = f.uma_invoice(sessao, contrato=outro, vencimento=dt.date(2026, 12, 5))
    encerrar(servico, contrato)
    assert (dele.saldo, saldo(sessao)) == (D("99.90"), D("46.62"))


def test_the_last_contract_pays_whatever_is_open(sessao) -> None:
    servico, contrato, _faturas = duas_faturas(sessao)
    with em(FIM):
        avulsa = servico.gerar_invoice(contrato.cliente_id, [ItemManual("Cabo", D("50.00"))], vencimento=dt.date(2026, 12, 5), em=FIM)
    encerrar(servico, contrato)
    assert (avulsa.saldo, saldo(sessao)) == (D("3.38"), 0)


def test_credit_kept_for_a_person_to_decide_is_not_used_alone(sessao) -> None:
    servico, contrato, (_paga, aberta) = duas_faturas(sessao)
    reservado = f.gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D("10"), saldo=D("10"), motivo="caução", automatico=False))
    encerrar(servico, contrato)
    assert (reservado.saldo, aberta.saldo) == (D("10.00"), 0)


def test_a_cancelled_invoice_gives_its_credit_back_less_what_was_given_for_its_own_days(sessao) -> None:
    """46,62 for its unused days abated it; cancelled, it has no days to pay. What else abated it is the customer's again."""
    servico, contrato, (usada, _futura) = duas_faturas(sessao, pagar=False)
    encerrar(servico, contrato)
    assert usada.valor_abatido == D("46.62")
    f.gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D("30.00"), saldo=D("30.00"), motivo="x"))
    with em(dt.date(2026, 12, 2)):
        servico.aplicar_credito(usada.id, em=dt.date(2026, 12, 2))
        servico.cancelar(usada.id, motivo="acordo", em=dt.date(2026, 12, 2))
    assert (usada.valor_abatido, usada.valor_creditado, saldo(sessao)) == (0, 0, D("30.00"))


def test_credit_is_applied_by_hand_as_far_as_it_goes(sessao) -> None:
    servico, contrato, (_paga, aberta) = duas_faturas(sessao)
    um, outro = (f.gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=v, saldo=v, motivo="x")) for v in (D("30.00"), D("20.00")))
    with em(FIM):
        assert servico.aplicar_credito(aberta.id, em=FIM, credito_id=outro.id) == D("20.00")
        assert servico.aplicar_credito(aberta.id, em=FIM) == D("30.00")
        with pytest.raises(RegraViolada) as erro:
            servico.aplicar_credito(aberta.id, em=FIM)
    assert (erro.value.codigo, aberta.saldo, um.saldo, outro.saldo, aberta.status) == ("sem_saldo", D("49.90"), 0, 0, StatusInvoice.emitida)


@pytest.mark.parametrize(("tem", "usa", "fica"), [("200.00", "95.00", "0"), ("95.00", "95.00", "0"), ("94.99", "94.99", "5.01")])
def test_who_pays_in_time_with_credit_keeps_the_discount_until_due(sessao, tem: str, usa: str, fica: str) -> None:
    f.uma_politica(sessao, desconto_pontual_percentual=D("5"))
    contrato = f.um_contrato(sessao, dia=10, inicio=dt.date(2026, 2, 10), preco=D("100.00"))
    with em(dt.date(2026, 1, 31)):
        servico = FaturamentoService(sessao)
        servico.gerar_invoices_automaticas(hoje=dt.date(2026, 1, 31), cliente_id=contrato.cliente_id)
        f.gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D(tem), saldo=D(tem), motivo="x"))
        invoice = sessao.scalars(select(Invoice)).one()
        assert servico.aplicar_credito(invoice.id, em=dt.date(2026, 1, 31)) == D(usa)
    assert (invoice.saldo, invoice.valor_creditado, saldo(sessao)) == (D(fica), D(usa), D(tem) - D(usa))


def test_an_invoice_paid_by_credit_alone_is_cancelled_and_the_credit_is_there_again(sessao) -> None:
    servico, contrato, (_paga, aberta) = duas_faturas(sessao)
    f.gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D("150.00"), saldo=D("150.00"), motivo="x"))
    with em(FIM):
        servico.aplicar_credito(aberta.id, em=FIM)
        assert (aberta.status, saldo(sessao)) == (StatusInvoice.paga, D("50.10"))
        servico.cancelar(aberta.id, motivo="engano", em=FIM)
    assert (aberta.status, aberta.data_pagamento, saldo(sessao)) == (StatusInvoice.cancelada, None, D("150.00"))


def test_credit_is_not_applied_to_what_is_not_open_nor_to_anothers_invoice(sessao) -> None:
    servico, contrato, (paga, aberta) = duas_faturas(sessao)
    credito = f.gravar(sessao, Credito(cliente_id=f.um_cliente(sessao).id, valor=D("30.00"), saldo=D("30.00"), motivo="x"))
    with em(FIM):
        with pytest.raises(TransicaoInvalida):
            servico.aplicar_credito(paga.id, em=FIM)
        with pytest.raises(ValorInvalido):
            servico.aplicar_credito(aberta.id, em=FIM, credito_id=credito.id)
    assert (credito.saldo, aberta.saldo) == (D("30.00"), D("99.90"))


def test_credit_is_given_back_once_with_its_reference(sessao) -> None:
    servico, contrato, _faturas = duas_faturas(sessao)
    encerrar(servico, contrato)
    credito = sessao.scalars(select(Credito)).one()
    with em(dt.date(2026, 12, 2)):
        servico.devolver_credito(credito.id, motivo="saiu", referencia="pix-1", em=dt.date(2026, 12, 2))
        with pytest.raises(RegraViolada) as erro:
            servico.devolver_credito(credito.id, motivo="saiu", referencia="pix-1", em=dt.date(2026, 12, 2))
    fato = sessao.scalars(select(Evento.dados).where(Evento.tipo == "credito_devolvido")).one()
    assert (credito.saldo, erro.value.codigo, fato["valor"], fato["referencia"]) == (0, "sem_saldo", "46.62", "pix-1")


@pytest.mark.parametrize(("motivo", "referencia", "campo"), [("", "pix-1", "motivo"), ("saiu", " ", "referencia")])
def test_a_refund_says_why_and_by_what(sessao, motivo: str, referencia: str, campo: str) -> None:
    credito = f.gravar(sessao, Credito(cliente_id=f.um_cliente(sessao).id, valor=D("30.00"), saldo=D("30.00"), motivo="x"))
    with pytest.raises(ValorInvalido) as erro:
        FaturamentoService(sessao).devolver_credito(credito.id, motivo=motivo, referencia=referencia, em=FIM)
    assert (erro.value.campo, credito.saldo) == (campo, D("30.00"))


def test_credit_that_comes_after_the_end_is_set_against_what_is_open(sessao) -> None:
    """No run will use it: the customer has no active cycle."""
    servico, contrato, (_paga, aberta) = duas_faturas(sessao)
    f.gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D("30.00"), saldo=D("30.00"), motivo="x"))
    assert servico.aplicar_creditos_parados(em=FIM) == 0
    sessao.execute(update(CicloFaturamento).values(ativo=False))
    assert (servico.aplicar_creditos_parados(em=FIM), servico.aplicar_creditos_parados(em=FIM)) == (1, 0)
    assert (aberta.saldo, saldo(sessao)) == (D("69.90"), 0)
