"""Reads about people who sign in: the user with profile, roles and groups; who is an administrator; who is a customer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.security.sqla.models import Group, User
from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from app.brasil.documentos import cnpj_valido, cpf_valido, normalizar_documento
from app.core.permissoes import e_admin, papeis_de, papel_admin, tem_papel
from app.usuarios.models import Perfil

__all__ = ["PAPEL_CLIENTE", "achar", "carregar", "e_admin", "e_cliente", "existe_admin", "idioma_de", "papeis_de", "papel_admin", "tem_papel"]

PAPEL_CLIENTE = "Cliente"


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
    """Who signs in with this user name or e-mail; a user name wins over somebody else's e-mail. A CPF or CNPJ is one also as it is printed."""
    formas = {entrada, entrada.lower()}
    if cpf_valido(entrada) or cnpj_valido(entrada):
        formas.add(normalizar_documento(entrada))
    primeiro = case((User.username.in_(formas), 0), else_=1)
    return sessao.scalar(select(User).where(User.username.in_(formas) | User.email.in_(formas)).order_by(primeiro, User.id).limit(1))


def idioma_de(sessao: Session, usuario_id: int) -> str | None:
    """The language the user chose, as ``pt_BR``; None when none was chosen."""
    return sessao.scalar(select(Perfil.idioma).where(Perfil.usuario_id == usuario_id))


def e_cliente(usuario: Any) -> bool:
    """Whether the user is a customer: that role shuts everything but the portal, whatever other roles there are."""
    return PAPEL_CLIENTE in papeis_de(usuario)


def existe_admin(sessao: Session, *, alem_de: Iterable[int] = ()) -> bool:
    """Whether an active administrator exists (by role or by group), besides the given users."""
    consulta = select(User.id).where(User.active, User.id.not_in(list(alem_de)), tem_papel(papel_admin()))
    return sessao.scalar(consulta.limit(1)) is not None
