"""Entry and exit: the page, and the tokens of the API. Both go through the security manager's ``auth_user_db`` with its lock-outs."""

from __future__ import annotations

from flask import Response as Resposta
from flask import flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_jwt_extended import create_access_token, create_refresh_token, current_user, jwt_required
from flask_login import logout_user
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.core import auditoria
from app.core.transacao import transacao
from app.core.visoes.mensagens_api import RespostasTraduzidas
from app.extensions import db
from app.usuarios import consultas, sessoes
from app.usuarios.sessoes import VERSAO

RECUSADA = _l("Usuário ou senha incorretos. Depois de várias tentativas erradas a conta espera alguns minutos.")


class FormEntrada(DynamicForm):
    """User name or e-mail, and password."""

    username = StringField(_l("Usuário ou e-mail"), validators=[DataRequired(_l("Informe o usuário ou e-mail.")), Length(max=320)])
    password = PasswordField(_l("Senha"), validators=[DataRequired(_l("Informe a senha.")), Length(max=1000)])


class EntradaView(AuthDBView):
    """``/login/`` and ``/logout/``."""

    title = _l("Entrar")
    base_permissions: list[str] = []

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> ResponseReturnValue:
        """Sign in. A refusal keeps the name typed and says the same for every reason."""
        if g.user.is_authenticated:
            return redirect(self._destino(g.user))
        form = FormEntrada()
        if form.validate_on_submit():
            usuario = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if usuario is not None:
                sessoes.abrir(usuario, self.appbuilder.sm.versao_sessao(usuario.id), consultas.idioma_de(db.session(), usuario.id))
                return redirect(self._destino(usuario))
            flash(str(RECUSADA), "warning")
        return self.render_template(self.login_template, title=self.title, form=form)

    @staticmethod
    def _destino(usuario: User) -> str:
        """Where the person wanted to go, when that is here and for that kind of person; else the own first page."""
        pedido = get_safe_redirect(request.args.get("next", "/"))
        if consultas.e_cliente(usuario):
            return pedido if pedido.startswith("/portal") else "/portal/"
        return "/" if pedido.startswith("/portal") else pedido

    @expose("/logout/", methods=["GET", "POST"])
    @no_cache
    def logout(self) -> ResponseReturnValue:
        """Sign out by POST; a followed link only asks, so that another site's picture cannot sign anybody out."""
        if not g.user.is_authenticated:
            return redirect(url_for("EntradaView.login"))
        if request.method == "GET":
            return self.render_template("usuarios/sair.html", title=_("Sair"))
        with transacao() as sessao:
            auditoria.registrar(sessao, "saida", "ab_user", g.user.id)
        logout_user()
        session.clear()
        return redirect(url_for("EntradaView.login"))


class SegurancaApi(RespostasTraduzidas, SecurityApi):
    """``/api/v1/security``: tokens for staff and integrations, by the same password check as the page."""

    @expose("/login", methods=["POST"])
    def login(self) -> Resposta:
        """A token for the API: access (15 minutes) and, when asked, refresh
        ---
        post:
          description: >-
            Access token for a user name or e-mail and password. Customers have none (401); who must change the password first gets 403.
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    username: {type: string}
                    password: {type: string}
                    provider: {type: string, enum: [db]}
                    refresh: {type: boolean}
          responses:
            200:
              description: Tokens
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            400:
              $ref: '#/components/responses/400'
            401:
              $ref: '#/components/responses/401'
            403:
              $ref: '#/components/responses/403'
        """
        pedido = self._pedido()
        if isinstance(pedido, Resposta):
            return pedido
        usuario = self.appbuilder.sm.auth_user_db(pedido["username"], pedido["password"])
        if usuario is None or consultas.e_cliente(usuario):
            return self.response(401, message=str(RECUSADA))
        versao, trocar = self.appbuilder.sm.estado_da_sessao(usuario.id)
        if trocar:
            return self.response(403, message=_("Entre pelo navegador e troque a senha antes de usar a API."))
        extra = {"additional_claims": {VERSAO: versao}}
        tokens = {"access_token": create_access_token(str(usuario.id), fresh=True, **extra)}
        if pedido.get("refresh"):
            tokens["refresh_token"] = create_refresh_token(str(usuario.id), **extra)
        return self.response(200, **tokens)

    def _pedido(self) -> dict | Resposta:
        corpo = request.get_json(silent=True)
        if not isinstance(corpo, dict):
            return self.response_400(message=_("O corpo precisa ser um objeto JSON."))
        if not all(isinstance(corpo.get(campo), str) and corpo[campo] for campo in ("username", "password")):
            return self.response_400(message=_("Informe username e password."))
        return corpo

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh(self) -> Resposta:
        """A new access token for a refresh token
        ---
        post:
          description: A new access token. A change of password or the loss of the account ends the refresh token.
          responses:
            200:
              description: Token
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt_refresh: []
        """
        versao = self.appbuilder.sm.versao_sessao(current_user.id)
        return self.response(200, access_token=create_access_token(str(current_user.id), fresh=False, additional_claims={VERSAO: versao}))
