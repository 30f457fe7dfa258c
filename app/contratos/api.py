"""The API of contracts and their history."""

from __future__ import annotations

from flask import Response
from flask_appbuilder import AppBuilder
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from marshmallow import Schema, fields, validate

from app.contratos.estados import Cobranca
from app.contratos.models import Contrato, ContratoHistorico
from app.contratos.services import ContratoService
from app.core.dinheiro import PRECO_MAXIMO, ZERO
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, responde

_NOMES = "ContratoApi|ContratoHistoricoApi"
dar("Gerente", _NOMES, r"can_.*")
dar("Atendente", _NOMES, r"can_(get|info|post|put|criar)")
dar("Financeiro", _NOMES, r"can_(get|info)")
dar("Tecnico", "ContratoApi", r"can_(get|info)")


class CorpoCriar(Schema):
    """Body of ``criar``."""

    cliente_id = fields.Integer(required=True, strict=True)
    plano_id = fields.Integer(required=True, strict=True)
    data_inicio = fields.Date(required=True)
    endereco_instalacao_id = fields.Integer(load_default=None, strict=True, allow_none=True)
    preco = fields.Decimal(load_default=None, allow_nan=False, allow_none=True, validate=validate.Range(min=0, max=PRECO_MAXIMO))
    desconto = fields.Decimal(load_default=ZERO, allow_nan=False, validate=validate.Range(min=0, max=PRECO_MAXIMO))
    desconto_ate = fields.Date(load_default=None, allow_none=True)
    cobranca = fields.Enum(Cobranca, by_value=False, load_default=Cobranca.antecipada)
    login_pppoe = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[A-Za-z0-9._@-]{3,64}$"))


class ContratoApi(ApiBase):
    """Contracts: ``PUT`` changes what the screen's form does, everything else is a verb."""

    resource_name = "contrato"
    datamodel = Interface(Contrato, carregar=("cliente", "plano"))
    list_columns = ["id", "numero", "cliente_id", "cliente.nome", "plano_id", "plano.nome", "preco", "data_inicio", "status", "login_pppoe"]
    show_columns = [
        *list_columns, "endereco_instalacao_id", "desconto", "desconto_ate", "cobranca", "data_fim", "data_renovacao", "renovacao_automatica",
        "fidelidade_ate", "bloqueio_automatico", "nao_bloquear_ate", "motivo_cancelamento",
    ]
    add_columns = edit_columns = ["renovacao_automatica", "data_renovacao", "bloqueio_automatico", "nao_bloquear_ate", "beneficio_fidelidade"]
    exclude_route_methods = {"post", "delete"}
    search_columns = ["numero", "cliente_id", "plano_id", "status", "data_inicio", "login_pppoe"]
    order_columns = ["id", "data_inicio", "status"]

    def pre_update(self, item: Contrato) -> None:
        """As on the screen."""
        ContratoService(self.datamodel.session).conferir_edicao(item)

    @expose("/criar", methods=["POST"])
    @protect()
    @permission_name("criar")
    @responde
    def criar(self) -> Response:
        """A draft contract.
        ---
        post:
          summary: Cria um contrato em rascunho
          parameters:
          - {in: header, name: Idempotency-Key, required: false, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [cliente_id, plano_id, data_inicio]
                  properties:
                    cliente_id: {type: integer}
                    plano_id: {type: integer}
                    data_inicio: {type: string, format: date}
                    preco: {type: string, example: "99.90"}
                    desconto: {type: string, example: "10.00"}
                    login_pppoe: {type: string}
          responses:
            201: {description: O contrato criado}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Cliente ou plano não encontrado}
            422: {description: Recusado pela regra}
        """
        corpo = self.corpo(CorpoCriar())
        with transacao() as sessao:
            contrato_id, _repetido = self.uma_vez(sessao, lambda: ContratoService(sessao).criar_contrato(
                corpo.pop("cliente_id"), corpo.pop("plano_id"), **corpo).id)
        return self.response(201, id=contrato_id, result=self.dados(self.exigir(contrato_id)))


class ContratoHistoricoApi(ApiSomenteLeitura):
    """Versions of contracts."""

    resource_name = "contrato_historico"
    datamodel = Interface(ContratoHistorico)
    list_columns = show_columns = ["id", "contrato_id", "versao", "plano_id", "preco", "data_criacao", "motivo", "termo"]
    search_columns = ["contrato_id", "versao"]
    order_columns = ["id"]


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in (ContratoApi, ContratoHistoricoApi):
        appbuilder.add_api(api)
