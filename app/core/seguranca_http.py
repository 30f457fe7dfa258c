"""What every answer carries: CSP with a nonce, security headers, trusted hosts, the proxy's word only when told to believe it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import ator

_POLITICA = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'"
)
_CABECALHOS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def csp_nonce() -> str:
    """The nonce of this answer's inline scripts and styles."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


class _JsonRaso(DefaultJSONProvider):
    """Brackets deeper than Python reads are no JSON: 400, as for any other mistake in a body."""

    def loads(self, s: str | bytes, **kw: Any) -> Any:
        """The value. Raises ValueError."""
        try:
            return super().loads(s, **kw)
        except RecursionError as erro:
            raise ValueError("nested too deeply") from erro


class _Sondas:
    """``/healthz`` and ``/readyz`` answer whatever name they are called by: balancers and containers ask by address."""

    def __init__(self, wsgi_app: Any, nome: str) -> None:
        self.wsgi_app, self.nome = wsgi_app, nome

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The answer of the application."""
        if environ.get("PATH_INFO") in ("/healthz", "/readyz"):
            environ["HTTP_HOST"] = self.nome
        return self.wsgi_app(environ, start_response)


def init_app(app: Flask) -> None:
    """Headers after every request; ``csp_nonce()`` in templates, the name Flask-AppBuilder's own templates call."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.json = _JsonRaso(app)
    app.after_request(_cabecalhos)
    ator.init_app(app)
    if app.config["TRUSTED_HOSTS"]:
        app.wsgi_app = _Sondas(app.wsgi_app, app.config["TRUSTED_HOSTS"][0].removeprefix("."))
    if app.config["TRUST_PROXY"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)


def _cabecalhos(resposta: Response) -> Response:
    from flask import current_app

    resposta.headers.setdefault("Content-Security-Policy", _POLITICA.format(nonce=csp_nonce()))
    for nome, valor in _CABECALHOS.items():
        resposta.headers.setdefault(nome, valor)
    if current_app.config["HTTPS"]:
        resposta.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint not in ("static", "appbuilder.static", "Arquivos.baixar"):
        resposta.headers.setdefault("Cache-Control", "no-store")
    return resposta
