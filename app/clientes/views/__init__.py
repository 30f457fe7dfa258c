"""Screens of customers: list, form, the page of one with what every module knows about him, addresses, contacts and consents."""

from __future__ import annotations

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.clientes.views.busca import FONTE
from app.clientes.views.cadastros import ConsentimentoView, ContatoView, EnderecoView
from app.clientes.views.clientes import ClienteView
from app.clientes.views.dados import AcessoDadoPessoalView, DadosPessoaisView
from app.core import registro, sigilo
from app.core.permissoes import dar

TUDO = r"(can_|acao_).*"
LER = r"can_(list|show|exportar)"
_VISOES = "ClienteView|EnderecoView|ContatoView|ConsentimentoView"

dar("Gerente", _VISOES, TUDO)
dar("Atendente", _VISOES, r"can_(list|show|add|edit|exportar|anotar)")
dar("Financeiro", _VISOES, LER)
dar("Financeiro", "ClienteView", "can_anotar")
dar("Tecnico", "ClienteView|EnderecoView|ContatoView", r"can_(list|show)")
for _papel in ("Gerente", "Atendente", "Financeiro"):
    dar(_papel, sigilo.VISAO, sigilo.VER)
dar("Tecnico", sigilo.VISAO, sigilo.VER_TELEFONE)      # calls the customers he visits
for _papel in ("Gerente", "Atendente", "Financeiro", "Tecnico"):
    dar(_papel, "Clientes|Lista de clientes", "menu_access")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screens in menu order."""
    appbuilder.add_view(
        ClienteView, "Lista de clientes", label=_l("Clientes"), icon="users", category="Clientes", category_label=_l("Clientes"), category_icon="users"
    )
    for visao in (EnderecoView, ContatoView, ConsentimentoView, DadosPessoaisView):
        appbuilder.add_view_no_menu(visao)
    appbuilder.add_view(
        AcessoDadoPessoalView, "Acessos a dados", label=_l("Acessos a dados pessoais"), icon="eye", category="Security", category_label=_l("Segurança"))
    registro.fonte_de_busca(FONTE)
