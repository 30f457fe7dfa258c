"""Reads of billing for screens, jobs and reports. ``em_atraso`` is the one expression of what is overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, and_, func, select, text
from sqlalchemy.orm import Session

from app.core import configuracao, eventos, relogio
from app.core.dinheiro import ZERO
from app.core.models import Evento
from app.core.tipos import N_
from app.faturamento.estados import StatusExecucao, StatusInvoice
from app.faturamento.models import ClienteEstacionado, Credito, ExecucaoFaturamento, Invoice, Lancamento, LoteFaturamento, Pagamento
from app.faturamento.regras import ultimo_vencimento_em_atraso
from app.notificacoes.models import Notificacao, SituacaoMensagem
from app.notificacoes.regras import EVENTOS

ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
EM_ANDAMENTO = (StatusExecucao.preparando, StatusExecucao.executando)
MOSTRADOS = 50
_TOM_DA_MENSAGEM = {SituacaoMensagem.enviada: "ok", SituacaoMensagem.falha: "erro"}


def em_atraso(hoje: dt.date) -> ColumnElement[bool]:
    """Invoices overdue on ``hoje``: open, with a balance, and the business day of their due date gone by."""
    ate = ultimo_vencimento_em_atraso(hoje, configuracao.feriados_do_operador())
    saldo = Invoice.valor_total - Invoice.valor_pago - Invoice.valor_abatido
    return and_(Invoice.status.in_(ABERTAS), Invoice.data_vencimento <= ate, saldo > 0)


def esta_em_atraso(sessao: Session, invoice_id: int, hoje: dt.date) -> bool:
    """Whether one invoice is overdue on ``hoje``."""
    return sessao.scalar(select(Invoice.id).where(Invoice.id == invoice_id, em_atraso(hoje))) is not None


def pagamentos_da(sessao: Session, invoice_id: int) -> Sequence[Pagamento]:
    """Payments of an invoice, oldest first."""
    return sessao.scalars(select(Pagamento).where(Pagamento.invoice_id == invoice_id).order_by(Pagamento.id)).all()


@dataclass(frozen=True)
class Passagem:
    """A line of an invoice's history."""

    titulo: str
    detalhe: str
    tom: str
    icone: str
    em: dt.datetime


def historico_da(sessao: Session, invoice_id: int) -> list[Passagem]:
    """Facts and messages of an invoice, newest first."""
    fatos = select(Evento).where(Evento.dados["invoice_id"].as_integer() == invoice_id, Evento.cliente_id == _dono(invoice_id)).order_by(Evento.id)
    mensagens = select(Notificacao).where(Notificacao.invoice_id == invoice_id).order_by(Notificacao.id)
    linhas = [_do_fato(e) for e in sessao.scalars(fatos)] + [_da_mensagem(n) for n in sessao.scalars(mensagens)]
    return sorted(linhas, key=lambda p: p.em, reverse=True)


def _dono(invoice_id: int) -> Any:
    return select(Invoice.cliente_id).where(Invoice.id == invoice_id).scalar_subquery()


def _do_fato(evento: Evento) -> Passagem:
    titulo, icone = eventos.descrever(evento)
    return Passagem(titulo, str(evento.dados.get("motivo", "")), "", icone, evento.em)


def _da_mensagem(mensagem: Notificacao) -> Passagem:
    declarado = EVENTOS.get(mensagem.evento)
    evento = _(declarado.rotulo) if declarado else mensagem.evento.replace("_", " ")
    titulo = _("Mensagem “%(evento)s” para %(destinatario)s", evento=evento, destinatario=mensagem.destinatario)
    detalhe = mensagem.situacao.rotulo + (f": {mensagem.erro}" if mensagem.erro else "")
    return Passagem(titulo, detalhe, _TOM_DA_MENSAGEM.get(mensagem.situacao, ""), "mail", mensagem.enviada_em or mensagem.created_at)


def execucao_em_andamento(sessao: Session) -> ExecucaoFaturamento | None:
    """The run going on, if any."""
    return sessao.scalar(select(ExecucaoFaturamento).where(ExecucaoFaturamento.status.in_(EM_ANDAMENTO)).order_by(ExecucaoFaturamento.id).limit(1))


@dataclass(frozen=True)
class RelatorioExecucao:
    """What a run has done so far, and, once ended, what deserves a look."""

    id: int
    referencia: dt.date
    titulo: str
    terminou: bool
    esperado: int
    valor_esperado: Decimal
    emitidas: int
    valor: Decimal
    sem_valor: int
    estacionados: Sequence[ClienteEstacionado] = ()
    sem_fatura: Sequence[Row[Any]] = field(default_factory=list)
    fora_da_curva: Sequence[Row[Any]] = field(default_factory=list)
    origem: str = ""
    iniciada_em: dt.datetime | None = None
    terminada_em: dt.datetime | None = None


_TITULOS = {
    StatusExecucao.preparando: N_("Preparando a rodada…"), StatusExecucao.executando: N_("Emitindo faturas…"),
    StatusExecucao.concluida: N_("Rodada concluída"), StatusExecucao.interrompida: N_("Rodada interrompida"),
}


