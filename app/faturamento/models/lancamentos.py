"""What is to be billed once, and what the customer has in hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clientes.models import Cliente
from app.contratos.models import Contrato
from app.core.estados import maquina
from app.core.modelos import Carimbo
from app.core.tipos import coluna_enum, pk
from app.extensions import db
from app.faturamento.estados import TRANSICOES_LANCAMENTO, StatusLancamento, TipoItem, TipoLancamento
from app.faturamento.models.invoices import Invoice


class Lancamento(Carimbo, db.Model):
    """A one-off charge or discount, one row per instalment, consumed once by the first invoice whose due date is ≥ ``a_partir_de``.

    ``valor`` in reais, always positive; ``tipo`` gives the sign. ``item_tipo`` is the kind of line it becomes.
    """

    __tablename__ = "lancamento"

    id: Mapped[pk]
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    contrato_id: Mapped[int | None] = mapped_column(ForeignKey("contrato.id"), index=True)
    tipo: Mapped[TipoLancamento] = mapped_column(coluna_enum(TipoLancamento))
    item_tipo: Mapped[TipoItem] = mapped_column(coluna_enum(TipoItem), server_default="servico")
    descricao: Mapped[str]
    valor: Mapped[Decimal]
    parcela: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    parcelas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    a_partir_de: Mapped[dt.date]
    status: Mapped[StatusLancamento] = mapped_column(coluna_enum(StatusLancamento), server_default="aberto")
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    origem_invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    motivo: Mapped[str | None]

    cliente: Mapped[Cliente] = relationship()
    contrato: Mapped[Contrato | None] = relationship()
    invoice: Mapped[Invoice | None] = relationship(foreign_keys=[invoice_id])

    __table_args__ = (
        CheckConstraint("valor > 0", name="valor"),
        CheckConstraint("parcela BETWEEN 1 AND parcelas", name="parcela"),
        CheckConstraint("(status = 'faturado') = (invoice_id IS NOT NULL)", name="faturado"),
        Index("ix_lancamento_aberto", "cliente_id", "a_partir_de", postgresql_where=text("status = 'aberto'")),
    )

    def __str__(self) -> str:
        return self.descricao


class Credito(Carimbo, db.Model):
    """Money of the customer in the provider's hands. ``saldo`` is what was not used yet. Reais."""

    __tablename__ = "credito"

    id: Mapped[pk]
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    valor: Mapped[Decimal]
    saldo: Mapped[Decimal]
    motivo: Mapped[str]
    pagamento_id: Mapped[int | None] = mapped_column(ForeignKey("pagamento.id"), index=True)
    automatico: Mapped[bool] = mapped_column(server_default=sa.true())

    cliente: Mapped[Cliente] = relationship()

    __table_args__ = (
        CheckConstraint("valor > 0 AND saldo >= 0 AND saldo <= valor", name="saldo"),
        Index("ix_credito_disponivel", "cliente_id", "id", postgresql_where=text("saldo > 0")),
    )

    def __str__(self) -> str:
        return self.motivo[:1].upper() + self.motivo[1:]


maquina(Lancamento.status, TRANSICOES_LANCAMENTO, inicial=StatusLancamento.aberto)
