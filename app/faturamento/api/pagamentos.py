"""Money received, one-off charges and credits."""

from __future__ import annotations

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.core import relogio
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Interface, responde
from app.faturamento import consultas
from app.faturamento.corpos import CorpoAplicar, CorpoCreditar, CorpoDevolver, CorpoLancar, CorpoMotivo
from app.faturamento.models import Credito, Lancamento, Pagamento
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

    @expose("/<int:pk>/estornar", methods=["POST"])
    @protect()
    @permission_name("estornar")
    @responde
    def estornar(self, pk: int) -> Response:
        """Reverse with a reason.
        ---
        post:
          summary: Estorna o pagamento; a fatura volta a ficar em aberto
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [motivo], properties: {motivo: {type: string}}}}}
          responses:
            200: {description: O pagamento estornado}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: Já estornado}
            422: {description: Recusado pela regra}
        """
        self.exigir(pk)
        motivo = self.corpo(CorpoMotivo())["motivo"]
        with transacao() as sessao:
            FaturamentoService(sessao).estornar_pagamento(pk, motivo=motivo, em=relogio.hoje())
        return self.response(200, result=self.dados(self.exigir(pk)))


class LancamentoApi(ApiSomenteLeitura):
    """One-off charges and discounts."""

    resource_name = "lancamento"
    datamodel = Interface(Lancamento)
    list_columns = show_columns = [
        "id", "cliente_id", "contrato_id", "tipo", "item_tipo", "descricao", "valor", "parcela", "parcelas", "a_partir_de", "status", "invoice_id",
    ]
    search_columns = ["cliente_id", "contrato_id", "tipo", "status", "a_partir_de"]
    order_columns = ["id"]

    @expose("/lancar", methods=["POST"])
    @protect()
    @permission_name("lancar")
    @responde
    def lancar(self) -> Response:
        """Charge or discount once, in instalments.
        ---
        post:
          summary: Lança uma cobrança ou desconto avulso
          parameters:
          - {in: header, name: Idempotency-Key, required: false, schema: {type: string}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [cliente_id, descricao, valor, a_partir_de]}}}
          responses:
            201: {description: As parcelas lançadas}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            422: {description: Recusado pela regra}
        """
        corpo = self.corpo(CorpoLancar())
        with transacao() as sessao:
            primeiro, _repetido = self.uma_vez(sessao, lambda: FaturamentoService(sessao).lancar(corpo.pop("cliente_id"), **corpo)[0].id)
            feitos = consultas.lancados_com(sessao, primeiro)
        return self.response(201, ids=feitos)

    @expose("/<int:pk>/cancelar", methods=["POST"])
    @protect()
    @permission_name("cancelar")
    @responde
    def cancelar(self, pk: int) -> Response:
        """Cancel what was not billed.
        ---
        post:
          summary: Cancela um lançamento ainda não faturado
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [motivo], properties: {motivo: {type: string}}}}}
          responses:
            200: {description: O lançamento cancelado}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: Já faturado}
        """
        self.exigir(pk)
        motivo = self.corpo(CorpoMotivo())["motivo"]
        with transacao() as sessao:
            FaturamentoService(sessao).cancelar_lancamento(pk, motivo=motivo)
        return self.response(200, result=self.dados(self.exigir(pk)))


class CreditoApi(ApiSomenteLeitura):
    """Credits of customers."""

    resource_name = "credito"
    datamodel = Interface(Credito)
    list_columns = show_columns = ["id", "cliente_id", "valor", "saldo", "motivo", "pagamento_id", "automatico"]
    search_columns = ["cliente_id", "automatico"]
    order_columns = ["id"]

    @expose("/dar", methods=["POST"])
    @protect()
    @permission_name("dar")
    @responde
    def dar(self) -> Response:
        """Credit given by hand.
        ---
        post:
          summary: Dá crédito a um cliente; a próxima fatura o usa
          parameters:
          - {in: header, name: Idempotency-Key, required: false, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [cliente_id, valor, motivo]
                  properties: {cliente_id: {type: integer}, valor: {type: string, example: "30.00"}, motivo: {type: string}}
          responses:
            201: {description: O crédito}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Cliente não encontrado}
        """
        corpo = self.corpo(CorpoCreditar())
        with transacao() as sessao:
            credito_id, _repetido = self.uma_vez(sessao, lambda: FaturamentoService(sessao).creditar(
                corpo["cliente_id"], valor=corpo["valor"], motivo=corpo["motivo"]).id)
        return self.response(201, id=credito_id, result=self.dados(self.exigir(credito_id)))

    @expose("/<int:pk>/aplicar", methods=["POST"])
    @protect()
    @permission_name("aplicar")
    @responde
    def aplicar(self, pk: int) -> Response:
        """Set the credit against an open invoice of its customer.
        ---
        post:
          summary: Abate uma fatura em aberto com o crédito; responde o valor abatido
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [invoice_id], properties: {invoice_id: {type: integer}}}}}
          responses:
            200: {description: O crédito depois do abatimento e o valor abatido}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            409: {description: A fatura não está em aberto}
            422: {description: O crédito já foi usado}
        """
        self.exigir(pk)
        invoice_id = self.corpo(CorpoAplicar())["invoice_id"]
        with transacao() as sessao:
            abatido = FaturamentoService(sessao).aplicar_credito(invoice_id, em=relogio.hoje(), credito_id=pk)
        return self.response(200, abatido=str(abatido), result=self.dados(self.exigir(pk)))

    @expose("/<int:pk>/devolver", methods=["POST"])
    @protect()
    @permission_name("devolver")
    @responde
    def devolver(self, pk: int) -> Response:
        """Record that what is left of the credit was paid back.
        ---
        post:
          summary: Registra a devolução do saldo do crédito ao cliente
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [motivo, referencia]
                  properties: {motivo: {type: string}, referencia: {type: string, description: O que identifica a transferência}}
          responses:
            200: {description: O crédito devolvido}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrado}
            422: {description: O crédito já foi usado ou devolvido}
        """
        self.exigir(pk)
        corpo = self.corpo(CorpoDevolver())
        with transacao() as sessao:
            FaturamentoService(sessao).devolver_credito(pk, em=relogio.hoje(), **corpo)
        return self.response(200, result=self.dados(self.exigir(pk)))
