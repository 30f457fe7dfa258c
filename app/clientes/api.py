"""The API of customers, addresses, contacts and consents."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.clientes import acessos, consentimentos
from app.clientes.models import Cliente, Consentimento, Contato, Endereco, OQueViu
from app.clientes.regras import conferir_contato, conferir_endereco
from app.clientes.services import ANOTACAO_MAXIMA, ClienteService
from app.core import sigilo
from app.core.models import Evento
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, verbo
from app.extensions import db

_NOMES = "ClienteApi|EnderecoApi|ContatoApi|ConsentimentoApi"
dar("Gerente", _NOMES, r"can_.*")
dar("Atendente", _NOMES, r"can_(get|info|post|put|anotar)")
dar("Financeiro", _NOMES, r"can_(get|info)")
dar("Tecnico", "ClienteApi|EnderecoApi|ContatoApi", r"can_(get|info)")
for _papel in ("Gerente", "Financeiro"):
    dar(_papel, "EventoApi", r"can_(get|info)")


class CorpoAnotar(Schema):
    """Body of ``anotar``."""

    texto = fields.String(required=True, validate=validate.Length(1, ANOTACAO_MAXIMA))


class _SemExcluir(ApiBase):
    exclude_route_methods = {"delete"}


class ClienteApi(_SemExcluir):
    """Customers; status follows contracts and blocks and cannot be written."""

    resource_name = "cliente"
    datamodel = Interface(Cliente)
    list_columns = ["id", "nome", "nome_fantasia", "cpf_cnpj", "tipo_pessoa", "email", "telefone", "whatsapp", "status"]
    show_columns = [*list_columns, "rg_ie", "data_nascimento", "observacoes"]
    add_columns = edit_columns = ["nome", "nome_fantasia", "cpf_cnpj", "rg_ie", "data_nascimento", "email", "telefone", "whatsapp", "observacoes"]
    search_columns = ["nome", "cpf_cnpj", "email", "telefone", "status", "tipo_pessoa"]
    order_columns = ["id", "nome", "status"]
    ordena_por = {"nome": "ordem"}

    def pre_get(self, data: dict[str, Any]) -> None:
        """Who read a customer's data is in the log of personal data."""
        if sigilo.pode("telefone"):
            with transacao() as sessao:
                acessos.registrar(sessao, data["id"], OQueViu.api)

    def pre_add(self, item: Cliente) -> None:
        """Registered by the service."""
        conferir_contato(item)
        ClienteService(db.session()).incluir(item)

    def pre_update(self, item: Cliente) -> None:
        """The document stays valid and nobody else's."""
        conferir_contato(item)
        ClienteService(db.session()).conferir_documento(item)

    @verbo("/<int:pk>/anotar", "Escreve uma anotação na linha do tempo", "Anotada", corpo=CorpoAnotar, status=201)
    def anotar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Write a note on the timeline."""
        texto: Any = corpo["texto"]
        with transacao() as sessao:
            evento_id = ClienteService(sessao).anotar(pk, texto)
        return self.response(201, id=evento_id)


class EnderecoApi(_SemExcluir):
    """Addresses."""

    resource_name = "endereco"
    datamodel = Interface(Endereco)
    list_columns = show_columns = ["id", "cliente_id", "tipo", "cep", "logradouro", "numero", "complemento", "bairro", "municipio", "uf", "codigo_ibge"]
    add_columns = edit_columns = ["cliente", "tipo", "cep", "logradouro", "numero", "complemento", "bairro", "municipio", "uf", "codigo_ibge"]
    search_columns = ["cliente_id", "tipo", "cep", "municipio", "uf"]
    order_columns = ["id"]

    def pre_add(self, item: Endereco) -> None:
        """CEP and state in their stored form."""
        conferir_endereco(item)

    pre_update = pre_add


class ContatoApi(ApiBase):
    """Contacts."""

    resource_name = "contato"
    datamodel = Interface(Contato)
    list_columns = show_columns = ["id", "cliente_id", "nome", "papel", "email", "telefone", "recebe_faturas"]
    add_columns = edit_columns = ["cliente", "nome", "papel", "email", "telefone", "recebe_faturas"]
    search_columns = ["cliente_id", "nome", "email"]
    order_columns = ["id"]

    def pre_add(self, item: Contato) -> None:
        """E-mail and telephone people can be reached at."""
        conferir_contato(item)

    pre_update = pre_add


class ConsentimentoApi(ApiBase):
    """Consents: written once, never changed."""

    resource_name = "consentimento"
    datamodel = Interface(Consentimento)
    exclude_route_methods = {"put", "delete"}
    list_columns = show_columns = ["id", "cliente_id", "canal", "finalidade", "concedido", "em", "origem", "versao_texto", "evidencia"]
    add_columns = edit_columns = ["cliente", "canal", "finalidade", "concedido", "origem", "evidencia"]
    search_columns = ["cliente_id", "canal", "finalidade", "concedido"]
    order_columns = ["id"]

    def pre_add(self, item: Consentimento) -> None:
        """Dated now, with the version of the text of a known purpose."""
        consentimentos.datar(item)


class EventoApi(ApiSomenteLeitura):
    """Facts of the timelines of customers, the financial ones too; ``dados`` by the kind of fact."""

    resource_name = "evento"
    list_title = _l("Linha do tempo")
    datamodel = Interface(Evento)
    list_columns = show_columns = ["id", "tipo", "cliente_id", "dados", "em", "ator_id"]
    search_columns = ["tipo", "cliente_id", "ator_id"]
    order_columns = ["id"]
    label_columns = {"tipo": _l("Fato"), "cliente_id": _l("Cliente"), "dados": _l("Dados"), "em": _l("Quando"), "ator_id": _l("Quem")}


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in (ClienteApi, EnderecoApi, ContatoApi, ConsentimentoApi, EventoApi):
        appbuilder.add_api(api)
