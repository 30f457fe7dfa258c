"""The dunning policy in force, and temporary releases in trust."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk, regra
from app.extensions import db


class PresetPolitica(Rotulado):
    """Where the numbers of a policy come from."""

    padrao = N_("Padrão do provedor")
    anatel_rgc765 = N_("Anatel RGC (Res. 765/2023)")
    anatel_rgc632 = N_("Anatel RGC anterior (Res. 632/2014)")


class PoliticaCobranca(Carimbo, db.Model):
    """What happens to late money. Per cents per cent, amounts in reais, delays in days from the original due date.

    ``dias_reducao`` waits for the network to reduce speed by policy: nothing reads it and no screen shows it.
    Fine ≤ 2 % (CDC art. 52 §1), interest ≤ 1 %/month (Código Civil art. 406; CTN art. 161 §1). ``padrao`` marks the one in force.
    """

    __tablename__ = "politica_cobranca"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(unique=True)
    preset: Mapped[PresetPolitica] = mapped_column(coluna_enum(PresetPolitica), server_default="padrao")
    padrao: Mapped[bool] = mapped_column(server_default=sa.false())
    multa_percentual: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="2")
    juros_mensal: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="1")
    tolerancia: Mapped[Decimal] = mapped_column(server_default="0.05")
    desconto_pontual_percentual: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="0")
    dias_lembrete: Mapped[int] = mapped_column(sa.SmallInteger, server_default="3")
    dias_aviso: Mapped[int] = mapped_column(sa.SmallInteger, server_default="1")
    dias_reducao: Mapped[int | None] = mapped_column(sa.SmallInteger)
    dias_bloqueio: Mapped[int] = mapped_column(sa.SmallInteger, server_default="10")
    dias_apos_aviso: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    exige_aviso: Mapped[bool] = mapped_column(server_default=sa.true())
    divida_minima: Mapped[Decimal] = mapped_column(server_default="10")
    bloqueia_sexta: Mapped[bool] = mapped_column(server_default=sa.true())
    bloqueia_fim_de_semana: Mapped[bool] = mapped_column(server_default=sa.false())
    bloqueia_vespera_de_feriado: Mapped[bool] = mapped_column(server_default=sa.false())
    limite_percentual_da_base: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="10")
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())

    __table_args__ = (
        regra("multa_percentual BETWEEN 0 AND 2", "multa", N_("A multa vai de 0 a 2% (Código de Defesa do Consumidor, art. 52).")),
        regra("juros_mensal BETWEEN 0 AND 1", "juros", N_("Os juros vão de 0 a 1% ao mês.")),
        regra("tolerancia >= 0 AND divida_minima >= 0", "valores", N_("Tolerância e dívida mínima não podem ser negativas.")),
        regra("dias_bloqueio > 0 AND dias_apos_aviso >= 0", "dias", N_("O bloqueio vem ao menos um dia depois do vencimento e nunca antes do aviso.")),
        Index("uq_politica_cobranca_padrao", "padrao", unique=True, postgresql_where=sa.text("padrao")),
    )

    def __str__(self) -> str:
        return self.nome


class DesbloqueioConfianca(Carimbo, db.Model):
    """A blocked contract released for some days on the customer's word, once per invoice."""

    __tablename__ = "desbloqueio_confianca"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    de: Mapped[dt.datetime]
    ate: Mapped[dt.datetime]
    origem: Mapped[str] = mapped_column(sa.String(20))
    cumprido: Mapped[bool | None]

    __table_args__ = (UniqueConstraint("contrato_id", "invoice_id"), CheckConstraint("ate > de", name="periodo"))
