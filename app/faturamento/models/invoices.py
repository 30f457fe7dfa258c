"""Invoices and their lines. Issued invoices are never edited or deleted: names, addresses, prices and policy are copied at issue."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clientes.models import Cliente
from app.contratos.models import Contrato
from app.core.estados import maquina
from app.core.tipos import coluna_enum, pk
from app.extensions import db
from app.faturamento.estados import TRANSICOES_INVOICE, TRANSICOES_ITEM, SituacaoItem, StatusInvoice, TipoItem
from app.faturamento.models.ciclos import CicloFaturamento

NUMERO = Sequence("invoice_numero_seq", metadata=db.metadata)


class CopiaEmitente(db.Model):
    """The company as it was when invoices were issued (name, CNPJ, address, Pix key, logo), one row per distinct content."""

    __tablename__ = "copia_emitente"

    id: Mapped[pk]
    empresa_id: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    dados: Mapped[dict] = mapped_column(JSONB)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Invoice(db.Model):
    """A bill. ``valor_total`` = sum of its items; balance = total − paid − ``valor_abatido`` (tolerance, discount until due, credit). Reais.

    ``valor_creditado`` is the part of ``valor_abatido`` that was the customer's credit; ``valor_encargos`` the part of ``valor_total`` that is fine and
    interest of an earlier invoice, which bear none themselves.
    ``data_vencimento`` is nominal: on a weekend or holiday it is payable the next business day without charge.
    ``txid_pix`` (≤ 25) goes into the static Pix code. ``multa_percentual`` and ``juros_mensal`` are per cent, copied from the policy.
    ``copia_emitente_id`` and ``execucao_id`` have no foreign key: one shared parent row would slow the billing run by a quarter.
    """

    __tablename__ = "invoice"

    id: Mapped[pk]
    numero: Mapped[int] = mapped_column(BigInteger, NUMERO, server_default=NUMERO.next_value(), unique=True)
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    empresa_id: Mapped[int | None] = mapped_column(BigInteger)
    copia_emitente_id: Mapped[int | None] = mapped_column(BigInteger)
    ciclo_faturamento_id: Mapped[int | None] = mapped_column(ForeignKey("ciclo_faturamento.id"))
    competencia_inicio: Mapped[dt.date]
    competencia_fim: Mapped[dt.date]
    data_emissao: Mapped[dt.date]
    data_vencimento: Mapped[dt.date]
    data_pagamento: Mapped[dt.date | None]
    valor_total: Mapped[Decimal]
    valor_pago: Mapped[Decimal] = mapped_column(server_default="0")
    valor_abatido: Mapped[Decimal] = mapped_column(server_default="0")
    valor_creditado: Mapped[Decimal] = mapped_column(server_default="0")
    valor_encargos: Mapped[Decimal] = mapped_column(server_default="0")
    status: Mapped[StatusInvoice] = mapped_column(coluna_enum(StatusInvoice), server_default="emitida")
    multa_percentual: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="2")
    juros_mensal: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="1")
    desconto_pontual: Mapped[Decimal] = mapped_column(server_default="0")
    pagador_nome: Mapped[str]
    pagador_documento: Mapped[str] = mapped_column(sa.String(14), info={"sigilo": "documento"})
    pagador_endereco: Mapped[str] = mapped_column(Text, server_default="")
    txid_pix: Mapped[str] = mapped_column(sa.String(25))
    contestada_em: Mapped[dt.datetime | None]
    motivo_cancelamento: Mapped[str | None]
    substitui_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))
    observacoes: Mapped[str | None] = mapped_column(Text)
    versao_modelo: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    execucao_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    criado_por_id: Mapped[int | None]

    cliente: Mapped[Cliente] = relationship()
    ciclo_faturamento: Mapped[CicloFaturamento | None] = relationship()
    itens: Mapped[list[ItemInvoice]] = relationship(back_populates="invoice", order_by="ItemInvoice.id")

    __table_args__ = (
        CheckConstraint("valor_total >= 0 AND valor_pago >= 0 AND valor_abatido >= 0 AND desconto_pontual >= 0", name="valores"),
        CheckConstraint("valor_creditado BETWEEN 0 AND valor_abatido AND valor_encargos >= 0", name="partes"),
        CheckConstraint("valor_pago + valor_abatido <= valor_total", name="saldo"),
        CheckConstraint("competencia_fim >= competencia_inicio", name="competencia"),
        CheckConstraint("status <> 'paga' OR valor_pago + valor_abatido = valor_total", name="paga"),
        Index("uq_invoice_periodo", "ciclo_faturamento_id", "competencia_inicio", unique=True, postgresql_where=text("status <> 'cancelada'")),
        Index("uq_invoice_txid_pix", "txid_pix", unique=True),
        Index("ix_invoice_cliente", "cliente_id", "id"),
        Index("ix_invoice_abertas", "data_vencimento", "cliente_id", postgresql_where=text("status IN ('emitida', 'vencida')")),
        Index("ix_invoice_vencimento", "data_vencimento", "id"),
        Index("ix_invoice_emissao", "data_emissao", "id"),
        Index("ix_invoice_valor", "valor_total", "id"),
        Index("ix_invoice_status", "status", "id"),
        Index("ix_invoice_execucao", "execucao_id", postgresql_where=text("execucao_id IS NOT NULL")),
    )

    @property
    def saldo(self) -> Decimal:
        """What is still owed of the principal, without fine and interest. Reais."""
        return self.valor_total - self.valor_pago - self.valor_abatido

    @property
    def numero_formatado(self) -> str:
        """``000123456``."""
        return f"{self.numero:09d}"

    def __str__(self) -> str:
        return self.numero_formatado


class ItemInvoice(db.Model):
    """A line. ``chave`` says what was billed for whom and when (``c12:plano:3:2026-12-10``), once among the lines that count; null by hand."""

    __tablename__ = "item_invoice"

    id: Mapped[pk]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    contrato_id: Mapped[int | None] = mapped_column(ForeignKey("contrato.id"))
    descricao: Mapped[str]
    quantidade: Mapped[Decimal] = mapped_column(sa.Numeric(10, 3), server_default="1")
    valor_unitario: Mapped[Decimal]
    valor_total: Mapped[Decimal]
    tipo: Mapped[TipoItem] = mapped_column(coluna_enum(TipoItem))
    periodo_inicio: Mapped[dt.date | None]
    periodo_fim: Mapped[dt.date | None]
    chave: Mapped[str | None] = mapped_column(sa.String(120))
    situacao: Mapped[SituacaoItem] = mapped_column(coluna_enum(SituacaoItem), server_default="cobrada")

    invoice: Mapped[Invoice] = relationship(back_populates="itens")
    contrato: Mapped[Contrato | None] = relationship()

    __table_args__ = (
        Index("ix_item_invoice_invoice", "invoice_id", "id"),
        Index("uq_item_invoice_chave", "chave", unique=True, postgresql_where=text("situacao = 'cobrada'")),
        Index("ix_item_invoice_contrato", "contrato_id", postgresql_where=text("contrato_id IS NOT NULL")),
    )

    def __str__(self) -> str:
        return self.descricao


Index("ix_invoice_numero_texto", func.lpad(sa.cast(Invoice.numero, Text), 9, "0").label("numero_texto"), postgresql_ops={"numero_texto": "text_pattern_ops"})
maquina(Invoice.status, TRANSICOES_INVOICE, inicial=StatusInvoice.draft)
maquina(ItemInvoice.situacao, TRANSICOES_ITEM, inicial=SituacaoItem.cobrada)
