"""The API of the network: sites, servers and outages as nouns; accesses are read, and asked for again."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import AppBuilder
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from marshmallow import Schema, fields, validate

from app.core import relogio
from app.core.numeros import MAIOR_ID
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, FiltroVazio, Interface, interface, responde
from app.rede.controladores import exigir_disponivel
from app.rede.models import AcessoRede, Incidente, Pop, Servidor
from app.rede.services import RedeService
from app.rede.views.acessos import exigir_area
from app.rede.views.comuns import FiltroPendente, exigir_ip


class CorpoSegredo(Schema):
    """Body of ``segredo``."""

    segredo = fields.String(required=True, validate=validate.Length(1, 255))


class CorpoServidor(Schema):
    """Body of ``mudar_servidor``."""

    servidor_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAIOR_ID))


class PopApi(ApiBase):
    """Sites."""

    resource_name = "pop"
    datamodel = Interface(Pop)
    add_columns = edit_columns = ["nome", "endereco", "municipio", "uf", "latitude", "longitude"]
    list_columns = show_columns = ["id", *add_columns]
    search_columns = ["nome", "municipio", "uf"]
    order_columns = ["id", "nome"]


class ServidorApi(ApiBase):
    """Access servers. The secret is written by a verb of its own and never comes back."""

    resource_name = "servidor"
    datamodel = Interface(Servidor, carregar=("pop",))
    add_columns = edit_columns = ["nome", "pop", "ip", "tipo", "usuario", "porta_coa", "ativo"]
    list_columns = ["id", "nome", "pop_id", "pop.nome", "ip", "tipo", "ativo", "ultimo_contato_em", "ultimo_erro", "pausado_ate"]
    show_columns = [*list_columns, "usuario", "porta_coa"]
    search_columns = ["nome", "ip", "tipo", "ativo", "pop_id"]
    order_columns = ["id", "nome"]

    def pre_add(self, item: Servidor) -> None:
        """Only kinds that can be driven today, at an address that is one."""
        exigir_disponivel(item.tipo)
        exigir_ip(item.ip)

    pre_update = pre_add

    @expose("/<int:pk>/segredo", methods=["POST"])
    @protect()
    @permission_name("put")
    @responde
    def segredo(self, pk: int) -> Response:
        """Write the secret.
        ---
        post:
          summary: Grava o segredo do servidor; ele fica cifrado e não volta
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [segredo], properties: {segredo: {type: string}}}}}
          responses:
            200: {description: O servidor}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
        """
        servidor = self.exigir(pk)
        segredo = self.corpo(CorpoSegredo())["segredo"]
        with transacao():
            servidor.segredo = segredo
        return self.response(200, result=self.dados(self.exigir(pk)))


class AcessoRedeApi(ApiSomenteLeitura):
    """Accesses: desired and applied."""

    resource_name = "acesso_rede"
    datamodel = interface(AcessoRede, {"versao": FiltroPendente, "erro": FiltroVazio}, carregar=("contrato", "servidor"))
    list_columns = [
        "id", "contrato_id", "contrato.numero", "contrato.cliente_id", "servidor_id", "servidor.nome", "login", "grupo", "desejado", "aplicado", "versao",
        "versao_aplicada", "mudou_em", "aplicado_em", "erro",
    ]
    show_columns = [*list_columns, "tentativas", "proxima"]
    search_columns = ["contrato_id", "servidor_id", "login", "grupo", "desejado", "aplicado", "versao", "erro"]
    order_columns = ["id"]

    @expose("/<int:pk>/reaplicar", methods=["POST"])
    @protect()
    @permission_name("reaplicar")
    @responde
    def reaplicar(self, pk: int) -> Response:
        """Send the desired state to the network again.
        ---
        post:
          summary: Manda o estado do acesso à rede de novo
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: "O acesso, com versão nova"}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
        """
        self.exigir(pk)
        with transacao() as sessao:
            RedeService(sessao).reaplicar(pk, em=relogio.agora())
        return self.response(200, result=self.dados(self.exigir(pk)))


    @expose("/<int:pk>/mudar_servidor", methods=["POST"])
    @protect()
    @permission_name("mudar_servidor")
    @responde
    def mudar_servidor(self, pk: int) -> Response:
        """Put the access on another server.
        ---
        post:
          summary: Muda o servidor do acesso e manda a ele o estado desejado; o mesmo servidor não muda nada
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [servidor_id], properties: {servidor_id: {type: integer}}}}}
          responses:
            200: {description: O acesso}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
        """
        self.exigir(pk)
        servidor_id = self.corpo(CorpoServidor())["servidor_id"]
        with transacao() as sessao:
            RedeService(sessao).mudar_servidor(pk, servidor_id=servidor_id, em=relogio.agora())
        return self.response(200, result=self.dados(self.exigir(pk)))


class IncidenteApi(ApiBase):
    """Outages."""

    resource_name = "incidente"
    datamodel = Interface(Incidente, carregar=("pop", "servidor"))
    add_columns = edit_columns = ["titulo", "descricao", "pop", "servidor", "municipio", "bairro", "inicio", "previsao"]
    list_columns = ["id", "titulo", "situacao", "pop_id", "servidor_id", "municipio", "bairro", "inicio", "previsao", "fim"]
    show_columns = [*list_columns, "descricao"]
    search_columns = ["titulo", "situacao", "pop_id", "servidor_id", "municipio", "bairro", "inicio", "fim"]
    order_columns = ["id", "inicio"]

    def pre_add(self, item: Any) -> None:
        """An outage has an area and a beginning."""
        exigir_area(item)
        item.inicio = item.inicio or relogio.agora()

    pre_update = pre_add

    @expose("/<int:pk>/encerrar", methods=["POST"])
    @protect()
    @permission_name("encerrar")
    @responde
    def encerrar(self, pk: int) -> Response:
        """The outage is over.
        ---
        post:
          summary: Encerra o incidente; encerrar de novo não muda nada
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: O incidente encerrado}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
        """
        self.exigir(pk)
        with transacao() as sessao:
            RedeService(sessao).encerrar_incidente(pk, em=relogio.agora())
        return self.response(200, result=self.dados(self.exigir(pk)))


APIS = (PopApi, ServidorApi, AcessoRedeApi, IncidenteApi)
dar("Gerente", "|".join(a.__name__ for a in APIS), "can_.*")
dar("Atendente", "AcessoRedeApi|IncidenteApi", "can_(get|info)")
dar("Tecnico", "PopApi|AcessoRedeApi|IncidenteApi", "can_(get|info|reaplicar|mudar_servidor)")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in APIS:
        appbuilder.add_api(api)
