"""The API of contracts and their history."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.clientes.models import Cliente
from app.contratos.estados import Cobranca
from app.contratos.models import Contrato, ContratoHistorico, SuspensaoVoluntaria
from app.contratos.services import ContratoService
from app.core.dinheiro import PRECO_MAXIMO, ZERO
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Chave, Dia, Interface, Preco, verbo

_NOMES = "ContratoApi|ContratoHistoricoApi|SuspensaoVoluntariaApi"
dar("Gerente", _NOMES, r"can_.*")
dar("Atendente", _NOMES, r"can_(get|info|post|put|criar)")
dar("Financeiro", _NOMES, r"can_(get|info)")
dar("Tecnico", "ContratoApi", r"can_(get|info)")


class CorpoCriar(Schema):
    """Body of ``criar``."""

    cliente_id = Chave(required=True)
    plano_id = Chave(required=True)
    data_inicio = fields.Date(required=True)
    endereco_instalacao_id = Chave(load_default=None, allow_none=True)
    preco = Preco(PRECO_MAXIMO, load_default=None, allow_none=True)
    desconto = Preco(PRECO_MAXIMO, load_default=ZERO)
    desconto_ate = Dia()
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

    @verbo(
        "/criar", "Cria um contrato em rascunho", "O contrato criado", corpo=CorpoCriar, status=201,
        recusas={404: "Cliente ou plano não encontrado", 409: "O login já é de outro contrato", 422: "Recusado pela regra"}, idempotente=True,
    )
    def criar(self, corpo: dict[str, Any]) -> Response:
        """A draft contract."""
        self.exigir_de(Cliente, corpo["cliente_id"], _("Cliente não encontrado."))
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


class SuspensaoVoluntariaApi(ApiSomenteLeitura):
    """Pauses at the customer's request; ``suspender`` and ``retomar`` of the contract begin and end them."""

    resource_name = "suspensao_voluntaria"
    list_title = _l("Pausas a pedido do cliente")
    datamodel = Interface(SuspensaoVoluntaria)
    list_columns = show_columns = ["id", "contrato_id", "de", "volta"]
    search_columns = ["contrato_id", "de", "volta"]
    order_columns = ["id"]
    label_columns = {"contrato_id": _l("Contrato"), "de": _l("Desde"), "volta": _l("Volta")}


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in (ContratoApi, ContratoHistoricoApi, SuspensaoVoluntariaApi):
        appbuilder.add_api(api)
