"""The API of billing: every noun listed, filtered and got, and its verbs as sub-resources that call the services."""

from __future__ import annotations

import datetime as dt

from flask import Response, send_file
from flask_appbuilder import AppBuilder
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.core import relogio
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Interface, responde
from app.extensions import db
from app.faturamento import documentos
from app.faturamento.corpos import CorpoGerar, CorpoLancar, CorpoMotivo, CorpoPagar
from app.faturamento.models import CicloFaturamento, Credito, ExecucaoFaturamento, Invoice, ItemInvoice, Lancamento, Pagamento, PoliticaCobranca
from app.faturamento.services import FaturamentoService


class InvoiceApi(ApiSomenteLeitura):
    """Invoices."""

    resource_name = "invoice"
    datamodel = Interface(Invoice, carregar=("cliente", "itens"))
    list_columns = [
        "id", "numero", "cliente_id", "cliente.nome", "data_emissao", "data_vencimento", "data_pagamento", "valor_total", "valor_pago", "valor_abatido",
        "status",
    ]
    show_columns = [
        *list_columns, "competencia_inicio", "competencia_fim", "pagador_nome", "pagador_documento", "pagador_endereco", "multa_percentual", "juros_mensal",
        "desconto_pontual", "txid_pix", "contestada_em", "motivo_cancelamento", "itens.descricao", "itens.tipo", "itens.quantidade", "itens.valor_unitario",
        "itens.valor_total", "itens.periodo_inicio", "itens.periodo_fim",
    ]
    search_columns = ["numero", "cliente_id", "status", "data_emissao", "data_vencimento", "data_pagamento", "valor_total", "execucao_id"]
    order_columns = ["id", "data_emissao", "data_vencimento", "valor_total", "status"]

    @expose("/gerar", methods=["POST"])
    @protect()
    @permission_name("gerar")
    @responde
    def gerar(self) -> Response:
        """Issue an invoice with given lines.
        ---
        post:
          summary: Emite uma fatura avulsa
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [cliente_id, vencimento, itens]
                  properties:
                    cliente_id: {type: integer}
                    vencimento: {type: string, format: date}
                    itens: {type: array, items: {type: object}}
          responses:
            201: {description: A fatura emitida}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            422: {description: Recusado pela regra}
        """
        corpo = self.corpo(CorpoGerar())
        with transacao() as sessao:
            servico = FaturamentoService(sessao)
            invoice = servico.gerar_invoice(corpo["cliente_id"], corpo["itens"], vencimento=corpo["vencimento"], em=relogio.hoje())
            invoice_id = invoice.id
        return self.response(201, id=invoice_id, result=self.dados(self.exigir(invoice_id)))

    @expose("/<int:pk>/pagar", methods=["POST"])
    @protect()
    @permission_name("pagar")
    @responde
    def pagar(self, pk: int) -> Response:
        """Record money received.
        ---
        post:
          summary: Registra um recebimento; a mesma referência de novo devolve o primeiro
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [valor, metodo, referencia]
                  properties:
                    valor: {type: string, example: "99.90"}
                    metodo: {type: string, enum: [boleto, pix, cartao, transferencia, dinheiro]}
                    data: {type: string, format: date}
                    referencia: {type: string}
          responses:
            200: {description: A fatura depois do recebimento}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
            409: {description: A fatura não pode receber}
            422: {description: Recusado pela regra}
        """
        self.exigir(pk)
        corpo = self.corpo(CorpoPagar())
        with transacao() as sessao:
            pagamento = FaturamentoService(sessao).registrar_pagamento(
                pk, corpo["valor"], corpo["metodo"], em=corpo["data"] or relogio.hoje(), referencia=corpo["referencia"], gateway="api"
            )
            recibo = pagamento.recibo
        return self.response(200, recibo=recibo, result=self.dados(self.exigir(pk)))

    @expose("/<int:pk>/cancelar", methods=["POST"])
    @protect()
    @permission_name("cancelar")
    @responde
    def cancelar(self, pk: int) -> Response:
        """Cancel with a reason.
        ---
        post:
          summary: Cancela a fatura
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [motivo], properties: {motivo: {type: string}}}}}
          responses:
            200: {description: A fatura cancelada}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
            409: {description: Não pode ser cancelada}
            422: {description: Recusado pela regra}
        """
        self.exigir(pk)
        motivo = self.corpo(CorpoMotivo())["motivo"]
        with transacao() as sessao:
            FaturamentoService(sessao).cancelar(pk, motivo=motivo, em=relogio.hoje())
        return self.response(200, result=self.dados(self.exigir(pk)))

    @expose("/<int:pk>/valor", methods=["GET"])
    @protect()
    @permission_name("get")
    @responde
    def valor_hoje(self, pk: int) -> Response:
        """What is owed on a date.
        ---
        get:
          summary: Valor atualizado hoje, e o código Pix
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: Principal, desconto, multa, juros, total e Pix copia e cola}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
        """
        invoice = self.exigir(pk)
        hoje: dt.date = relogio.hoje()
        devido = FaturamentoService(db.session()).valor_atualizado(invoice, hoje)
        partes = {nome: str(getattr(devido, nome)) for nome in ("principal", "desconto", "multa", "juros", "total")}
        return self.response(200, result={"em": hoje.isoformat(), **partes, "pix_copia_e_cola": documentos.ler(db.session(), pk).pix})

    @expose("/<int:pk>/pdf", methods=["GET"])
    @protect()
    @permission_name("get")
    @responde
    def pdf(self, pk: int) -> Response:
        """The document.
        ---
        get:
          summary: A fatura em PDF
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: O documento, content: {application/pdf: {schema: {type: string, format: binary}}}}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
        """
        import io

        nome = documentos.nome_do_arquivo(self.exigir(pk))
        return send_file(io.BytesIO(documentos.pdf_da_invoice(pk)), "application/pdf", as_attachment=True, download_name=nome)


