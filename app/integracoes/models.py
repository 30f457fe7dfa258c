"""What was sent to be imported: one row for the file, one for each of its lines with what became of it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.cifra import TextoCifrado
from app.core.estados import maquina
from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk
from app.extensions import db


class StatusImportacao(Rotulado):
    """Life of an import. ``conferida`` has an outcome foreseen for every line and has written nothing else."""

    recebida = N_("Recebida")
    conferindo = N_("Conferindo")
    conferida = N_("Conferida")
    importando = N_("Importando")
    concluida = N_("Concluída")
    descartada = N_("Descartada")


class ResultadoLinha(Rotulado):
    """What a line did, or would do."""

    criada = N_("Nova")
    atualizada = N_("Atualizada")
    sem_mudanca = N_("Sem mudança")
    rejeitada = N_("Rejeitada")


ResultadoLinha.criada.tom = "success"
ResultadoLinha.atualizada.tom = "info"
ResultadoLinha.sem_mudanca.tom = "neutral"
ResultadoLinha.rejeitada.tom = "danger"

_S = StatusImportacao
TRANSICOES = {      # from → to → what does it, as docs/estados.md shows
    _S.recebida: {_S.conferindo: "conferir", _S.descartada: "descartar"},
    _S.conferindo: {_S.conferida: "fim da conferência", _S.recebida: "arquivo que não pôde ser lido", _S.descartada: "descartar"},
    _S.conferida: {_S.conferindo: "conferir de novo", _S.importando: "importar", _S.descartada: "descartar"},
    _S.importando: {_S.concluida: "última linha"},
    _S.concluida: {},
    _S.descartada: {},
}


class Importacao(Carimbo, db.Model):
    """A file of customers. ``cabecalho`` and ``mapeamento`` go together: the title of each column and the field it fills (null: none)."""

    __tablename__ = "importacao"

    id: Mapped[pk]
    nome: Mapped[str]
    formato: Mapped[str] = mapped_column(sa.String(60))
    cabecalho: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))
    mapeamento: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))
    avisos: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))
    linhas: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    status: Mapped[StatusImportacao] = mapped_column(coluna_enum(StatusImportacao), server_default="recebida")
    tarefa_id: Mapped[int | None] = mapped_column(BigInteger)      # no FK: done tasks are deleted after 30 days
    planos_novos: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))
    terminada_em: Mapped[dt.datetime | None]

    __table_args__ = (CheckConstraint("linhas >= 0", name="linhas"), Index("ix_importacao_created_at", "created_at", "id"))

    def __str__(self) -> str:
        return self.nome


class ImportacaoLinha(db.Model):
    """A line of the file, ``numero`` as a spreadsheet counts it. ``dados``: its cells as JSON, encrypted, kept only while they may be needed.

    ``resultado`` is foreseen until ``feita``, then true.
    """

    __tablename__ = "importacao_linha"

    importacao_id: Mapped[int] = mapped_column(ForeignKey("importacao.id", ondelete="CASCADE"), primary_key=True)
    numero: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    dados: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True)
    resultado: Mapped[ResultadoLinha | None] = mapped_column(coluna_enum(ResultadoLinha))
    detalhe: Mapped[str | None] = mapped_column(sa.Text)
    feita: Mapped[bool] = mapped_column(server_default=sa.false())
    cliente_id: Mapped[int | None] = mapped_column(BigInteger)
    contrato_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_importacao_linha_resultado", "importacao_id", "resultado", "numero"),)


maquina(Importacao.status, TRANSICOES, inicial=StatusImportacao.recebida)
