"""Security manager: Flask-AppBuilder's, with one permission query per request and without its chart of users."""

from __future__ import annotations

from flask import g
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu, assoc_permissionview_role
from sqlalchemy import select


class GerenteSeguranca(SecurityManager):
    """What the whole application asks about users and rights."""

    userstatschartview = None       # a Google Charts page over the whole user table

    def exist_permission_on_roles(self, view_name: str, permission_name: str, role_ids: list[int]) -> bool:
        """All rights of the roles are read once per request, not one query per menu item and button."""
        chave = tuple(sorted(role_ids))
        lidas = g.setdefault("permissoes_lidas", {})
        if chave not in lidas:
            lidas[chave] = self._pares(chave)
        return (view_name, permission_name) in lidas[chave]

    def _pares(self, papeis: tuple[int, ...]) -> set[tuple[str, str]]:
        consulta = (
            select(ViewMenu.name, Permission.name)
            .join(PermissionView, PermissionView.view_menu_id == ViewMenu.id)
            .join(Permission, Permission.id == PermissionView.permission_id)
            .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
            .where(assoc_permissionview_role.c.role_id.in_(papeis))
        )
        return set(self.session.execute(consulta).all())
