"""Money received: list, page, receipt and reversal."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, abort, flash, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import action, expose, has_access
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import relogio, sigilo
from app.core.erros import DominioError
from app.core.formatos import dinheiro
from app.core.visoes import Interface, Ligacao, VisaoSomenteLeitura
from app.faturamento import documentos
from app.faturamento.estados import StatusPagamento
from app.faturamento.models import Pagamento
from app.faturamento.services import FaturamentoService
from app.faturamento.services.pagamentos import SEM_REFERENCIA
from app.faturamento.views.busca import FiltroBuscaInvoice, condicao_de_pagamento

ORIGENS = {"manual": _l("Lançado por uma pessoa"), "api": _l("API")}      # a gateway goes by its own name
_VALORES = ("valor", "valor_principal", "valor_multa", "valor_juros", "valor_credito", "valor_abatido", "tarifa")


def _referencia(referencia: str) -> Any:
    return _l("Sem referência") if referencia.startswith(SEM_REFERENCIA) else referencia


class PagamentoView(VisaoSomenteLeitura):
    """Payments are never changed, only reversed."""

    datamodel = Interface(Pagamento, carregar=("invoice.cliente",))
    route_base = "/pagamentos"
    servico = FaturamentoService
    list_title = _l("Pagamentos")
    show_title = _l("Pagamento")
    list_columns = ["recibo", "invoice.cliente", "invoice", "data_pagamento", "valor", "metodo", "gateway", "status"]
    show_columns = [
        "recibo", "invoice.cliente", "invoice", "data_pagamento", "data_credito", "metodo", "gateway", "numero_referencia", *_VALORES, "status",
        "estornado_em", "motivo_estorno", "observacoes", "created_at",
    ]
    search_columns = ["recibo", "data_pagamento", "valor", "metodo", "gateway", "numero_referencia", "status"]
    order_columns = ["data_pagamento"]
    base_order = ("id", "desc")
    label_columns = {
        "recibo": _l("Recibo"), "invoice.cliente": _l("Cliente"), "invoice": _l("Fatura"), "data_pagamento": _l("Data"),
        "data_credito": _l("Crédito em conta"), "valor": _l("Valor recebido"),
        "valor_principal": _l("Abatido da fatura"), "valor_multa": _l("Multa"), "valor_juros": _l("Juros"), "valor_credito": _l("Virou crédito"),
        "valor_abatido": _l("Desconto ou tolerância"), "tarifa": _l("Tarifa"), "metodo": _l("Forma"), "gateway": _l("Origem"),
        "numero_referencia": _l("Referência"), "status": _l("Status"), "estornado_em": _l("Estornado em"), "motivo_estorno": _l("Motivo do estorno"),
        "observacoes": _l("Observações"), "created_at": _l("Registrado em"),
    }
    formatters_columns = {**dict.fromkeys(_VALORES, dinheiro), "gateway": lambda gateway: ORIGENS.get(gateway, gateway), "numero_referencia": _referencia}
    colunas_direita = ("valor",)
    acoes_com_motivo = {"estornar"}
    acoes_valem = {"estornar": lambda pagamento: pagamento.status is StatusPagamento.confirmado}
    visoes = [(_l("Todos"), ""), (_l("Confirmados"), "_flt_0_status=confirmado"), (_l("Estornados"), "_flt_0_status=estornado")]
    busca_rapida = "recibo"
    links_da_linha = [Ligacao(_l("Recibo"), "PagamentoView.recibo", "file-text", permissao=("can_show", "PagamentoView"))]

    def _com_busca(self, filtros: Filters) -> Filters:
        texto = self._texto_buscado()
        return filtros.copy().add_filter("recibo", FiltroBuscaInvoice, condicao_de_pagamento(texto)) if texto else filtros

    @expose("/<int:pk>/recibo")
    @has_access
    @permission_name("show")
    def recibo(self, pk: int) -> ResponseReturnValue:
        """The receipt as PDF."""
        pagamento = self.datamodel.get(pk, self._base_filters) or abort(404)
        nome = f"recibo-{pagamento.recibo or pagamento.id}.pdf"
        sigilo.viu(pagamento.invoice.pagador_documento)
        return send_file(io.BytesIO(documentos.pdf_do_recibo(pk)), "application/pdf", download_name=nome)

    @action("estornar", _l("Estornar"), _l("Estornar os pagamentos marcados? A fatura volta a ficar em aberto."), "arrow-back-up")
    def estornar(self, itens: Any) -> Response:
        """Reverse with a reason."""
        try:
            motivo = self.motivo()
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        marcados = itens if isinstance(itens, list) else [itens]
        ja = [p for p in marcados if p.status is StatusPagamento.estornado]
        for pagamento in ja:
            flash(_("%(pagamento)s já estava estornado.", pagamento=pagamento.recibo or pagamento.numero_referencia), "warning")
        restam = [p for p in marcados if p not in ja]
        return self.executar(FaturamentoService.estornar_pagamento, restam, motivo=motivo, em=relogio.hoje())
