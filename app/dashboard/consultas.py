"""The numbers of the first page and what asks for attention: one query each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from app.clientes.models import Cliente, StatusCliente
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core.datas import mais_meses
from app.core.dinheiro import ZERO
from app.core.models import EstadoTarefa, Tarefa
from app.faturamento.consultas import em_atraso
from app.faturamento.estados import StatusInvoice, StatusPagamento
from app.faturamento.models import ClienteEstacionado, Invoice, Pagamento
from app.notificacoes.models import Notificacao, StatusNotificacao

RECENTE = dt.timedelta(days=7)
ULTIMAS_MENSAGENS = 200_000
NAO_EMITIDAS = (StatusInvoice.draft, StatusInvoice.cancelada)


@dataclass(frozen=True)
class Kpis:
    """Customers are counted, amounts are reais. ``faturado_mes`` and ``recebido_mes`` are of the month of ``hoje``, up to it."""

    clientes_ativos: int
    bloqueados: int
    mrr: Decimal
    faturado_mes: Decimal
    recebido_mes: Decimal
    em_atraso: Decimal
    clientes_em_atraso: int


@dataclass(frozen=True)
class Alertas:
    """How many of each wait for somebody; failed tasks and messages of the last seven days."""

    estacionados: int
    tarefas_mortas: int
    mensagens_falhas: int


def kpis(sessao: Session, *, hoje: dt.date) -> Kpis:
    """The numbers of the day."""
    inicio = hoje.replace(day=1)
    fim = mais_meses(inicio, 1)
    atraso = em_atraso(hoje)
    consulta = select(
        _contar(Contrato.cliente_id.distinct(), Contrato.status == StatusContrato.ativo),
        _contar(Cliente.id, Cliente.status == StatusCliente.bloqueado),
        _mensalidades(hoje),
        _adicionais(hoje),
        _somar(Invoice.valor_total, Invoice.data_emissao >= inicio, Invoice.data_emissao < fim, Invoice.status.not_in(NAO_EMITIDAS)),
        _somar(Pagamento.valor, Pagamento.data_pagamento >= inicio, Pagamento.data_pagamento < fim, Pagamento.status == StatusPagamento.confirmado),
        _somar(Invoice.valor_total - Invoice.valor_pago - Invoice.valor_abatido, atraso),
        _contar(Invoice.cliente_id.distinct(), atraso),
    )
    ativos, bloqueados, planos, adicionais, faturado, recebido, atrasado, devedores = sessao.execute(consulta).one()
    return Kpis(ativos, bloqueados, planos + adicionais, faturado, recebido, atrasado, devedores)


def alertas(sessao: Session, *, em: dt.datetime) -> Alertas:
    """What waits for somebody at ``em``."""
    desde = em - RECENTE
    ultimas = select(func.coalesce(func.max(Notificacao.id), 0) - ULTIMAS_MENSAGENS).scalar_subquery()      # by key: the table keeps its rows for ever
    consulta = select(
        _contar(ClienteEstacionado.id, ClienteEstacionado.resolvido_em.is_(None)),
        _contar(Tarefa.id, Tarefa.estado == EstadoTarefa.morta, Tarefa.terminada_em >= desde),
        _contar(Notificacao.id, Notificacao.id > ultimas, Notificacao.status == StatusNotificacao.falha, Notificacao.created_at >= desde),
    )
    return Alertas(*sessao.execute(consulta).one())


def _contar(coluna: object, *condicoes: ColumnElement[bool]) -> ScalarSelect:
    return select(func.count(coluna)).where(*condicoes).scalar_subquery()


def _somar(expressao: object, *condicoes: ColumnElement[bool]) -> ScalarSelect:
    return select(func.coalesce(func.sum(expressao), ZERO)).where(*condicoes).scalar_subquery()


def _mensalidades(hoje: dt.date) -> ScalarSelect:
    """Price of active contracts net of discounts that still run."""
    corre = or_(Contrato.desconto_ate.is_(None), Contrato.desconto_ate >= hoje)
    desconto = func.coalesce(func.sum(func.least(Contrato.desconto, Contrato.preco)).filter(corre), ZERO)
    return select(func.coalesce(func.sum(Contrato.preco), ZERO) - desconto).where(Contrato.status == StatusContrato.ativo).scalar_subquery()


def _adicionais(hoje: dt.date) -> ScalarSelect:
    vigente = (ContratoItem.de <= hoje) & or_(ContratoItem.ate.is_(None), ContratoItem.ate >= hoje)
    total = func.coalesce(func.sum(ContratoItem.preco * ContratoItem.quantidade), ZERO)
    return select(total).join_from(ContratoItem, Contrato).where(Contrato.status == StatusContrato.ativo, vigente).scalar_subquery()