def relatorio_da_execucao(sessao: Session, execucao_id: int) -> RelatorioExecucao | None:
    """The report of a run, or None when there is no such run."""
    execucao = sessao.get(ExecucaoFaturamento, execucao_id, populate_existing=True)
    if execucao is None:
        return None
    somas = select(func.coalesce(func.sum(LoteFaturamento.invoices), 0), func.coalesce(func.sum(LoteFaturamento.valor), ZERO), func.coalesce(
        func.sum(LoteFaturamento.sem_valor), 0)).where(LoteFaturamento.execucao_id == execucao_id)
    emitidas, valor, sem_valor = sessao.execute(somas).one()
    terminou = execucao.status not in EM_ANDAMENTO
    estacionados = select(ClienteEstacionado).where(ClienteEstacionado.execucao_id == execucao_id).order_by(ClienteEstacionado.id).limit(MOSTRADOS)
    return RelatorioExecucao(
        execucao.id, execucao.referencia, _(_TITULOS[execucao.status]), terminou, execucao.esperado or 0, execucao.valor_esperado or ZERO, int(emitidas),
        valor, int(sem_valor), sessao.scalars(estacionados).all(), sem_fatura(sessao, execucao.referencia, execucao.terminada_em) if terminou else [],
        fora_da_curva(sessao, execucao_id) if terminou else [], execucao.origem, execucao.iniciada_em, execucao.terminada_em,
    )


_SEM_FATURA = text("""
SELECT c.id, c.numero, c.cliente_id, cl.nome AS cliente FROM contrato c JOIN cliente cl ON cl.id = c.cliente_id
 WHERE c.status = 'ativo' AND c.data_inicio <= :limite
   AND NOT EXISTS (SELECT 1 FROM item_invoice i JOIN invoice f ON f.id = i.invoice_id
                    WHERE i.contrato_id = c.id AND i.tipo = 'plano' AND f.status <> 'cancelada' AND i.periodo_fim >= :dia)
   AND NOT EXISTS (SELECT 1 FROM contrato_ciclo cc JOIN ciclo_faturamento cf ON cf.id = cc.ciclo_faturamento_id
                    WHERE cc.contrato_id = c.id AND cf.ativo AND cf.estacionado_em IS NULL AND cf.proximo_vencimento > :ate)
   AND NOT EXISTS (SELECT 1 FROM contrato_ciclo cc WHERE cc.contrato_id = c.id AND cc.created_at > :terminou)
 ORDER BY c.id LIMIT :n
""")
_FORA = text("""
SELECT f.id, f.numero, f.pagador_nome AS cliente, antes.valor_total AS antes, f.valor_total AS agora
  FROM invoice f JOIN LATERAL (
       SELECT a.valor_total FROM invoice a WHERE a.ciclo_faturamento_id = f.ciclo_faturamento_id AND a.competencia_inicio < f.competencia_inicio
          AND a.status <> 'cancelada' ORDER BY a.competencia_inicio DESC LIMIT 1) antes ON true
 WHERE f.execucao_id = :execucao AND abs(f.valor_total - antes.valor_total) * 100 > antes.valor_total * :pct
 ORDER BY abs(f.valor_total - antes.valor_total) DESC LIMIT :n
""")


def sem_fatura(sessao: Session, dia: dt.date, terminou: dt.datetime | None = None) -> Sequence[Row[Any]]:
    """Active contracts that no invoice covers on ``dia`` and no cycle will bill later: somebody gets service for nothing.

    ``terminou``: when the run ended; contracts that began to be billed after it are no fault of its.
    """
    ate = dia + dt.timedelta(days=configuracao.ler("faturamento.dias_antecedencia"))
    return sessao.execute(_SEM_FATURA, {"dia": dia, "limite": dia, "ate": ate, "terminou": terminou or relogio.agora(), "n": MOSTRADOS}).all()


def fora_da_curva(sessao: Session, execucao_id: int) -> Sequence[Row[Any]]:
    """Invoices of a run more than the set per cent away from the cycle's previous one."""
    pct = configuracao.ler("faturamento.desvio_percentual")
    return sessao.execute(_FORA, {"execucao": execucao_id, "pct": pct, "n": MOSTRADOS}).all()


def credito_de(sessao: Session, cliente_id: int) -> Decimal:
    """What the customer has in hand, in reais."""
    return sessao.scalar(select(func.coalesce(func.sum(Credito.saldo), Decimal(0))).where(Credito.cliente_id == cliente_id))


def lancados_com(sessao: Session, lancamento_id: int) -> list[int]:
    """Ids of the instalments that were entered together, of which ``lancamento_id`` is the first."""
    primeiro = sessao.get_one(Lancamento, lancamento_id)
    juntos = select(Lancamento.id).where(
        Lancamento.cliente_id == primeiro.cliente_id, Lancamento.created_at == primeiro.created_at, Lancamento.descricao == primeiro.descricao,
        Lancamento.parcelas == primeiro.parcelas, Lancamento.id >= primeiro.id)
    return list(sessao.scalars(juntos.order_by(Lancamento.id).limit(primeiro.parcelas)).all())
