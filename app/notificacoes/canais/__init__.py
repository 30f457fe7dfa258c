"""Channels: how a message reaches somebody. ``FABRICAS`` makes one from what the installation says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.notificacoes.canais.base import AnexoPronto, CanalMensagem, Mensagem, ResultadoEnvio, configuracao, enviada, permanente, temporaria
from app.notificacoes.canais.locais import CanalDiario, CanalImpedido, CanalInterno
from app.notificacoes.canais.provedor import ProvedorHttp
from app.notificacoes.canais.smtp import CanalEmail, ServidorSmtp, frase_da_falha
from app.notificacoes.models import Canal

__all__ = [
    "FABRICAS", "AnexoPronto", "Ajuste", "CanalDiario", "CanalEmail", "CanalImpedido", "CanalInterno", "CanalMensagem", "Mensagem",
    "ProvedorHttp", "ResultadoEnvio", "ServidorSmtp", "configuracao", "enviada", "fabricar", "frase_da_falha", "permanente", "temporaria",
]


@dataclass(frozen=True)
class Ajuste:
    """What a channel needs to know of the installation: the address of its server or its HTTP provider, and how we introduce ourselves.

    ``impedimento``: why what is stored cannot be used.
    """

    url: str = field(default="", repr=False)
    apresentacao: str | None = None
    provedor: ProvedorHttp | None = None
    impedimento: str = ""


def _email(ajuste: Ajuste) -> CanalMensagem:
    return CanalEmail(ServidorSmtp.de_url(ajuste.url), apresentacao=ajuste.apresentacao) if ajuste.url else CanalDiario()


def _telefone(ajuste: Ajuste) -> CanalMensagem:
    if ajuste.impedimento:
        return CanalImpedido(ajuste.impedimento)
    if ajuste.provedor is None:
        return CanalDiario(_("Sem provedor configurado: nada foi enviado."))
    from app.notificacoes.canais.http import CanalHttp  # its library opens a socket when it is imported, and importing the application opens none

    return CanalHttp(ajuste.provedor)


FABRICAS: dict[Canal, Callable[[Ajuste], CanalMensagem]] = {
    Canal.email: _email, Canal.whatsapp: _telefone, Canal.sms: _telefone, Canal.interno: lambda _ajuste: CanalInterno(),
}


def fabricar(canal: Canal, ajustes: Mapping[Canal, Ajuste]) -> CanalMensagem:
    """The channel ready to be used. KeyError when there is no such channel yet."""
    return FABRICAS[canal](ajustes.get(canal, Ajuste()))
