"""What no cycle bills any more is billed by the run all the same: open charges as a single invoice, credit against what is open."""

from __future__ import annotations

import datetime as dt
import logging
import time

from app.core import relogio
from app.core.ator import ator_id
from app.faturamento.motor import Lote, Pedido, mensagens
from app.faturamento.motor.emitente import Emitentes, ler_politica
from app.faturamento.motor.escrita import Emissao, Lavratura
from app.faturamento.motor.leitura import cursor
from app.faturamento.motor.lote import RECUSAS, anotar, emitir_juntas, ponto_de_retorno
from app.faturamento.motor.pendencias import calcular_pendencias
from app.faturamento.services.base import Base

log = logging.getLogger(__name__)


class Pendencias(Base):
    """Customers without an active cycle."""

    def faturar_pendencias(self, *, hoje: dt.date, cliente_id: int | None = None, execucao_id: int | None = None) -> Lote:
        """Issue, in the caller's transaction, one invoice for the open charges due by ``hoje`` of each customer without an active cycle.

        Discounts and credit count; future instalments wait for their day; it is due after the setting's least number of days. Repeating it
        issues nothing more. Credit that is left is set against the customer's older open invoices.
        """
        comeco, lote = time.perf_counter(), Lote()
        lavratura = Lavratura(hoje, relogio.agora(), ler_politica(self.sessao), execucao_id, ator_id())
        for emissao in calcular_pendencias(self.sessao, hoje, Emitentes(self.sessao), cliente_id=cliente_id):
            self._emitir_pendencia(emissao, lavratura, lote)
        if lote.emitidas:
            mensagens.pedir_despacho(self.sessao, lote.emitidas)
            anotar(self.sessao, Pedido(hoje, execucao_id), lote, int((time.perf_counter() - comeco) * 1000))
            self.sessao.expire_all()
        self.aplicar_creditos_parados(em=hoje, cliente_id=cliente_id)
        return lote

    def _emitir_pendencia(self, emissao: Emissao, lavratura: Lavratura, lote: Lote) -> None:
        """One at a time: data that no invoice can hold must not stop the others."""
        try:
            with ponto_de_retorno(self.sessao):
                lote.emitidas += emitir_juntas(self.sessao, cursor(self.sessao), [emissao], lavratura)
        except RECUSAS as erro:
            log.warning("open charges of customer %s cannot be billed: %s", emissao.cliente_id, erro.diag.message_primary)
