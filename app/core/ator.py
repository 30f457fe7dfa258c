"""Who is acting: the signed-in user of the request, or what a job or command declares. None is the system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flask import g, has_request_context, request


@dataclass(frozen=True)
class Ator:
    """``usuario_id`` of ab_user (None: the system), where from, and the bulk run that is writing, if any."""

    usuario_id: int | None = None
    ip: str | None = None
    agente: str | None = None
    execucao_id: int | None = None


_ator: ContextVar[Ator | None] = ContextVar("ator", default=None)


def ator() -> Ator:
    """The present actor."""
    if declarado := _ator.get():
        return declarado
    if not has_request_context():
        return Ator()
    return Ator(_usuario_do_pedido(), request.remote_addr, (request.user_agent.string or "")[:300])


def ator_id() -> int | None:
    """The present user's id, or None for the system."""
    return ator().usuario_id


def _usuario_do_pedido() -> int | None:
    usuario = g.get("user")
    return usuario.id if usuario is not None and usuario.is_authenticated else None


@contextmanager
def agindo_como(usuario_id: int | None, *, execucao_id: int | None = None) -> Iterator[None]:
    """Declare the actor of a job or command; inside a request, of somebody who is just signing in (the address stays)."""
    atual = ator()
    ficha = _ator.set(Ator(usuario_id=usuario_id, ip=atual.ip, agente=atual.agente, execucao_id=execucao_id))
    try:
        yield
    finally:
        _ator.reset(ficha)
