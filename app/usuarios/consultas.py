"""Reads about people who sign in: the user with profile, roles and groups; who is an administrator; who is a customer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Group, Role, User, assoc_user_role
from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from app.usuarios.models import Perfil

PAPEL_CLIENTE = "Cliente"


def papel_admin() -> str:
    """Name of the role that may do everything."""
    return current_app.config["AUTH_ROLE_ADMIN"]


def carregar(sessao: Session, usuario_id: int) -> tuple[User, Perfil | None] | None:
    """The user and profile of a session, with roles and groups read by the same query. None when there is no such user."""
    consulta = (
        select(User, Perfil)
        .outerjoin(Perfil, Perfil.usuario_id == User.id)
        .where(User.id == usuario_id)
        .options(joinedload(User.roles), joinedload(User.groups).joinedload(Group.roles))
    )
    linha = sessao.execute(consulta).unique().first()
    return tuple(linha) if linha else None


def achar(sessao: Session, entrada: str) -> User | None:
    """Who signs in with this user name or e-mail; a user name wins over somebody else's e-mail."""
    formas = {entrada, entrada.lower()}
    primeiro = case((User.username.in_(formas), 0), else_=1)
    return sessao.scalar(select(User).where(User.username.in_(formas) | User.email.in_(formas)).order_by(primeiro, User.id).limit(1))


def papeis_de(usuario: Any) -> set[str]:
    """Names of the user's roles, those of the groups included; empty for somebody not signed in."""
    if not usuario or not usuario.is_authenticated:
        return set()
    return {papel.name for papel in (*usuario.roles, *(p for grupo in usuario.groups for p in grupo.roles))}


def e_admin(usuario: Any) -> bool:
    """Whether the user is an administrator."""
    return papel_admin() in papeis_de(usuario)


def e_cliente(usuario: Any) -> bool:
    """Whether the user is a customer: that role shuts everything but the portal, whatever other roles there are."""
    return PAPEL_CLIENTE in papeis_de(usuario)


def existe_admin(sessao: Session, *, alem_de: Iterable[int] = ()) -> bool:
    """Whether an active administrator exists (directly by role), besides the given users."""
    consulta = (
        select(User.id)
        .join(assoc_user_role, assoc_user_role.c.user_id == User.id)
        .join(Role, Role.id == assoc_user_role.c.role_id)
        .where(Role.name == papel_admin(), User.active, User.id.not_in(list(alem_de)))
    )
    return sessao.scalar(consulta.limit(1)) is not None
