"""Contracts: one service at one address, its additional services, and every change of text, plan or price."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clientes.models import Cliente, Endereco
from app.contratos.estados import TRANSICOES, Cobranca, Sim, StatusContrato
from app.core.busca import coluna_busca, indice_busca
from app.core.cifra import TextoCifrado
from app.core.estados import maquina
from app.core.modelos import Carimbo
from app.core.tipos import N_, coluna_enum, pk, regra
from app.extensions import db
from app.planos.models import Adicional, Plano


class Contrato(Carimbo, db.Model):
    """A contract. ``preco`` in reais a month is copied from the plan; ``desconto`` (reais a month) runs until ``desconto_ate`` inclusive
    and takes away the price at most.

    Tri-states (``bloqueio_automatico``) follow the company when P. ``data_fim`` is the last day of service.
    """

    __tablename__ = "contrato"

    id: Mapped[pk]
    numero: Mapped[str] = mapped_column(sa.String(20), unique=True)
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    plano_id: Mapped[int] = mapped_column(ForeignKey("plano.id"), index=True)
    endereco_instalacao_id: Mapped[int | None] = mapped_column(ForeignKey("endereco.id"))
    empresa_id: Mapped[int | None] = mapped_column(ForeignKey("empresa.id"))
    data_inicio: Mapped[dt.date]
    data_fim: Mapped[dt.date | None]
    data_renovacao: Mapped[dt.date | None] = mapped_column(index=True)
    preco: Mapped[Decimal]
    desconto: Mapped[Decimal] = mapped_column(server_default="0")
    desconto_ate: Mapped[dt.date | None]
    termo: Mapped[str | None] = mapped_column(Text)
    status: Mapped[StatusContrato] = mapped_column(coluna_enum(StatusContrato), server_default="rascunho")
    renovacao_automatica: Mapped[bool] = mapped_column(server_default=sa.true())
    fidelidade_ate: Mapped[dt.date | None]
    beneficio_fidelidade: Mapped[Decimal] = mapped_column(server_default="0")
    cobranca: Mapped[Cobranca] = mapped_column(coluna_enum(Cobranca), server_default="antecipada")
    login_pppoe: Mapped[str | None] = mapped_column(sa.String(64), unique=True, info={"sigilo": "aberto"})      # typed into the modem
    senha_pppoe: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True)
    bloqueio_automatico: Mapped[Sim] = mapped_column(coluna_enum(Sim), server_default="P")
    nao_bloquear_ate: Mapped[dt.date | None]
    motivo_cancelamento: Mapped[str | None]
    busca: Mapped[str] = coluna_busca("numero", "replace(numero, '-', '')", "login_pppoe")

    cliente: Mapped[Cliente] = relationship()
    plano: Mapped[Plano] = relationship()
    endereco_instalacao: Mapped[Endereco | None] = relationship()
    itens: Mapped[list[ContratoItem]] = relationship(back_populates="contrato", order_by="ContratoItem.id")

    __table_args__ = (
        regra("preco >= 0 AND desconto >= 0", "valores", N_("Nem preço nem desconto são negativos.")),
        regra("data_fim IS NULL OR data_fim >= data_inicio", "vigencia", N_("O fim não pode ser antes do início.")),
        indice_busca("contrato"),
        Index("ix_contrato_cliente", "cliente_id", "id"),
        Index("ix_contrato_status", "status", "id"),
        Index("ix_contrato_inicio", "data_inicio", "id"),
    )

    def __str__(self) -> str:
        return self.numero


class ContratoItem(Carimbo, db.Model):
    """An additional service of a contract: ``quantidade`` × ``preco`` reais a month, from ``de`` until ``ate`` inclusive.

    ``atrasado``: it was added after invoices of its first days had been issued, and the next one brings them all.
    """

    __tablename__ = "contrato_item"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"))
    adicional_id: Mapped[int] = mapped_column(ForeignKey("adicional.id"))
    quantidade: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    preco: Mapped[Decimal]
    de: Mapped[dt.date]
    ate: Mapped[dt.date | None]
    atrasado: Mapped[bool] = mapped_column(server_default=sa.false())

    contrato: Mapped[Contrato] = relationship(back_populates="itens")
    adicional: Mapped[Adicional] = relationship()

    __table_args__ = (
        regra("quantidade > 0 AND preco >= 0", "valores", N_("A quantidade precisa ser maior que zero, e o preço não pode ser negativo.")),
        regra("ate IS NULL OR ate >= de", "vigencia", N_("O fim não pode ser antes do início.")),
        Index("ix_contrato_item_contrato", "contrato_id", "id"),
    )

    def __str__(self) -> str:
        return f"{self.adicional} × {self.quantidade}"


class ContratoHistorico(db.Model):
    """A version of a contract, for every change of text, plan or price. Never changed.

    Plan and price count from ``desde`` on; null, until service begins: from the first day, whichever it will be.
    """

    __tablename__ = "contrato_historico"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"))
    versao: Mapped[int] = mapped_column(sa.SmallInteger)
    termo: Mapped[str | None] = mapped_column(Text)
    plano_id: Mapped[int] = mapped_column(ForeignKey("plano.id"))
    preco: Mapped[Decimal]
    desde: Mapped[dt.date | None]
    data_criacao: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    motivo: Mapped[str]
    autor_id: Mapped[int | None]

    contrato: Mapped[Contrato] = relationship()
    plano: Mapped[Plano] = relationship()

    __table_args__ = (UniqueConstraint("contrato_id", "versao"),)

    def __str__(self) -> str:
        return f"{self.contrato} v{self.versao}"


class SuspensaoVoluntaria(Carimbo, db.Model):
    """A pause at the customer's request: no access and no billing from ``de`` until the day before ``volta`` (open while it lasts)."""

    __tablename__ = "suspensao_voluntaria"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"))
    de: Mapped[dt.date]
    volta: Mapped[dt.date | None]

    contrato: Mapped[Contrato] = relationship()

    __table_args__ = (
        CheckConstraint("volta IS NULL OR volta >= de", name="periodo"),
        Index("ix_suspensao_voluntaria_contrato", "contrato_id", "id"),
        Index("uq_suspensao_voluntaria_aberta", "contrato_id", unique=True, postgresql_where=text("volta IS NULL")),
    )


maquina(Contrato.status, TRANSICOES, inicial=StatusContrato.rascunho)
