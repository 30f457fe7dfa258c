"""The six roles: their names on screen, and what each gets that belongs to no module. Given once, then owned by the screens."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _

from app.core.permissoes import dar
from app.core.tipos import N_

ROTULOS = {
    "Admin": N_("Administrador"), "Gerente": N_("Gerente"), "Financeiro": N_("Financeiro"), "Atendente": N_("Atendente"), "Tecnico": N_("Técnico"),
    "Cliente": N_("Cliente do portal"), "Public": N_("Público (sem entrar)"),
}
FIXOS = frozenset(ROTULOS)      # neither renamed nor deleted: rules of the code name them
EQUIPE = ("Gerente", "Financeiro", "Atendente", "Tecnico")


def rotulo(nome: str) -> str:
    """A role's name on screen; roles made on screen are called as they were typed."""
    return _(ROTULOS[nome]) if nome in ROTULOS else nome


def declarar() -> None:
    """Rights that belong to no module: the manager runs the company's data, settings, holidays and the team's saved views; nobody but Admin gets security."""
    dar("Gerente", "EmpresaView", "can_(list|show|add|edit)")
    dar("Gerente", "FeriadoView", "can_.*")
    dar("Gerente", "ConfiguracoesView", "can_.*")
    dar("Gerente", "FiltrosSalvosView", "can_compartilhar")
    dar("Gerente", "LimitePapelView", "can_acima_do_limite")
    dar("Gerente", "Configuracoes|Empresa|Feriados|Parametros", "menu_access")


Role.__str__ = lambda papel: rotulo(papel.name)      # selects, lists and the audit trail show people's words
