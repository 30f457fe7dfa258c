"""Blocks: what is blocked, why, since when, and the notice that justifies it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.contratos.models import Contrato
from app.core import relogio
from app.core.tipos import N_, Rotulado, coluna_enum, pk
from app.extensions import db


class TipoBloqueio(Rotulado):
    """How far the access is cut."""

    reducao = N_("Redução de velocidade")
    total = N_("Bloqueio total")


class MotivoBloqueio(Rotulado):
    """Why the access is cut."""

    inadimplencia = N_("Inadimplência")
    manual = N_("Manual")
    pedido = N_("A pedido do cliente")
    seguranca = N_("Segurança")


class Bloqueio(db.Model):
    """A block of a contract, open while ``fim`` is null; ``liberado_ate`` lifts it for a while without closing it.

    The notice's date, channel, address and text hash are copied as evidence (RGC, Res. Anatel 765/2023).
    """

    __tablename__ = "bloqueio"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"))
    tipo: Mapped[TipoBloqueio] = mapped_column(coluna_enum(TipoBloqueio), server_default="total")
    motivo: Mapped[MotivoBloqueio] = mapped_column(coluna_enum(MotivoBloqueio))
    inicio: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    fim: Mapped[dt.datetime | None]
    liberado_ate: Mapped[dt.datetime | None]
    notificacao_id: Mapped[int | None] = mapped_column(BigInteger)
    aviso_em: Mapped[dt.datetime | None]
    aviso_canal: Mapped[str | None] = mapped_column(sa.String(20))
    aviso_destinatario: Mapped[str | None] = mapped_column(info={"sigilo": "contato"})
    aviso_hash: Mapped[str | None] = mapped_column(sa.String(64))
    explicacao: Mapped[str | None]
    origem: Mapped[str] = mapped_column(sa.String(40), server_default="sistema")
    autor_id: Mapped[int | None]
    desbloqueado_por_id: Mapped[int | None]
    motivo_desbloqueio: Mapped[str | None]

    contrato: Mapped[Contrato] = relationship()

    __table_args__ = (
        CheckConstraint("fim IS NULL OR fim >= inicio", name="periodo"),
        Index("uq_bloqueio_aberto", "contrato_id", "motivo", unique=True, postgresql_where=text("fim IS NULL")),
        Index("ix_bloqueio_contrato", "contrato_id", "id"),
        Index("ix_bloqueio_inicio", "inicio", "id"),
    )

    def __str__(self) -> str:
        return f"{self.contrato} {relogio.local(self.inicio):%d/%m/%Y}"
