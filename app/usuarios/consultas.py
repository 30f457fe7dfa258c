"""Reads about people who sign in: the user with profile, roles and session in one query; who is an administrator; who is a customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_appbuilder.security.sqla.models import Group, Role, User, assoc_group_role, assoc_user_group, assoc_user_role
from sqlalchemy import Row, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from app.brasil.documentos import cnpj_valido, cpf_valido, normalizar_documento
from app.core import relogio
from app.core.permissoes import e_admin, papeis_de, papel_admin, tem_papel
from app.extensions import db
from app.usuarios.models import DispositivoConfiavel, LimitePapel, Perfil, SessaoUsuario

__all__ = [
    "PAPEL_CLIENTE", "RegraDaSessao", "achar", "carregar", "conta_de", "e_admin", "e_cliente", "existe_admin", "papeis_de", "papel_admin", "papel_id", "quem_e",
    "regra_da_sessao", "sessoes_abertas", "tem_papel",
]

PAPEL_CLIENTE = "Cliente"
SOBREVIDA = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class RegraDaSessao:
    """How long a session of somebody lasts by all of the roles, at most and without a click; whether the second factor is obligatory, and missing."""

    horas: int = 12
    ociosa_minutos: int = 120
    exige_2fa: bool = False
    falta_2fa: bool = False

    @property
    def duracao(self) -> dt.timedelta:
        """At most, from its opening."""
        return dt.timedelta(hours=self.horas)


def com_papeis() -> tuple[Any, Any]:
    """Loader options of a query for User: roles and groups with it."""
    return joinedload(User.roles), joinedload(User.groups).joinedload(Group.roles)


def carregar(sessao: Session, usuario_id: int, resumo: str) -> tuple[User, Perfil | None, SessaoUsuario] | None:
    """The user, profile and session of that name (SHA-256), with roles and groups, in one query. None when the session is over or the user inactive."""
    agora = relogio.agora()
    nome = or_(SessaoUsuario.resumo == resumo, and_(SessaoUsuario.resumo_anterior == resumo, SessaoUsuario.girada_em > agora - SOBREVIDA))
    consulta = (
        select(User, Perfil, SessaoUsuario)
        .join(SessaoUsuario, SessaoUsuario.usuario_id == User.id)
        .outerjoin(Perfil, Perfil.usuario_id == User.id)
        .where(User.id == usuario_id, User.active, SessaoUsuario.encerrada_em.is_(None), SessaoUsuario.expira_em > agora, nome)
        .options(*com_papeis())
    )
    linha = sessao.execute(consulta).unique().first()
    if linha is None or agora - linha[2].vista_em >= dt.timedelta(minutes=linha[2].ociosa_minutos):
        return None
    return tuple(linha)


def por_id(sessao: Session, usuario_id: int) -> tuple[User, Perfil | None] | None:
    """An active user and profile, with roles and groups, in one query."""
    consulta = select(User, Perfil).outerjoin(Perfil, Perfil.usuario_id == User.id).where(User.id == usuario_id, User.active).options(*com_papeis())
    linha = sessao.execute(consulta).unique().first()
    return tuple(linha) if linha else None


def achar(sessao: Session, entrada: str) -> User | None:
    """Who signs in with this user name or e-mail; a user name wins over somebody else's e-mail. A CPF or CNPJ is one also as it is printed."""
    achado = sessao.scalar(_achados(select(User.id), entrada).limit(1))
    return sessao.get(User, achado) if achado else None


def quem_e(sessao: Session, entrada: str) -> int | None:
    """The id of whoever that is, when active: one statement, found or not."""
    achado = sessao.execute(_achados(select(User.id, User.active), entrada).limit(1)).one_or_none()
    return achado.id if achado and achado.active else None


def conta_de(sessao: Session, entrada: str, dispositivo: str | None) -> tuple[User, Perfil | None, RegraDaSessao, int | None] | None:
    """Everything the entry asks about whoever that is, in one query. ``dispositivo``: SHA-256 of what a trusted browser carries; its id comes last."""
    aparelho = (
        select(DispositivoConfiavel.id)
        .where(DispositivoConfiavel.usuario_id == User.id, DispositivoConfiavel.resumo == dispositivo, DispositivoConfiavel.expira_em > relogio.agora())
        .correlate(User).scalar_subquery()
    )
    regra = _regra().lateral()
    dela = _achados(select(User.id), entrada).limit(1).scalar_subquery()
    consulta = select(User, Perfil, regra, aparelho).outerjoin(Perfil, Perfil.usuario_id == User.id).join(regra, true()).where(User.id == dela)
    linha = sessao.execute(consulta.options(*com_papeis())).unique().first()
    return (linha[0], linha[1], _em_regra(linha[2:5], linha[1]), linha[5]) if linha else None


