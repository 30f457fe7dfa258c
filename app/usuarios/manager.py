"""Security manager: Flask-AppBuilder's, with sessions that end, tokens and keys that end with them, and one permission query per request."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, jsonify, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Group, Permission, PermissionView, Role, User, ViewMenu, assoc_permissionview_role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from app.core.numeros import MAIOR_INTEIRO
from app.core.transacao import transacao
from app.core.visoes import Interface
from app.usuarios import aparencia, consultas, entrada, escopos, perfil, seguranca, sessoes, telas, telas_acesso, telas_convites, tokens
from app.usuarios.aparencia import Aparencia
from app.usuarios.models import TipoSessao
from app.usuarios.services import ChaveApiService, UsuarioService
from app.usuarios.services.chaves import PREFIXO, anotar_uso
from app.usuarios.services.sessoes import resumir

LIMITE_SENHA = "10 per minute; 50 per hour"


class GerenteSeguranca(SecurityManager):
    """What the whole application asks about users and rights."""

    userstatschartview = None       # a Google Charts page over the whole user table
    authdbview = entrada.EntradaView
    security_api = tokens.SegurancaApi
    resetmypasswordview = seguranca.TrocarSenhaView
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
        aparencia.init_app(current_app)
        ab.add_api(self.security_api)
        self.auth_view = ab.add_view_no_menu(self.authdbview())
        troca = ab.add_view_no_menu(self.resetmypasswordview())
        ab.add_view_no_menu(self.userinfoeditview())
        ab.add_view_no_menu(seguranca.SegurancaView)
        ab.add_view_no_menu(entrada.ConfirmarView)
        comum = {"category": "Security", "category_icon": "fa-cogs", "category_label": _l("Segurança")}
        self.user_view = ab.add_view(self.userdbmodelview, "Usuarios", label=_l("Usuários"), icon="users", **comum)
        ab.add_view(telas_convites.ConviteView, "Convites", label=_l("Convites"), icon="mail", **comum)
        ab.add_view(self.rolemodelview, "Papeis", label=_l("Papéis"), icon="shield-lock", **comum)
        ab.add_view(self.groupmodelview, "Grupos", label=_l("Grupos"), icon="users-group", **comum)
        abertas = f"/sessoes/list/?{telas_acesso.ABERTAS}"
        ab.add_view(telas_acesso.SessaoUsuarioView, "Sessoes", href=abertas, label=_l("Sessões"), icon="device-desktop", **comum)
        ab.add_view(telas_acesso.ChaveApiView, "Chaves de API", label=_l("Chaves de API"), icon="key", **comum)
        ab.add_view_no_menu(telas_acesso.TravasView)
        self.limiter.limit(LIMITE_SENHA, methods=["POST"])(troca.blueprint)

    def create_limiter(self, app: Flask) -> Limiter:
        """Counters in Redis with short time-outs; memory takes over while Redis is away."""
        app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 1, "socket_timeout": 1})
        return super().create_limiter(app)

    # ---- entry

    def auth_user_db(self, username: str, password: str) -> User | None:
        """The framework's own way in, for whatever of it is left: never past a second factor. The pages and the API have theirs."""
        conta = entrada.conferir_senha(username, password).conta
        achado = consultas.por_id(self.session(), conta.usuario.id) if conta is not None and not conta.pede_codigo else None
        return achado[0] if achado else None

    def reset_password(self, userid: Any, password: str) -> None:
        """Set a password (the framework's commands); every session of the user ends."""
        with transacao() as sessao:
            UsuarioService(sessao).gravar_senha(int(userid), password)

    def load_user(self, pk: Any) -> User | None:
        """The user of the session cookie, while its session lasts."""
        return self._carregar(pk, session.get(sessoes.NOME), TipoSessao.navegador)

    def load_user_jwt(self, _cabecalho: dict, dados: dict) -> User | None:
        """The user of an API token, while its session lasts: not a customer, no password to change, no second factor to set up."""
        usuario = self._carregar(dados["sub"], dados.get(sessoes.NOME), TipoSessao.api)
        if usuario is None or g.trocar_senha or g.sessao.falta_2fa or consultas.e_cliente(usuario):
            return None
        g.user = usuario
        sessoes.acompanhar()
        return usuario

    def _carregar(self, chave: Any, nome: Any, tipo: TipoSessao) -> User | None:
        g.trocar_senha, g.sessao, g.aparencia = False, None, None
        if not isinstance(nome, str) or not str(chave).isdigit() or int(chave) > MAIOR_INTEIRO:
            return None
        achado = consultas.carregar(self.session(), int(chave), resumir(nome))
        if achado is None or achado[2].tipo is not tipo:
            return None
        velho = achado[2].resumo != resumir(nome)      # the name before the last: what was on its way still reads, and nothing else
        if velho and request.method not in ("GET", "HEAD", "OPTIONS"):
            return None
        usuario, perfil_, g.sessao = achado
        if g.sessao.girar:      # rights changed, and the page that gives it its new name has not come: a program's tokens never ask for one
            set_committed_value(g.sessao, "falta_2fa", consultas.regra_da_sessao(self.session(), usuario.id).falta_2fa)
        g.nome_velho = velho
        g.trocar_senha, g.aparencia = perfil_ is not None and perfil_.trocar_senha, Aparencia.de(perfil_)
        return usuario

    # ---- keys of programs

    def extract_api_key_from_request(self) -> str | None:
        """What stands after ``Bearer`` when it is one of our keys (the framework asks before it looks for a token)."""
        forma, _espaco, texto = request.headers.get("Authorization", "").partition(" ")
        return texto.strip() if forma.lower() == "bearer" and texto.startswith(PREFIXO) else None

    def validate_api_key(self, api_key_string: str) -> User | None:
        """The person a key acts as, with the key's scopes in force for this request. Writes nothing."""
        chave = ChaveApiService(self.session()).de_texto(api_key_string)
        if chave is None or consultas.e_cliente(chave.usuario):
            return None
        g.chave_api, g.direitos_da_chave = chave.id, escopos.direitos(chave.escopos)
        g.user, g._api_key_user = chave.usuario, True      # the framework's own mark: rights are g.user's
        anotar_uso(chave.id, request.remote_addr)
        return chave.usuario

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """What the person may and, for a program with a key, the key too."""
        da_chave = g.get("direitos_da_chave")
        if da_chave is not None and (permission_name, view_name) not in da_chave:
            return False
        return super().has_access(permission_name, view_name)

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
