"""What the provider sells: plans and additional services (SVA)."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.busca import coluna_ordem
from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk, regra
from app.extensions import db


class Tecnologia(Rotulado):
    """Access technologies, as Anatel's collection (DICI) tells them apart."""

    fibra = N_("Fibra óptica")
    radio = N_("Rádio")
    cabo = N_("Cabo coaxial")
    utp = N_("Cabo metálico (UTP)")
    satelite = N_("Satélite")


class _ComRateioFiscal:
    """Per cent of the price that is telecom (SCM), value-added service (SVA) and rental; a fiscal document needs the split."""

    fiscal_scm: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="100")
    fiscal_sva: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="0")
    fiscal_locacao: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), server_default="0")


_RATEIO = "fiscal_scm >= 0 AND fiscal_sva >= 0 AND fiscal_locacao >= 0 AND fiscal_scm + fiscal_sva + fiscal_locacao = 100"
_RATEIO_ERRADO = N_("O rateio fiscal (SCM, SVA e locação) precisa somar 100%.")
_PRECO = N_("O preço não pode ser negativo.")


class Plano(Carimbo, _ComRateioFiscal, db.Model):
    """An Internet plan. Prices in reais a month; ``codigo_oferta`` is the offer's unique code (RGC)."""

    __tablename__ = "plano"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(unique=True)
    codigo_oferta: Mapped[str | None] = mapped_column(sa.String(40))
    tecnologia: Mapped[Tecnologia] = mapped_column(coluna_enum(Tecnologia), server_default="fibra")
    download_mbps: Mapped[int]
    upload_mbps: Mapped[int]
    preco: Mapped[Decimal]
    fidelidade_meses: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    franquia_gb: Mapped[int | None]
    grupo_rede: Mapped[str | None] = mapped_column(sa.String(64))
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())
    ordem: Mapped[str] = coluna_ordem("nome")

    __table_args__ = (
        regra("preco >= 0", "preco", _PRECO),
        regra("download_mbps > 0 AND upload_mbps > 0", "velocidade", N_("As velocidades precisam ser maiores que zero.")),
        regra("fidelidade_meses BETWEEN 0 AND 12", "fidelidade", N_("A fidelidade vai de 0 a 12 meses (Anatel, RGC).")),
        regra(_RATEIO, "rateio_fiscal", _RATEIO_ERRADO),
        Index("ix_plano_ordem", "ordem", "id"),
    )

    @property
    def grupo(self) -> str:
        """The group by which the network knows the plan's speed."""
        return self.grupo_rede or f"plano-{self.id}"

    def __str__(self) -> str:
        return self.nome


class Adicional(Carimbo, _ComRateioFiscal, db.Model):
    """An additional service: fixed IP, telephone, streaming, rental. Price in reais a month."""

    __tablename__ = "adicional"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(unique=True)
    preco: Mapped[Decimal]
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())
    ordem: Mapped[str] = coluna_ordem("nome")

    __table_args__ = (regra("preco >= 0", "preco", _PRECO), regra(_RATEIO, "rateio_fiscal", _RATEIO_ERRADO), Index("ix_adicional_ordem", "ordem", "id"))

    def __str__(self) -> str:
        return self.nome
