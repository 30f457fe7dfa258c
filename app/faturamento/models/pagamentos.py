"""Money received, and charges at gateways."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.estados import maquina
from app.core.modelos import Carimbo
from app.core.tipos import coluna_enum, pk
from app.extensions import db
from app.faturamento.estados import TRANSICOES_COBRANCA, TRANSICOES_PAGAMENTO, DesejoCobranca, Metodo, StatusCobranca, StatusPagamento
from app.faturamento.models.invoices import Invoice


class Pagamento(Carimbo, db.Model):
    """Money received for an invoice; never changed, only reversed. Unique by (gateway, numero_referencia): the id of the receipt.

    ``valor`` = ``valor_principal`` + ``valor_multa`` + ``valor_juros`` + ``valor_credito`` (what became the customer's credit). Reais.
    """

    __tablename__ = "pagamento"

    id: Mapped[pk]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    data_pagamento: Mapped[dt.date]
    data_credito: Mapped[dt.date | None]
    valor: Mapped[Decimal]
    valor_principal: Mapped[Decimal] = mapped_column(server_default="0")
    valor_multa: Mapped[Decimal] = mapped_column(server_default="0")
    valor_juros: Mapped[Decimal] = mapped_column(server_default="0")
    valor_credito: Mapped[Decimal] = mapped_column(server_default="0")
    valor_abatido: Mapped[Decimal] = mapped_column(server_default="0")
    tarifa: Mapped[Decimal] = mapped_column(server_default="0")
    metodo: Mapped[Metodo] = mapped_column(coluna_enum(Metodo))
    numero_referencia: Mapped[str] = mapped_column(sa.String(100))
    gateway: Mapped[str] = mapped_column(sa.String(30), server_default="manual")
    status: Mapped[StatusPagamento] = mapped_column(coluna_enum(StatusPagamento), server_default="confirmado")
    recibo: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    estornado_em: Mapped[dt.datetime | None]
    motivo_estorno: Mapped[str | None]
    observacoes: Mapped[str | None] = mapped_column(Text)

    invoice: Mapped[Invoice] = relationship()

    __table_args__ = (
        UniqueConstraint("gateway", "numero_referencia"),
        CheckConstraint("valor > 0", name="valor"),
        CheckConstraint("valor = valor_principal + valor_multa + valor_juros + valor_credito", name="partes"),
        CheckConstraint("valor_principal >= 0 AND valor_multa >= 0 AND valor_juros >= 0 AND valor_credito >= 0 AND valor_abatido >= 0", name="positivos"),
        Index("ix_pagamento_invoice", "invoice_id", "id"),
        Index("ix_pagamento_data", "data_pagamento", "id"),
    )

    def __str__(self) -> str:
        return self.recibo or self.numero_referencia


class Cobranca(Carimbo, db.Model):
    """A charge for an invoice at a gateway: what it should be (desejado) and what it is (status)."""

    __tablename__ = "cobranca"

    id: Mapped[pk]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    gateway: Mapped[str] = mapped_column(sa.String(30))
    transacao_id: Mapped[str | None] = mapped_column(sa.String(100))
    desejado: Mapped[DesejoCobranca] = mapped_column(coluna_enum(DesejoCobranca), server_default="registrada")
    status: Mapped[StatusCobranca] = mapped_column(coluna_enum(StatusCobranca), server_default="a_registrar")
    valor: Mapped[Decimal]
    linha_digitavel: Mapped[str | None] = mapped_column(sa.String(60))
    codigo_barras: Mapped[str | None] = mapped_column(sa.String(44))
    pix_copia_e_cola: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    expira_em: Mapped[dt.datetime | None]
    chave_idempotencia: Mapped[str] = mapped_column(sa.String(64), unique=True)
    pagamento_id: Mapped[int | None] = mapped_column(ForeignKey("pagamento.id"), index=True)
    erro: Mapped[str | None] = mapped_column(Text)

    invoice: Mapped[Invoice] = relationship()

    __table_args__ = (
        UniqueConstraint("gateway", "transacao_id"),
        Index("ix_cobranca_invoice", "invoice_id", "id"),
        Index("ix_cobranca_pendente", "gateway", "id", postgresql_where=text("status IN ('a_registrar', 'erro')")),
    )


maquina(Pagamento.status, TRANSICOES_PAGAMENTO, inicial=StatusPagamento.pendente)
maquina(Cobranca.status, TRANSICOES_COBRANCA, inicial=StatusCobranca.a_registrar)
