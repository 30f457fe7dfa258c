"""Tasks: what must be done after a commit is a row written in that very transaction, then carried by RQ.

Producers call ``agendar``; handlers are registered by the three decorators of ``app.core.execucao`` and run by its ``rodar``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import current_app
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import relogio
from app.core.ator import ator_id
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import apos_confirmar

FILAS = ("rapida", "longa")
CARENCIA = 15


def carencia() -> dt.timedelta:
    """A published task that its queue does not hold after this long was lost on the way (TAREFA_CARENCIA, seconds)."""
    return dt.timedelta(seconds=float(current_app.config.get("TAREFA_CARENCIA", CARENCIA)))


def agendar(
    sessao: Session, nome: str, /, *, chave: str | None = None, quando: dt.datetime | None = None, fila: str = "rapida", prioridade: int = 5, **argumentos: Any
) -> int | None:
    """Write a task in the caller's transaction; it is published to RQ when the transaction commits.

    ``argumentos`` must be JSON. ``chave`` makes it unique for ever: the second call with the same key does nothing and returns None.
    ``quando`` (aware) is the earliest instant. Lower ``prioridade`` is more urgent. Returns the task's id.
    """
    if fila not in FILAS:
        raise ValueError(f"unknown queue: {fila}")
    agora = relogio.agora()
    ja = quando is None or quando <= agora
    estado = {"estado": EstadoTarefa.publicada, "arrendada_ate": agora + carencia()} if ja else {}
    comando = insert(Tarefa).values(
        nome=nome, argumentos=argumentos, chave=chave, fila=fila, prioridade=prioridade, quando=quando or agora, criado_por_id=ator_id(), **estado
    )
    tarefa_id = sessao.execute(comando.on_conflict_do_nothing(index_elements=["chave"]).returning(Tarefa.id)).scalar()
    if tarefa_id is not None and ja:
        publicar_depois(sessao, tarefa_id, fila)
    return tarefa_id


def publicar_depois(sessao: Session, tarefa_id: int, fila: str) -> None:
    """Publish a task once the present transaction commits; what is lost on the way is found by the sweep."""
    from app.core import filas  # the queues import RQ, which commands and tests without Redis do not need

    apos_confirmar(sessao, lambda: filas.publicar([(tarefa_id, 0)], fila))
