"""Release on the customer's word: a contract blocked for debt is back for some days, once for each invoice."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import eventos, relogio
from app.core.erros import RegraViolada, ValorInvalido
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import DesbloqueioConfianca, Invoice
from app.faturamento.services.bloqueio import BloqueioPorAtraso
from app.faturamento.services.pagamentos import ABERTAS

DIAS_MAXIMOS = 10


class Confianca(BloqueioPorAtraso):
    """Trust unlock."""

    def desbloquear_em_confianca(self, contrato_id: int, *, dias: int, origem: str, em: dt.datetime) -> DesbloqueioConfianca:
        """Release a contract blocked for debt for ``dias`` (1 to 10) from ``em``; then the block is in force again, unless the debt was paid.

        Raises NaoEncontrado, ValorInvalido, RegraViolada for a contract that is not blocked for debt (``sem_bloqueio``), whose customer has no
        open invoice (``sem_fatura``), or whose oldest had its word already (``confianca_usada``). A refusal changes nothing.
        """
        if not 1 <= dias <= DIAS_MAXIMOS:
            raise ValorInvalido(_("Informe de 1 a %(maximo)d dias.", maximo=DIAS_MAXIMOS), campo="dias")
        contrato, ate = self.contratos.travar(contrato_id), em + dt.timedelta(days=dias)
        abertas = select(Invoice.id).where(Invoice.cliente_id == contrato.cliente_id, Invoice.status.in_(ABERTAS))
        vencida = self.sessao.scalar(abertas.order_by(Invoice.status != StatusInvoice.vencida, Invoice.data_vencimento, Invoice.id).limit(1))
        usado = select(DesbloqueioConfianca.id).where(DesbloqueioConfianca.contrato_id == contrato_id, DesbloqueioConfianca.invoice_id == vencida)
        if vencida is None:
            raise RegraViolada(_("O cliente não tem fatura em aberto."), codigo="sem_fatura", contrato_id=contrato_id)
        if self.sessao.scalar(usado):
            raise RegraViolada(_("O cliente já usou o desbloqueio em confiança por esta fatura."), codigo="confianca_usada", contrato_id=contrato_id)
        self.bloqueios.liberar_ate(contrato_id, ate, em=em)
        dado = DesbloqueioConfianca(contrato_id=contrato_id, invoice_id=vencida, de=em, ate=ate, origem=origem)
        self.sessao.add(dado)
        self.sessao.flush()
        dados = {"contrato_id": contrato_id, "numero": contrato.numero, "ate": f"{relogio.local(ate):%d/%m/%Y}", "dias": dias}
        eventos.registrar(self.sessao, "desbloqueio_confianca", cliente_id=contrato.cliente_id, **dados)
        return dado
