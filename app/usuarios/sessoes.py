"""Sessions of the browser: begun clean at entry, carrying the version that a change of password makes old."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_appbuilder.security import decorators
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_login import current_user, login_user

VERSAO = "sv"       # in the cookie and in the API's tokens


def abrir(usuario: User, versao: int, idioma: str | None = None) -> None:
    """Sign in: nothing of the anonymous session survives (fixation) but the language, and that only when the person has chosen none."""
    idioma = idioma or session.get("locale")
    session.clear()
    login_user(usuario, remember=False)
    session.permanent = True
    session[VERSAO] = versao
    if idioma:
        session["locale"] = idioma


def falar(idioma: str) -> None:
    """From the next page on, the present session is in this language."""
    session["locale"] = idioma


def renovar(versao: int) -> None:
    """Keep the present session alive after its own user changed the password."""
    session[VERSAO] = versao


def entrou(funcao: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of pages open to anybody signed in, whatever the roles; others are sent to the entry and come back."""

    @functools.wraps(funcao)
    def embrulhada(*a: Any, **kw: Any) -> Any:
        if current_user.is_authenticated:
            return funcao(*a, **kw)
        return redirect(url_for("EntradaView.login", next=request.path))

    return embrulhada


def _convidar(_recusa: str, _tom: str) -> None:
    """What somebody who has not signed in reads at the entry: an invitation, once, however many pages were asked for."""
    aviso = ("info", _("Entre para continuar."))
    if aviso not in map(tuple, session.get("_flashes", [])):
        flash(aviso[1], aviso[0])


decorators.flash = _convidar      # the framework's own words there are "Access is Denied", in red; who has signed in gets a 403 instead
