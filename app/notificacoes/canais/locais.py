"""Channels by which nothing leaves: the bell, and the journal that stands in for a mail server that is not configured."""

from __future__ import annotations

from flask_babel import gettext as _

from app.notificacoes.canais.base import CanalMensagem, Mensagem, ResultadoEnvio, enviada


class CanalInterno(CanalMensagem):
    """The bell: the rendered row is the delivery."""

    nome = "interno"
    local = True

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Accepted; the person sees it from now on."""
        return enviada()


class CanalDiario(CanalMensagem):
    """Without a mail server: the message stays in the list of messages, as the customer would see it."""

    nome = "diario"
    local = True

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Accepted; nothing leaves."""
        return enviada(_("Sem servidor de e-mail configurado: nada foi enviado."))
