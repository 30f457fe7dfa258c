"""Screens of the base layer: company, holidays, settings, audit, files, executions, quiet mode and the global search."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.core.arquivos import regra_de_leitura
from app.core.telas import instancia, tarefas
from app.core.telas.arquivos import ArquivoView
from app.core.telas.auditoria import AuditoriaView
from app.core.telas.busca import BuscaView
from app.core.telas.configuracoes import ConfiguracoesView
from app.core.telas.empresa import EmpresaView, FeriadoView

GRUPO = {"category": "Configuracoes", "category_icon": "settings", "category_label": _l("Configurações")}


def registrar(appbuilder: AppBuilder) -> None:
    """Register them, and the rule that a company's logo is for everybody who signed in."""
    regra_de_leitura("empresa", lambda _empresa_id: True)
    appbuilder.add_view(EmpresaView, "Empresa", label=_l("Empresa"), icon="building", **GRUPO)
    appbuilder.add_view(ConfiguracoesView, "Parametros", label=_l("Parâmetros"), icon="adjustments-horizontal", **GRUPO)
    appbuilder.add_view(FeriadoView, "Feriados", label=_l("Feriados do provedor"), icon="calendar-event", **GRUPO)
    tarefas.registrar(appbuilder)
    appbuilder.add_view(ArquivoView, "Arquivos", label=_l("Arquivos"), icon="archive", **GRUPO)
    appbuilder.add_view(AuditoriaView, "Auditoria", label=_l("Auditoria"), icon="history", category="Security")
    appbuilder.add_view(instancia.InstanciaView, "Instancia", label=_l("Modo silencioso"), icon="plug-connected-x", **GRUPO)
    appbuilder.add_view_no_menu(BuscaView)
    instancia.init_app(current_app)
