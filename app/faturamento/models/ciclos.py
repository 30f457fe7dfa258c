"""When a customer is billed: the kinds of cycle, each customer's cycles, and which contracts bill in which."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clientes.models import Cliente
from app.contratos.models import Contrato
from app.core.modelos import Carimbo
from app.core.tipos import N_, pk, regra
from app.extensions import db


class Ciclo(Carimbo, db.Model):
    """A kind of cycle: Mensal, Bimestral, Trimestral, Semestral, Anual. ``meses`` counts when present, else ``dias``."""

    __tablename__ = "ciclo"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(sa.String(40), unique=True)
    dias: Mapped[int] = mapped_column(sa.SmallInteger)
    meses: Mapped[int | None] = mapped_column(sa.SmallInteger)
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())

    __table_args__ = (
        regra("dias > 0 AND (meses IS NULL OR meses > 0)", "duracao", N_("Os dias precisam ser maiores que zero; os meses também, ou ficar em branco.")),
    )

    def __str__(self) -> str:
        return self.nome


class CicloFaturamento(Carimbo, db.Model):
    """A customer's cycle. ``proximo_vencimento`` is the nominal due date of the next invoice to issue; it only moves forward, by the run.

    ``estacionado_em`` parks it: its data failed in a run, with the reason, and runs pass it by until somebody corrects it.
    """

    __tablename__ = "ciclo_faturamento"

    id: Mapped[pk]
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    ciclo_id: Mapped[int] = mapped_column(ForeignKey("ciclo.id"))
    dia_vencimento: Mapped[int] = mapped_column(sa.SmallInteger)
    data_inicio: Mapped[dt.date]
    proximo_vencimento: Mapped[dt.date]
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())
    estacionado_em: Mapped[dt.datetime | None]
    estacionado_motivo: Mapped[str | None]

    cliente: Mapped[Cliente] = relationship()
    ciclo: Mapped[Ciclo] = relationship()

    __table_args__ = (
        CheckConstraint("dia_vencimento BETWEEN 1 AND 31", name="dia_vencimento"),
        Index("ix_ciclo_faturamento_devidos", "proximo_vencimento", "id", postgresql_where=text("ativo AND estacionado_em IS NULL")),
        Index("ix_ciclo_faturamento_cliente", "cliente_id", "id"),
    )

    def __str__(self) -> str:
        return f"{self.ciclo} dia {self.dia_vencimento}"


class ContratoCiclo(Carimbo, db.Model):
    """In which cycle a contract bills, and since when. Contracts of one cycle make one invoice.

    ``atrasado``: it began after the cycle's invoices of its first days had been issued, and the next one brings them all.
    """

    __tablename__ = "contrato_ciclo"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"), unique=True)
    ciclo_faturamento_id: Mapped[int] = mapped_column(ForeignKey("ciclo_faturamento.id"), index=True)
    desde: Mapped[dt.date]
    atrasado: Mapped[bool] = mapped_column(server_default=sa.false())

    contrato: Mapped[Contrato] = relationship()
    ciclo_faturamento: Mapped[CicloFaturamento] = relationship()
