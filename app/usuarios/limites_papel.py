"""What a role's people may give away without asking anybody: discount, credit and waiver, in reais, to one customer in 30 days.

What was given is a row of its own (``Concessao``), so that many small gifts are no way around. It holds for what somebody does at a page or
through the API; jobs, commands and the system are not limited.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask import has_request_context
from flask_appbuilder.security.sqla.models import Group, Permission, PermissionView, Role, User, ViewMenu
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import confirmacao, relogio
from app.core.ator import ator_id
from app.core.dinheiro import ZERO, formatar_reais
from app.core.erros import RegraViolada
from app.core.permissoes import papel_admin
from app.usuarios.models import Concessao, LimitePapel, Tipo

JANELA = dt.timedelta(days=30)
ACIMA = ("can_acima_do_limite", "LimitePapelView")
SEMENTES: dict[str, dict[str, object]] = {      # given once with the role; from then on they are the administrator's
    "Admin": {"desconto": None, "credito": None, "dispensa": None, "exige_2fa": True, "sessao_horas": 12, "ociosa_minutos": 60},
    "Gerente": {"desconto": None, "credito": None, "dispensa": None, "exige_2fa": True, "sessao_horas": 12, "ociosa_minutos": 60},
    "Financeiro": {"desconto": Decimal(500), "credito": Decimal(500), "dispensa": Decimal(200)},
    "Atendente": {"desconto": Decimal(50), "credito": Decimal(50), "dispensa": Decimal(20)},
    "Tecnico": {},
    "Cliente": {"sessao_horas": 720, "ociosa_minutos": 7 * 24 * 60},
}


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
    """The most the person may give a customer in 30 days, in reais, over roles and groups; None is no limit. An administrator has none."""
    consulta = select(Role.name, LimitePapel.id, getattr(LimitePapel, tipo.name)).outerjoin(LimitePapel).where(_papeis_de(usuario_id))
    maior = ZERO
    for nome, tem, valor in sessao.execute(consulta):
        if nome == papel_admin() or (tem and valor is None):
            return None
        maior = max(maior, valor or ZERO)
    return maior


def dado(sessao: Session, usuario_id: int, cliente_id: int, tipo: Tipo) -> Decimal:
    """What the person gave the customer in the last 30 days, in reais; what was taken back later counts too."""
    dele = (Concessao.usuario_id == usuario_id, Concessao.cliente_id == cliente_id, Concessao.tipo == tipo, Concessao.em > relogio.agora() - JANELA)
    return sessao.scalar(select(func.coalesce(func.sum(Concessao.valor), ZERO)).where(*dele))


def anotar(sessao: Session, tipo: Tipo, valor: Decimal, *, usuario_id: int, cliente_id: int, acima: bool = False) -> None:
    """Write down that the person gave the customer ``valor`` reais."""
    sessao.add(Concessao(em=relogio.agora(), usuario_id=usuario_id, cliente_id=cliente_id, tipo=tipo, valor=valor, acima=acima))
    sessao.flush()


def exigir_limite(sessao: Session, tipo: Tipo, valor: Decimal, *, cliente_id: int, campo: str | None = None) -> None:
    """Go on when whoever acts may give the customer ``valor`` reais, and write down that it was given. The caller holds the customer's lock.

    Beyond the limit, with what the same person gave him in the last 30 days, go those with the right to it who have just proved who they are (the
    page leads there and comes back with what was typed; programs get 403). Raises RegraViolada (``acima_do_limite``) for everybody else.
    """
    quem = ator_id() if has_request_context() else None
    if quem is None or valor <= ZERO:
        return
    limite, ja = limite_de(sessao, quem, tipo), dado(sessao, quem, cliente_id, tipo)
    acima = limite is not None and ja + valor > limite
    if acima:
        if not _pode_passar(sessao, quem):
            raise RegraViolada(_frase(limite, ja), codigo="acima_do_limite", campo=campo, usuario_id=quem)
        confirmacao.exigir()
    anotar(sessao, tipo, valor, usuario_id=quem, cliente_id=cliente_id, acima=acima)


def _frase(limite: Decimal, ja: Decimal) -> str:
    if not ja:
        return _("Acima do limite do seu papel (%(limite)s por cliente em 30 dias). Peça a quem pode dar mais.", limite=formatar_reais(limite))
    return _("Acima do limite do seu papel: %(limite)s por cliente em 30 dias, dos quais você já deu %(ja)s a este. Peça a quem pode dar mais.",
             limite=formatar_reais(limite), ja=formatar_reais(ja))


def _pode_passar(sessao: Session, usuario_id: int) -> bool:
    consulta = (
        select(Role.id).join(Role.permissions).join(PermissionView.view_menu).join(PermissionView.permission)
        .where(_papeis_de(usuario_id), Permission.name == ACIMA[0], ViewMenu.name == ACIMA[1])
    )
    return sessao.scalar(consulta.limit(1)) is not None


def _papeis_de(usuario_id: int) -> ColumnElement[bool]:
    """Roles given to the person or to a group of his."""
    return Role.user.any(User.id == usuario_id) | Role.groups.any(Group.users.any(User.id == usuario_id))