class ItemInvoiceApi(ApiSomenteLeitura):
    """Lines of invoices."""

    resource_name = "item_invoice"
    datamodel = Interface(ItemInvoice)
    list_columns = show_columns = [
        "id", "invoice_id", "contrato_id", "descricao", "tipo", "quantidade", "valor_unitario", "valor_total", "periodo_inicio", "periodo_fim",
    ]
    search_columns = ["invoice_id", "contrato_id", "tipo"]
    order_columns = ["id"]


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
    order_columns = ["id", "a_partir_de"]

    @expose("/lancar", methods=["POST"])
    @protect()
    @permission_name("lancar")
    @responde
    def lancar(self) -> Response:
        """Charge or discount once, in instalments.
        ---
        post:
          summary: Lança uma cobrança ou desconto avulso
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
            feitos = [i.id for i in FaturamentoService(sessao).lancar(corpo.pop("cliente_id"), **corpo)]
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


class CicloFaturamentoApi(ApiSomenteLeitura):
    """When each customer is billed."""

    resource_name = "ciclo_faturamento"
    datamodel = Interface(CicloFaturamento, carregar=("ciclo",))
    list_columns = show_columns = ["id", "cliente_id", "ciclo.nome", "dia_vencimento", "data_inicio", "proximo_vencimento", "ativo", "estacionado_motivo"]
    search_columns = ["cliente_id", "dia_vencimento", "proximo_vencimento", "ativo"]
    order_columns = ["id", "proximo_vencimento"]


class ExecucaoFaturamentoApi(ApiSomenteLeitura):
    """Billing runs."""

    resource_name = "execucao_faturamento"
    datamodel = Interface(ExecucaoFaturamento)
    list_columns = show_columns = ["id", "referencia", "status", "origem", "esperado", "valor_esperado", "iniciada_em", "terminada_em"]
    search_columns = ["referencia", "status", "origem"]
    order_columns = ["id", "referencia"]


class PoliticaCobrancaApi(ApiSomenteLeitura):
    """Dunning policies; edited on the screen."""

    resource_name = "politica_cobranca"
    datamodel = Interface(PoliticaCobranca)
    list_columns = show_columns = [
        "id", "nome", "preset", "padrao", "multa_percentual", "juros_mensal", "tolerancia", "dias_lembrete", "dias_aviso", "dias_bloqueio", "dias_apos_aviso",
        "exige_aviso", "divida_minima", "ativo",
    ]
    search_columns = ["nome", "padrao", "ativo"]
    order_columns = ["id", "nome"]


APIS = (
    InvoiceApi, ItemInvoiceApi, PagamentoApi, LancamentoApi, CreditoApi, CicloFaturamentoApi, ExecucaoFaturamentoApi, PoliticaCobrancaApi,
)
_NOMES = "|".join(a.__name__ for a in APIS)
dar("Gerente", _NOMES, r"can_.*")
dar("Financeiro", _NOMES, r"can_.*")
dar("Atendente", "InvoiceApi|ItemInvoiceApi|PagamentoApi|CicloFaturamentoApi", r"can_(get|info)")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in APIS:
        appbuilder.add_api(api)
