"""The API of the network: sites, servers and outages as nouns; accesses are read, and asked for again."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.core import relogio
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Chave, FiltroVazio, Interface, interface, verbo
from app.rede.controladores import exigir_disponivel
from app.rede.models import AcessoRede, EventoRede, Incidente, Pop, Servidor
from app.rede.regras import conferir_pop, exigir_area, exigir_ip
from app.rede.services import RedeService
from app.rede.views.comuns import FiltroPendente


class CorpoSegredo(Schema):
    """Body of ``segredo``."""

    segredo = fields.String(required=True, validate=validate.Length(1, 255))


class CorpoServidor(Schema):
    """Body of ``mudar_servidor``."""

    servidor_id = Chave(required=True)


class PopApi(ApiBase):
    """Sites."""

    resource_name = "pop"
    datamodel = Interface(Pop)
    add_columns = edit_columns = ["nome", "endereco", "municipio", "uf", "latitude", "longitude"]
    list_columns = show_columns = ["id", *add_columns]
    search_columns = ["nome", "municipio", "uf"]
    order_columns = ["id", "nome"]

    def pre_add(self, item: Pop) -> None:
        """As on the screen."""
        conferir_pop(item)

    pre_update = pre_add


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

    @verbo("/<int:pk>/segredo", "Grava o segredo do servidor; ele fica cifrado e não volta", "O servidor", corpo=CorpoSegredo, permissao="put")
    def segredo(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Write the secret."""
        with transacao():
            self.exigir(pk).segredo = corpo["segredo"]
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

    @verbo("/<int:pk>/reaplicar", "Manda o estado do acesso à rede de novo", "O acesso, com versão nova")
    def reaplicar(self, pk: int) -> Response:
        """Send the desired state to the network again."""
        with transacao() as sessao:
            RedeService(sessao).reaplicar(pk, em=relogio.agora())
        return self.response(200, result=self.dados(self.exigir(pk)))

    @verbo(
        "/<int:pk>/mudar_servidor", "Muda o servidor do acesso e manda a ele o estado desejado; o mesmo servidor não muda nada", "O acesso",
        corpo=CorpoServidor,
    )
    def mudar_servidor(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Put the access on another server."""
        with transacao() as sessao:
            RedeService(sessao).mudar_servidor(pk, servidor_id=corpo["servidor_id"], em=relogio.agora())
        return self.response(200, result=self.dados(self.exigir(pk)))


class EventoRedeApi(ApiSomenteLeitura):
    """What was done to the network, and what the server answered."""

    resource_name = "evento_rede"
    list_title = _l("Ordens à rede")
    datamodel = Interface(EventoRede)
    list_columns = show_columns = ["id", "contrato_id", "servidor_id", "acao", "ok", "detalhe", "em"]
    search_columns = ["contrato_id", "servidor_id", "acao", "ok"]
    order_columns = ["id"]
    label_columns = {
        "contrato_id": _l("Contrato"), "servidor_id": _l("Servidor"), "acao": _l("Ação"), "ok": _l("Deu certo"), "detalhe": _l("Resposta"), "em": _l("Quando"),
    }


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

    @verbo("/<int:pk>/encerrar", "Encerra o incidente; encerrar de novo não muda nada", "O incidente encerrado")
    def encerrar(self, pk: int) -> Response:
        """The outage is over."""
        with transacao() as sessao:
            RedeService(sessao).encerrar_incidente(pk, em=relogio.agora())
        return self.response(200, result=self.dados(self.exigir(pk)))


APIS = (PopApi, ServidorApi, AcessoRedeApi, EventoRedeApi, IncidenteApi)
dar("Gerente", "|".join(a.__name__ for a in APIS), "can_.*")
dar("Atendente", "AcessoRedeApi|EventoRedeApi|IncidenteApi", "can_(get|info)")
dar("Tecnico", "PopApi|AcessoRedeApi|EventoRedeApi|IncidenteApi", "can_(get|info|reaplicar|mudar_servidor)")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in APIS:
        appbuilder.add_api(api)
