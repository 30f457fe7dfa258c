"""The staff's home page."""

from __future__ import annotations

from flask import g, redirect
from flask_appbuilder import AppBuilder, IndexView, expose
from werkzeug.wrappers import Response


class Painel(IndexView):
    """``/``: the dashboard of whoever is signed in."""

    @expose("/")
    def index(self) -> str | Response:
        """Staff see their dashboard; nobody else sees anything."""
        if not g.user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_login)
        return self.render_template("dashboard/painel.html")


def registrar(appbuilder: AppBuilder) -> None:
    """Nothing beside the index view."""
