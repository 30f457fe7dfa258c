"""Addresses of static files that carry the hash of their content, so that browsers may keep them for ever."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

from flask import Flask, Response, current_app, has_request_context, request, url_for
from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PARA_SEMPRE = "public, max-age=31536000, immutable"
ENDPOINTS = {"static", "appbuilder.static"}


def _pasta(endpoint: str) -> Path:
    if endpoint == "static":
        return Path(current_app.static_folder)
    blueprint = current_app.blueprints[endpoint.split(".")[0]]
    return Path(blueprint.static_folder)


def _resumo(caminho: Path) -> str:
    return hashlib.sha256(caminho.read_bytes()).hexdigest()[:8]


def versao(arquivo: str, endpoint: str = "static") -> str:
    """First 8 hex digits of the SHA-256 of a static file; read once per process, or on every change when debugging."""
    caminho = _pasta(endpoint) / arquivo
    guardados = current_app.extensions.setdefault("crm_estaticos", {})
    marca = caminho.stat().st_mtime_ns if current_app.debug else None
    guardado = guardados.get((endpoint, arquivo))
    if guardado is None or guardado[0] != marca:
        guardado = guardados[(endpoint, arquivo)] = (marca, _resumo(caminho))
    return guardado[1]


def estatico(arquivo: str, endpoint: str = "static") -> str:
    """Address of ``arquivo`` (relative to the static folder of ``endpoint``) with ``?v=<hash>``.

    Raises ``FileNotFoundError`` for a file that does not exist: a misspelt name must not reach a browser.
    """
    if current_app.debug:
        return url_for(endpoint, filename=arquivo, v=versao(arquivo, endpoint))
    enderecos = current_app.extensions.setdefault("crm_enderecos_estaticos", {})
    chave = (endpoint, arquivo, request.script_root if has_request_context() else None)
    if chave not in enderecos:
        enderecos[chave] = url_for(endpoint, filename=arquivo, v=versao(arquivo, endpoint))
    return enderecos[chave]


def _guardar_para_sempre(resposta: Response) -> Response:
    if request.endpoint in ENDPOINTS and "v" in request.args and resposta.status_code in (200, 304):
        resposta.headers["Cache-Control"] = PARA_SEMPRE
    return resposta


class Comprimidos(WhiteNoise):
    """Static files as ``bin/post_compile`` compressed them, served before the application is asked; read once, so for production only."""

    @staticmethod
    def serve(static_file: Any, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As WhiteNoise does, kept for ever when the address carries the hash of the content."""
        def comecar(situacao: str, cabecalhos: list[tuple[str, str]]) -> Any:
            if "v=" in environ.get("QUERY_STRING", "") and situacao[:3] in ("200", "304"):
                cabecalhos = [c for c in cabecalhos if c[0].lower() != "cache-control"] + [("Cache-Control", PARA_SEMPRE)]
            return start_response(situacao, cabecalhos)

        return WhiteNoise.serve(static_file, environ, comecar)


def _cabecalhos(cabecalhos: Headers, _caminho: str, _endereco: str) -> None:
    cabecalhos["X-Content-Type-Options"] = "nosniff"


def init_app(app: Flask) -> None:
    """Give templates ``estatico()`` and mark versioned answers as immutable."""
    app.jinja_env.globals["estatico"] = estatico
    app.after_request(_guardar_para_sempre)
    if app.config["AMBIENTE"] == "producao":
        app.wsgi_app = Comprimidos(app.wsgi_app, app.static_folder, "static", allow_all_origins=False, add_headers_function=_cabecalhos)
