"""Screens of people who sign in. Entry, profile, users, roles and groups are registered by the security manager itself."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder

from app.usuarios import papeis, portao, sessoes
from app.usuarios.permissoes_tela import PermissoesView

papeis.declarar()


def registrar(appbuilder: AppBuilder) -> None:
    """The gate and the matrix of rights."""
    portao.init_app(current_app)
    current_app.jinja_env.globals["segundos_de_sessao"] = sessoes.segundos
    appbuilder.add_view_no_menu(PermissoesView)