def regra_da_sessao(sessao: Session, usuario_id: int) -> RegraDaSessao:
    """What the roles of a person say of sessions, now."""
    regra = _regra().lateral()
    consulta = select(regra, Perfil).select_from(User).join(regra, true()).outerjoin(Perfil, Perfil.usuario_id == User.id).where(User.id == usuario_id)
    linha = sessao.execute(consulta).first()
    return _em_regra(linha[:3], linha[3]) if linha else RegraDaSessao()


def _regra() -> Select[tuple[int, int, bool]]:
    """The strictest of the roles the person has, by oneself or by group."""
    proprios = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == User.id).correlate(User)
    de_grupo = (
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == User.id).correlate(User)
    )
    dela = or_(LimitePapel.papel_id.in_(proprios), LimitePapel.papel_id.in_(de_grupo))
    return select(func.min(LimitePapel.sessao_horas), func.min(LimitePapel.ociosa_minutos), func.bool_or(LimitePapel.exige_2fa)).where(dela).correlate(User)


def _em_regra(colunas: Sequence[Any], perfil: Perfil | None) -> RegraDaSessao:
    horas, ociosa, exige = colunas
    padrao = RegraDaSessao()
    falta = bool(exige) and (perfil is None or perfil.totp_desde is None)
    return RegraDaSessao(horas or padrao.horas, ociosa or padrao.ociosa_minutos, bool(exige), falta)


def _achados(consulta: Select[Any], entrada: str) -> Select[Any]:
    formas = {entrada, entrada.lower()}
    if cpf_valido(entrada) or cnpj_valido(entrada):
        formas.add(normalizar_documento(entrada))
    primeiro = case((User.username.in_(formas), 0), else_=1)
    return consulta.where(User.username.in_(formas) | User.email.in_(formas)).order_by(primeiro, User.id)


def sessoes_abertas(sessao: Session, usuario_id: int) -> list[SessaoUsuario]:
    """Sessions that still serve, the one last seen first."""
    consulta = select(SessaoUsuario).where(SessaoUsuario.usuario_id == usuario_id, SessaoUsuario.serve())
    return list(sessao.scalars(consulta.order_by(SessaoUsuario.vista_em.desc()).limit(200)))


def motivo_do_fim(sessao: Session, resumo: str) -> str:
    """Why the session of that name is over: what ended it, ``vencida`` or ``ociosa``; empty for one that never was."""
    consulta = select(SessaoUsuario, User.active).join(User, User.id == SessaoUsuario.usuario_id).where(SessaoUsuario.resumo == resumo)
    linha: Row | None = sessao.execute(consulta).first()
    if linha is None:
        return ""
    if not linha[1]:
        return "desativada"
    return linha[0].fim


def aparelhos(sessao: Session, usuario_id: int) -> list[DispositivoConfiavel]:
    """Browsers the person trusts, the newest first."""
    consulta = select(DispositivoConfiavel).where(DispositivoConfiavel.usuario_id == usuario_id, DispositivoConfiavel.expira_em > relogio.agora())
    return list(sessao.scalars(consulta.order_by(DispositivoConfiavel.id.desc()).limit(100)))


def e_cliente(usuario: Any) -> bool:
    """Whether the user is a customer: that role shuts everything but the portal, whatever other roles there are."""
    return PAPEL_CLIENTE in papeis_de(usuario)


def com_papel(papel_id: int) -> Any:
    """Condition on User: the role, given to the person or to a group of his."""
    return or_(User.roles.any(Role.id == papel_id), User.groups.any(Group.roles.any(Role.id == papel_id)))


def papel_id(nome: str) -> int:
    """Id of one of the roles of the house, read once per request; 0 before they were made."""
    if "papeis_da_casa" not in g:
        g.papeis_da_casa = dict(db.session.execute(select(Role.name, Role.id)).all())
    return g.papeis_da_casa.get(nome, 0)


def existe_admin(sessao: Session, *, alem_de: Iterable[int] = ()) -> bool:
    """Whether an active administrator exists (by role or by group), besides the given users."""
    consulta = select(User.id).where(User.active, User.id.not_in(list(alem_de)), tem_papel(papel_admin()))
    return sessao.scalar(consulta.limit(1)) is not None
