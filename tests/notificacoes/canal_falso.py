"""CanalFalso: a channel that keeps what it is given and answers as told. It passes the same contract as the real ones."""

from __future__ import annotations

from collections.abc import Callable

from app.notificacoes.canais import CanalMensagem, Mensagem, ResultadoEnvio, enviada


class CanalFalso(CanalMensagem):
    """``responder`` decides per message; by default all are accepted."""

    nome = "falso"

    def __init__(self, responder: Callable[[Mensagem], ResultadoEnvio] | None = None) -> None:
        self.enviadas: list[Mensagem] = []
        self.fechado = 0
        self._responder = responder

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Keep it and answer."""
        self.enviadas.append(mensagem)
        return self._responder(mensagem) if self._responder else enviada()

    def fechar(self) -> None:
        """Counted."""
        self.fechado += 1
