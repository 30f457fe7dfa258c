"""The notice that justifies a block: it must have left, early enough; and, when there is none, why, in words."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.core import configuracao, relogio
from app.faturamento.models import PoliticaCobranca
from app.faturamento.services.base import Base
from app.notificacoes.consultas import saiu, smtp_configurado
from app.notificacoes.models import Notificacao, StatusNotificacao

AVISO = "aviso_vencida"
SEM_ENVIO = "faturamento.aviso_sem_envio"
FIM_DO_DIA = dt.time(23, 59, 59)
S = StatusNotificacao


class Avisos(Base):
    """Reads about the notice of an overdue invoice."""

    def _aviso(self, invoice_id: int, politica: PoliticaCobranca, hoje: dt.date) -> Notificacao | None:
        """The first notice about that invoice that left early enough, or None.

        One that only went to the journal, for want of a mail server, counts where the provider said so (setting).
        """
        ate = relogio.instante(hoje - dt.timedelta(days=politica.dias_apos_aviso), FIM_DO_DIA)
        consulta = select(Notificacao).where(
            Notificacao.invoice_id == invoice_id, Notificacao.evento == AVISO, Notificacao.status == S.enviada, Notificacao.enviada_em <= ate
        )
        if not configuracao.ler(SEM_ENVIO):
            consulta = consulta.where(saiu())
        return self.sessao.scalar(consulta.order_by(Notificacao.enviada_em).limit(1))

    def _por_que_sem_aviso(self, invoice_id: int, email: str | None, politica: PoliticaCobranca) -> str:
        """Why ``_aviso`` found none."""
        consulta = select(Notificacao.status, saiu()).where(Notificacao.invoice_id == invoice_id, Notificacao.evento == AVISO)
        situacoes = {(status, bool(foi)) for status, foi in self.sessao.execute(consulta)}
        if not situacoes:
            return _("ainda sem aviso de atraso") if email else _("sem aviso: o cliente não tem e-mail")
        if (S.enviada, True) in situacoes or ((S.enviada, False) in situacoes and configuracao.ler(SEM_ENVIO)):
            return ngettext("avisado há menos de %(num)d dia", "avisado há menos de %(num)d dias", max(1, politica.dias_apos_aviso))
        if (S.enviada, False) in situacoes:
            return _("aviso não saiu: o SMTP não estava configurado") if smtp_configurado(self.sessao) else _("aviso não saiu: o SMTP não está configurado")
        parado = {status for status, _foi in situacoes}
        if S.pendente in parado:
            return _("aviso ainda na fila de envio")
        return _("aviso não entregue: o envio falhou") if S.falha in parado else _("aviso cancelado, ou recusado pelo cliente")
