"""The main job through the services: billed, reminded, late, blocked, paid, released."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.bloqueio.models import Bloqueio
from app.clientes.models import Cliente, StatusCliente
from app.contratos.estados import Sim
from app.core import relogio
from app.core.erros import RegraViolada
from app.faturamento.estados import Metodo, StatusInvoice
from app.faturamento.models import CicloFaturamento, Credito, Invoice, ItemInvoice, Lancamento, PoliticaCobranca
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import EnvioMensagem, Notificacao, ResultadoTentativa, StatusNotificacao
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede, Incidente
from tests import fabricas as f

D = Decimal
VENCIMENTO = dt.date(2026, 2, 10)      # a Tuesday


def em(dia: dt.date):
    """The clock at noon of a day."""
    return relogio.mover_para(dia)


def faturado(sessao, **kw: object) -> tuple[FaturamentoService, Invoice]:
    """A customer whose invoice of 10 February was issued on 31 January."""
    contrato = f.um_contrato(sessao, dia=10, inicio=dt.date(2026, 2, 10), **kw)
    servico = FaturamentoService(sessao)
    with em(dt.date(2026, 1, 31)):
        servico.gerar_invoices_automaticas(hoje=dt.date(2026, 1, 31), cliente_id=contrato.cliente_id)
    return servico, sessao.scalars(select(Invoice).where(Invoice.cliente_id == contrato.cliente_id)).one()


def avisado(sessao, servico: FaturamentoService, hoje: dt.date, *, por: str = "smtp") -> None:
    """The overdue notice was sent on that day, through the mail server unless said otherwise."""
    servico.avisar_vencidas(hoje=hoje)
    for aviso in sessao.scalars(select(Notificacao).where(Notificacao.evento == "aviso_vencida", Notificacao.status == StatusNotificacao.pendente)):
        aviso.status, aviso.enviada_em = StatusNotificacao.enviada, relogio.agora()
        sessao.add(EnvioMensagem(notificacao_id=aviso.id, canal=aviso.canal, por=por, resultado=ResultadoTentativa.enviada, em=relogio.agora()))
    sessao.flush()


def status(sessao, invoice: Invoice) -> StatusCliente:
    """Of the invoice's customer."""
    return sessao.get(Cliente, invoice.cliente_id).status


def test_the_whole_way_from_issue_to_release(sessao) -> None:
    servico, invoice = faturado(sessao)
    assert (invoice.valor_total, invoice.data_vencimento, invoice.status) == (D("99.90"), VENCIMENTO, StatusInvoice.emitida)
    with em(dt.date(2026, 2, 7)):
        assert servico.enviar_lembrete_pagamento(hoje=dt.date(2026, 2, 7)) == 1
        assert servico.enviar_lembrete_pagamento(hoje=dt.date(2026, 2, 7)) == 0
    with em(dt.date(2026, 2, 11)):
        assert servico.marcar_vencidas(hoje=dt.date(2026, 2, 11)) == 1
        avisado(sessao, servico, dt.date(2026, 2, 11))
    noite = dt.date(2026, 2, 25)       # a Wednesday, 15 days late
    with relogio.mover_para(relogio.instante(noite, dt.time(22))):
        assert servico.bloquear_clientes_vencidos(hoje=noite) == 1
        assert servico.bloquear_clientes_vencidos(hoje=noite) == 0
        assert status(sessao, invoice) is StatusCliente.bloqueado
        assert sessao.scalars(select(Bloqueio)).one().notificacao_id is not None
    with em(dt.date(2026, 2, 26)):
        devido = servico.valor_atualizado(invoice, dt.date(2026, 2, 26))
        assert (devido.multa, devido.juros, devido.total) == (D("2.00"), D("0.53"), D("102.43"))
        servico.registrar_pagamento(invoice.id, devido.total, Metodo.pix, em=dt.date(2026, 2, 26), referencia="e2e-1")
    assert (invoice.status, status(sessao, invoice)) == (StatusInvoice.paga, StatusCliente.ativo)
    assert sessao.scalar(select(AcessoRede.desejado)) is EstadoAcesso.liberado


def test_a_weekend_due_date_is_not_late_on_monday(sessao) -> None:
    servico, invoice = faturado(sessao)
    invoice.data_vencimento = dt.date(2026, 2, 7)      # Saturday
    sessao.flush()
    assert servico.marcar_vencidas(hoje=dt.date(2026, 2, 9)) == 0
    assert servico.marcar_vencidas(hoje=dt.date(2026, 2, 10)) == 1


