"""Permissions and roles: synchronised in bulk by ``flask crm preparar``, given once, then owned by the security screens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Group, Permission, PermissionView, Role, User, ViewMenu, assoc_permissionview_role
from sqlalchemy import ColumnElement, delete, insert, or_, select
from sqlalchemy.orm import Session

Regra = tuple[str, str]      # (view, permission), both as regular expressions matched whole

PAPEIS: dict[str, list[Regra]] = {nome: [] for nome in ("Gerente", "Financeiro", "Atendente", "Tecnico", "Cliente")}


def dar(papel: str, visoes: str, permissoes: str = ".*") -> None:
    """Declare that a role gets permissions on views, both given as regular expressions (fullmatch). Modules call it at import."""
    PAPEIS[papel].append((visoes, permissoes))


def papel_admin() -> str:
    """Name of the role that may do everything."""
    return current_app.config["AUTH_ROLE_ADMIN"]


def papeis_de(usuario: Any) -> set[str]:
    """Names of the user's roles, those of the groups included; empty for somebody not signed in."""
    if not usuario or not usuario.is_authenticated:
        return set()
    return {papel.name for papel in (*usuario.roles, *(p for grupo in usuario.groups for p in grupo.roles))}


def e_admin(usuario: Any) -> bool:
    """Whether the user is an administrator."""
    return papel_admin() in papeis_de(usuario)


def tem_papel(*papeis: str) -> ColumnElement[bool]:
    """The same as a condition on User: one of these roles, given to the person or to a group of his."""
    destes = Role.name.in_(papeis)
    return or_(User.roles.any(destes), User.groups.any(Group.roles.any(destes)))


def sincronizar(sessao: Session, appbuilder: Any) -> dict[str, int]:
    """Create every missing permission of the registered views and menus; give all of them to Admin; empty the public role. Idempotent."""
    queridas = desejadas(appbuilder)
    vistas = _garantir(sessao, ViewMenu, {v for v, _p in queridas})
    acoes = _garantir(sessao, Permission, {p for _v, p in queridas})
    tem = set(sessao.execute(select(PermissionView.view_menu_id, PermissionView.permission_id)).all())
    novas = [{"view_menu_id": vistas[v], "permission_id": acoes[p]} for v, p in sorted(queridas) if (vistas[v], acoes[p]) not in tem]
    if novas:
        sessao.execute(insert(PermissionView), novas)
    papeis = _garantir(sessao, Role, {"Admin", "Public", *PAPEIS})
    _dar_tudo(sessao, papeis["Admin"])
    sessao.execute(delete(assoc_permissionview_role).where(assoc_permissionview_role.c.role_id == papeis["Public"]))
    return {"permissoes": len(queridas), "criadas": len(novas)}


def semear(sessao: Session, semente: type) -> int:
    """Give each role what is declared for it and was never given before; what an administrator removed stays removed. Returns how many."""
    papeis = dict(sessao.execute(select(Role.name, Role.id)).all())
    existentes = sessao.execute(select(PermissionView.id, ViewMenu.name, Permission.name).join(PermissionView.view_menu).join(PermissionView.permission)).all()
    dadas = 0
    for papel in PAPEIS:
        ja = set(sessao.execute(select(semente.visao, semente.permissao).where(semente.papel == papel)).all())
        novas = [(i, v, p) for i, v, p in existentes if (v, p) not in ja and merece(papel, v, p)]
        _acrescentar(sessao, papeis[papel], [i for i, _v, _p in novas])
        if novas:
            sessao.execute(insert(semente), [{"papel": papel, "visao": v, "permissao": p} for _i, v, p in novas])
        dadas += len(novas)
    return dadas


def desejadas(appbuilder: Any) -> set[tuple[str, str]]:
    """(view, permission) of every registered view, API and menu entry."""
    pares = {(v.class_permission_name, p) for v in appbuilder.baseviews for p in v.base_permissions}
    for grupo in appbuilder.menu.get_list():
        pares |= {(item.name, "menu_access") for item in [grupo, *grupo.childs] if item.name != "-"}
    return pares


def publico_vazio(sessao: Session) -> bool:
    """Whether the public role has no permission, as it must."""
    consulta = select(assoc_permissionview_role.c.id).join(Role, Role.id == assoc_permissionview_role.c.role_id).where(Role.name == "Public")
    return sessao.scalar(consulta.limit(1)) is None


def merece(papel: str, visao: str, permissao: str) -> bool:
    """Whether the house gives the role that: declared, or the history of what the role may edit; a manager has that of all that he sees."""
    regras = PAPEIS[papel]
    da_edicao = permissao == "can_historico" and (_casa(regras, visao, "can_edit") or (papel == "Gerente" and _casa(regras, visao, "can_show")))
    return da_edicao or _casa(regras, visao, permissao)


def _casa(regras: Sequence[Regra], visao: str, permissao: str) -> bool:
    return any(re.fullmatch(v, visao) and re.fullmatch(p, permissao) for v, p in regras)


def _garantir(sessao: Session, modelo: Any, nomes: set[str]) -> Mapping[str, int]:
    tem = dict(sessao.execute(select(modelo.name, modelo.id)).all())
    if faltam := sorted(nomes - set(tem)):
        sessao.execute(insert(modelo), [{"name": n} for n in faltam])
        tem = dict(sessao.execute(select(modelo.name, modelo.id)).all())
    return tem


def _dar_tudo(sessao: Session, papel_id: int) -> None:
    _acrescentar(sessao, papel_id, sessao.scalars(select(PermissionView.id)))


def _acrescentar(sessao: Session, papel_id: int, ids: Iterable[int]) -> None:
    tabela = assoc_permissionview_role
    tem = set(sessao.scalars(select(tabela.c.permission_view_id).where(tabela.c.role_id == papel_id)))
    if novas := sorted(set(ids) - tem):
        sessao.execute(insert(tabela), [{"permission_view_id": i, "role_id": papel_id} for i in novas])
