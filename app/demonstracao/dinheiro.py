"""Money of the story: invoices are issued, paid or not, now and then reversed or corrected; who is blocked may ask for trust."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.brasil import feriados
from app.core import relogio
from app.core.datas import UM_DIA
from app.core.dinheiro import reais
from app.core.erros import RegraViolada
from app.demonstracao import comportamento as c
from app.demonstracao.historia import Historia
from app.faturamento.estados import Metodo, StatusInvoice, StatusPagamento, TipoLancamento
from app.faturamento.models import Invoice, Pagamento
from app.faturamento.services import FaturamentoService, Recebido

ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
LOTE = 500
ESTORNO, CORRECAO, PARCIAL, A_MAIS, CONFIANCA = 0.0015, 0.0015, 0.01, 0.003, 0.08      # chances of each
DIAS_DE_CONFIANCA = 3
DIGITADO_ERRADO = Decimal("99999990.00")      # by itself an invoice could be of that, together with the month it could not


def faturar(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """The day's run, as the schedule does it, and when each new invoice will be paid."""
    servico = FaturamentoService(sessao)
    execucao = servico.abrir_execucao(hoje=dia, origem="agenda")
    while servico.passo(execucao.id).restam:
        pass
    _combinar(sessao, historia, dia)


def _combinar(sessao: Session, historia: Historia, dia: dt.date) -> None:
    consulta = select(Invoice.id, Invoice.cliente_id, Invoice.data_vencimento).where(Invoice.id > historia.ultima_invoice).order_by(Invoice.id)
    for invoice_id, cliente_id, vencimento in sessao.execute(consulta).all():
        historia.ultima_invoice = invoice_id
        if historia.sorteio.random() < CORRECAO:
            historia.a_corrigir[dia + UM_DIA].append(invoice_id)
            continue
        assinante = historia.assinantes[cliente_id]
        atraso = c.dias_ate_pagar(assinante.pagador, historia.sorteio, (dia - max(assinante.desde, historia.inicio)).days // 30)
        if atraso is not None:
            historia.a_pagar[max(dia + UM_DIA, vencimento + dt.timedelta(days=atraso))].append(invoice_id)


def corrigir(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Yesterday's mistakes are cancelled with their reason and issued again."""
    for invoice_id in historia.a_corrigir.pop(dia, []):
        servico = FaturamentoService(sessao)
        servico.cancelar(invoice_id, motivo=historia.sorteio.choice(c.ERROS_DE_FATURA), em=dia)
        servico.reemitir(invoice_id, em=dia)
    _combinar(sessao, historia, dia)


def cobrar(sessao: Session, dia: dt.date) -> None:
    """Overdue labels, reminders and notices of the day."""
    servico = FaturamentoService(sessao)
    servico.marcar_vencidas(hoje=dia)
    servico.enviar_lembrete_pagamento(hoje=dia)
    servico.avisar_vencidas(hoje=dia)


def receber(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Today's payments."""
    servico, ids = FaturamentoService(sessao), historia.a_pagar.pop(dia, [])
    for inicio in range(0, len(ids), LOTE):
        abertas = select(Invoice).where(Invoice.id.in_(ids[inicio:inicio + LOTE]), Invoice.status.in_(ABERTAS)).order_by(Invoice.id)
        servico.registrar_pagamentos([_recebido(servico, historia, invoice, dia) for invoice in sessao.scalars(abertas).all()])
    _sortear_estornos(sessao, historia, dia)


def _recebido(servico: FaturamentoService, historia: Historia, invoice: Invoice, dia: dt.date) -> Recebido:
    sorteio = historia.sorteio
    devido, sorte = servico.valor_atualizado(invoice, dia), sorteio.random()
    metodo = c.um_metodo(historia.assinantes[invoice.cliente_id].pagador, sorteio)
    if sorte < PARCIAL:
        valor = reais(devido.principal / 2)
        historia.a_pagar[dia + dt.timedelta(days=sorteio.randint(3, 15))].append(invoice.id)
    elif sorte < PARCIAL + A_MAIS:
        valor = reais(devido.total + 10)
    else:
        valor = devido.total if sorte < 0.85 else devido.principal
    compensado = feriados.proximo_dia_util(dia + UM_DIA) if metodo is Metodo.boleto else dia
    return Recebido(invoice.id, valor, metodo, dia, f"demo-{invoice.id}-{dia:%Y%m%d}", data_credito=compensado)


def _sortear_estornos(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Money by card that its owner will contest, boletos that come back."""
    recentes = select(Pagamento.id, Pagamento.metodo).where(Pagamento.id > historia.ultimo_pagamento).order_by(Pagamento.id)
    for pagamento_id, metodo in sessao.execute(recentes).all():
        historia.ultimo_pagamento = pagamento_id
        if metodo in (Metodo.cartao, Metodo.boleto) and historia.sorteio.random() < ESTORNO:
            historia.a_estornar[dia + dt.timedelta(days=historia.sorteio.randint(2, 12))].append(pagamento_id)


def estornar(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Payments that come back; their customers pay again some days later."""
    for pagamento_id in historia.a_estornar.pop(dia, []):
        pagamento = sessao.get_one(Pagamento, pagamento_id)
        if pagamento.status is StatusPagamento.confirmado:
            motivo = "Compra contestada no cartão" if pagamento.metodo is Metodo.cartao else "Boleto devolvido pelo banco"
            FaturamentoService(sessao).estornar_pagamento(pagamento_id, motivo=motivo, em=dia)
            historia.a_pagar[dia + dt.timedelta(days=historia.sorteio.randint(2, 9))].append(pagamento.invoice_id)


def bloquear(sessao: Session, dia: dt.date) -> None:
    """The 22:00 job, with somebody's word for the days on which the breaker would open."""
    servico = FaturamentoService(sessao)
    if not servico.impedimento(servico.politica, dia):
        servico.bloquear_clientes_vencidos(hoje=dia, confirmado=True)


def confiar(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Some of who was blocked yesterday promise to pay and are released for three days; promises of before run out."""
    servico, agora = FaturamentoService(sessao), relogio.agora()
    servico.expirar_desbloqueios(agora=agora)
    novos = select(Bloqueio.id, Bloqueio.contrato_id).where(
        Bloqueio.id > historia.ultimo_bloqueio, Bloqueio.motivo == MotivoBloqueio.inadimplencia, Bloqueio.fim.is_(None)
    )
    for bloqueio_id, contrato_id in sessao.execute(novos.order_by(Bloqueio.id)).all():
        historia.ultimo_bloqueio = bloqueio_id
        if historia.sorteio.random() < CONFIANCA:
            with suppress(RegraViolada):      # his word for that invoice was used already
                servico.desbloquear_em_confianca(contrato_id, dias=DIAS_DE_CONFIANCA, origem="atendente", em=agora)


def errar(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Two charges typed with too many digits, a few days before the end: the next runs leave those customers aside with the reason."""
    if dia != historia.hoje - dt.timedelta(days=31):
        return
    ativos = [a for a in historia.assinantes.values() if not a.saiu and a.parado_ate is None]
    for assinante in historia.sorteio.sample(ativos, min(2, len(ativos) // 20)):
        FaturamentoService(sessao).lancar(
            assinante.cliente_id, tipo=TipoLancamento.acrescimo, descricao="Roteador avariado", valor=DIGITADO_ERRADO, a_partir_de=dia
        )
