"""Credit that no invoice to come will use: set against invoices that are open, or given back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import exists, func, select

from app.clientes.services import travar_cliente
from app.contratos.estados import ENCERRADOS
from app.contratos.models import Contrato
from app.core import eventos
from app.core.dinheiro import ZERO, formatar_reais
from app.core.erros import NaoEncontrado, RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.idiomas import da_casa
from app.core.textos import em_branco
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import CicloFaturamento, Credito, Invoice, ItemInvoice
from app.faturamento.services.base import Base
from app.faturamento.services.pagamentos import ABERTAS, exigir_motivo


class Creditos(Base):
    """Using credit up."""

    def aplicar_credito(self, invoice_id: int, *, em: dt.date, credito_id: int | None = None) -> Decimal:
        """Abate an open invoice by its customer's credit (one, or all of it, oldest first), as far as both go. Returns the reais abated.

        Only the principal: what the customer had in hand was not late. An invoice with nothing left is paid. Raises NaoEncontrado,
        TransicaoInvalida unless it is open, RegraViolada (``sem_saldo``) when there is no credit, ValorInvalido for another customer's.
        """
        invoice = self._travar_invoice(invoice_id)
        if invoice.status not in ABERTAS:
            raise TransicaoInvalida(_("A fatura %(numero)s não está em aberto.", numero=invoice), invoice_id=invoice_id)
        creditos = self._com_saldo(invoice.cliente_id) if credito_id is None else [self._credito_de(credito_id, invoice.cliente_id)]
        if not any(c.saldo for c in creditos):
            raise RegraViolada(_("Não há crédito disponível."), codigo="sem_saldo", invoice_id=invoice_id)
        feito = self._abater(invoice, creditos, em)
        self.reavaliar_bloqueio(invoice.cliente_id, em=em)
        return feito

    def devolver_credito(self, credito_id: int, *, motivo: str, referencia: str, em: dt.date) -> Credito:
        """Record that what is left of a credit was paid back to the customer; ``referencia`` names the transfer or receipt.

        Raises NaoEncontrado, ValorInvalido without a reason or reference, RegraViolada (``sem_saldo``) when nothing is left.
        """
        exigir_motivo(motivo)
        if em_branco(referencia):
            raise ValorInvalido(_("Informe a referência da devolução."), campo="referencia")
        credito = self._travar_credito(credito_id)
        if not credito.saldo:
            raise RegraViolada(_("Este crédito já foi usado ou devolvido."), codigo="sem_saldo", credito_id=credito_id)
        valor, credito.saldo = credito.saldo, ZERO
        self.sessao.flush()
        descricao = da_casa("%(valor)s, %(motivo)s (%(referencia)s)", valor=formatar_reais(valor), motivo=motivo, referencia=referencia)
        dados = {"credito_id": credito.id, "valor": str(valor), "motivo": motivo, "referencia": referencia, "em": em.isoformat()}
        eventos.registrar(self.sessao, "credito_devolvido", cliente_id=credito.cliente_id, descricao=descricao, **dados)
        return credito

    def aplicar_creditos_parados(self, *, em: dt.date, cliente_id: int | None = None, limite: int = 500) -> int:
        """Set credit of customers without an active cycle, whom no run will bill, against their open invoices. Returns how many invoices.

        In the caller's transaction, some hundreds of customers a call.
        """
        com_fatura = exists().where(Invoice.cliente_id == Credito.cliente_id, Invoice.status.in_(ABERTAS))
        com_ciclo = exists().where(CicloFaturamento.cliente_id == Credito.cliente_id, CicloFaturamento.ativo)
        parados = select(Credito.cliente_id).where(Credito.saldo > 0, Credito.automatico, com_fatura, ~com_ciclo)
        if cliente_id:
            parados = parados.where(Credito.cliente_id == cliente_id)
        ids = self.sessao.scalars(parados.distinct().order_by(Credito.cliente_id).limit(limite)).all()
        return sum(self._abater_tudo(i, em) for i in ids)

    def _abater_no_fim(self, contrato: Contrato, em: dt.date) -> None:
        """What a contract gives back goes first against its own open invoices, those of the days after ``em`` before the others.

        When the customer has no other contract, against whatever else is open.
        """
        dele = sorted(self._abertas(contrato.cliente_id, contrato.id), key=lambda i: (i.competencia_inicio <= em, i.data_vencimento, i.id))
        outras = [i for i in self._abertas(contrato.cliente_id, None) if i not in dele] if self._ultimo(contrato) else []
        for invoice in (*dele, *outras):
            self._abater(invoice, self._com_saldo(contrato.cliente_id, automatico=True), em)

    def _abater_tudo(self, cliente_id: int, em: dt.date) -> int:
        travar_cliente(self.sessao, cliente_id)
        feitas = sum(bool(self._abater(i, self._com_saldo(cliente_id, automatico=True), em)) for i in self._abertas(cliente_id, None))
        self.reavaliar_bloqueio(cliente_id, em=em)
        return feitas

    def _abater(self, invoice: Invoice, creditos: Sequence[Credito], em: dt.date) -> Decimal:
        """Take from the credits what the invoice still owes, in time less the discount until due when they cover the rest."""
        total, desconto = ZERO, self.valor_atualizado(invoice, em).desconto
        if sum(c.saldo for c in creditos) < invoice.saldo - desconto:
            desconto = ZERO
        for credito in creditos:
            valor = min(credito.saldo, invoice.saldo - desconto - total)
            if not valor:
                continue
            credito.saldo -= valor
            total += valor
            dados = {"credito_id": credito.id, "invoice_id": invoice.id, "numero": invoice.numero_formatado, "valor": str(valor)}
            eventos.registrar(self.sessao, "credito_aplicado", cliente_id=invoice.cliente_id, **dados)
        with self.sessao.no_autoflush:
            invoice.valor_abatido += total + desconto
            invoice.valor_creditado += total
            if (total or desconto) and not invoice.saldo:
                invoice.status, invoice.data_pagamento = StatusInvoice.paga, em
        if not invoice.saldo:
            self._cancelar_cobrancas([invoice.id])
        self.sessao.flush()
        return total

    def _abertas(self, cliente_id: int, contrato_id: int | None) -> Sequence[Invoice]:
        """The customer's open invoices, of one contract when given, oldest first, locked."""
        consulta = select(Invoice).where(Invoice.cliente_id == cliente_id, Invoice.status.in_(ABERTAS)).order_by(Invoice.data_vencimento, Invoice.id)
        if contrato_id is not None:
            consulta = consulta.where(exists().where(ItemInvoice.invoice_id == Invoice.id, ItemInvoice.contrato_id == contrato_id))
        return self.sessao.scalars(consulta.with_for_update(key_share=True, of=Invoice).execution_options(populate_existing=True)).all()

    def _com_saldo(self, cliente_id: int, *, automatico: bool = False) -> Sequence[Credito]:
        """What the customer has in hand, oldest first; ``automatico``: only what may be used without asking."""
        consulta = select(Credito).where(Credito.cliente_id == cliente_id, Credito.saldo > 0).order_by(Credito.id)
        consulta = consulta.where(Credito.automatico) if automatico else consulta
        return self.sessao.scalars(consulta.execution_options(populate_existing=True)).all()

    def _credito_de(self, credito_id: int, cliente_id: int) -> Credito:
        credito = self.sessao.get(Credito, credito_id, populate_existing=True)
        if credito is None:
            raise NaoEncontrado(_("Crédito não encontrado."), credito_id=credito_id)
        if credito.cliente_id != cliente_id:
            raise ValorInvalido(_("O crédito não é do cliente desta fatura."), campo="invoice_id")
        return credito

    def _travar_credito(self, credito_id: int) -> Credito:
        cliente_id = self.sessao.scalar(select(Credito.cliente_id).where(Credito.id == credito_id))
        if cliente_id is None:
            raise NaoEncontrado(_("Crédito não encontrado."), credito_id=credito_id)
        travar_cliente(self.sessao, cliente_id)
        return self.sessao.get_one(Credito, credito_id, populate_existing=True)

    def _ultimo(self, contrato: Contrato) -> bool:
        """Whether the customer has no other contract that lives."""
        outros = select(func.count()).where(Contrato.cliente_id == contrato.cliente_id, Contrato.id != contrato.id, Contrato.status.not_in(ENCERRADOS))
        return contrato.status in ENCERRADOS and not self.sessao.scalar(outros)
