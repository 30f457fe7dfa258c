"""The page of the API: swagger-ui from our own static files, reading the OpenAPI description with the session of who opens it."""
from __future__ import annotations

from flask import render_template
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import lazy_gettext as _l


class PaginaApiView(BaseView):
    """``/referencia-api/``: every resource and verb, to be read and tried."""

    route_base = "/referencia-api"
    titulo_da_permissao = _l("Referência da API")
    default_view = "ver"

    @expose("/")
    @has_access
    def ver(self) -> str:
        """The page; the description itself comes from /api/v1/_openapi under the same permission rules as always."""
        return render_template("crm/api.html")
