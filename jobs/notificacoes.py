"""Messages leave: one task walks all that is due. And administrators hear of work that stopped."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.core import relogio
from app.core.execucao import Execucao, longa, tarefa
from app.core.operacao import rotulo_da_tarefa
from app.notificacoes.despacho import Despacho
from app.notificacoes.services import DESPACHAR, NotificacaoService


# not an @efeito: that would be put off as a whole while the instance is quiet, and the bell with it; the dispatcher itself keeps mail in
@longa(DESPACHAR, recomeca=True)
def despachar_notificacoes(execucao: Execucao) -> object:
    """Send what is due on the channels that are open. Any number may run at once."""
    return Despacho(execucao).rodar()


@tarefa("avisar_tarefa_parada")
def avisar_tarefa_parada(sessao: Session, *, tarefa_id: int, nome: str, motivo: str, **_fato: Any) -> dict[str, int]:
    """Ring the administrators' bell: work stopped and waits for a person. The same work for the same reason rings once a day."""
    resumo = hashlib.sha256(motivo.encode()).hexdigest()[:16]
    endereco = f"{current_app.config['PUBLIC_URL'].rstrip('/')}/execucoes/show/{tarefa_id}"
    dados = {"tarefa": rotulo_da_tarefa(nome), "motivo": motivo, "endereco": endereco}
    chave = f"tarefa_parada:{nome}:{relogio.hoje()}:{resumo}"
    return {"avisos": NotificacaoService(sessao).avisar_equipe("tarefa_parada", chave=chave, dados=dados)}
