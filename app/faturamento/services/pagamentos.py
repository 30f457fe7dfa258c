"""Money received: recorded once, split by the rules, reversed by a counter-entry, and what it does to the customer's access."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select, text, tuple_

from app.core import configuracao, eventos, numeracao, relogio
from app.core.dinheiro import CENTAVO, MAXIMO, PRECO_MAXIMO, ZERO, formatar_reais, reais
from app.core.erros import Conflito, DominioError, NaoEncontrado, RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.formatos import faixa
from app.core.idiomas import da_casa
from app.core.textos import em_branco
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
RECEBIDO, MANUAL = "pagamento_recebido", "manual"
SEM_REFERENCIA = "balcao-"        # a receipt entered without a reference has a key of its form instead, which nobody needs to see
DIGITADOS = (MANUAL, "api")      # money somebody entered, by screen or by program: their references are one namespace; each gateway has its own
VEZES_DE_ENGANO = 10
GAVETAS = 1024                   # locks on references, shared by their hash: a large lot must not fill the server's table of locks
_TRAVAR = text("SELECT pg_advisory_xact_lock(hashtext('referencia_de_pagamento'), n) FROM unnest(CAST(:gavetas AS int[])) AS n")
VIVAS = (StatusCobranca.a_registrar, StatusCobranca.registrada, StatusCobranca.erro)


class Recebido(NamedTuple):
    """Money that came for an invoice: ``valor`` reais on the day ``em``; (``gateway``, ``referencia``) names the receipt."""

    invoice_id: int
    valor: Decimal
    metodo: Metodo
    em: dt.date
    referencia: str
    gateway: str = "manual"
    data_credito: dt.date | None = None
    tarifa: Decimal = ZERO
    observacoes: str | None = None


class Resultado(NamedTuple):
    """What became of a payment: its row (``repetido``: the one that was there already), or why it was refused."""

    pagamento: Pagamento | None = None
    erro: DominioError | None = None
    repetido: bool = False


class ReferenciaRepetida(Conflito):
    """The reference is another payment's (409); trying again does not help."""

    codigo = "referencia_repetida"
    temporaria = False


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

        ``valor`` in reais, ``em`` the day it was paid, today or before. Principal first; fine and interest that were not paid go to the next
        invoice (setting); what is too much, or comes for a paid invoice, is the customer's credit. The same reference with the same invoice,
        value, method and day again returns the first Pagamento; with any difference it raises ReferenciaRepetida. Raises TransicaoInvalida for
        a draft or cancelled invoice (money that came for it needs a person), ValorInvalido (see ``conferir``), RegraViolada for a reference
        typed again after its payment was reversed.
        """
        return self.receber(Recebido(invoice_id, valor, metodo, em, referencia, gateway, data_credito, tarifa, observacoes)).pagamento

    def receber(self, recebido: Recebido, *, saldo_visto: Decimal | None = None, conferido: bool = True) -> Resultado:
        """``registrar_pagamento``, saying whether it was recorded before (``repetido``). Raises what that raises.

        ``saldo_visto``: what the invoice owed when somebody decided to receive this; Conflito (``saldo_mudou``) when it owes something else now.
        Unless ``conferido``, RegraViolada (``parece_engano``) for more than ten times what settles it: a comma forgotten makes it a hundred times.
        """
        invoice = self._travar_invoice(recebido.invoice_id)
        self._travar_referencias([recebido.referencia])
        if repetido := self._existentes([recebido]).get(chave_de(recebido)):
            return Resultado(exigir_mesmo(repetido, recebido), repetido=True)
        if saldo_visto is not None and saldo_visto != invoice.saldo:
            texto = _("A fatura mudou depois que esta página foi aberta: o saldo agora é %(saldo)s. Nada foi registrado: confira e envie de novo.",
                      saldo=formatar_reais(invoice.saldo))
            raise Conflito(texto, codigo="saldo_mudou", invoice_id=invoice.id)
        recebido = conferir(recebido, invoice)
        exigir_aberta(invoice)
        if not conferido:
            self._conferir_tamanho(recebido, invoice)
        baixa = repartir(invoice, recebido, self.politica.tolerancia)
        pagamento = novo_pagamento(recebido, baixa, numeracao.proximo(self.sessao, serie_de_recibos(recebido.em)))
        self.sessao.add(pagamento)
        if liquidar(invoice, pagamento):
            self._cancelar_cobrancas([invoice.id])
        self.sessao.flush()
        self.sessao.add_all(self._sobras(invoice, pagamento, baixa))
        self._contar_recebimento(invoice, pagamento)
        self.reavaliar_bloqueio(invoice.cliente_id, em=relogio.hoje())      # what else is late today, whenever this was paid
        return Resultado(pagamento)

    def _conferir_tamanho(self, recebido: Recebido, invoice: Invoice) -> None:
        devido = self.valor_atualizado(invoice, recebido.em).total or invoice.valor_total
        if recebido.valor > devido * VEZES_DE_ENGANO:
            texto = _("É mais de dez vezes %(devido)s. Se estiver certo, envie de novo.", devido=formatar_reais(devido))
            raise RegraViolada(texto, campo="valor", codigo="parece_engano", invoice_id=invoice.id)

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
        self._desfazer_encargos(invoice, pagamento, em)      # before the charge for used credit, which has the same receipt
        self._tomar_credito(invoice, pagamento, em)
        self.sessao.flush()
        dados = {"invoice_id": invoice.id, "numero": invoice.numero_formatado, "pagamento_id": pagamento.id, "valor": str(pagamento.valor), "motivo": motivo}
        eventos.registrar(self.sessao, "pagamento_estornado", cliente_id=invoice.cliente_id, **dados)
        self.reavaliar_bloqueio(invoice.cliente_id, em=em)
        return pagamento

    def _travar_referencias(self, referencias: Iterable[str]) -> None:
        """One payment at a time for each reference, until the transaction ends: two customers' locks do not keep each other out. Ascending."""
        gavetas = sorted({zlib.crc32(r.encode()) % GAVETAS for r in referencias})
        self.sessao.execute(_TRAVAR, {"gavetas": gavetas})

    def _existentes(self, recebidos: Iterable[Recebido]) -> dict[tuple[str, str], Pagamento]:
        """The payments that have these references already, the oldest of each."""
        pares = {(gateway, r.referencia) for r in recebidos for gateway in (DIGITADOS if r.gateway in DIGITADOS else (r.gateway,))}
        consulta = select(Pagamento).where(tuple_(Pagamento.gateway, Pagamento.numero_referencia).in_(pares)).order_by(Pagamento.id.desc())
        return {(_espaco(p.gateway), p.numero_referencia): p for p in self.sessao.scalars(consulta)}

    def _desaplicar(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        # asked first: a query between the amounts and the status would flush a paid invoice that is not paid
        atrasada = invoice.data_vencimento <= ultimo_vencimento_em_atraso(em, configuracao.feriados_do_operador())
        invoice.valor_pago -= pagamento.valor_principal
        invoice.valor_abatido -= pagamento.valor_abatido
        if invoice.status is StatusInvoice.paga and invoice.saldo:
            invoice.status, invoice.data_pagamento = StatusInvoice.vencida if atrasada else StatusInvoice.emitida, None

    def _cancelar_cobrancas(self, invoice_ids: Sequence[int]) -> None:
        """What is still open at gateways must not be paid a second time."""
        vivas = select(Cobranca).where(Cobranca.invoice_id.in_(invoice_ids), Cobranca.status.in_(VIVAS))
        for cobranca in self.sessao.scalars(vivas.order_by(Cobranca.id)):
            cobranca.desejado = DesejoCobranca.cancelada

    def _sobras(self, invoice: Invoice, pagamento: Pagamento, baixa: Baixa) -> list[Credito | Lancamento]:
        """What came too much becomes credit; charges that did not come go to the next invoice."""
        sobras: list[Credito | Lancamento] = []
        if baixa.credito:
            motivo = da_casa("pago a mais na fatura %(numero)s", numero=invoice)
            sobras.append(Credito(cliente_id=invoice.cliente_id, valor=baixa.credito, saldo=baixa.credito, motivo=motivo, pagamento_id=pagamento.id))
        if baixa.faltam and configuracao.ler("faturamento.encargos_na_proxima"):
            descricao = da_casa("Multa e juros da fatura %(numero)s", numero=invoice)
            sobras.append(_encargo(invoice, baixa.faltam, descricao, TipoLancamento.acrescimo, pagamento, pagamento.data_pagamento))
        return sobras

    def _tomar_credito(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        for credito in self.sessao.scalars(select(Credito).where(Credito.pagamento_id == pagamento.id).with_for_update(key_share=True)):
            usado, credito.saldo = credito.valor - credito.saldo, ZERO
            if usado:
                descricao = da_casa("Crédito usado de um pagamento estornado (%(recibo)s)", recibo=pagamento.recibo)
                self.sessao.add(_encargo(invoice, usado, descricao, TipoLancamento.acrescimo, pagamento, em, TipoItem.ajuste))

    def _desfazer_encargos(self, invoice: Invoice, pagamento: Pagamento, em: dt.date) -> None:
        """Charges of a payment that does not count any more; billed ones are given back, the next payment computes its own."""
        consulta = select(Lancamento).where(Lancamento.origem_invoice_id == invoice.id, Lancamento.motivo == pagamento.recibo)
        for encargo in self.sessao.scalars(consulta.order_by(Lancamento.id)).all():
            if encargo.status is StatusLancamento.aberto:
                encargo.status = StatusLancamento.cancelado
            elif encargo.status is StatusLancamento.faturado:
                descricao = da_casa("Devolução: %(descricao)s", descricao=encargo.descricao)
                self.sessao.add(_encargo(invoice, encargo.valor, descricao, TipoLancamento.desconto, pagamento, em))

    def _contar_recebimento(self, invoice: Invoice, pagamento: Pagamento) -> None:
        eventos.registrar(self.sessao, RECEBIDO, cliente_id=invoice.cliente_id, **fato_do(pagamento, invoice))
        self._avisar(RECEBIDO, invoice.cliente, chave=f"{RECEBIDO}:{pagamento.id}", invoice=invoice, dados=mensagem_do(pagamento, invoice))


def exigir_aberta(invoice: Invoice) -> None:
    """Raise TransicaoInvalida for an invoice that receives no payment."""
    if invoice.status not in RECEBEM:
        raise TransicaoInvalida(_("A fatura %(numero)s está “%(status)s” e não recebe pagamentos.", numero=invoice, status=invoice.status.rotulo))


def repartir(invoice: Invoice, recebido: Recebido, tolerancia: Decimal) -> Baixa:
    """How the money is split; for a paid invoice all of it is credit."""
    if invoice.status is StatusInvoice.paga:
        return Baixa(ZERO, ZERO, ZERO, recebido.valor, ZERO, ZERO)
    return baixar(invoice, recebido.valor, recebido.em, tolerancia=tolerancia, feriados=configuracao.feriados_do_operador())


def serie_de_recibos(em: dt.date) -> str:
    """The counter of the receipts of a year."""
    return f"recibo-{em.year}"


def novo_pagamento(r: Recebido, baixa: Baixa, recibo: int) -> Pagamento:
    """The row of money received, with its receipt number."""
    return Pagamento(
        invoice_id=r.invoice_id, data_pagamento=r.em, data_credito=r.data_credito, valor=r.valor, valor_principal=baixa.principal, valor_multa=baixa.multa,
        valor_juros=baixa.juros, valor_credito=baixa.credito, valor_abatido=baixa.abatido, tarifa=reais(r.tarifa), metodo=r.metodo,
        numero_referencia=r.referencia, gateway=r.gateway, status=StatusPagamento.confirmado, observacoes=r.observacoes,
        recibo=f"R{r.em.year}-{recibo:06d}",
    )


def liquidar(invoice: Invoice, pagamento: Pagamento) -> bool:
    """Take a payment into its invoice's balance; whether that has settled it now."""
    invoice.valor_pago += pagamento.valor_principal
    invoice.valor_abatido += pagamento.valor_abatido
    if invoice.status is StatusInvoice.paga or invoice.saldo:
        return False
    invoice.status, invoice.data_pagamento = StatusInvoice.paga, pagamento.data_pagamento
    return True


def fato_do(pagamento: Pagamento, invoice: Invoice) -> dict[str, Any]:
    """What the timeline keeps of a payment."""
    return {
        "recibo": pagamento.recibo, "invoice_id": invoice.id, "numero": invoice.numero_formatado, "pagamento_id": pagamento.id, "valor": str(pagamento.valor),
    }


def mensagem_do(pagamento: Pagamento, invoice: Invoice) -> dict[str, str]:
    """What the template of the receipt's message needs beside the name."""
    return {
        "numero": invoice.numero_formatado, "valor": formatar_reais(pagamento.valor), "recibo": pagamento.recibo,
        "data": f"{pagamento.data_pagamento:%d/%m/%Y}", "saldo": formatar_reais(invoice.saldo) if invoice.saldo else "",
    }


def _encargo(
    invoice: Invoice, valor: Decimal, descricao: str, tipo: TipoLancamento, pagamento: Pagamento, em: dt.date, item_tipo: TipoItem | None = None
) -> Lancamento:
    """A charge that follows from a payment, late money unless said otherwise; ``motivo`` keeps its receipt, by which a reversal finds it."""
    return Lancamento(
        cliente_id=invoice.cliente_id, tipo=tipo, item_tipo=item_tipo or (TipoItem.juros if tipo is TipoLancamento.acrescimo else TipoItem.desconto),
        descricao=descricao, valor=valor, a_partir_de=em, origem_invoice_id=invoice.id, motivo=pagamento.recibo,
    )


def exigir_motivo(motivo: str | None) -> None:
    """Raise ValorInvalido for a blank reason."""
    if em_branco(motivo or ""):
        raise ValorInvalido(_("Informe o motivo."), campo="motivo", codigo="motivo_obrigatorio")


def quantia(valor: Decimal, *, campo: str = "valor", zero: bool = False, maximo: Decimal = MAXIMO) -> Decimal:
    """``valor`` with two places.

    Raises ValorInvalido unless it is an amount of money above zero (``zero``: or zero), up to ``maximo``, in whole centavos.
    """
    try:
        grande = valor > maximo
        certo = maximo if grande else reais(valor)
    except (ValueError, ArithmeticError) as erro:
        raise ValorInvalido(_("Informe um valor em reais."), campo=campo) from erro
    if grande:
        raise ValorInvalido(faixa(ZERO if zero else CENTAVO, maximo), campo=campo)
    if certo != Decimal(valor):
        raise ValorInvalido(_("No máximo %(n)d casas depois da vírgula.", n=2), campo=campo)
    if certo < 0 or not (certo or zero):
        raise ValorInvalido(_("Informe um valor maior que zero."), campo=campo)
    return certo


def chave_de(recebido: Recebido) -> tuple[str, str]:
    """(namespace, reference): what names a receipt."""
    return _espaco(recebido.gateway), recebido.referencia


def _espaco(gateway: str) -> str:
    return MANUAL if gateway in DIGITADOS else gateway


def conferir(recebido: Recebido, invoice: Invoice) -> Recebido:
    """The same in centavos. Raises ValorInvalido for a value or a day that cannot be, or a blank reference, which no receipt has.

    A day to come, before the invoice existed, or, entered by hand, longer ago than the setting allows.
    """
    conferir_dia(recebido, invoice)
    teto = max(PRECO_MAXIMO, 2 * invoice.saldo) if recebido.gateway in DIGITADOS else MAXIMO      # what is owed may be received, however much it is
    valor = quantia(recebido.valor, maximo=teto)
    if em_branco(recebido.referencia):
        raise ValorInvalido(_("Informe a referência do pagamento."), campo="referencia")
    return recebido._replace(valor=valor, tarifa=quantia(recebido.tarifa, campo="tarifa", zero=True))


def conferir_dia(recebido: Recebido, invoice: Invoice) -> None:
    """Raise ValorInvalido for a day on which this payment cannot have been made."""
    hoje, dias = relogio.hoje(), configuracao.ler("faturamento.pagamento_retroativo_dias")
    if recebido.em > hoje:
        raise ValorInvalido(_("A data do pagamento não pode ser futura."), campo="em", codigo="data_futura")
    if recebido.em < invoice.data_emissao:
        texto = _("A fatura %(numero)s foi emitida em %(dia)s: o pagamento não pode ser de antes.", numero=invoice, dia=f"{invoice.data_emissao:%d/%m/%Y}")
        raise ValorInvalido(texto, campo="em", codigo="antes_da_emissao")
    if recebido.gateway in DIGITADOS and recebido.em < hoje - dt.timedelta(days=dias):
        raise ValorInvalido(_("A data do pagamento é de mais de %(dias)d dias atrás: confira-a.", dias=dias), campo="em", codigo="retroativo")


def exigir_mesmo(repetido: Pagamento, recebido: Recebido) -> Pagamento:
    """The payment that has this reference already, when it is this one's: same invoice, value, method and day.

    Raises ReferenciaRepetida or RegraViolada when somebody would take this money for recorded and it is not.
    """
    dele = (repetido.invoice_id, repetido.valor, repetido.metodo, repetido.data_pagamento)
    if dele != (recebido.invoice_id, quantia(recebido.valor), recebido.metodo, recebido.em):
        texto = _(
            "A referência %(ref)s já é do recibo %(recibo)s, de %(valor)s em %(dia)s: use outra.", ref=repetido.numero_referencia, recibo=repetido.recibo,
            valor=formatar_reais(repetido.valor), dia=f"{repetido.data_pagamento:%d/%m/%Y}",
        )
        raise ReferenciaRepetida(texto, campo="referencia", pagamento_id=repetido.id)
    if repetido.status is StatusPagamento.estornado and repetido.gateway in DIGITADOS:
        texto = _("O recibo %(recibo)s, com esta referência, foi estornado: use outra.", recibo=repetido.recibo)
        raise RegraViolada(texto, codigo="referencia_estornada", campo="referencia", pagamento_id=repetido.id)
    return repetido
