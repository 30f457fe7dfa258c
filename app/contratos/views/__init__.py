"""Screens of contracts: list, page, the new-contract form and history."""

from __future__ import annotations

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.contratos.views.blocos import BLOCO
from app.contratos.views.busca import FONTE
from app.contratos.views.contratos import ContratoHistoricoView, ContratoView
from app.core import registro
from app.core.permissoes import dar

_VISOES = "ContratoView|ContratoHistoricoView"
dar("Gerente", _VISOES, r"(can_|acao_).*")
dar("Atendente", _VISOES, r"can_(list|show|add|edit|exportar|novo|senha)")
dar("Financeiro", _VISOES, r"can_(list|show|exportar)")
dar("Tecnico", "ContratoView", r"can_(list|show|senha)")
for _papel in ("Gerente", "Atendente", "Financeiro", "Tecnico"):
    dar(_papel, "Clientes|Contratos", "menu_access")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screens."""
    appbuilder.add_view(ContratoView, "Contratos", label=_l("Contratos"), icon="signature", category="Clientes")
    appbuilder.add_view_no_menu(ContratoHistoricoView)
    registro.fonte_de_busca(FONTE)
    registro.bloco_do_cliente(BLOCO)
