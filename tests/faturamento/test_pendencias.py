"""Nothing that is charged stays unbilled for want of a cycle."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from sqlalchemy import select, update

from app.core.erros import RegraViolada
from app.faturamento.estados import Metodo, StatusLancamento, TipoLancamento
from app.faturamento.models import CicloFaturamento, Credito, Invoice, Lancamento
from app.faturamento.services import FaturamentoService
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import em

HOJE = dt.date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _empresa(sessao):
    f.uma_empresa(sessao)


def um_que_saiu(sessao) -> Invoice:
    """His last invoice is open and overdue, his cycle is over."""
    contrato = f.um_contrato(sessao, status="cancelado")
    sessao.execute(update(CicloFaturamento).values(ativo=False))
    return f.uma_invoice(sessao, contrato=contrato)


def lancar(sessao, cliente_id: int) -> list[Lancamento]:
    with em(HOJE):
        return FaturamentoService(sessao).lancar(cliente_id, tipo=TipoLancamento.acrescimo, descricao="Visita", valor=D("50"), a_partir_de=HOJE)


def test_a_charge_nobody_would_bill_is_refused_with_what_to_do(sessao) -> None:
    for cliente_id in (um_que_saiu(sessao).cliente_id, f.um_cliente(sessao).id):
        with pytest.raises(RegraViolada) as erro:
            lancar(sessao, cliente_id)
        assert erro.value.codigo == "sem_ciclo" and "fatura avulsa" in erro.value.mensagem
    assert sessao.scalars(select(Lancamento)).all() == []


def test_a_charge_before_the_first_contract_begins_waits_for_its_cycle(sessao) -> None:
    contrato = f.um_contrato(sessao, status="rascunho", faturar=False)
    lancar(sessao, contrato.cliente_id)
    with em(HOJE):
        assert FaturamentoService(sessao).gerar_invoices_automaticas(hoje=HOJE) == []


def test_fine_and_interest_of_a_last_invoice_paid_late_are_one_invoice_of_their_own(sessao) -> None:
    ultima, servico = um_que_saiu(sessao), FaturamentoService(sessao)
    with em(HOJE):
        servico.registrar_pagamento(ultima.id, D("99.90"), Metodo.pix, em=HOJE, referencia="x")
        previa = servico.simular(hoje=HOJE)
        (nova_id,) = servico.gerar_invoices_automaticas(hoje=HOJE)
        assert servico.gerar_invoices_automaticas(hoje=HOJE) == []
    nova = sessao.get_one(Invoice, nova_id)
    assert (nova.valor_total, nova.data_vencimento, nova.cliente_id) == (D("3.27"), HOJE + dt.timedelta(days=5), ultima.cliente_id)
    assert (previa.quantidade, previa.valor, previa.amostra[0].valor_total) == (1, D("3.27"), D("3.27"))
    encargo = sessao.scalars(select(Lancamento)).one()
    assert (encargo.status, encargo.invoice_id) == (StatusLancamento.faturado, nova_id)


def test_credit_in_hand_pays_them(sessao) -> None:
    ultima, servico = um_que_saiu(sessao), FaturamentoService(sessao)
    with em(HOJE):
        servico.registrar_pagamento(ultima.id, D("99.90"), Metodo.pix, em=HOJE, referencia="x")
        credito = servico.creditar(ultima.cliente_id, valor=D("10.00"), motivo="cortesia")
        (nova_id,) = servico.gerar_invoices_automaticas(hoje=HOJE)
    sessao.refresh(credito)
    assert (sessao.get_one(Invoice, nova_id).valor_total, credito.saldo) == (0, D("6.73"))


def test_a_run_does_it_and_counts_it(sessao) -> None:
    ultima, servico = um_que_saiu(sessao), FaturamentoService(sessao)
    with em(HOJE):
        servico.registrar_pagamento(ultima.id, D("99.90"), Metodo.pix, em=HOJE, referencia="x")
        execucao = servico.abrir_execucao(hoje=HOJE, origem="agenda")
        passo = servico.passo(execucao.id)
    assert (execucao.esperado, len(passo.lote.emitidas), passo.restam) == (1, 1, 0)
    assert sessao.scalars(select(Invoice.execucao_id).order_by(Invoice.id.desc())).first() == execucao.id


def test_the_run_sets_idle_credit_against_what_is_open(sessao) -> None:
    ultima, servico = um_que_saiu(sessao), FaturamentoService(sessao)
    f.gravar(sessao, Credito(cliente_id=ultima.cliente_id, valor=D("30.00"), saldo=D("30.00"), motivo="x"))
    with em(HOJE):
        servico.gerar_invoices_automaticas(hoje=HOJE)
    assert ultima.saldo == D("69.90")


def test_who_has_a_cycle_is_billed_by_it(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=dt.date(2026, 4, 10))
    lancar(sessao, contrato.cliente_id)
    with em(HOJE):
        assert FaturamentoService(sessao).gerar_invoices_automaticas(hoje=HOJE) == []