@pytest.mark.parametrize("poupar", [
    lambda s, c: setattr(c, "bloqueio_automatico", Sim.N), lambda s, c: setattr(c, "nao_bloquear_ate", dt.date(2026, 3, 31)),
    lambda s, c: f.gravar(s, Incidente(titulo="Fibra", pop_id=None, municipio="campinas", inicio=relogio.instante(dt.date(2026, 2, 20)))),
])
def test_who_is_spared_is_not_blocked_and_the_preview_says_why(sessao, poupar) -> None:
    cliente = f.um_cliente(sessao)
    servico, _invoice = faturado(sessao, cliente_id=cliente.id, endereco_instalacao_id=cliente.enderecos[0].id)
    from app.contratos.models import Contrato

    poupar(sessao, sessao.scalars(select(Contrato)).one())
    with em(dt.date(2026, 2, 11)):
        avisado(sessao, servico, dt.date(2026, 2, 11))
    with em(dt.date(2026, 2, 25)):
        previa = servico.simular_bloqueio(hoje=dt.date(2026, 2, 25))
    assert previa.eleitos == [] and previa.poupados[0][1] == 1


def test_without_a_notice_nobody_is_blocked(sessao) -> None:
    servico, _invoice = faturado(sessao)
    with em(dt.date(2026, 2, 25)):
        assert servico.bloquear_clientes_vencidos(hoje=dt.date(2026, 2, 25)) == 0


@pytest.mark.parametrize(("dia", "bloqueia"), [(dt.date(2026, 2, 28), False), (dt.date(2026, 4, 20), False), (dt.date(2026, 2, 26), True)])
def test_no_block_on_weekends_and_before_holidays(sessao, dia: dt.date, bloqueia: bool) -> None:
    """28 February is a Saturday, 20 April the eve of Tiradentes."""
    politica = sessao.scalars(select(PoliticaCobranca).where(PoliticaCobranca.padrao)).one()
    assert (FaturamentoService.impedimento(politica, dia) == "") is bloqueia


def test_the_breaker_refuses_to_block_much_of_the_base_without_a_word(sessao) -> None:
    servico = FaturamentoService(sessao)
    for _n in range(7):
        faturado(sessao)
    with em(dt.date(2026, 2, 11)):
        avisado(sessao, servico, dt.date(2026, 2, 11))
    with em(dt.date(2026, 2, 25)):
        with pytest.raises(RegraViolada) as erro:
            servico.bloquear_clientes_vencidos(hoje=dt.date(2026, 2, 25))
        assert erro.value.codigo == "disjuntor"
        assert servico.bloquear_clientes_vencidos(hoje=dt.date(2026, 2, 25), confirmado=True) == 7


def test_paying_twice_is_credit_and_the_same_receipt_is_one_payment(sessao) -> None:
    servico, invoice = faturado(sessao)
    with em(VENCIMENTO):
        primeiro = servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=VENCIMENTO, referencia="a")
        assert servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=VENCIMENTO, referencia="a").id == primeiro.id
        servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.boleto, em=VENCIMENTO, referencia="b")
    assert sessao.scalars(select(Credito.saldo)).all() == [D("99.90")]


def test_a_late_payment_of_the_bare_amount_leaves_the_charges_for_the_next_invoice(sessao) -> None:
    servico, invoice = faturado(sessao)
    with em(dt.date(2026, 2, 20)):
        servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=dt.date(2026, 2, 20), referencia="a")
    assert invoice.status is StatusInvoice.paga
    assert sessao.scalars(select(Lancamento.valor)).all() == [D("2.33")]      # 2,00 + 10/30 of 1 %


def test_twelve_months_of_a_customer_of_the_31st(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=31, inicio=dt.date(2026, 1, 31))
    servico = FaturamentoService(sessao)
    for n in range(365):
        hoje = dt.date(2026, 1, 21) + dt.timedelta(days=n)
        with em(hoje):
            servico.gerar_invoices_automaticas(hoje=hoje, cliente_id=contrato.cliente_id)
    vencimentos = sessao.scalars(select(Invoice.competencia_inicio).order_by(Invoice.id)).all()
    assert [v.day for v in vencimentos] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    periodos = sessao.execute(select(ItemInvoice.periodo_inicio, ItemInvoice.periodo_fim).order_by(ItemInvoice.periodo_inicio)).all()
    assert all(a.periodo_fim + dt.timedelta(days=1) == b.periodo_inicio for a, b in zip(periodos, periodos[1:], strict=False))


