"""Billing runs: what was expected, what each lot did, and which customers were left aside with their reason."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clientes.models import Cliente
from app.core.estados import maquina
from app.core.modelos import Carimbo
from app.core.tipos import coluna_enum, pk
from app.extensions import db
from app.faturamento.estados import TRANSICOES_EXECUCAO, StatusExecucao


class ExecucaoFaturamento(Carimbo, db.Model):
    """A run for a day: the cycles due by then. Sums are kept by the lots; ``esperado`` is what the preview counted."""

    __tablename__ = "execucao_faturamento"

    id: Mapped[pk]
    referencia: Mapped[dt.date]
    status: Mapped[StatusExecucao] = mapped_column(coluna_enum(StatusExecucao), server_default="preparando")
    origem: Mapped[str] = mapped_column(sa.String(20), server_default="agenda")
    tarefa_id: Mapped[int | None] = mapped_column(BigInteger)
    esperado: Mapped[int | None]
    valor_esperado: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    parar: Mapped[bool] = mapped_column(server_default=sa.false())
    iniciada_em: Mapped[dt.datetime | None]
    terminada_em: Mapped[dt.datetime | None]

    __table_args__ = (Index("ix_execucao_faturamento_referencia", "referencia", "id"),)

    def __str__(self) -> str:
        return f"{self.referencia:%d/%m/%Y} #{self.id}"


class LoteFaturamento(db.Model):
    """What one transaction of a run issued."""

    __tablename__ = "lote_faturamento"

    id: Mapped[pk]
    execucao_id: Mapped[int] = mapped_column(ForeignKey("execucao_faturamento.id"), index=True)
    invoices: Mapped[int]
    sem_valor: Mapped[int] = mapped_column(server_default="0")
    valor: Mapped[Decimal] = mapped_column(sa.Numeric(14, 2))
    duracao_ms: Mapped[int]
    em: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())


class ClienteEstacionado(Carimbo, db.Model):
    """A customer a run could not bill, and why; resolved when a later run bills him or somebody dismisses it."""

    __tablename__ = "cliente_estacionado"

    id: Mapped[pk]
    execucao_id: Mapped[int | None] = mapped_column(ForeignKey("execucao_faturamento.id"), index=True)
    ciclo_faturamento_id: Mapped[int] = mapped_column(ForeignKey("ciclo_faturamento.id"))
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"), index=True)
    vencimento: Mapped[dt.date]
    motivo: Mapped[str] = mapped_column(Text)
    resolvido_em: Mapped[dt.datetime | None]

    cliente: Mapped[Cliente] = relationship()

    __table_args__ = (Index("uq_cliente_estacionado_aberto", "ciclo_faturamento_id", unique=True, postgresql_where=text("resolvido_em IS NULL")),)


maquina(ExecucaoFaturamento.status, TRANSICOES_EXECUCAO, inicial=StatusExecucao.preparando)
