"""Invoices: the list, the page of one, its PDF, and receiving money for it."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import action, expose, has_access
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.brasil.documentos import formatar_documento
from app.core import configuracao, relogio, sigilo
from app.core.documentos_pdf import ErroDeRenderizacao
from app.core.erros import DominioError
from app.core.formatos import brl, dinheiro
from app.core.transacao import transacao
from app.core.uma_vez import nova_chave
from app.core.visoes import Botao, CampoData, CampoDinheiro, CampoEnum, CampoTexto, Interface, Ligacao, VisaoSomenteLeitura, recusar
from app.core.visoes.campos import EntradaTexto
from app.extensions import db
from app.faturamento import consultas, documentos
from app.faturamento.estados import Metodo, StatusInvoice
from app.faturamento.models import Invoice, ItemInvoice
from app.faturamento.services import FaturamentoService, Recebido
from app.faturamento.services.pagamentos import SEM_REFERENCIA
from app.faturamento.views.busca import FiltroBuscaInvoice, condicao

ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
RECEBEM = (*ABERTAS, StatusInvoice.paga)      # what a settled one receives is credit
ROTULOS = {
    "numero_formatado": _l("Número"), "numero": _l("Número"), "cliente": _l("Cliente"), "data_emissao": _l("Emissão"), "data_vencimento": _l("Vencimento"),
    "valor_total": _l("Valor"), "valor_pago": _l("Pago"), "valor_abatido": _l("Abatido"), "saldo": _l("Saldo"), "status": _l("Status"),
    "data_pagamento": _l("Pagamento"),
    "pagador_documento": _l("CPF/CNPJ"), "competencia_inicio": _l("Início do período"), "competencia_fim": _l("Fim do período"),
    "execucao_id": _l("Rodada"),
}


class PagamentoForm(FlaskForm):
    """Money received at the counter.

    ``chave`` makes pressing twice harmless, ``saldo`` is what the invoice owed when the page was opened, ``conferido`` the value asked about.
    """

    valor = CampoDinheiro(
        _l("Valor recebido"), [InputRequired(_l("Informe o valor.")), NumberRange(Decimal("0.01"), message=_l("Informe um valor maior que zero."))]
    )
    recebido_em = CampoData(_l("Data do recebimento"), [DataRequired(_l("Informe a data."))])
    metodo = CampoEnum(_l("Forma"), [DataRequired(_l("Escolha a forma."))], enum_class=Metodo, enums=[m.name for m in Metodo])
    referencia = CampoTexto(
        _l("Referência do comprovante"), [Length(max=100)], widget=EntradaTexto(),
        description=_l("Número do comprovante ou ID do Pix. Em branco, o sistema cria um."),
    )
    chave = HiddenField()
    saldo = HiddenField()
    conferido = HiddenField()

    @property
    def nome_do_recebimento(self) -> str:
        """The reference typed, or the key of this opening in its place."""
        return self.referencia.data or f"{SEM_REFERENCIA}{self.chave.data or nova_chave()}"

    @property
    def saldo_visto(self) -> Decimal | None:
        """The balance the page showed, when it says so."""
        try:
            return Decimal(self.saldo.data or "")
        except ArithmeticError:
            return None


class ItemInvoiceView(VisaoSomenteLeitura):
    """Lines of invoices, as a tab."""

    datamodel = Interface(ItemInvoice)
    route_base = "/faturamento/itens"
    list_title = _l("Itens da fatura")
    show_title = _l("Item da fatura")
    list_columns = ["descricao", "tipo", "quantidade", "valor_unitario", "valor_total"]
    show_columns = ["descricao", "tipo", "quantidade", "valor_unitario", "valor_total", "periodo_inicio", "periodo_fim", "situacao"]
    search_columns = ["descricao", "tipo"]
    order_columns = []
    base_order = ("id", "asc")
    label_columns = {
        "descricao": _l("Descrição"), "tipo": _l("Tipo"), "quantidade": _l("Quantidade"), "valor_unitario": _l("Valor unitário"), "valor_total": _l("Valor"),
        "periodo_inicio": _l("Início do período"), "periodo_fim": _l("Fim do período"),
        "situacao": _l("Situação"),
    }
    formatters_columns = {"valor_unitario": dinheiro, "valor_total": dinheiro}
    colunas_direita = ("quantidade", "valor_unitario", "valor_total")


class InvoiceView(VisaoSomenteLeitura):
    """Issued invoices are never edited or deleted: they are paid, cancelled or issued again."""

    datamodel = Interface(Invoice, carregar=("cliente",))
    route_base = "/faturamento"
    servico = FaturamentoService
    list_title = _l("Faturas")
    show_title = _l("Fatura")
    list_columns = ["numero_formatado", "cliente", "data_emissao", "data_vencimento", "valor_total", "status"]
    colunas_exportadas = [
        "numero_formatado", "cliente", "pagador_documento", "data_emissao", "data_vencimento", "valor_total", "valor_pago", "valor_abatido", "saldo", "status",
        "data_pagamento",
    ]
    show_columns = ["numero_formatado", "cliente", "data_emissao", "data_vencimento", "valor_total", "valor_pago", "saldo", "status"]
    search_columns = ["numero", "cliente", "status", "data_emissao", "data_vencimento", "data_pagamento", "valor_total", "execucao_id"]
    order_columns = ["data_emissao", "data_vencimento", "valor_total", "status"]
    base_order = ("data_vencimento", "desc")
    label_columns = ROTULOS
    formatters_columns = {"valor_total": dinheiro, "valor_pago": dinheiro, "saldo": dinheiro, "pagador_documento": formatar_documento}
    colunas_direita = ("valor_total",)
    busca_rapida = "numero"
    acoes_visiveis = True
    remotos = {"cliente": "cliente"}
    acoes_com_motivo = {"cancelar", "registrar_aviso"}
    botoes_da_lista = [Botao(_l("Nova fatura avulsa"), "AvulsosView.fatura", "plus", ("can_fatura", "AvulsosView"))]
    visoes = [
        (_l("Todas"), ""), (_l("Em aberto"), "_flt_0_status=emitida"), (_l("Vencidas"), "_flt_0_status=vencida"), (_l("Pagas"), "_flt_0_status=paga"),
        (_l("Canceladas"), "_flt_0_status=cancelada"),
    ]
    links_da_linha = [
        Ligacao(_l("PDF"), "InvoiceView.pdf", "file-type-pdf", permissao=("can_show", "InvoiceView")),
        Ligacao(_l("Pagar"), "InvoiceView.pagar", "cash", permissao=("can_pagar", "InvoiceView")),
    ]

    def _com_busca(self, filtros: Filters) -> Filters:
        texto = self._texto_buscado()
        return filtros.copy().add_filter("numero", FiltroBuscaInvoice, condicao(texto)) if texto else filtros

    def _minha(self, pk: int) -> Invoice:
        """The invoice under the person's row rules, or 404."""
        return self.datamodel.get(pk, self._base_filters) or abort(404)

    @expose("/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> ResponseReturnValue:
        """The page of an invoice."""
        invoice = self._minha(pk)
        documento = documentos.ler(db.session(), invoice.id)
        return self.render_template(
            "faturamento/invoice.html", d=documento, f=documento.invoice, hoje=FaturamentoService(db.session()).valor_atualizado(invoice, relogio.hoje()),
            atrasada=consultas.esta_em_atraso(db.session(), pk, relogio.hoje()), pagamentos=consultas.pagamentos_da(db.session(), pk),
            historico=consultas.historico_da(db.session(), pk), aberta=invoice.status in ABERTAS,
            credito=consultas.credito_de(db.session(), invoice.cliente_id), na_proxima=configuracao.ler("faturamento.encargos_na_proxima"),
            periodo=documentos.periodo_de(documento.invoice), substituta=FaturamentoService(db.session()).substituta_de(invoice.id),
        )

    @expose("/<int:pk>/pdf")
    @has_access
    @permission_name("show")
    def pdf(self, pk: int) -> ResponseReturnValue:
        """The invoice as PDF; shown in the browser, saved with ``?baixar=1``."""
        invoice = self._minha(pk)
        nome = documentos.nome_do_arquivo(invoice)
        sigilo.viu(invoice.pagador_documento)      # on paper by law, whoever opens it
        try:
            conteudo = documentos.pdf_da_invoice(pk)
        except ErroDeRenderizacao:
            flash(_("O PDF não pôde ser gerado agora. Tente de novo; se continuar, confira o renderizador instalado."), "danger")
            return redirect(url_for("InvoiceView.show", pk=pk))
        return send_file(io.BytesIO(conteudo), "application/pdf", as_attachment=bool(request.args.get("baixar")), download_name=nome)

    @expose("/<int:pk>/pagar", methods=["GET", "POST"])
    @has_access
    def pagar(self, pk: int) -> ResponseReturnValue:
        """Receive money for the invoice by hand."""
        invoice = self._minha(pk)
        if invoice.status not in RECEBEM:
            flash(_("Esta fatura não está em aberto."), "warning")
            return redirect(url_for("InvoiceView.show", pk=pk))
        form = PagamentoForm()
        devido = FaturamentoService(db.session()).valor_atualizado(invoice, form.recebido_em.data or self._dia_pedido() or relogio.hoje())
        if form.validate_on_submit() and self._receber(pk, form):
            return redirect(url_for("InvoiceView.show", pk=pk))
        if not form.is_submitted():
            form.process(data={"valor": devido.total, "recebido_em": relogio.hoje(), "chave": nova_chave(), "saldo": str(invoice.saldo)})
        return self.render_template("faturamento/pagar.html", f=invoice, form=form, devido=devido)

    @staticmethod
    def _dia_pedido() -> dt.date | None:
        """The day the page asks about when its date is changed."""
        return request.args.get("recebido_em", type=dt.date.fromisoformat)

    def _receber(self, pk: int, form: PagamentoForm) -> bool:
        if form.recebido_em.data > relogio.hoje():
            form.recebido_em.errors = [_("A data do recebimento não pode estar no futuro.")]
            return False
        referencia = form.nome_do_recebimento
        try:
            with transacao() as sessao:
                recebido = Recebido(pk, form.valor.data, form.metodo.data, form.recebido_em.data, referencia)
                conferido = form.conferido.data == str(form.valor.data)
                resultado = FaturamentoService(sessao).receber(recebido, saldo_visto=form.saldo_visto, conferido=conferido)
                recibo, credito = resultado.pagamento.recibo, resultado.pagamento.valor_credito
        except DominioError as erro:
            if erro.codigo == "saldo_mudou":
                form.form_errors = [str(erro)]
                form.saldo.process(None, str(db.session.get_one(Invoice, pk, populate_existing=True).saldo))
                return False
            if erro.codigo == "parece_engano":
                form.conferido.process(None, str(form.valor.data))
            recusar(form, erro, nome=lambda campo: "recebido_em" if campo == "em" else campo, senao="valor")
            return False
        if resultado.repetido:
            flash(_("Este recebimento de %(valor)s já estava registrado, no recibo %(recibo)s.", valor=brl(form.valor.data), recibo=recibo), "warning")
        else:
            texto = _("Recebimento de %(valor)s registrado. Recibo %(recibo)s.", valor=brl(form.valor.data), recibo=recibo)
            flash(texto + (" " + _("%(valor)s viraram crédito do cliente.", valor=brl(credito)) if credito else ""), "success")
        return True

    @action("reenviar", _l("Reenviar por e-mail"), _l("Reenviar as faturas marcadas por e-mail?"), "send")
    def reenviar(self, itens: Any) -> Response:
        """Send the invoice's e-mail again."""
        return self.executar(FaturamentoService.reenviar, itens, em=relogio.agora())

    @action("registrar_aviso", _l("Registrar aviso dado por telefone ou carta"), _l("Registrar que o cliente foi avisado do atraso?"), "phone")
    def registrar_aviso(self, itens: Any) -> Response:
        """The customer was told by a person; it counts as the notice that a block needs."""
        try:
            motivo = self.motivo()
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        return self.executar(FaturamentoService.registrar_aviso_manual, itens, motivo=motivo, em=relogio.agora())

    @action("usar_credito", _l("Usar crédito do cliente"), _l("Abater as faturas marcadas com o crédito que o cliente tem?"), "coin")
    def usar_credito(self, itens: Any) -> Response:
        """Set the customer's credit against the invoice, as far as both go."""
        return self.executar(FaturamentoService.aplicar_credito, itens, em=relogio.hoje())

    @action("reemitir", _l("Reemitir"), _l("Emitir de novo as faturas canceladas marcadas, com novo vencimento?"), "refresh")
    def reemitir(self, itens: Any) -> Response:
        """A new invoice in the place of a cancelled one, with today's data; alone, its page opens."""
        if isinstance(itens, list):
            return self.executar(FaturamentoService.reemitir, itens, em=relogio.hoje())
        try:
            with transacao() as sessao:
                nova = FaturamentoService(sessao).reemitir(itens.id, em=relogio.hoje())
                invoice_id, numero = nova.id, nova.numero_formatado
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        flash(_("Fatura %(numero)s emitida no lugar da cancelada.", numero=numero), "success")
        return redirect(url_for("InvoiceView.show", pk=invoice_id))

    @action("cancelar", _l("Cancelar fatura"), _l("Cancelar as faturas marcadas? O motivo fica registrado."), "ban")
    def cancelar(self, itens: Any) -> Response:
        """Cancel with a reason; refused when money was received."""
        try:
            motivo = self.motivo()
        except DominioError as erro:
            flash(str(erro), "danger")
            return self._voltar()
        return self.executar(FaturamentoService.cancelar, itens, motivo=motivo, em=relogio.hoje())
