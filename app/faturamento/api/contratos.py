"""What happens to a contract together with its money and access, as verbs of the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.contratos.api import ContratoApi
from app.contratos.models import Contrato, ContratoItem
from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, responde
from app.extensions import db
from app.faturamento.corpos import CorpoAtivar, CorpoEm, CorpoEncerrar, CorpoMudarPlano
from app.faturamento.services import FaturamentoService


class ContratoItemApi(ApiBase):
    """Additional services of contracts; adding and ending one settles its days."""

    resource_name = "contrato_item"
    datamodel = Interface(ContratoItem)
    exclude_route_methods = {"delete"}
    list_columns = show_columns = ["id", "contrato_id", "adicional_id", "quantidade", "preco", "de", "ate"]
    add_columns = ["contrato", "adicional", "quantidade", "preco", "de", "ate"]
    edit_columns = ["ate"]
    opcionais = frozenset({"preco"})
    search_columns = ["contrato_id", "adicional_id", "de", "ate"]
    order_columns = ["id"]

    def pre_add(self, item: ContratoItem) -> None:
        """As on the screen."""
        FaturamentoService(db.session()).contratar_adicional(item)

    def pre_update(self, item: ContratoItem) -> None:
        """As on the screen."""
        FaturamentoService(db.session()).encerrar_adicional(item)


class CicloDoContratoApi(ApiSomenteLeitura):
    """``/contrato/<id>/ativar`` and the like; the nouns are ContratoApi's."""

    resource_name = "contrato"
    datamodel = Interface(Contrato, carregar=("cliente", "plano"))
    exclude_route_methods = {"get_list", "get", "info"}
    list_columns, show_columns = ContratoApi.list_columns, ContratoApi.show_columns
    search_columns, order_columns = ContratoApi.search_columns, ContratoApi.order_columns

    @expose("/<int:pk>/ativar", methods=["POST"])
    @protect()
    @permission_name("ativar")
    @responde
    def ativar(self, pk: int) -> Response:
        """Draft to active.
        ---
        post:
          summary: "Ativa o contrato: libera o acesso e começa a faturar"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [dia_vencimento]
                  properties:
                    em: {type: string, format: date}
                    dia_vencimento: {type: integer, minimum: 1, maximum: 31}
                    ciclo_id: {type: integer}
                    ciclo_faturamento_id: {type: integer}
                    faturar_desde: {type: string, format: date}
          responses:
            200: {description: O contrato}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: O contrato não está em situação para isso}
            422: {description: Recusado pela regra}
        """
        return self._fazer(pk, CorpoAtivar(), FaturamentoService.ativar_contrato)

    @expose("/<int:pk>/mudar_plano", methods=["POST"])
    @protect()
    @permission_name("mudar_plano")
    @responde
    def mudar_plano(self, pk: int) -> Response:
        """Another plan, by days.
        ---
        post:
          summary: "Muda o plano; a diferença do que já foi cobrado vai para a próxima fatura"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [plano_id]
                  properties:
                    plano_id: {type: integer}
                    em: {type: string, format: date}
                    preco: {type: string, example: "99.90"}
          responses:
            200: {description: O contrato}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: O contrato não está em situação para isso}
            422: {description: Recusado pela regra}
        """
        return self._fazer(pk, CorpoMudarPlano(), FaturamentoService.mudar_plano)

    @expose("/<int:pk>/suspender", methods=["POST"])
    @protect()
    @permission_name("suspender")
    @responde
    def suspender(self, pk: int) -> Response:
        """Pause at the customer's request.
        ---
        post:
          summary: "Suspende a pedido do cliente: sem acesso e sem cobrança"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    em: {type: string, format: date}
          responses:
            200: {description: O contrato}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: O contrato não está em situação para isso}
            422: {description: Recusado pela regra}
        """
        return self._fazer(pk, CorpoEm(), FaturamentoService.suspender_a_pedido)

    @expose("/<int:pk>/retomar", methods=["POST"])
    @protect()
    @permission_name("retomar")
    @responde
    def retomar(self, pk: int) -> Response:
        """Back from the pause.
        ---
        post:
          summary: "Retoma o contrato suspenso; a cobrança volta por dias"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    em: {type: string, format: date}
          responses:
            200: {description: O contrato}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: O contrato não está em situação para isso}
            422: {description: Recusado pela regra}
        """
        return self._fazer(pk, CorpoEm(), FaturamentoService.retomar)

    @expose("/<int:pk>/encerrar", methods=["POST"])
    @protect()
    @permission_name("encerrar")
    @responde
    def encerrar(self, pk: int) -> Response:
        """End it.
        ---
        post:
          summary: "Encerra o contrato: fecha o acesso e acerta o que foi e o que não foi cobrado"
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [motivo]
                  properties:
                    em: {type: string, format: date}
                    motivo: {type: string}
          responses:
            200: {description: O contrato}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: O contrato não está em situação para isso}
            422: {description: Recusado pela regra}
        """
        return self._fazer(pk, CorpoEncerrar(), FaturamentoService.encerrar_contrato)

    def _fazer(self, pk: int, esquema: Any, verbo: Callable[..., Contrato]) -> Response:
        self.exigir(pk)
        corpo = self.corpo(esquema)
        em: dt.date = corpo.pop("em") or relogio.hoje()
        with transacao() as sessao:
            verbo(FaturamentoService(sessao), pk, em=em, **corpo)
        return self.response(200, result=self.dados(self.exigir(pk)))
