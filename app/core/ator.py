"""Who is acting: the signed-in user of the request, or what a job or command declares. None is the system."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import click
from flask import Flask, Response, current_app, g, has_request_context, request

CABECALHO = "X-Request-ID"
_SAO = re.compile(r"[A-Za-z0-9._-]{8,64}")
_COMANDO = "crm.pedido"


@dataclass(frozen=True)
class Ator:
    """``usuario_id`` of ab_user (None: the system), where from, and the bulk run that is writing, if any.

    ``rota``: endpoint, ``job:name`` or command line. ``request_id``: one for all that a request, a task or a command does.
    ``como_cliente_id``: the customer whose portal an employee is looking at, the employee being the actor.
    """

    usuario_id: int | None = None
    ip: str | None = None
    agente: str | None = None
    execucao_id: int | None = None
    rota: str | None = None
    request_id: str | None = None
    como_cliente_id: int | None = None


_ator: ContextVar[Ator | None] = ContextVar("ator", default=None)


def ator() -> Ator:
    """The present actor."""
    if declarado := _ator.get():
        return declarado
    if not has_request_context():
        return _do_comando()
    return Ator(
        _usuario_do_pedido(), request.remote_addr, (request.user_agent.string or "")[:300], rota=_rota(), request_id=request_id(),
        como_cliente_id=g.get("ver_como"))


def ator_id() -> int | None:
    """The present user's id, or None for the system."""
    return ator().usuario_id


def request_id() -> str:
    """The present request's number: the proxy's when its word is taken and looks like one, else one of ours. People read it out to the support."""
    if "request_id" not in g:
        dado = request.headers.get(CABECALHO, "") if current_app.config["TRUST_PROXY"] else ""
        g.request_id = dado if _SAO.fullmatch(dado) else secrets.token_hex(8)
    return g.request_id


def marca() -> str:
    """What the lines of a log are known by: the number of the request, task or command; ``-`` outside of them."""
    declarado = _ator.get()
    if declarado and declarado.request_id:
        return declarado.request_id
    return request_id() if has_request_context() else _do_comando().request_id or "-"


def _usuario_do_pedido() -> int | None:
    usuario = g.get("user")
    return usuario.id if usuario is not None and usuario.is_authenticated else None


def _rota() -> str | None:
    """``InvoiceView.action:cancelar``: the endpoint, with the action's name where one endpoint does many, and the key a program came with."""
    partes = (request.endpoint or "").split(".")
    acao = (request.view_args or {}).get("name") if partes[-1] == "action" else request.form.get("action") if partes[-1] == "action_post" else None
    chave = g.get("chave_api")
    return ":".join(filter(None, (request.endpoint, acao, f"chave {chave}" if chave else None)))[:120] or None


def _do_comando() -> Ator:
    """A ``flask`` command that runs now is a route as well."""
    contexto = click.get_current_context(silent=True)
    if contexto is None:
        return Ator()
    _programa, *partes = contexto.command_path.split()
    return Ator(rota=" ".join(["flask", *partes])[:120], request_id=contexto.find_root().meta.setdefault(_COMANDO, secrets.token_hex(8)))


@contextmanager
def agindo_como(usuario_id: int | None, *, execucao_id: int | None = None, rota: str | None = None, request_id: str | None = None) -> Iterator[None]:
    """Declare the actor of a job or command; inside a request, of somebody who is just signing in (address, route and number stay)."""
    atual = ator()
    ficha = _ator.set(replace(
        atual, usuario_id=usuario_id, execucao_id=execucao_id, rota=rota or atual.rota, request_id=request_id or atual.request_id))
    try:
        yield
    finally:
        _ator.reset(ficha)


@contextmanager
def sendo(quem: Ator) -> Iterator[None]:
    """What is done meanwhile is done by an actor who was read before."""
    ficha = _ator.set(quem)
    try:
        yield
    finally:
        _ator.reset(ficha)


def init_app(app: Flask) -> None:
    """Every answer says its request's number."""
    app.after_request(_numerar)


def _numerar(resposta: Response) -> Response:
    resposta.headers[CABECALHO] = request_id()
    return resposta
