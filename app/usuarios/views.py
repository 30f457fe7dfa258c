"""Screens of people who sign in. Entry, profile, users, roles and groups are registered by the security manager itself."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.usuarios import papeis, portao
from app.usuarios.permissoes_tela import PermissoesView
from app.usuarios.telas import LimitePapelView

papeis.declarar()


def registrar(appbuilder: AppBuilder) -> None:
    """The gate, the matrix of rights and the money limits of roles."""
    portao.init_app(current_app)
    appbuilder.add_view_no_menu(PermissoesView)
    appbuilder.add_view(LimitePapelView, "Limites", label=_l("Limites por papel"), icon="cash", category="Security")
