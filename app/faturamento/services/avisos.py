"""The notice that justifies a block: it must have left, early enough; and, when there is none, why, in words."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.core import configuracao, eventos, relogio
from app.core.erros import RegraViolada, ValorInvalido
from app.faturamento.consultas import em_atraso
from app.faturamento.models import Invoice, PoliticaCobranca
from app.faturamento.services.base import Base
from app.notificacoes.consultas import saiu, smtp_configurado
from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, ResultadoTentativa, StatusNotificacao

AVISO = "aviso_vencida"
SEM_ENVIO = "faturamento.aviso_sem_envio"
A_MAO, MOTIVO_MINIMO = "pessoa", 3
FIM_DO_DIA = dt.time(23, 59, 59)
S = StatusNotificacao


class Avisos(Base):
    """The notice of an overdue invoice: whether it was given, and giving it by hand."""

    def registrar_aviso_manual(self, invoice_id: int, *, motivo: str, em: dt.datetime) -> Notificacao:
        """The customer was told by telephone, letter or in person (``motivo`` says how, and to whom): it counts as notice from ``em`` on.

        Once a day for each invoice: repeating returns the first. Raises ValorInvalido without words, RegraViolada (``sem_atraso``) unless it
        is overdue.
        """
        if len(limpo := motivo.replace("\0", "").strip()) < MOTIVO_MINIMO:
            raise ValorInvalido(_("Diga como e a quem o aviso foi dado."), campo="motivo")
        invoice = self._travar_invoice(invoice_id)
        hoje = relogio.local(em).date()
        if self.sessao.scalar(select(Invoice.id).where(Invoice.id == invoice_id, em_atraso(hoje))) is None:
            raise RegraViolada(_("A fatura %(numero)s não está em atraso.", numero=invoice), codigo="sem_atraso", invoice_id=invoice_id)
        chave = f"{AVISO}:{invoice_id}:manual:{hoje}"
        if repetido := self.sessao.scalar(select(Notificacao).where(Notificacao.chave == chave)):
            return repetido
        aviso = Notificacao(
            chave=chave, evento=AVISO, canal=Canal.interno, cliente_id=invoice.cliente_id, invoice_id=invoice_id, destinatario=invoice.pagador_nome,
            assunto=_("Aviso dado por telefone, carta ou em pessoa"), corpo=limpo, dados={}, anexos=[], status=S.enviada, quando=em, enviada_em=em,
        )
        self.sessao.add(aviso)
        self.sessao.flush()
        self.sessao.add(EnvioMensagem(notificacao_id=aviso.id, canal=Canal.interno, por=A_MAO, resultado=ResultadoTentativa.enviada, resposta=limpo, em=em))
        dados = {"invoice_id": invoice_id, "numero": invoice.numero_formatado, "motivo": limpo}
        eventos.registrar(self.sessao, "invoice_avisada", cliente_id=invoice.cliente_id, **dados)
        return aviso

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
