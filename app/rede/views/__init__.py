"""Screens of the network: sites, servers, accesses and outages."""

from __future__ import annotations

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.contratos.views import ContratoView
from app.core import registro
from app.core.permissoes import dar
from app.rede.views.acessos import BLOCO, AcessoRedeView, IncidenteView
from app.rede.views.cadastros import PopView, ServidorView
from app.rede.views.comuns import GRUPO

_VISOES = "PopView|ServidorView|AcessoRedeView|IncidenteView"
_MENU = "Rede|POPs|Servidores|Acessos|Incidentes"
dar("Gerente", f"{_VISOES}|{_MENU}")
dar("Atendente", "AcessoRedeView|IncidenteView", "can_(list|show|exportar)")
dar("Atendente", "Rede|Acessos|Incidentes", "menu_access")
dar("Tecnico", "PopView|AcessoRedeView|IncidenteView", "can_(list|show)|reaplicar|(can_)?mudar_servidor")
dar("Tecnico", "Rede|POPs|Acessos|Incidentes", "menu_access")


def juntar() -> None:
    """The access is a tab of its contract."""
    registro.relacionar(ContratoView, AcessoRedeView)


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screens."""
    appbuilder.add_view(AcessoRedeView, "Acessos", label=_l("Acessos"), icon="wifi", **GRUPO)
    appbuilder.add_view(IncidenteView, "Incidentes", label=_l("Incidentes"), icon="alert-triangle", **GRUPO)
    appbuilder.add_view(ServidorView, "Servidores", label=_l("Servidores de acesso"), icon="server-2", **GRUPO)
    appbuilder.add_view(PopView, "POPs", label=_l("POPs"), icon="broadcast", **GRUPO)
    registro.bloco_do_cliente(BLOCO)
