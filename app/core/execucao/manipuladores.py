"""Handlers of tasks by name, and the three decorators that register them."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.core import relogio

Funcao = TypeVar("Funcao", bound=Callable[..., Any])
TENTATIVAS = 8


class Tipo(enum.Enum):
    """What a handler may do, and how it is run."""

    tarefa = enum.auto()
    efeito = enum.auto()
    longa = enum.auto()
    recomecavel = enum.auto()


class _Continuar:
    """Type of ``CONTINUAR``."""


CONTINUAR = _Continuar()


@dataclass(frozen=True)
class Avanco:
    """What one slice of a ``@longa`` did. ``cursor`` None ends the task; ``contagens`` are added up over the slices, as is ``feitos``."""

    cursor: dict[str, Any] | None
    feitos: int = 0
    total: int | None = None
    contagens: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Manipulador:
    """A registered handler."""

    nome: str
    tipo: Tipo
    funcao: Callable[..., Any]
    tentativas: int
    recebe_hoje: bool
    confirmavel: bool = False      # takes ``confirmado``: a person's word lets it go on where a rule stopped it

    def argumentos(self, guardados: Mapping[str, Any], referencia: dt.date | None) -> dict[str, Any]:
        """The task's arguments, with ``hoje`` for a handler that wants it: the occurrence's own day, else today."""
        argumentos = dict(guardados)
        if self.recebe_hoje:
            dado = argumentos.get("hoje")
            argumentos["hoje"] = dt.date.fromisoformat(dado) if dado else referencia or relogio.hoje()
        return argumentos


_REGISTRADOS: dict[str, Manipulador] = {}


def manipulador(nome: str) -> Manipulador | None:
    """The handler of that name, or None."""
    return _REGISTRADOS.get(nome)


def nomes() -> frozenset[str]:
    """Names that have a handler."""
    return frozenset(_REGISTRADOS)


def tarefa(nome: str, *, tentativas: int = TENTATIVAS) -> Callable[[Funcao], Funcao]:
    """Register ``handler(sessao, **argumentos)``: the work and its mark commit together, exactly once. At most 30 s, no outside call.

    A ``hoje`` parameter gets the occurrence's day (else today). A returned dict of ints is kept as the task's counts.
    """
    return _registrador(nome, Tipo.tarefa, tentativas)


def efeito(nome: str, *, tentativas: int = TENTATIVAS) -> Callable[[Funcao], Funcao]:
    """Register ``handler(execucao, **argumentos)``: HTTP, SMTP, routers. It starts with no transaction open.

    ``with execucao.transacao() as sessao`` claims rows and copies plain data, or records an answer (compare-and-set on the attempt); the call
    itself runs between two of them, with ``execucao.chave`` as idempotency key. Returning ``CONTINUAR`` asks to be called again at once;
    do so when ``execucao.prazo_esgotado``. Postponed, not failed, while the instance is quiet.
    """
    return _registrador(nome, Tipo.efeito, tentativas)


def longa(nome: str, *, tentativas: int = TENTATIVAS, recomeca: bool = False) -> Callable[[Funcao], Funcao]:
    """Register ``handler(sessao, cursor, **argumentos)``: one slice (≤ 20 s) per call, committed with its cursor and lease.

    ``cursor`` is None at first, then what the last slice returned: an ``Avanco``, a bare dict (the next cursor) or None (finished).
    Only a slice that fails costs an attempt; cancel is read between slices. With ``recomeca`` (exports, which cannot resume) the handler is
    ``handler(execucao, **argumentos)`` as for ``@efeito``, is kept alive by the heartbeat, and starts from zero when interrupted.
    """
    return _registrador(nome, Tipo.recomecavel if recomeca else Tipo.longa, tentativas)


def _registrador(nome: str, tipo: Tipo, tentativas: int) -> Callable[[Funcao], Funcao]:
    def registrar(funcao: Funcao) -> Funcao:
        if nome in _REGISTRADOS:
            raise ValueError(f"two handlers for the task {nome}")
        parametros = inspect.signature(funcao).parameters
        _REGISTRADOS[nome] = Manipulador(nome, tipo, funcao, tentativas, "hoje" in parametros, "confirmado" in parametros)
        return funcao

    return registrar


def esquecer(nome: str) -> None:
    """Unregister a handler (tests that make their own)."""
    _REGISTRADOS.pop(nome, None)
