"""Money received: recorded once, split by the rules, reversed by a counter-entry, and what it does to the customer's access."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import configuracao, eventos, numeracao
from app.core.dinheiro import ZERO, formatar_reais, reais
from app.core.erros import NaoEncontrado, RegraViolada, TransicaoInvalida, ValorInvalido
from app.faturamento.estados import (
    DesejoCobranca,
    Metodo,
    StatusCobranca,
    StatusInvoice,
    StatusLancamento,
    StatusPagamento,
    TipoItem,
    TipoLancamento,
)
from app.faturamento.models import Cobranca, Credito, Invoice, Lancamento, Pagamento
from app.faturamento.regras import Baixa, ValorAtualizado, baixar, ultimo_vencimento_em_atraso, valor_atualizado
from app.faturamento.services.base import Base, momento

ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
RECEBEM = (*ABERTAS, StatusInvoice.paga)
VIVAS = (StatusCobranca.a_registrar, StatusCobranca.registrada, StatusCobranca.erro)


class Pagamentos(Base):
    """Payments and reversals."""

    def valor_atualizado(self, invoice: Invoice, em: dt.date) -> ValorAtualizado:
        """What settles ``invoice`` on ``em``; nothing for one that is not open."""
        if invoice.status not in ABERTAS:
            return ValorAtualizado(ZERO, ZERO, ZERO, ZERO, ZERO)
        return valor_atualizado(invoice, em, configuracao.feriados_do_operador())

    def registrar_pagamento(
        self, invoice_id: int, valor: Decimal, metodo: Metodo, *, em: dt.date, referencia: str, gateway: str = "manual",
        data_credito: dt.date | None = None, tarifa: Decimal = ZERO, observacoes: str | None = None,
    ) -> Pagamento:
        """Record money received for an invoice and free the customer's access when nothing overdue is left.

        ``valor`` in reais, ``em`` the day it was paid. Principal first; fine and interest that were not paid go to the next invoice (setting);
        what is too much, or comes for a paid invoice, is the customer's credit. The same ``(gateway, referencia)`` again returns the first
        Pagamento. Raises TransicaoInvalida for a draft or cancelled invoice (money that came for it needs a person), ValorInvalido.
        """
        invoice = self._travar_invoice(invoice_id)
        if repetido := self._pagamento_de(gateway, referencia):
            return repetido
        valor = _conferir(valor)
        if invoice.status not in RECEBEM:
            raise TransicaoInvalida(_("A fatura %(numero)s está “%(status)s” e não recebe pagamentos.", numero=invoice, status=invoice.status.rotulo))
        baixa = self._baixa(invoice, valor, em)
        pagamento = Pagamento(
            invoice_id=invoice.id, data_pagamento=em, data_credito=data_credito, valor=valor, valor_principal=baixa.principal, valor_multa=baixa.multa,
            valor_juros=baixa.juros, valor_credito=baixa.credito, valor_abatido=baixa.abatido, tarifa=reais(tarifa), metodo=metodo,
            numero_referencia=referencia, gateway=gateway, status=StatusPagamento.confirmado, observacoes=observacoes,
            recibo=f"R{em.year}-{numeracao.proximo(self.sessao, f'recibo-{em.year}'):06d}",
        )
        self.sessao.add(pagamento)
        self._aplicar(invoice, pagamento, em)
        self.sessao.flush()
        self._sobras(invoice, pagamento, baixa, em)
        self._contar_recebimento(invoice, pagamento)
        self.reavaliar_bloqueio(invoice.cliente_id, em=em)
        return pagamento

    def estornar_pagamento(self, pagamento_id: int, *, motivo: str, em: dt.date) -> Pagamento:
        """Reverse a payment: the invoice is open again, its credit is taken back and charges it left for the next invoice are cancelled.

        Credit that was used already comes back as a charge. Reversing again changes nothing. Raises NaoEncontrado, ValorInvalido without a
        reason, RegraViolada for a payment that was not confirmed.
        """
        exigir_motivo(motivo)
        invoice_id = self.sessao.scalar(select(Pagamento.invoice_id).where(Pagamento.id == pagamento_id))
        if invoice_id is None:
            raise NaoEncontrado(_("Pagamento não encontrado."), pagamento_id=pagamento_id)
        invoice = self._travar_invoice(invoice_id)
        pagamento = self.sessao.get_one(Pagamento, pagamento_id, populate_existing=True)
        if pagamento.status is StatusPagamento.estornado:
            return pagamento
        if pagamento.status is not StatusPagamento.confirmado:
            raise RegraViolada(_("Só um pagamento confirmado pode ser estornado."), codigo="nao_confirmado")
        pagamento.status, pagamento.estornado_em, pagamento.motivo_estorno = StatusPagamento.estornado, momento(em), motivo
        self._desaplicar(invoice, pagamento, em)
        self._tomar_credito(invoice, pagamento, em)
        self._desfazer_encargos(invoice, pagamento, em)
        self.sessao.flush()
        dados = {"invoice_id": invoice.id, "numero": invoice.numero_formatado, "pagamento_id": pagamento.id, "valor": str(pagamento.valor), "motivo": motivo}
        eventos.registrar(self.sessao, "pagamento_estornado", cliente_id=invoice.cliente_id, **dados)
        self.reavaliar_bloqueio(invoice.cliente_id, em=em)
        return pagamento

    def _pagamento_de(self, gateway: str, referencia: str) -> Pagamento | None:
        return self.sessao.scalar(select(Pagamento).where(Pagamento.gateway == gateway, Pagamento.numero_referencia == referencia))

    def _baixa(self, invoice: Invoice, valor: Decimal, em: dt.date) -> Baixa:
        if invoice.status is StatusInvoice.paga:
            return Baixa(ZERO, ZERO, ZERO, valor, ZERO, ZERO)
        return baixar(invoice, valor, em, tolerancia=self.politica.tolerancia, feriados=configuracao.feriados_do_operador())

    def _aplicar(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        invoice.valor_pago += pagamento.valor_principal
        invoice.valor_abatido += pagamento.valor_abatido
        if invoice.status is not StatusInvoice.paga and not invoice.saldo:
            invoice.status, invoice.data_pagamento = StatusInvoice.paga, em
            self._cancelar_cobrancas(invoice)

    def _desaplicar(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        invoice.valor_pago -= pagamento.valor_principal
        invoice.valor_abatido -= pagamento.valor_abatido
        if invoice.status is StatusInvoice.paga and invoice.saldo:
            atrasada = invoice.data_vencimento <= ultimo_vencimento_em_atraso(em, configuracao.feriados_do_operador())
            invoice.status, invoice.data_pagamento = StatusInvoice.vencida if atrasada else StatusInvoice.emitida, None

    def _cancelar_cobrancas(self, invoice: Invoice) -> None:
        """What is still open at gateways must not be paid a second time."""
        for cobranca in self.sessao.scalars(select(Cobranca).where(Cobranca.invoice_id == invoice.id, Cobranca.status.in_(VIVAS)).order_by(Cobranca.id)):
            cobranca.desejado = DesejoCobranca.cancelada

    def _sobras(self, invoice: Invoice, pagamento: Pagamento, baixa: Baixa, em: dt.date) -> None:
        """What came too much becomes credit; charges that did not come go to the next invoice."""
        if baixa.credito:
            motivo = _("pago a mais na fatura %(numero)s", numero=invoice)
            self.sessao.add(Credito(cliente_id=invoice.cliente_id, valor=baixa.credito, saldo=baixa.credito, motivo=motivo, pagamento_id=pagamento.id))
        if baixa.faltam > self.politica.tolerancia and configuracao.ler("faturamento.encargos_na_proxima"):
            descricao = _("Multa e juros da fatura %(numero)s", numero=invoice)
            self._encargo(invoice, baixa.faltam, descricao, TipoLancamento.acrescimo, pagamento, em)

    def _encargo(self, invoice: Invoice, valor: Decimal, descricao: str, tipo: TipoLancamento, pagamento: Pagamento, em: dt.date) -> None:
        """A charge that follows from a payment; ``motivo`` keeps its receipt, by which a reversal finds it."""
        self.sessao.add(Lancamento(
            cliente_id=invoice.cliente_id, tipo=tipo, item_tipo=TipoItem.multa if tipo is TipoLancamento.acrescimo else TipoItem.desconto,
            descricao=descricao, valor=valor, a_partir_de=em, origem_invoice_id=invoice.id, motivo=pagamento.recibo,
        ))

    def _tomar_credito(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        for credito in self.sessao.scalars(select(Credito).where(Credito.pagamento_id == pagamento.id).with_for_update(key_share=True)):
            usado, credito.saldo = credito.valor - credito.saldo, ZERO
            if usado:
                descricao = _("Crédito usado de um pagamento estornado (%(recibo)s)", recibo=pagamento.recibo)
                self._encargo(invoice, usado, descricao, TipoLancamento.acrescimo, pagamento, em)

    def _desfazer_encargos(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        """Charges of a payment that does not count any more; billed ones are given back, the next payment computes its own."""
        consulta = select(Lancamento).where(
            Lancamento.origem_invoice_id == invoice.id, Lancamento.motivo == pagamento.recibo, Lancamento.created_at < pagamento.estornado_em
        )
        for encargo in self.sessao.scalars(consulta.order_by(Lancamento.id)).all():
            if encargo.status is StatusLancamento.aberto:
                encargo.status = StatusLancamento.cancelado
            elif encargo.status is StatusLancamento.faturado:
                descricao = _("Devolução: %(descricao)s", descricao=encargo.descricao)
                self._encargo(invoice, encargo.valor, descricao, TipoLancamento.desconto, pagamento, em)

    def _contar_recebimento(self, invoice: Invoice, pagamento: Pagamento) -> None:
        dados = {"invoice_id": invoice.id, "numero": invoice.numero_formatado, "pagamento_id": pagamento.id, "valor": str(pagamento.valor)}
        eventos.registrar(self.sessao, "pagamento_recebido", cliente_id=invoice.cliente_id, recibo=pagamento.recibo, **dados)
        mensagem = {"numero": invoice.numero_formatado, "valor": formatar_reais(pagamento.valor), "recibo": pagamento.recibo}
        mensagem |= {"data": f"{pagamento.data_pagamento:%d/%m/%Y}", "saldo": formatar_reais(invoice.saldo) if invoice.saldo else ""}
        self._avisar("pagamento_recebido", invoice.cliente, chave=f"pagamento_recebido:{pagamento.id}", invoice=invoice, dados=mensagem)


def exigir_motivo(motivo: str | None) -> None:
    """Raise ValorInvalido for a blank reason."""
    if not (motivo or "").strip():
        raise ValorInvalido(_("Informe o motivo."), campo="motivo", codigo="motivo_obrigatorio")


def _conferir(valor: Decimal) -> Decimal:
    quantia = reais(valor)
    if quantia <= 0:
        raise ValorInvalido(_("Informe um valor maior que zero."), campo="valor")
    return quantia
