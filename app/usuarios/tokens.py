"""Tokens of the API: access for 15 minutes, refresh that is used once, all of it ended with its session. Keys of programs are in ``services.chaves``."""

from __future__ import annotations

from typing import Any

from flask import Response as Resposta
from flask import g, request
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token, get_jwt, jwt_required

from app.core import limites
from app.core.transacao import transacao
from app.core.visoes.mensagens_api import RespostasTraduzidas
from app.usuarios import entrada
from app.usuarios.models import TipoSessao
from app.usuarios.services import Conta, EntradaService, SessaoService
from app.usuarios.sessoes import NOME

ROTACAO = "rot"


class SegurancaApi(RespostasTraduzidas, SecurityApi):
    """``/api/v1/security``: tokens for staff, by the same checks as the page: limits, second factor, password to change."""

    @expose("/login", methods=["POST"])
    def login(self) -> Resposta:
        """A token for the API: access (15 minutes) and, when asked, refresh
        ---
        post:
          description: >-
            Access token for a user name or e-mail and password, with `code` when the account has the second factor (401 with
            `codigo: codigo_necessario` asks for it). Customers have none (401); who must change the password or set up the second factor first gets 403.
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    username: {type: string}
                    password: {type: string}
                    code: {type: string}
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
            429:
              description: Too many attempts
        """
        pedido = self._pedido()
        if isinstance(pedido, Resposta):
            return pedido
        tentativa = entrada.conferir_senha(pedido["username"], pedido["password"])
        if tentativa.espera:
            resposta = self.response(429, message=_("Tentativas demais. Espere %(tempo)s e tente de novo.", tempo=limites.em_minutos(tentativa.espera)))
            resposta.headers["Retry-After"] = str(tentativa.espera)
            return resposta
        conta = tentativa.conta
        if conta is None or conta.cliente:
            return self.response(401, message=str(entrada.RECUSADA))
        recusa = self._recusa(conta, pedido.get("code"))
        return recusa if recusa is not None else self._tokens(conta, com_refresh=bool(pedido.get("refresh")))

    def _recusa(self, conta: Conta, codigo: Any) -> Resposta | None:
        """Why somebody whose password was right gets no token (yet)."""
        if conta.pede_codigo:
            if not isinstance(codigo, str) or not codigo:
                return self.response(401, message=_("Informe em code o código da verificação em duas etapas."), codigo="codigo_necessario")
            if not entrada.conferir_codigo(conta.usuario.id, codigo):
                return self.response(401, message=str(entrada.CODIGO_RECUSADO), codigo="codigo_errado")
        if conta.perfil is not None and conta.perfil.trocar_senha:
            return self.response(403, message=_("Entre pelo navegador e troque a senha antes de usar a API."))
        if conta.regra.falta_2fa:
            return self.response(403, message=_("Entre pelo navegador e ligue a verificação em duas etapas antes de usar a API."))
        return None

    def _tokens(self, conta: Conta, *, com_refresh: bool) -> Resposta:
        with transacao() as sessao:
            nome = EntradaService(sessao).entrar(conta, TipoSessao.api)
        quem, extra = str(conta.usuario.id), {"additional_claims": {NOME: nome}}
        tokens = {"access_token": create_access_token(quem, fresh=True, **extra)}
        if com_refresh:
            tokens["refresh_token"] = create_refresh_token(quem, additional_claims={NOME: nome, ROTACAO: 0})
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
        """New tokens for a refresh token, which is used up
        ---
        post:
          description: >-
            A new access token and the next refresh token. Each refresh token serves once: one that comes back was copied, and ends all of them.
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
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt_refresh: []
        """
        nome = get_jwt()[NOME]
        with transacao() as sessao:
            renovada = SessaoService(sessao).renovar(nome, get_jwt().get(ROTACAO, -1))
        if renovada is None:
            return self.response(401, message=_("Este acesso não vale mais."))
        quem, rotacao = str(renovada[0]), renovada[1]
        return self.response(
            200, access_token=create_access_token(quem, fresh=False, additional_claims={NOME: nome}),
            refresh_token=create_refresh_token(quem, additional_claims={NOME: nome, ROTACAO: rotacao}))

    @expose("/logout", methods=["POST"])
    @jwt_required(verify_type=False)
    def logout(self) -> Resposta:
        """End the tokens
        ---
        post:
          description: The session of this token ends, and with it every access and refresh token of it.
          responses:
            200:
              description: Ended
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      message: {type: string}
            401:
              $ref: '#/components/responses/401'
          security:
            - jwt: []
        """
        with transacao() as sessao:
            SessaoService(sessao).sair(g.sessao.usuario_id, g.sessao.id)
        return self.response(200, message=_("Acesso encerrado."))
