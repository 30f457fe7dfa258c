"""A holiday that the operator wrote down moves the last day without charges, like a bank holiday: for payments, labels, notices, blocks and on paper."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from sqlalchemy import func, select

from app.core.documentos_pdf import html_para_pdf
from app.core.erros import RegraViolada
from app.core.models import Feriado
from app.faturamento import documentos
from app.faturamento.estados import Metodo, StatusInvoice
from app.faturamento.models import Credito, Lancamento
from app.faturamento.services import FaturamentoService, Recebido
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import VENCIMENTO, em, faturado
from tests.faturamento.test_documentos import texto

SEGUINTE, TARDE = dt.date(2026, 2, 11), dt.date(2026, 2, 12)      # the business day after the holiday, and the first that is late


@pytest.fixture
def servico(sessao) -> FaturamentoService:
    """Of a provider whose town closes on the due date, a Tuesday."""
    f.gravar(sessao, Feriado(data=VENCIMENTO, nome="Padroeira"))
    return FaturamentoService(sessao)


def encargos(sessao) -> D:
    """Fine and interest, paid or left for the next invoice, in reais."""
    return sessao.scalar(select(func.coalesce(func.sum(Lancamento.valor), D(0))))


@pytest.mark.parametrize("em_lote", [False, True])
@pytest.mark.parametrize(("dia", "multa_e_juros"), [(SEGUINTE, "0"), (TARDE, "2.07")])
def test_the_bare_amount_settles_it_on_the_next_business_day(sessao, servico: FaturamentoService, dia: dt.date, multa_e_juros: str, em_lote: bool) -> None:
    """The day after that it is late as if there had been no holiday: 2 % and two days of interest."""
    _servico, invoice = faturado(sessao)
    with em(dia):
        recebido = Recebido(invoice.id, D("99.90"), Metodo.pix, dia, "e2e")
        pago = servico.registrar_pagamentos([recebido])[0] if em_lote else servico.receber(recebido)
    assert (invoice.status, pago.pagamento.valor_principal, encargos(sessao)) == (StatusInvoice.paga, D("99.90"), D(multa_e_juros))


def test_nothing_more_is_asked_on_the_next_business_day(sessao, servico: FaturamentoService) -> None:
    _servico, invoice = faturado(sessao)
    assert [servico.valor_atualizado(invoice, dia).total for dia in (VENCIMENTO, SEGUINTE, TARDE)] == [D("99.90"), D("99.90"), D("101.97")]


def test_what_was_paid_beyond_it_on_that_day_is_credit_and_no_fine(sessao, servico: FaturamentoService) -> None:
    _servico, invoice = faturado(sessao)
    with em(SEGUINTE):
        servico.registrar_pagamento(invoice.id, D("101.97"), Metodo.pix, em=SEGUINTE, referencia="e2e")
    assert sessao.scalars(select(Credito.valor)).all() == [D("2.07")]


def test_it_is_not_labelled_overdue_that_day(sessao, servico: FaturamentoService) -> None:
    _servico, invoice = faturado(sessao)
    marcadas = [(servico.marcar_vencidas(hoje=dia), invoice.status) for dia in (VENCIMENTO, SEGUINTE, TARDE)]
    assert marcadas == [(0, StatusInvoice.emitida), (0, StatusInvoice.emitida), (1, StatusInvoice.vencida)]


def test_a_day_that_is_over_run_again_takes_no_label_away(sessao, servico: FaturamentoService) -> None:
    _servico, invoice = faturado(sessao)
    with em(TARDE):
        marcadas = [(servico.marcar_vencidas(hoje=dia), invoice.status) for dia in (TARDE, VENCIMENTO)]
    assert marcadas == [(1, StatusInvoice.vencida), (0, StatusInvoice.vencida)]


def test_a_payment_reversed_that_day_leaves_it_open_and_not_overdue(sessao, servico: FaturamentoService) -> None:
    _servico, invoice = faturado(sessao)
    with em(SEGUINTE):
        pago = servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=SEGUINTE, referencia="e2e")
        servico.estornar_pagamento(pago.id, motivo="devolvido", em=SEGUINTE)
    assert invoice.status is StatusInvoice.emitida


def test_nobody_is_told_that_he_is_late_nor_blocked_that_day(sessao, servico: FaturamentoService) -> None:
    f.uma_politica(sessao, exige_aviso=False, dias_aviso=1)
    _servico, invoice = faturado(sessao)
    with em(SEGUINTE):
        with pytest.raises(RegraViolada) as erro:
            servico.registrar_aviso_manual(invoice.id, motivo="por telefone", em=dt.datetime(2026, 2, 11, 15, tzinfo=dt.UTC))
        assert erro.value.codigo == "sem_atraso"
        assert (servico.avisar_vencidas(hoje=SEGUINTE), servico.bloquear_clientes_vencidos(dias_atraso=1, hoje=SEGUINTE)) == (0, 0)
    with em(TARDE):
        assert (servico.avisar_vencidas(hoje=TARDE), servico.bloquear_clientes_vencidos(dias_atraso=1, hoje=TARDE)) == (1, 1)


def test_nobody_is_blocked_on_the_holiday_nor_on_its_eve(sessao, servico: FaturamentoService) -> None:
    dias = [VENCIMENTO - dt.timedelta(days=1), VENCIMENTO, SEGUINTE]
    assert [bool(servico.impedimento(servico.politica, dia)) for dia in dias] == [True, True, False]


def test_the_paper_says_until_when_it_is_free_and_its_code_keeps_the_discount_until_then(app, sessao, servico: FaturamentoService) -> None:
    invoice = f.uma_invoice(sessao, vencimento=VENCIMENTO, valor=D("100.00"), desconto_pontual=D("5.00"))
    with app.test_request_context():
        lido = [documentos.ler(sessao, invoice.id, em=dia) for dia in (SEGUINTE, TARDE)]
        impresso = texto(html_para_pdf(documentos.html(lido[0]), "plutoprint")).replace("\n", " ")
    assert "pague até 11/02/2026 sem acréscimo" in impresso
    assert [d.valor_do_pix for d in lido] == [D("95.00"), D("100.00")]
