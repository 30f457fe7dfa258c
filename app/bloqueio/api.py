"""The API of blocks: read as nouns, opened and closed by verbs that call the service."""

from __future__ import annotations

from flask import Response
from flask_appbuilder import AppBuilder
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from app.bloqueio.models import Bloqueio, MotivoBloqueio, TipoBloqueio
from app.bloqueio.services import A_MAO, BloqueioService
from app.contratos.models import Contrato
from app.core import relogio
from app.core.erros import NaoEncontrado
from app.core.numeros import MAIOR_ID
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, FiltroVazio, aplicar_escopo, interface, responde
from app.extensions import db


class CorpoBloquear(Schema):
    """Body of ``bloquear``."""

    contrato_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAIOR_ID))
    motivo = fields.Enum(MotivoBloqueio, by_value=False, load_default=MotivoBloqueio.manual, validate=validate.OneOf(A_MAO))
    tipo = fields.Enum(TipoBloqueio, by_value=False, load_default=TipoBloqueio.total)
    explicacao = fields.String(required=True, validate=validate.Length(1, 255))


class CorpoDesbloquear(Schema):
    """Body of ``desbloquear``."""

    explicacao = fields.String(required=True, validate=validate.Length(1, 255))


class BloqueioApi(ApiSomenteLeitura):
    """Blocks."""

    resource_name = "bloqueio"
    datamodel = interface(Bloqueio, {"fim": FiltroVazio}, carregar=("contrato",))
    list_columns = ["id", "contrato_id", "contrato.numero", "contrato.cliente_id", "tipo", "motivo", "inicio", "fim", "liberado_ate"]
    show_columns = [
        *list_columns, "explicacao", "origem", "autor_id", "notificacao_id", "aviso_em", "aviso_canal", "aviso_destinatario", "aviso_hash",
        "desbloqueado_por_id", "motivo_desbloqueio",
    ]
    search_columns = ["contrato_id", "tipo", "motivo", "inicio", "fim", "liberado_ate"]
    order_columns = ["id", "inicio"]

    @expose("/bloquear", methods=["POST"])
    @protect()
    @permission_name("bloquear")
    @responde
    def bloquear(self) -> Response:
        """Block a contract by hand.
        ---
        post:
          summary: Bloqueia um contrato ativo; bloqueado pelo mesmo motivo, devolve o bloqueio que já existe
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [contrato_id, explicacao]
                  properties:
                    contrato_id: {type: integer}
                    motivo: {type: string, enum: [manual, pedido, seguranca]}
                    tipo: {type: string, enum: [total, reducao]}
                    explicacao: {type: string}
          responses:
            201: {description: O bloqueio}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Contrato não encontrado}
            422: {description: O contrato não está ativo}
        """
        corpo = self.corpo(CorpoBloquear())
        contrato_id = _contrato_visivel(corpo["contrato_id"])
        with transacao() as sessao:
            bloqueio_id = BloqueioService(sessao).bloquear(
                contrato_id, corpo["motivo"], tipo=corpo["tipo"], em=relogio.agora(), explicacao=corpo["explicacao"], origem="api"
            ).id
        return self.response(201, id=bloqueio_id, result=self.dados(self.exigir(bloqueio_id)))

    @expose("/<int:pk>/desbloquear", methods=["POST"])
    @protect()
    @permission_name("desbloquear")
    @responde
    def desbloquear(self, pk: int) -> Response:
        """Close a block.
        ---
        post:
          summary: Encerra o bloqueio e libera o acesso se nenhum outro estiver aberto
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [explicacao], properties: {explicacao: {type: string}}}}}
          responses:
            200: {description: O bloqueio encerrado}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
        """
        self.exigir(pk)
        explicacao = self.corpo(CorpoDesbloquear())["explicacao"]
        with transacao() as sessao:
            BloqueioService(sessao).encerrar(pk, em=relogio.agora(), explicacao=explicacao)
        return self.response(200, result=self.dados(self.exigir(pk)))


def _contrato_visivel(contrato_id: int) -> int:
    """The contract under the person's row rules."""
    consulta = aplicar_escopo(db.session.query(Contrato.id), Contrato).filter(Contrato.id == contrato_id)
    if consulta.first() is None:
        raise NaoEncontrado(_("Contrato não encontrado."), contrato_id=contrato_id)
    return contrato_id


dar("Gerente", "BloqueioApi", "can_.*")
dar("Financeiro", "BloqueioApi", "can_(get|info|bloquear|desbloquear)")
dar("Atendente", "BloqueioApi", "can_(get|info)")
dar("Tecnico", "BloqueioApi", "can_(get|info)")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the API."""
    appbuilder.add_api(BloqueioApi)
