"""Where Salvar, Cancelar and Voltar lead: the page the person came from, else the record, else its list.

The framework keeps one history for the whole session, in which a page open in another tab takes the place of the right one. Here a form carries
its own origin in the field ``voltar_para``; only addresses of pages of this site that are not forms are followed.
"""
from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from flask import Flask, current_app, request, url_for
from flask_appbuilder import BaseView
from werkzeug.exceptions import HTTPException

CAMPO = "voltar_para"
_DO_REGISTRO = {"edit", "action"}


class Lugar(NamedTuple):
    """A page of this site. ``so_leitura`` is false for pages that take a POST: forms."""

    endereco: str
    endpoint: str
    argumentos: dict[str, Any]
    so_leitura: bool

    @property
    def visao(self) -> str:
        """Endpoint of the view the page belongs to."""
        return self.endpoint.rpartition(".")[0]

    @property
    def pagina(self) -> str:
        """The view's method."""
        return self.endpoint.rpartition(".")[2]

    @property
    def pk(self) -> str | None:
        """Key of the record the page shows."""
        return str(self.argumentos["pk"]) if "pk" in self.argumentos else None


def destino() -> str:
    """Address to go to from the present request. Repeating it changes nothing."""
    origem = _lugar(request.form.get(CAMPO) or request.referrer)
    if request.endpoint == "UtilView.back":
        return _sem_origem(origem) if origem else _inicio()
    aqui = Lugar(request.path, request.endpoint or "", request.view_args or {}, False)
    if origem is None or not _serve(origem, aqui):
        return _sem_origem(aqui)
    aba = any(v.endpoint == aqui.visao for v in getattr(_visao(origem.visao), "_related_views", None) or ())
    return f"{origem.endereco}#{aqui.visao}" if aba else origem.endereco


def _lugar(endereco: str | None) -> Lugar | None:
    """The page of an address, or None when it is another site's or nobody's."""
    try:
        partes = urlsplit(urljoin(request.host_url, endereco or ""))
    except ValueError:
        return None
    if not endereco or partes.netloc != request.host or partes.path.startswith("//") or "\\" in endereco:
        return None
    rotas = current_app.create_url_adapter(request)
    try:
        endpoint, argumentos = rotas.match(partes.path, method="GET")
    except HTTPException:
        return None
    return Lugar(f"{partes.path}?{partes.query}".rstrip("?"), endpoint, dict(argumentos), "POST" not in rotas.allowed_methods(partes.path))


def _serve(origem: Lugar, aqui: Lugar) -> bool:
    """Neither a form, nor the panel, nor the same page, nor another record of the same kind (or one just deleted)."""
    if not origem.so_leitura or origem.endereco.partition("?")[0] == _inicio() or origem.endpoint == aqui.endpoint:
        return False
    return origem.visao != aqui.visao or origem.pk is None or (origem.pk == aqui.pk and aqui.pagina != "delete")


def _sem_origem(aqui: Lugar) -> str:
    paginas = [("show", {"pk": aqui.pk})] if aqui.pagina in _DO_REGISTRO else []
    visao = _visao(aqui.visao)
    for pagina, argumentos in [*paginas, ("list", {})]:
        if visao and f"{aqui.visao}.{pagina}" in current_app.view_functions and _pode(visao, pagina):
            return url_for(f"{aqui.visao}.{pagina}", **argumentos)
    return _inicio()


def _visao(endpoint: str) -> Any:
    return next((v for v in current_app.appbuilder.baseviews if v.endpoint == endpoint), None)


def _pode(visao: Any, pagina: str) -> bool:
    return current_app.appbuilder.sm.has_access(f"can_{pagina}", visao.class_permission_name)


def _inicio() -> str:
    return current_app.appbuilder.get_url_for_index


def init_app(app: Flask) -> None:
    """Templates get ``destino()``; the framework's own screens go where ours go, and its history is no longer kept."""
    app.jinja_env.globals["destino"] = destino
    BaseView.get_redirect = lambda self: destino()
    BaseView.update_redirect = lambda self: None
