"""Screens of people who sign in. Entry, profile, users, roles and groups are registered by the security manager itself."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder

from app.usuarios import desligamento, papeis, portao, sessoes
from app.usuarios.desligamento_tela import DesligamentoView
from app.usuarios.papel_tela import LimitePapelView, PermissoesView
from app.usuarios.telas_convites import AceitarConviteView
from app.usuarios.telas_recuperacao import RecuperarView

papeis.declarar()
desligamento.declarar()


def registrar(appbuilder: AppBuilder) -> None:
    """The gate, the matrix of rights, and the pages of invited people and forgotten passwords."""
    portao.init_app(current_app)
    current_app.jinja_env.globals["segundos_de_sessao"] = sessoes.segundos
    appbuilder.add_view_no_menu(PermissoesView)
    appbuilder.add_view_no_menu(AceitarConviteView)
    appbuilder.add_view_no_menu(RecuperarView)
    appbuilder.add_view_no_menu(LimitePapelView)
    appbuilder.add_view_no_menu(DesligamentoView)
