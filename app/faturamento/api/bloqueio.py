"""Blocking for debt as verbs of the block: who would be blocked today, and doing it now."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _l

from app.bloqueio.api import BloqueioApi
from app.bloqueio.models import Bloqueio
from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Interface, verbo
from app.extensions import db
from app.faturamento.corpos import CorpoBloquearAtrasados, CorpoSimularBloqueio
from app.faturamento.services import FaturamentoService


class BloqueioEmMassaApi(ApiSomenteLeitura):
    """``/bloqueio/previa`` and ``/bloqueio/executar``; the nouns are BloqueioApi's."""

    resource_name = "bloqueio"
    titulo_da_permissao = _l("Bloqueio por atraso")
    datamodel = Interface(Bloqueio)
    exclude_route_methods = {"get_list", "get", "info"}
    list_columns, show_columns = BloqueioApi.list_columns, BloqueioApi.show_columns
    search_columns, order_columns = BloqueioApi.search_columns, BloqueioApi.order_columns

    @verbo("/previa", "Quem seria bloqueado por atraso num dia (hoje, se não for dito) e quem seria poupado, e por quê; nada muda", "A prévia",
           corpo=CorpoSimularBloqueio)
    def previa(self, corpo: dict[str, Any]) -> Response:
        """Dry run."""
        dia = corpo["data"] or relogio.hoje()
        previa = FaturamentoService(db.session()).simular_bloqueio(hoje=dia)
        db.session.rollback()
        eleitos = [{"contrato_id": e.contrato_id, "cliente_id": e.cliente_id, "divida": str(e.divida), "dias": e.dias} for e in previa.eleitos]
        poupados = [{"contrato_id": p.contrato_id, "cliente_id": p.cliente_id, "dias": p.dias, "motivo": p.motivo} for p in previa.um_a_um]
        resumo = {"percentual": str(round(previa.percentual, 2)), "limite": str(previa.limite), "disjuntor": previa.disjuntor, "divida": str(previa.divida)}
        return self.response(200, result={"data": dia.isoformat(), **resumo, "impedimento": previa.impedimento, "eleitos": eleitos, "poupados": poupados})

    @verbo("/executar", "Bloqueia agora, numa tarefa, quem a política manda", "A tarefa; nula, se este minuto já tem uma", corpo=CorpoBloquearAtrasados,
           status=202, recusas={422: "O disjuntor abriu e ninguém confirmou, ou a política não bloqueia hoje"})
    def executar(self, corpo: dict[str, Any]) -> Response:
        """Block now."""
        with transacao() as sessao:
            tarefa_id = FaturamentoService(sessao).pedir_bloqueio(hoje=relogio.hoje(), confirmado=corpo["confirmado"])
        return self.response(202, tarefa_id=tarefa_id)
