"""Requests of data subjects and the receipts of what was done about them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clientes.models import Cliente
from app.core import relogio
from app.core.estados import maquina
from app.core.modelos import Carimbo
from app.core.tipos import coluna_enum, pk
from app.extensions import db
from app.privacidade.estados import ABERTOS, POR_FAZER, TRANSICOES, AndamentoPedido, EtapaRecibo, SituacaoPedido, TipoPedido

_ABERTOS = ", ".join(f"'{s.name}'" for s in ABERTOS)


class PedidoTitular(Carimbo, db.Model):
    """A request of a customer about his data. ``prazo`` is 15 days after it (LGPD, art. 19, II); one of a kind may be open at a time."""

    __tablename__ = "pedido_titular"

    id: Mapped[pk]
    protocolo: Mapped[str] = mapped_column(sa.String(20), unique=True)
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    tipo: Mapped[TipoPedido] = mapped_column(coluna_enum(TipoPedido))
    situacao: Mapped[SituacaoPedido] = mapped_column(coluna_enum(SituacaoPedido), server_default="aberto")
    pedido_em: Mapped[dt.datetime]
    prazo: Mapped[dt.date]
    motivo: Mapped[str] = mapped_column(Text, server_default="")      # the customer's words, and how they came
    resposta: Mapped[str | None] = mapped_column(Text)
    feito_em: Mapped[dt.datetime | None]
    tarefa_id: Mapped[int | None] = mapped_column(BigInteger)      # no FK: done tasks are deleted after 30 days
    arquivo_id: Mapped[int | None] = mapped_column(ForeignKey("arquivo.id", ondelete="SET NULL"))

    cliente: Mapped[Cliente] = relationship()
    recibos: Mapped[list[ReciboTitular]] = relationship(order_by="ReciboTitular.id", viewonly=True)

    __table_args__ = (
        Index("uq_pedido_titular_aberto", "cliente_id", "tipo", unique=True, postgresql_where=text(f"situacao IN ({_ABERTOS})")),
        Index("ix_pedido_titular_cliente", "cliente_id", "id"), Index("ix_pedido_titular_situacao", "situacao", "prazo"),
    )

    @property
    def andamento(self) -> AndamentoPedido:
        """Answered, or still in time, or late."""
        if self.situacao not in POR_FAZER:
            return AndamentoPedido.atendido
        return AndamentoPedido.atrasado if self.prazo < relogio.hoje() else AndamentoPedido.no_prazo

    def __str__(self) -> str:
        return self.protocolo


class ReciboTitular(db.Model):
    """What was done for a request and when; a trigger refuses every change. ``sha256`` of the file, ``retido`` says what the law still keeps."""

    __tablename__ = "recibo_titular"

    id: Mapped[pk]
    pedido_id: Mapped[int] = mapped_column(ForeignKey("pedido_titular.id"), index=True)
    etapa: Mapped[EtapaRecibo] = mapped_column(coluna_enum(EtapaRecibo))
    em: Mapped[dt.datetime]
    usuario_id: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    contagens: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    retido: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))      # [{"classe": "fiscal", "ate": "2032-05-10"}]


maquina(PedidoTitular.situacao, TRANSICOES, inicial=SituacaoPedido.aberto)
