"""The gate before every request: customers reach the portal and nothing else, staff everything but the portal, and whoever must
change the password only that page. What is closed does not exist: 404.
"""

from __future__ import annotations

from flask import Flask, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.usuarios import consultas

PORTAL = "/portal"
DO_CLIENTE = (PORTAL, "/arquivos", "/static", "/logout", "/trocar-senha", "/login", "/sw.js")
DE_TODOS = ("/static", "/healthz", "/readyz", "/metrics")
SEM_TROCA = ("/static", "/trocar-senha", "/logout", "/login", "/sw.js")


def init_app(app: Flask) -> None:
    """Put the gate in front of every request, after the user is known."""
    app.before_request(portao)


def portao() -> ResponseReturnValue | None:
    """Let the request through (None), or answer for it."""
    if _sob(DE_TODOS) or not current_user.is_authenticated:
        return None
    cliente = consultas.e_cliente(current_user)
    if cliente and request.path == "/":
        return redirect(PORTAL + "/")
    if cliente != _sob((PORTAL,)) and not (cliente and _sob(DO_CLIENTE)):
        abort(404)
    return _exigir_troca() if g.get("trocar_senha") and not _sob(SEM_TROCA) else None


def _exigir_troca() -> ResponseReturnValue:
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return jsonify(message=_("Troque a senha antes de continuar.")), 403
    return redirect(url_for("TrocarSenhaView.formulario"))


def _sob(prefixos: tuple[str, ...]) -> bool:
    return any(request.path == p or request.path.startswith(p + "/") for p in prefixos)
