"""What a role's people may give away without asking anybody: the largest discount, credit and waiver, in reais.

It holds for what somebody does at a page or through the API; jobs, commands and the system are not limited.
"""

from __future__ import annotations

import enum
from decimal import Decimal

from flask import has_request_context
from flask_appbuilder.security.sqla.models import Group, Permission, PermissionView, Role, User, ViewMenu
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import confirmacao
from app.core.ator import ator_id
from app.core.dinheiro import ZERO, formatar_reais
from app.core.erros import RegraViolada
from app.core.permissoes import papel_admin
from app.usuarios.models import LimitePapel

ACIMA = ("can_acima_do_limite", "LimitePapelView")
SEMENTES: dict[str, dict[str, object]] = {      # given once with the role; from then on they are the administrator's
    "Admin": {"desconto": None, "credito": None, "dispensa": None, "exige_2fa": True, "sessao_horas": 12, "ociosa_minutos": 60},
    "Gerente": {"desconto": None, "credito": None, "dispensa": None, "exige_2fa": True, "sessao_horas": 12, "ociosa_minutos": 60},
    "Financeiro": {"desconto": Decimal(500), "credito": Decimal(500), "dispensa": Decimal(200)},
    "Atendente": {"desconto": Decimal(50), "credito": Decimal(50), "dispensa": Decimal(20)},
    "Tecnico": {},
    "Cliente": {"sessao_horas": 720, "ociosa_minutos": 7 * 24 * 60},
}


class Tipo(enum.StrEnum):
    """The three ways of giving money away. The values are columns of LimitePapel."""

    desconto = "desconto"
    credito = "credito"
    dispensa = "dispensa"


def semear(sessao: Session) -> int:
    """Give every role that has none its limits: the house's, or nothing at all to a role somebody made. Returns how many were given."""
    papeis = sessao.execute(select(Role.id, Role.name).outerjoin(LimitePapel).where(LimitePapel.id.is_(None), Role.name != "Public")).all()
    padrao = {"desconto": ZERO, "credito": ZERO, "dispensa": ZERO, "exige_2fa": False, "sessao_horas": 12, "ociosa_minutos": 120}
    linhas = [{"papel_id": chave, **padrao, **SEMENTES.get(nome, {})} for chave, nome in papeis]
    if linhas:
        sessao.execute(insert(LimitePapel.__table__).on_conflict_do_nothing(index_elements=["papel_id"]), linhas)
    return len(linhas)


def limites_do_papel(sessao: Session, papel_id: int) -> LimitePapel:
    """The role's limits, locked; zeros when it has none yet."""
    sessao.execute(insert(LimitePapel).values(papel_id=papel_id).on_conflict_do_nothing(index_elements=["papel_id"]))
    consulta = select(LimitePapel).where(LimitePapel.papel_id == papel_id).with_for_update(key_share=True)
    return sessao.scalars(consulta.execution_options(populate_existing=True)).one()


def limite_de(sessao: Session, usuario_id: int, tipo: Tipo) -> Decimal | None:
    """The largest the person may give at a time, in reais, over roles and groups; None is no limit. An administrator has none."""
    consulta = select(Role.name, LimitePapel.id, getattr(LimitePapel, tipo)).outerjoin(LimitePapel).where(_papeis_de(usuario_id))
    maior = ZERO
    for nome, tem, valor in sessao.execute(consulta):
        if nome == papel_admin() or (tem and valor is None):
            return None
        maior = max(maior, valor or ZERO)
    return maior


def exigir_limite(sessao: Session, tipo: Tipo, valor: Decimal, *, campo: str | None = None) -> None:
    """Go on when whoever acts may give ``valor`` reais away. Repeating it changes nothing.

    Beyond the limit go those with the right to it who have just proved who they are (the page leads there and comes back with what was typed;
    programs get 403). Raises RegraViolada (``acima_do_limite``) for everybody else.
    """
    quem = ator_id() if has_request_context() else None
    if quem is None or valor <= ZERO:
        return
    limite = limite_de(sessao, quem, tipo)
    if limite is None or valor <= limite:
        return
    if not _pode_passar(sessao, quem):
        frase = _("Acima do limite do seu papel (%(limite)s). Peça a quem pode dar mais.", limite=formatar_reais(limite))
        raise RegraViolada(frase, codigo="acima_do_limite", campo=campo, usuario_id=quem)
    confirmacao.exigir()


def _pode_passar(sessao: Session, usuario_id: int) -> bool:
    consulta = (
        select(Role.id).join(Role.permissions).join(PermissionView.view_menu).join(PermissionView.permission)
        .where(_papeis_de(usuario_id), Permission.name == ACIMA[0], ViewMenu.name == ACIMA[1])
    )
    return sessao.scalar(consulta.limit(1)) is not None


def _papeis_de(usuario_id: int) -> ColumnElement[bool]:
    """Roles given to the person or to a group of his."""
    return Role.user.any(User.id == usuario_id) | Role.groups.any(Group.users.any(User.id == usuario_id))
