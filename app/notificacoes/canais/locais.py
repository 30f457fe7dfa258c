"""Channels by which nothing leaves: the bell, and the journal that stands in for a mail server that is not configured."""

from __future__ import annotations

from flask_babel import gettext as _

from app.notificacoes.canais.base import CanalMensagem, Mensagem, ResultadoEnvio, configuracao, enviada


class CanalInterno(CanalMensagem):
    """The bell: the rendered row is the delivery."""

    nome = "interno"
    local = True

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Accepted; the person sees it from now on."""
        return enviada()


class CanalDiario(CanalMensagem):
    """Without a mail server or a provider: the message stays in the list of messages, as the customer would see it."""

    nome = "diario"
    local = True

    def __init__(self, dito: str = "") -> None:
        self.dito = dito or _("Sem servidor de e-mail configurado: nada foi enviado.")

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Accepted; nothing leaves."""
        return enviada(self.dito)


class CanalImpedido(CanalMensagem):
    """A way out that cannot be used until a person sets it up again."""

    nome = "nenhum"
    local = True

    def __init__(self, motivo: str) -> None:
        self.motivo = motivo

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Stops the channel; the message keeps its tries."""
        return configuracao(self.motivo)
