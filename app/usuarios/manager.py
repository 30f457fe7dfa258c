"""Security manager: Flask-AppBuilder's, with lock-outs, sessions that end, tokens that end with them, and one permission query per request."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, jsonify, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Group, Permission, PermissionView, Role, User, ViewMenu, assoc_permissionview_role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from sqlalchemy import select

from app.core.transacao import transacao
from app.core.visoes import Interface
from app.usuarios import consultas, entrada, perfil, senhas, telas
from app.usuarios.services import EntradaService, UsuarioService
from app.usuarios.sessoes import VERSAO

LIMITE_ENTRADA = "20 per minute; 200 per hour"
LIMITE_SENHA = "10 per minute; 50 per hour"


class GerenteSeguranca(SecurityManager):
    """What the whole application asks about users and rights."""

    userstatschartview = None       # a Google Charts page over the whole user table
    authdbview = entrada.EntradaView
    security_api = entrada.SegurancaApi
    resetmypasswordview = perfil.TrocarSenhaView
    userinfoeditview = perfil.MeuPerfilView
    userdbmodelview = telas.UsuarioView
    rolemodelview = telas.PapelView
    groupmodelview = telas.GrupoView

    def __init__(self, appbuilder: Any) -> None:
        super().__init__(appbuilder)
        # the framework has just given its own, unguarded interface to these classes
        telas.UsuarioView.datamodel = Interface(User, carregar=("roles",))
        telas.PapelView.datamodel = Interface(Role)
        telas.GrupoView.datamodel = Interface(Group, carregar=("roles",))

    # ---- screens

    def register_views(self) -> None:
        """The screens of entry, profile, users, roles and groups, in Portuguese, with their limits."""
        ab = self.appbuilder
        ab.add_api(self.security_api)
        self.auth_view = ab.add_view_no_menu(self.authdbview())
        troca = ab.add_view_no_menu(self.resetmypasswordview())
        ab.add_view_no_menu(self.userinfoeditview())
        comum = {"category": "Security", "category_icon": "fa-cogs", "category_label": _l("Segurança")}
        self.user_view = ab.add_view(self.userdbmodelview, "Usuarios", label=_l("Usuários"), icon="users", **comum)
        ab.add_view(self.rolemodelview, "Papeis", label=_l("Papéis"), icon="shield-lock", **comum)
        ab.add_view(self.groupmodelview, "Grupos", label=_l("Grupos"), icon="users-group", **comum)
        self._limitar(troca)

    def _limitar(self, troca: Any) -> None:
        api = next(v for v in self.appbuilder.baseviews if isinstance(v, self.security_api))
        for visao in (self.auth_view, api):
            self.limiter.limit(LIMITE_ENTRADA, methods=["POST"])(visao.blueprint)
        self.limiter.limit(LIMITE_SENHA, methods=["POST"])(troca.blueprint)

    def create_limiter(self, app: Flask) -> Limiter:
        """Counters in Redis with short time-outs; memory takes over while Redis is away."""
        app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 1, "socket_timeout": 1})
        return super().create_limiter(app)

    # ---- entry

    def auth_user_db(self, username: str, password: str) -> User | None:
        """The user of that name or e-mail and password; None otherwise or while the account is locked. No transaction is open during the hash."""
        if not username or not password or "\0" in username + password:
            return None
        with transacao() as sessao:
            conta = EntradaService(sessao).tentar(username.strip())
        certa = senhas.confere(conta.resumo, password)
        with transacao() as sessao:
            return EntradaService(sessao).concluir(conta, certa)

    def reset_password(self, userid: Any, password: str) -> None:
        """Set a password (the framework's commands); every session of the user ends."""
        with transacao() as sessao:
            UsuarioService(sessao).gravar_senha(int(userid), password)

    def load_user(self, pk: Any) -> User | None:
        """The user of the session cookie: active, and the cookie of the session version in force."""
        usuario, versao, g.trocar_senha = self._carregar(pk)
        return usuario if usuario is not None and session.get(VERSAO) == versao else None

    def load_user_jwt(self, _cabecalho: dict, dados: dict) -> User | None:
        """The user of an API token: active, not a customer, no password to change, and the token of the session version in force."""
        usuario, versao, trocar = self._carregar(dados["sub"])
        if usuario is None or trocar or dados.get(VERSAO) != versao or consultas.e_cliente(usuario):
            return None
        g.user = usuario
        return usuario

    def _carregar(self, chave: Any) -> tuple[User | None, int, bool]:
        achado = consultas.carregar(self.session(), int(chave)) if str(chave).isdigit() else None
        if achado is None or not achado[0].is_active:
            return None, 0, False
        usuario, perfil_ = achado
        return usuario, *((perfil_.versao_sessao, perfil_.trocar_senha) if perfil_ else (1, False))

    def estado_da_sessao(self, usuario_id: int) -> tuple[int, bool]:
        """The session version a new session or token of the user must carry, and whether the password must be changed first."""
        _usuario, versao, trocar = self._carregar(usuario_id)
        return versao, trocar

    def versao_sessao(self, usuario_id: int) -> int:
        """The first half of ``estado_da_sessao``."""
        return self.estado_da_sessao(usuario_id)[0]

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        """Tokens, with refusals in Portuguese."""
        jwt = super().create_jwt_manager(app)
        jwt.unauthorized_loader(lambda _motivo: _recusa_401(_("Falta o token de acesso.")))
        jwt.invalid_token_loader(lambda _motivo: _recusa_401(_("Token de acesso inválido.")))
        jwt.expired_token_loader(lambda _cabecalho, _dados: _recusa_401(_("O token de acesso venceu.")))
        jwt.user_lookup_error_loader(lambda _cabecalho, _dados: _recusa_401(_("Este acesso não vale mais.")))
        jwt.needs_fresh_token_loader(lambda _cabecalho, _dados: _recusa_401(_("Entre de novo.")))
        jwt.revoked_token_loader(lambda _cabecalho, _dados: _recusa_401(_("Este acesso não vale mais.")))
        return jwt

    # ---- rights

    def exist_permission_on_roles(self, view_name: str, permission_name: str, role_ids: list[int]) -> bool:
        """All rights of the roles are read once per request, not one query per menu item and button."""
        return (view_name, permission_name) in self._lidas(role_ids)

    def _get_user_permission_view_menus(self, user: Any, permission_name: str, view_menus_name: list[str] | None) -> set[str]:
        """The menu asks here; answered from what the request has read."""
        papeis = [papel.id for papel in self.get_user_roles(user)] if user is not None and user.is_authenticated else []
        return {visao for visao, permissao in self._lidas(papeis) if permissao == permission_name} if papeis else set()

    def get_public_permissions(self) -> list[PermissionView]:
        """None: the public role is empty by rule (``preparar`` empties it, /readyz complains otherwise)."""
        return []

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Never: nothing is public by permission."""
        return False

    def _lidas(self, papeis: list[int]) -> set[tuple[str, str]]:
        chave = tuple(sorted(set(papeis)))
        lidas = g.setdefault("permissoes_lidas", {})
        if chave not in lidas:
            lidas[chave] = self._pares(chave)
        return lidas[chave]

    def _pares(self, papeis: tuple[int, ...]) -> set[tuple[str, str]]:
        consulta = (
            select(ViewMenu.name, Permission.name)
            .join(PermissionView, PermissionView.view_menu_id == ViewMenu.id)
            .join(Permission, Permission.id == PermissionView.permission_id)
            .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
            .where(assoc_permissionview_role.c.role_id.in_(papeis))
        )
        return set(self.session.execute(consulta).all())


def _recusa_401(mensagem: str) -> tuple[Any, int]:
    return jsonify(message=mensagem), 401
