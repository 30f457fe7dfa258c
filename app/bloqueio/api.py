"""The API of blocks: read as nouns, opened and closed by verbs that call the service."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from app.bloqueio.models import Bloqueio, MotivoBloqueio, TipoBloqueio
from app.bloqueio.services import A_MAO, BloqueioService
from app.contratos.models import Contrato
from app.core import relogio
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Chave, FiltroVazio, interface, verbo


class CorpoBloquear(Schema):
    """Body of ``bloquear``."""

    contrato_id = Chave(required=True)
    motivo = fields.String(load_default="manual", validate=validate.OneOf([m.name for m in A_MAO]))
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

    @verbo(
        "/bloquear", "Bloqueia um contrato ativo; bloqueado pelo mesmo motivo, devolve o bloqueio que já existe", "O bloqueio", corpo=CorpoBloquear,
        status=201, recusas={404: "Contrato não encontrado", 422: "O contrato não está ativo"},
    )
    def bloquear(self, corpo: dict[str, Any]) -> Response:
        """Block a contract by hand."""
        self.exigir_de(Contrato, corpo["contrato_id"], _("Contrato não encontrado."))
        with transacao() as sessao:
            bloqueio_id = BloqueioService(sessao).bloquear(
                corpo["contrato_id"], MotivoBloqueio[corpo["motivo"]], tipo=corpo["tipo"], em=relogio.agora(), explicacao=corpo["explicacao"], origem="api"
            ).id
        return self.response(201, id=bloqueio_id, result=self.dados(self.exigir(bloqueio_id)))

    @verbo("/<int:pk>/desbloquear", "Encerra o bloqueio e libera o acesso se nenhum outro estiver aberto", "O bloqueio encerrado", corpo=CorpoDesbloquear)
    def desbloquear(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Close a block."""
        with transacao() as sessao:
            BloqueioService(sessao).encerrar(pk, em=relogio.agora(), explicacao=corpo["explicacao"])
        return self.response(200, result=self.dados(self.exigir(pk)))


dar("Gerente", "BloqueioApi", "can_.*")
dar("Financeiro", "BloqueioApi", "can_(get|info|bloquear|desbloquear)")
dar("Atendente", "BloqueioApi", "can_(get|info)")
dar("Tecnico", "BloqueioApi", "can_(get|info)")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the API."""
    appbuilder.add_api(BloqueioApi)
