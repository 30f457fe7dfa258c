"""What happens to a contract together with its money and access, as verbs of the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _l

from app.contratos.api import ContratoApi
from app.contratos.models import Contrato, ContratoItem
from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiBase, ApiSomenteLeitura, Interface, verbo
from app.extensions import db
from app.faturamento.corpos import CorpoAtivar, CorpoEm, CorpoEncerrar, CorpoMudarPlano
from app.faturamento.models import ContratoCiclo
from app.faturamento.services import FaturamentoService

RECUSAS = {409: "O contrato não está em situação para isso", 422: "Recusado pela regra"}


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


class ContratoCicloApi(ApiSomenteLeitura):
    """In which cycle each contract bills; ``ativar`` of the contract says so."""

    resource_name = "contrato_ciclo"
    list_title = _l("Vencimentos dos contratos")
    datamodel = Interface(ContratoCiclo, carregar=("contrato",))
    list_columns = show_columns = ["id", "contrato_id", "contrato.numero", "ciclo_faturamento_id", "desde"]
    search_columns = ["contrato_id", "ciclo_faturamento_id", "desde"]
    order_columns = ["id"]
    label_columns = {"contrato_id": _l("Contrato"), "ciclo_faturamento_id": _l("Ciclo de faturamento"), "desde": _l("Desde")}


class CicloDoContratoApi(ApiSomenteLeitura):
    """``/contrato/<id>/ativar`` and the like; the nouns are ContratoApi's."""

    resource_name = "contrato"
    titulo_da_permissao = _l("Vida do contrato")
    datamodel = Interface(Contrato, carregar=("cliente", "plano"))
    exclude_route_methods = {"get_list", "get", "info"}
    list_columns, show_columns = ContratoApi.list_columns, ContratoApi.show_columns
    search_columns, order_columns = ContratoApi.search_columns, ContratoApi.order_columns

    @verbo("/<int:pk>/ativar", "Ativa o contrato: libera o acesso e começa a faturar", "O contrato", corpo=CorpoAtivar, recusas=RECUSAS)
    def ativar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Draft to active."""
        return self._fazer(pk, corpo, FaturamentoService.ativar_contrato)

    @verbo(
        "/<int:pk>/mudar_plano", "Muda o plano; a diferença do que já foi cobrado vai para a próxima fatura", "O contrato", corpo=CorpoMudarPlano,
        recusas=RECUSAS,
    )
    def mudar_plano(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Another plan, by days."""
        return self._fazer(pk, corpo, FaturamentoService.mudar_plano)

    @verbo("/<int:pk>/suspender", "Suspende a pedido do cliente: sem acesso e sem cobrança", "O contrato", corpo=CorpoEm, recusas=RECUSAS)
    def suspender(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Pause at the customer's request."""
        return self._fazer(pk, corpo, FaturamentoService.suspender_a_pedido)

    @verbo("/<int:pk>/retomar", "Retoma o contrato suspenso; a cobrança volta por dias", "O contrato", corpo=CorpoEm, recusas=RECUSAS)
    def retomar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Back from the pause."""
        return self._fazer(pk, corpo, FaturamentoService.retomar)

    @verbo(
        "/<int:pk>/encerrar", "Encerra o contrato: fecha o acesso e acerta o que foi e o que não foi cobrado", "O contrato", corpo=CorpoEncerrar,
        recusas=RECUSAS,
    )
    def encerrar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """End it."""
        return self._fazer(pk, corpo, FaturamentoService.encerrar_contrato)

    def _fazer(self, pk: int, corpo: dict[str, Any], ato: Callable[..., Contrato]) -> Response:
        em: dt.date = corpo.pop("em") or relogio.hoje()
        with transacao() as sessao:
            ato(FaturamentoService(sessao), pk, em=em, **corpo)
        return self.response(200, result=self.dados(self.exigir(pk)))
