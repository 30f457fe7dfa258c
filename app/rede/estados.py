"""What the network is asked to be for a contract, and the kinds of access server."""

from __future__ import annotations

from app.core.tipos import N_, Rotulado


class EstadoAcesso(Rotulado):
    """Desired and applied state of a contract's access."""

    liberado = N_("Liberado")
    reduzido = N_("Velocidade reduzida")
    bloqueado = N_("Bloqueado")
    suspenso = N_("Suspenso a pedido")
    encerrado = N_("Encerrado")


class SemServidor(Rotulado):
    """What an access without a server is, whatever was asked: nothing was done anywhere."""

    sem_servidor = N_("Sem servidor")

    @property
    def tom(self) -> str:
        """A warning: somebody must choose the server."""
        return "warning"


class TipoServidor(Rotulado):
    """Which driver talks to the server."""

    simulado = N_("Simulado")
    radius = N_("FreeRADIUS")
    routeros = N_("MikroTik RouterOS")


class SituacaoIncidente(Rotulado):
    """Whether an outage is going on."""

    aberto = N_("Em andamento")
    encerrado = N_("Encerrado")


class MomentoIncidente(Rotulado):
    """An open outage as people are told it: one announced for later has not begun."""

    programado = N_("Programado")
    aberto = N_("Em andamento")
    encerrado = N_("Encerrado")

    @property
    def tom(self) -> str:
        """What goes on now is a warning."""
        return {"programado": "info", "aberto": "warning"}.get(self.name, "neutral")
