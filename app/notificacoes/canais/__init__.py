"""Channels: how a message reaches somebody. ``FABRICAS`` makes one from what the installation says; a channel without a factory is not offered yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.notificacoes.canais.base import AnexoPronto, CanalMensagem, Mensagem, ResultadoEnvio, configuracao, enviada, permanente, temporaria
from app.notificacoes.canais.locais import CanalDiario, CanalInterno
from app.notificacoes.canais.smtp import CanalEmail, ServidorSmtp, frase_da_falha
from app.notificacoes.models import Canal

__all__ = [
    "FABRICAS", "AnexoPronto", "Ajuste", "CanalDiario", "CanalEmail", "CanalInterno", "CanalMensagem", "Mensagem", "ResultadoEnvio", "ServidorSmtp",
    "configuracao", "enviada", "fabricar", "frase_da_falha", "permanente", "temporaria",
]


@dataclass(frozen=True)
class Ajuste:
    """What a channel needs to know of the installation: the address of its server and how we introduce ourselves."""

    url: str = field(default="", repr=False)
    apresentacao: str | None = None


def _email(ajuste: Ajuste) -> CanalMensagem:
    return CanalEmail(ServidorSmtp.de_url(ajuste.url), apresentacao=ajuste.apresentacao) if ajuste.url else CanalDiario()


FABRICAS: dict[Canal, Callable[[Ajuste], CanalMensagem]] = {Canal.email: _email, Canal.interno: lambda _ajuste: CanalInterno()}


def fabricar(canal: Canal, ajustes: Mapping[Canal, Ajuste]) -> CanalMensagem:
    """The channel ready to be used. KeyError when there is no such channel yet."""
    return FABRICAS[canal](ajustes.get(canal, Ajuste()))
