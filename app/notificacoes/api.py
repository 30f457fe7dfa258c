"""The API of messages: the journal is read, sent again and cancelled; texts are edited; addresses are refused and allowed."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.core.erros import NaoEncontrado
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, verbo
from app.notificacoes.models import CanalEnvio, EnvioMensagem, ModeloMensagem, Notificacao, OptOut
from app.notificacoes.regras import conferir_endereco, conferir_modelo
from app.notificacoes.services import CanalService, NotificacaoService
from app.notificacoes.views.comuns import REGRA_DE_LINHA, TentativasDeClientes

dar("Gerente", "NotificacaoApi|EnvioMensagemApi|ModeloMensagemApi|OptOutApi", r"can_.*")
dar("Financeiro", "NotificacaoApi", "can_(get|info|reenviar|cancelar)")
dar("Financeiro", "OptOutApi", "can_(get|info|post|delete)")
dar("Financeiro", "ModeloMensagemApi", "can_(get|info)")
dar("Atendente", "NotificacaoApi", "can_(get|info|reenviar)")
dar("Atendente", "OptOutApi", "can_(get|info)")
for _papel in ("Financeiro", "Atendente"):
    dar(_papel, "EnvioMensagemApi", "can_(get|info)")


class CorpoCancelar(Schema):
    """Body of ``cancelar``."""

    motivo = fields.String(required=True, validate=validate.Length(1, 500))


class NotificacaoApi(ApiSomenteLeitura):
    """Messages."""

    resource_name = "notificacao"
    datamodel = Interface(Notificacao)
    base_filters = REGRA_DE_LINHA
    list_columns = ["id", "chave", "evento", "canal", "cliente_id", "invoice_id", "destinatario", "assunto", "status", "quando", "enviada_em", "erro"]
    show_columns = [*list_columns, "corpo", "tentativas", "message_id", "lida_em", "vale_ate"]
    search_columns = ["chave", "evento", "canal", "cliente_id", "invoice_id", "destinatario", "status", "quando", "enviada_em"]
    order_columns = ["id"]

    @verbo(
        "/<int:pk>/reenviar", "Envia de novo; de uma já enviada vai uma cópia", "A mensagem que vai",
        recusas={422: "O destinatário não recebe mensagens ou a mensagem está saindo agora"},
    )
    def reenviar(self, pk: int) -> Response:
        """Send a message again."""
        with transacao() as sessao:
            linha = NotificacaoService(sessao).reenviar(pk)
        return self.response(200, result=self.dados(linha), id=linha.id)

    @verbo("/<int:pk>/cancelar", "Cancela uma mensagem que ainda não saiu", "Cancelada", corpo=CorpoCancelar, recusas={422: "Já saiu"})
    def cancelar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Do not send a message."""
        with transacao() as sessao:
            linha = NotificacaoService(sessao).cancelar(pk, motivo=corpo["motivo"])
        return self.response(200, result=self.dados(linha))


class EnvioMensagemApi(ApiSomenteLeitura):
    """Attempts of messages, and what the server answered."""

    resource_name = "envio_mensagem"
    list_title = _l("Tentativas de envio")
    datamodel = Interface(EnvioMensagem)
    base_filters = [["notificacao_id", TentativasDeClientes, None]]
    list_columns = show_columns = ["id", "notificacao_id", "canal", "por", "resultado", "resposta", "id_no_provedor", "em"]
    search_columns = ["notificacao_id", "canal", "por", "resultado", "em"]
    order_columns = ["id", "em"]
    label_columns = {
        "notificacao_id": _l("Mensagem"), "canal": _l("Canal"), "por": _l("Por onde"), "resultado": _l("Resultado"), "resposta": _l("Resposta"),
        "id_no_provedor": _l("Número no provedor"), "em": _l("Quando"),
    }


class ModeloMensagemApi(ApiBase):
    """Texts of messages."""

    resource_name = "modelo_mensagem"
    datamodel = Interface(ModeloMensagem)
    exclude_route_methods = {"post", "delete"}
    list_columns = ["id", "evento", "canal", "assunto", "ativo"]
    show_columns = [*list_columns, "corpo"]
    add_columns = edit_columns = ["assunto", "corpo", "ativo"]
    search_columns = ["evento", "canal", "ativo"]
    order_columns = ["id", "evento"]

    def pre_update(self, item: ModeloMensagem) -> None:
        """A template with mistakes is refused."""
        conferir_modelo(item.evento, item.assunto, item.corpo)


class CanalEnvioApi(ApiSomenteLeitura):
    """How channels are set up and whether they are stopped; never an address, a header or a secret."""

    resource_name = "canal_envio"
    list_title = _l("Canais de envio")
    datamodel = Interface(CanalEnvio)
    list_columns = show_columns = [
        "id", "canal", "metodo", "tipo_corpo", "remetente", "id_na_resposta", "recusa_status", "recusa_texto", "parado_em", "espera_ate", "motivo",
        "updated_at",
    ]
    search_columns = ["canal", "parado_em"]
    order_columns = ["id"]
    label_columns = {
        "canal": _l("Canal"), "metodo": _l("Método"), "tipo_corpo": _l("Tipo do corpo"), "remetente": _l("Remetente"),
        "id_na_resposta": _l("Número da mensagem na resposta"), "recusa_status": _l("Destinatário inexistente: respostas"),
        "recusa_texto": _l("Destinatário inexistente: texto"), "parado_em": _l("Parado desde"), "espera_ate": _l("Espera até"), "motivo": _l("Motivo"),
        "updated_at": _l("Alterado em"),
    }

    @verbo("/<int:pk>/retomar", "Retoma um canal parado; o que esperava sai", "O canal")
    def retomar(self, pk: int) -> Response:
        """Go on with what waits."""
        with transacao() as sessao:
            canal = sessao.get(CanalEnvio, pk)
            if canal is None:
                raise NaoEncontrado(_("Canal não encontrado."), canal_id=pk)
            CanalService(sessao).retomar(canal.canal)
        return self.response(200, result=self.dados(canal))


class OptOutApi(ApiBase):
    """Addresses that do not want messages, or that bounced."""

    resource_name = "opt_out"
    datamodel = Interface(OptOut)
    exclude_route_methods = {"put"}
    list_columns = show_columns = ["id", "canal", "destinatario", "evento", "motivo", "created_at"]
    add_columns = edit_columns = ["canal", "destinatario", "evento", "motivo"]
    search_columns = ["canal", "destinatario", "evento"]
    order_columns = ["id"]

    def pre_add(self, item: OptOut) -> None:
        """Mail addresses are compared in lower case, telephones by their digits."""
        item.destinatario = conferir_endereco(item.canal, item.destinatario)


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in (NotificacaoApi, EnvioMensagemApi, ModeloMensagemApi, OptOutApi, CanalEnvioApi):
        appbuilder.add_api(api)
