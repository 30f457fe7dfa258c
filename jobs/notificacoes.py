"""Messages leave: one task walks all that is due."""

from __future__ import annotations

from app.core.execucao import Execucao, longa
from app.notificacoes.despacho import Despacho
from app.notificacoes.services import DESPACHAR


# not an @efeito: that would be put off as a whole while the instance is quiet, and the bell with it; the dispatcher itself keeps mail in
@longa(DESPACHAR, recomeca=True)
def despachar_notificacoes(execucao: Execucao) -> object:
    """Send what is due on the channels that are open. Any number may run at once."""
    return Despacho(execucao).rodar()
