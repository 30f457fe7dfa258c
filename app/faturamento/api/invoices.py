"""Invoices and their lines."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from flask import Response, request, send_file
from flask_babel import gettext as _

from app.clientes.models import Cliente
from app.core import relogio, sigilo
from app.core.datas import UM_ANO
from app.core.erros import ValorInvalido
from app.core.transacao import transacao
from app.core.visoes import ApiSomenteLeitura, Interface, verbo
from app.extensions import db
from app.faturamento import documentos
from app.faturamento.corpos import CorpoGerar, CorpoMotivo, CorpoPagar
from app.faturamento.models import Invoice, ItemInvoice
from app.faturamento.services import FaturamentoService, Recebido

EM = {"in": "query", "name": "em", "required": False, "schema": {"type": "string", "format": "date"}}


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

    @verbo(
        "/gerar", "Emite uma fatura avulsa", "A fatura emitida", corpo=CorpoGerar, status=201, recusas={422: "Recusado pela regra"},
        idempotente=True,
    )
    def gerar(self, corpo: dict[str, Any]) -> Response:
        """Issue an invoice with given lines."""
        self.exigir_de(Cliente, corpo["cliente_id"], _("Cliente não encontrado."))
        with transacao() as sessao:
            invoice_id, _repetido = self.uma_vez(sessao, lambda: FaturamentoService(sessao).gerar_invoice(
                corpo["cliente_id"], corpo["itens"], vencimento=corpo["vencimento"], em=relogio.hoje()).id)
        return self.response(201, id=invoice_id, result=self.dados(self.exigir(invoice_id)))

    @verbo(
        "/<int:pk>/pagar", "Registra um recebimento; o mesmo (referência, valor, forma e data) de novo devolve o primeiro, com repetido true",
        "A fatura depois do recebimento", corpo=CorpoPagar,
        recusas={409: "A fatura não pode receber, ou a referência já é de outro recebimento", 422: "Recusado pela regra"},
    )
    def pagar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Record money received."""
        with transacao() as sessao:
            recebido = Recebido(pk, corpo["valor"], corpo["metodo"], corpo["data"] or relogio.hoje(), corpo["referencia"], "api")
            resultado = FaturamentoService(sessao).receber(recebido)
            recibo = resultado.pagamento.recibo
        return self.response(200, recibo=recibo, repetido=resultado.repetido, result=self.dados(self.exigir(pk)))

    @verbo(
        "/<int:pk>/cancelar", "Cancela a fatura", "A fatura cancelada", corpo=CorpoMotivo,
        recusas={409: "Não pode ser cancelada", 422: "Recusado pela regra"},
    )
    def cancelar(self, pk: int, corpo: dict[str, Any]) -> Response:
        """Cancel with a reason."""
        with transacao() as sessao:
            FaturamentoService(sessao).cancelar(pk, motivo=corpo["motivo"], em=relogio.hoje())
        return self.response(200, result=self.dados(self.exigir(pk)))

    @verbo(
        "/<int:pk>/registrar_aviso", "Registra o aviso de atraso dado por telefone, carta ou em pessoa; vale como aviso para o bloqueio", "Registrado",
        corpo=CorpoMotivo, recusas={422: "A fatura não está em atraso"},
    )
    def registrar_aviso(self, pk: int, corpo: dict[str, Any]) -> Response:
        """The customer was told of the delay by a person."""
        with transacao() as sessao:
            aviso_id = FaturamentoService(sessao).registrar_aviso_manual(pk, motivo=corpo["motivo"], em=relogio.agora()).id
        return self.response(200, notificacao_id=aviso_id, result=self.dados(self.exigir(pk)))

    @verbo(
        "/<int:pk>/reemitir", "Emite outra fatura no lugar de uma cancelada, com os dados de hoje e novo vencimento", "A fatura nova", status=201,
        recusas={409: "Não está cancelada, já foi substituída ou o período já tem fatura", 422: "Recusado pela regra"},
    )
    def reemitir(self, pk: int) -> Response:
        """Another in its place."""
        with transacao() as sessao:
            nova_id = FaturamentoService(sessao).reemitir(pk, em=relogio.hoje()).id
        return self.response(201, id=nova_id, result=self.dados(self.exigir(nova_id)))

    @verbo(
        "/<int:pk>/reenviar", "Envia de novo a mensagem da fatura", "A fatura e a mensagem agendada",
        recusas={422: "O cliente não tem e-mail ou a fatura não se envia"},
    )
    def reenviar(self, pk: int) -> Response:
        """Its message once more."""
        with transacao() as sessao:
            mensagem_id = FaturamentoService(sessao).reenviar(pk, em=relogio.agora()).id
        return self.response(200, notificacao_id=mensagem_id, result=self.dados(self.exigir(pk)))

    @verbo(
        "/<int:pk>/valor", "Valor atualizado num dia (hoje, se não for dito), e o código Pix",
        "Principal, desconto, multa, juros e total; o Pix copia e cola e o valor que ele paga, sem multa e juros", recusas={400: "Dia que não existe"},
        parametros=(EM,), permissao="get", metodo="GET",
    )
    def valor_hoje(self, pk: int) -> Response:
        """What is owed on a date."""
        invoice, em = self.exigir(pk), _dia_pedido()
        if em < invoice.data_emissao:
            raise ValorInvalido(_("A fatura %(numero)s foi emitida em %(dia)s.", numero=invoice, dia=f"{invoice.data_emissao:%d/%m/%Y}"), campo="em")
        documento = documentos.ler(db.session(), pk, em=em)
        devido = FaturamentoService(db.session()).valor_atualizado(invoice, em)
        partes = {nome: str(getattr(devido, nome)) for nome in ("principal", "desconto", "multa", "juros", "total")}
        pix = {"pix_copia_e_cola": documento.pix, "pix_valor": str(documento.valor_do_pix) if documento.pix else None}
        return self.response(200, result={"em": em.isoformat(), **partes, **pix})

    @verbo("/<int:pk>/pdf", "A fatura em PDF", "O documento", permissao="get", metodo="GET", tipo="application/pdf")
    def pdf(self, pk: int) -> Response:
        """The document."""
        invoice = self.exigir(pk)
        nome = documentos.nome_do_arquivo(invoice)
        sigilo.viu(invoice.pagador_documento)
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
