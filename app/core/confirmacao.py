"""Proving again who one is before what is worth stealing: rights, where money goes, the whole base in a file.

What needs it calls ``exigir()``; how it is proved is the business of ``app.usuarios``, which says so with ``ligar``.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

from flask import abort, jsonify, redirect, request, url_for
from flask_babel import gettext as _

from app.core.paginas_erro import volta_ao_digitado

JANELA = dt.timedelta(minutes=10)
_recente: Callable[[], bool] = lambda: False


def ligar(recente: Callable[[], bool]) -> None:
    """``recente()`` says whether the present person proved who it is within ``JANELA``."""
    global _recente
    _recente = recente


def recente() -> bool:
    """Whether nothing has to be asked now."""
    return _recente()


def exigir() -> None:
    """Go on only for somebody who has just proved who it is; others are led to where that is done and come back. Programs get 403.

    Call it before anything is changed. After a form was sent the way back leads to the form, where what was typed waits.
    """
    if _recente():
        return
    if request.path.startswith("/api/"):
        resposta = jsonify(message=_("Confirme quem é você: entre de novo com a senha."), codigo="confirmacao_necessaria")
        resposta.status_code = 403
        abort(resposta)
    abort(redirect(url_for("ConfirmarView.pagina", next=_volta())))


def exigida(funcao: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a view's method that calls ``exigir`` first; goes below the one that checks the right."""

    @functools.wraps(funcao)
    def embrulhada(*a: Any, **kw: Any) -> Any:
        exigir()
        return funcao(*a, **kw)

    return embrulhada


def _volta() -> str:
    """The page that asked: itself when it can be opened, else where its form was."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return volta_ao_digitado()
