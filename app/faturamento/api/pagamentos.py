"""Money received, one-off charges and credits."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.clientes.models import Cliente
from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Interface, verbo
from app.faturamento import consultas
from app.faturamento.corpos import CorpoAplicar, CorpoCreditar, CorpoDevolver, CorpoLancar, CorpoMotivo
from app.faturamento.models import Cobranca, Credito, Lancamento, Pagamento
from app.faturamento.services import FaturamentoService


class PagamentoApi(ApiSomenteLeitura):
    """Money received."""

    resource_name = "pagamento"
    datamodel = Interface(Pagamento)
    list_columns = show_columns = [
        "id", "invoice_id", "data_pagamento", "data_credito", "valor", "valor_principal", "valor_multa", "valor_juros", "valor_credito", "metodo",
        "numero_referencia", "gateway", "status", "recibo", "estornado_em", "motivo_estorno",
    ]
    search_columns = ["invoice_id", "data_pagamento", "metodo", "gateway", "numero_referencia", "status"]
    order_columns = ["id", "data_pagamento"]

    @verbo(
        "/<int:pk>/estornar", "Estorna o pagamento; a fatura volta a ficar em aberto, e estornar de novo não muda nada", "O pagamento estornado",
        corpo=CorpoMotivo, recusas={422: "Recusado pela regra"},
    )
    def estornar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Reverse with a reason."""
        with transacao() as sessao:
            FaturamentoService(sessao).estornar_pagamento(pk, motivo=corpo["motivo"], em=relogio.hoje())
        return self.response(200, result=self.dados(self.exigir(pk)))


class CobrancaApi(ApiSomenteLeitura):
    """Charges of invoices at gateways."""

    resource_name = "cobranca"
    list_title = _l("Cobranças nos gateways")
    datamodel = Interface(Cobranca)
    list_columns = ["id", "invoice_id", "gateway", "transacao_id", "desejado", "status", "valor", "expira_em", "pagamento_id", "erro"]
    show_columns = [*list_columns, "linha_digitavel", "codigo_barras", "pix_copia_e_cola", "url"]
    search_columns = ["invoice_id", "gateway", "transacao_id", "desejado", "status", "pagamento_id"]
    order_columns = ["id"]
    label_columns = {
        "invoice_id": _l("Fatura"), "gateway": _l("Gateway"), "transacao_id": _l("Transação"), "desejado": _l("Deve estar"), "status": _l("Situação"),
        "valor": _l("Valor"), "expira_em": _l("Vale até"), "pagamento_id": _l("Pagamento"), "erro": _l("Erro"), "linha_digitavel": _l("Linha digitável"),
    }


class LancamentoApi(ApiSomenteLeitura):
    """One-off charges and discounts."""

    resource_name = "lancamento"
    datamodel = Interface(Lancamento)
    list_columns = show_columns = [
        "id", "cliente_id", "contrato_id", "tipo", "item_tipo", "descricao", "valor", "parcela", "parcelas", "a_partir_de", "status", "invoice_id",
    ]
    search_columns = ["cliente_id", "contrato_id", "tipo", "status", "a_partir_de"]
    order_columns = ["id"]

    @verbo(
        "/lancar", "Lança uma cobrança ou desconto avulso", "As parcelas lançadas", corpo=CorpoLancar, status=201, recusas={422: "Recusado pela regra"},
        idempotente=True,
    )
    def lancar(self, corpo: dict[str, Any]) -> Response:
        """Charge or discount once, in instalments."""
        self.exigir_de(Cliente, corpo["cliente_id"], _("Cliente não encontrado."))
        with transacao() as sessao:
            primeiro, _repetido = self.uma_vez(sessao, lambda: FaturamentoService(sessao).lancar(corpo.pop("cliente_id"), **corpo)[0].id)
            feitos = consultas.lancados_com(sessao, primeiro)
        return self.response(201, ids=feitos)

    @verbo("/<int:pk>/cancelar", "Cancela um lançamento ainda não faturado", "O lançamento cancelado", corpo=CorpoMotivo, recusas={409: "Já faturado"})
    def cancelar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Cancel what was not billed."""
        with transacao() as sessao:
            FaturamentoService(sessao).cancelar_lancamento(pk, motivo=corpo["motivo"])
        return self.response(200, result=self.dados(self.exigir(pk)))


class CreditoApi(ApiSomenteLeitura):
    """Credits of customers."""

    resource_name = "credito"
    datamodel = Interface(Credito)
    list_columns = show_columns = ["id", "cliente_id", "valor", "saldo", "motivo", "pagamento_id", "automatico"]
    search_columns = ["cliente_id", "automatico"]
    order_columns = ["id"]

    @verbo(
        "/dar", "Dá crédito a um cliente; a próxima fatura o usa", "O crédito", corpo=CorpoCreditar, status=201, recusas={404: "Cliente não encontrado"},
        idempotente=True,
    )
    def dar(self, corpo: dict[str, Any]) -> Response:
        """Credit given by hand."""
        self.exigir_de(Cliente, corpo["cliente_id"], _("Cliente não encontrado."))
        with transacao() as sessao:
            credito_id, _repetido = self.uma_vez(sessao, lambda: FaturamentoService(sessao).creditar(
                corpo["cliente_id"], valor=corpo["valor"], motivo=corpo["motivo"]).id)
        return self.response(201, id=credito_id, result=self.dados(self.exigir(credito_id)))

    @verbo(
        "/<int:pk>/aplicar", "Abate uma fatura em aberto com o crédito; responde o valor abatido", "O crédito depois do abatimento e o valor abatido",
        corpo=CorpoAplicar, recusas={409: "A fatura não está em aberto", 422: "O crédito já foi usado"},
    )
    def aplicar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Set the credit against an open invoice of its customer."""
        with transacao() as sessao:
            abatido = FaturamentoService(sessao).aplicar_credito(corpo["invoice_id"], em=relogio.hoje(), credito_id=pk)
        return self.response(200, abatido=str(abatido), result=self.dados(self.exigir(pk)))

    @verbo(
        "/<int:pk>/devolver", "Registra a devolução do saldo do crédito ao cliente", "O crédito devolvido", corpo=CorpoDevolver,
        recusas={422: "O crédito já foi usado ou devolvido"},
    )
    def devolver(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Record that what is left of the credit was paid back."""
        with transacao() as sessao:
            FaturamentoService(sessao).devolver_credito(pk, em=relogio.hoje(), **corpo)
        return self.response(200, result=self.dados(self.exigir(pk)))
