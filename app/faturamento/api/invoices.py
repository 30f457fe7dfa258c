"""Invoices and their lines."""

from __future__ import annotations

import datetime as dt
import io

from flask import Response, request, send_file
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.core import relogio
from app.core.datas import UM_ANO
from app.core.erros import ValorInvalido
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Interface, responde
from app.extensions import db
from app.faturamento import documentos
from app.faturamento.corpos import CorpoGerar, CorpoMotivo, CorpoPagar
from app.faturamento.models import Invoice, ItemInvoice
from app.faturamento.services import FaturamentoService, Recebido


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
        "desconto_pontual", "valor_creditado", "valor_encargos", "txid_pix",
        "contestada_em", "motivo_cancelamento", "itens.descricao", "itens.tipo", "itens.quantidade", "itens.valor_unitario",
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
          parameters:
          - {in: header, name: Idempotency-Key, required: false, schema: {type: string}}
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
            invoice_id, _repetido = self.uma_vez(sessao, lambda: FaturamentoService(sessao).gerar_invoice(
                corpo["cliente_id"], corpo["itens"], vencimento=corpo["vencimento"], em=relogio.hoje()).id)
        return self.response(201, id=invoice_id, result=self.dados(self.exigir(invoice_id)))

    @expose("/<int:pk>/pagar", methods=["POST"])
    @protect()
    @permission_name("pagar")
    @responde
    def pagar(self, pk: int) -> Response:
        """Record money received.
        ---
        post:
          summary: Registra um recebimento; o mesmo (referência, valor, forma e data) de novo devolve o primeiro, com repetido true
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
            409: {description: "A fatura não pode receber, ou a referência já é de outro recebimento"}
            422: {description: Recusado pela regra}
        """
        self.exigir(pk)
        corpo = self.corpo(CorpoPagar())
        with transacao() as sessao:
            recebido = Recebido(pk, corpo["valor"], corpo["metodo"], corpo["data"] or relogio.hoje(), corpo["referencia"], "api")
            resultado = FaturamentoService(sessao).receber(recebido)
            recibo = resultado.pagamento.recibo
        return self.response(200, recibo=recibo, repetido=resultado.repetido, result=self.dados(self.exigir(pk)))

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

    @expose("/<int:pk>/registrar_aviso", methods=["POST"])
    @protect()
    @permission_name("registrar_aviso")
    @responde
    def registrar_aviso(self, pk: int) -> Response:
        """The customer was told of the delay by a person.
        ---
        post:
          summary: Registra o aviso de atraso dado por telefone, carta ou em pessoa; vale como aviso para o bloqueio
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [motivo], properties: {motivo: {type: string}}}}}
          responses:
            200: {description: Registrado}
            400: {description: Corpo inválido}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
            422: {description: A fatura não está em atraso}
        """
        self.exigir(pk)
        motivo = self.corpo(CorpoMotivo())["motivo"]
        with transacao() as sessao:
            aviso_id = FaturamentoService(sessao).registrar_aviso_manual(pk, motivo=motivo, em=relogio.agora()).id
        return self.response(200, notificacao_id=aviso_id, result=self.dados(self.exigir(pk)))

    @expose("/<int:pk>/reemitir", methods=["POST"])
    @protect()
    @permission_name("reemitir")
    @responde
    def reemitir(self, pk: int) -> Response:
        """Another in its place.
        ---
        post:
          summary: Emite outra fatura no lugar de uma cancelada, com os dados de hoje e novo vencimento
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            201: {description: A fatura nova}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
            409: {description: "Não está cancelada, já foi substituída ou o período já tem fatura"}
            422: {description: Recusado pela regra}
        """
        self.exigir(pk)
        with transacao() as sessao:
            nova_id = FaturamentoService(sessao).reemitir(pk, em=relogio.hoje()).id
        return self.response(201, id=nova_id, result=self.dados(self.exigir(nova_id)))

    @expose("/<int:pk>/reenviar", methods=["POST"])
    @protect()
    @permission_name("reenviar")
    @responde
    def reenviar(self, pk: int) -> Response:
        """Its message once more.
        ---
        post:
          summary: Envia de novo a mensagem da fatura
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          responses:
            200: {description: A fatura e a mensagem agendada}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
            422: {description: "O cliente não tem e-mail ou a fatura não se envia"}
        """
        self.exigir(pk)
        with transacao() as sessao:
            mensagem_id = FaturamentoService(sessao).reenviar(pk, em=relogio.agora()).id
        return self.response(200, notificacao_id=mensagem_id, result=self.dados(self.exigir(pk)))

    @expose("/<int:pk>/valor", methods=["GET"])
    @protect()
    @permission_name("get")
    @responde
    def valor_hoje(self, pk: int) -> Response:
        """What is owed on a date.
        ---
        get:
          summary: Valor atualizado num dia (hoje, se não for dito), e o código Pix
          parameters:
          - {in: path, name: pk, required: true, schema: {type: integer}}
          - {in: query, name: em, required: false, schema: {type: string, format: date}}
          responses:
            200: {description: "Principal, desconto, multa, juros e total; o Pix copia e cola e o valor que ele paga, sem multa e juros"}
            400: {description: Dia que não existe}
            401: {description: Sem credencial}
            404: {description: Não encontrada}
        """
        invoice, em = self.exigir(pk), _dia_pedido()
        if em < invoice.data_emissao:
            raise ValorInvalido(_("A fatura %(numero)s foi emitida em %(dia)s.", numero=invoice, dia=f"{invoice.data_emissao:%d/%m/%Y}"), campo="em")
        documento = documentos.ler(db.session(), pk, em=em)
        devido = FaturamentoService(db.session()).valor_atualizado(invoice, em)
        partes = {nome: str(getattr(devido, nome)) for nome in ("principal", "desconto", "multa", "juros", "total")}
        pix = {"pix_copia_e_cola": documento.pix, "pix_valor": str(documento.valor_do_pix) if documento.pix else None}
        return self.response(200, result={"em": em.isoformat(), **partes, **pix})

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
        nome = documentos.nome_do_arquivo(self.exigir(pk))
        return send_file(io.BytesIO(documentos.pdf_da_invoice(pk)), "application/pdf", as_attachment=True, download_name=nome)


class ItemInvoiceApi(ApiSomenteLeitura):
    """Lines of invoices."""

    resource_name = "item_invoice"
    datamodel = Interface(ItemInvoice)
    list_columns = show_columns = [
        "id", "invoice_id", "contrato_id", "descricao", "tipo", "quantidade", "valor_unitario", "valor_total", "periodo_inicio", "periodo_fim",
        "situacao",
    ]
    search_columns = ["invoice_id", "contrato_id", "tipo", "situacao"]
    order_columns = ["id"]


def _dia_pedido() -> dt.date:
    """``?em=2026-12-31``, or today. Raises ValorInvalido."""
    try:
        em = dt.date.fromisoformat(request.args.get("em") or relogio.hoje().isoformat())
    except ValueError as erro:
        raise ValorInvalido(_("Informe uma data como 2026-12-31."), campo="em") from erro
    return relogio.exigir_dia(em, UM_ANO, campo="em")