def test_a_contract_ended_in_the_middle_gives_back_the_days_not_used(sessao) -> None:
    servico, invoice = faturado(sessao)
    with em(VENCIMENTO):
        servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=VENCIMENTO, referencia="a")
    with em(dt.date(2026, 2, 23)):
        servico.encerrar_contrato(sessao.scalar(select(ItemInvoice.contrato_id)), em=dt.date(2026, 2, 23), motivo="mudou")
    assert sessao.scalars(select(Credito.valor)).all() == [D("49.95")]      # 14 of 28 days
    assert (status(sessao, invoice), sessao.scalar(select(AcessoRede.desejado))) == (StatusCliente.inativo, EstadoAcesso.encerrado)


def test_a_plan_change_charges_the_difference_of_the_days_left(sessao) -> None:
    servico, invoice = faturado(sessao)
    contrato_id = invoice.itens[0].contrato_id
    with em(dt.date(2026, 2, 24)):
        servico.mudar_plano(contrato_id, f.um_plano(sessao, preco=D("127.90")).id, em=dt.date(2026, 2, 24))
    assert sessao.scalars(select(Lancamento.valor)).all() == [D("14.00")]      # 28,00 a month for 14 of 28 days


def test_a_customer_whose_data_fails_is_parked_and_the_others_are_billed(sessao) -> None:
    ruim, bom = f.um_contrato(sessao, inicio=VENCIMENTO, preco=D("99999999.99")), f.um_contrato(sessao, inicio=VENCIMENTO)
    f.um_contrato(sessao, cliente_id=ruim.cliente_id, faturar=False)
    from app.faturamento.models import ContratoCiclo

    ciclo = sessao.scalars(select(CicloFaturamento).where(CicloFaturamento.cliente_id == ruim.cliente_id)).one()
    outro = f.um_contrato(sessao, cliente_id=ruim.cliente_id, faturar=False, inicio=VENCIMENTO)
    f.gravar(sessao, ContratoCiclo(contrato_id=outro.id, ciclo_faturamento_id=ciclo.id, desde=VENCIMENTO))
    with em(dt.date(2026, 2, 1)):
        FaturamentoService(sessao).gerar_invoices_automaticas(hoje=dt.date(2026, 2, 1))
    sessao.refresh(ciclo)
    assert ciclo.estacionado_motivo and sessao.scalars(select(Invoice.cliente_id)).all() == [bom.cliente_id]


def test_the_preview_foresees_exactly_what_is_issued(sessao) -> None:
    for n in range(12):
        f.um_contrato(sessao, dia=5 + n, inicio=dt.date(2026, 1, 3 + n))
    servico, hoje = FaturamentoService(sessao), dt.date(2026, 3, 1)
    with em(hoje):
        previa = servico.simular(hoje=hoje)
        servico.gerar_invoices_automaticas(hoje=hoje)
    total, valor = sessao.execute(select(func.count(), func.sum(Invoice.valor_total)).select_from(Invoice)).one()
    assert (previa.quantidade, previa.valor) == (total, valor) and total > 12


def test_fine_and_interest_carried_to_the_next_invoice_bear_none_themselves(sessao) -> None:
    """99,90 paid thirty days late without charges: 2,00 and 1,00 come with the next invoice, whose own charges are on 99,90 alone."""
    servico, invoice = faturado(sessao)
    with em(dt.date(2026, 3, 12)):
        servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=dt.date(2026, 3, 12), referencia="e2e-1")
    with em(dt.date(2026, 4, 1)):
        servico.gerar_invoices_automaticas(hoje=dt.date(2026, 4, 1), cliente_id=invoice.cliente_id)
    todas = sessao.scalars(select(Invoice).where(Invoice.cliente_id == invoice.cliente_id).order_by(Invoice.id))
    com_encargos = next(i for i in todas if i.valor_total > D("99.90"))
    assert (com_encargos.valor_total, com_encargos.valor_encargos) == (D("102.90"), D("3.00"))
    devido = servico.valor_atualizado(com_encargos, com_encargos.data_vencimento + dt.timedelta(days=30))
    assert (devido.multa, devido.juros) == (D("2.00"), D("1.00"))
