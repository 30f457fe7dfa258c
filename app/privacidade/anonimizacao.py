"""Anonymising a customer in two stages: at once what no law keeps, and each other class on the day the law lets it go."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from app.contratos.estados import ENCERRADOS
from app.contratos.models import Contrato
from app.core import auditoria, relogio
from app.core.erros import RegraViolada
from app.faturamento.estados import StatusInvoice, StatusLancamento
from app.faturamento.models import Credito, Invoice, Lancamento, Pagamento
from app.privacidade import regras
from app.privacidade.apagar import Apagador
from app.privacidade.estados import EtapaRecibo, SituacaoPedido, TipoPedido
from app.privacidade.models import PedidoTitular
from app.privacidade.regras import Fatos
from app.privacidade.services import ANONIMIZAR, PedidoService

_S = SituacaoPedido
_POR_PAGAR = (StatusInvoice.draft, StatusInvoice.emitida, StatusInvoice.vencida)


def fatos(sessao: Session, cliente_id: int) -> Fatos:
    """What decides about a customer now."""
    contratos = select(Contrato.numero).where(Contrato.cliente_id == cliente_id, Contrato.status.not_in(ENCERRADOS)).order_by(Contrato.id)
    faturas = select(Invoice).where(Invoice.cliente_id == cliente_id, Invoice.status.in_(_POR_PAGAR)).order_by(Invoice.id)
    lancamentos = select(func.count()).where(Lancamento.cliente_id == cliente_id, Lancamento.status == StatusLancamento.aberto)
    credito = select(func.coalesce(func.sum(Credito.saldo), 0)).where(Credito.cliente_id == cliente_id)
    fim = select(func.max(func.coalesce(Contrato.data_fim, _dia(Contrato.updated_at)))).where(Contrato.cliente_id == cliente_id)
    emitida = select(func.max(func.greatest(Invoice.data_emissao, Invoice.data_vencimento))).where(Invoice.cliente_id == cliente_id)
    paga = select(func.max(Pagamento.data_pagamento)).join(Invoice, Invoice.id == Pagamento.invoice_id).where(Invoice.cliente_id == cliente_id)
    dias = [sessao.scalar(consulta) for consulta in (fim, emitida, paga)]
    return Fatos(
        contratos=list(sessao.scalars(contratos)), faturas=[i.numero_formatado for i in sessao.scalars(faturas)], lancamentos=sessao.scalar(lancamentos) or 0,
        credito=sessao.scalar(credito) or Decimal(0), fim_do_contrato=dias[0], ultimo_documento=max((d for d in dias if d), default=None),
    )


def _dia(instante: Any) -> Any:
    return cast(func.timezone("America/Sao_Paulo", instante), Date)


class AnonimizacaoService:
    """Verbs of anonymisation. The audit trail stays: it cannot be changed, few may read it, and it goes by its own age (docs/lgpd.md)."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao
        self.pedidos = PedidoService(sessao)

    def confirmar(self, pedido_id: int) -> PedidoTitular:
        """Begin. Raises RegraViolada with every impediment, TransicaoInvalida when it was begun or closed."""
        pedido = self.pedidos.travar(pedido_id)
        if pedido.tipo is not TipoPedido.anonimizacao:
            raise RegraViolada(_("Este pedido não é de anonimização."), pedido_id=pedido_id)
        if motivos := regras.impedimentos(fatos(self.sessao, pedido.cliente_id)):
            raise RegraViolada(" ".join(motivos), codigo="anonimizacao_impedida", pedido_id=pedido_id)
        if pedido.situacao is not _S.em_andamento:
            self.pedidos.comecar(pedido, ANONIMIZAR)
        return pedido

    def avancar(self, pedido_id: int, *, hoje: dt.date) -> PedidoTitular:
        """Let go every class whose day has come, in one transaction; a receipt is written when something went.

        Repeating it changes nothing. A customer who came back (a contract, a debt) is left as he is: before the first stage the request opens
        again, after it the rest waits.
        """
        pedido = self.pedidos.travar(pedido_id)
        if pedido.situacao not in (_S.em_andamento, _S.aguardando_prazo):
            return pedido
        achados = fatos(self.sessao, pedido.cliente_id)
        if regras.impedimentos(achados):
            pedido.situacao = _S.aberto if pedido.situacao is _S.em_andamento else pedido.situacao
            return pedido
        todas = regras.retencoes(achados, hoje)
        apagador = Apagador(self.sessao, pedido.cliente_id)
        for classe in regras.vencidas(todas, hoje):
            apagador.fazer(classe)
        retidas = regras.retidas(todas, hoje)
        self._registrar(pedido, apagador, retidas)
        return pedido

    def _registrar(self, pedido: PedidoTitular, apagador: Apagador, retidas: list[regras.Retencao]) -> None:
        completa, agora = not retidas, relogio.agora()
        nova = _S.concluido if completa else _S.aguardando_prazo
        if pedido.situacao is nova and not apagador.contagens:
            return
        retido = [{"classe": r.classe.name, "ate": r.ate.isoformat()} for r in retidas]
        pedido.situacao, pedido.feito_em = nova, agora
        self.pedidos.recibo(
            pedido, EtapaRecibo.completa if completa else EtapaRecibo.parcial, em=agora, contagens=apagador.contagens, retido=retido)
        auditoria.registrar(self.sessao, "anonimizar", "cliente", pedido.cliente_id, depois={"pedido": pedido.protocolo, "linhas": dict(apagador.contagens)})
        self.sessao.flush()


def previsao(sessao: Session, cliente_id: int, hoje: dt.date) -> tuple[list[str], list[regras.Retencao]]:
    """(impediments, until when what is kept), for the page on which it is confirmed."""
    achados = fatos(sessao, cliente_id)
    return regras.impedimentos(achados), regras.retencoes(achados, hoje)
