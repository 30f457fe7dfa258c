"""Which tables hold a customer's data, and by which column each of their rows is his. Read from the tables themselves, so that a new one is not forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sqlalchemy as sa
from sqlalchemy import Table

from app.core.cifra import TextoCifrado
from app.extensions import db

# keys without a constraint (tables that are filled by COPY or outlive what they point at) → the table they are keys of
LIGACOES = {"cliente_id": "cliente", "contrato_id": "contrato", "invoice_id": "invoice", "notificacao_id": "notificacao"}
# tables with a path to a customer that are not part of what he gets, and why
FORA = {
    "importacao_linha": "cells of an imported file, encrypted and deleted after some days; what they became is exported",
    "cliente_estacionado": "why a run of the billing left him for later: internal work",
}
DE_QUEM_TRABALHA = {"criado_por_id", "alterado_por_id", "ator_id", "autor_id", "desbloqueado_por_id", "usuario_id"}      # people of the house
INTERNAS = {"busca", "ordem", "tarefa_id", "reservado_ate", "reservada_ate"}


@cache
def caminhos() -> Mapping[str, tuple[str, str] | None]:
    """Table → (its column, the table that column leads to); None for ``cliente`` itself. Nearest to the customer first."""
    achados: dict[str, tuple[str, str] | None] = {"cliente": None}
    while novas := {t.name: passo for t in _tabelas() if t.name not in achados and (passo := _passo(t, achados))}:
        achados.update(novas)
    return achados


def _tabelas() -> list[Table]:
    return [t for t in db.metadata.sorted_tables if not t.name.startswith("ab_")]


def _passo(tabela: Table, achados: Mapping[str, object]) -> tuple[str, str] | None:
    """The column of a table by which its rows belong to a table already found; ``cliente_id`` before any other, then what may not be null."""
    opcoes = []
    for coluna in tabela.columns:
        chave = next((fk.column.table.name for fk in coluna.foreign_keys), LIGACOES.get(coluna.name))
        if chave in achados and coluna.name not in DE_QUEM_TRABALHA and chave != tabela.name:
            opcoes.append((coluna.name != "cliente_id", bool(coluna.nullable), coluna.name, chave))
    return min(opcoes)[2:] if opcoes else None


def exportadas() -> list[str]:
    """Tables of the file, the customer's own first."""
    return [nome for nome in caminhos() if nome not in FORA]


def do_cliente(tabela: str, cliente_id: int) -> sa.ColumnElement[bool]:
    """The condition on a table's rows that makes them this customer's."""
    passo, colunas = caminhos()[tabela], db.metadata.tables[tabela].c
    if passo is None:
        return colunas.id == cliente_id
    coluna, mae = passo
    if mae == "cliente":
        return colunas[coluna] == cliente_id
    return colunas[coluna].in_(sa.select(db.metadata.tables[mae].c.id).where(do_cliente(mae, cliente_id)))


def colunas(tabela: str) -> list[str]:
    """Columns of the file: without secrets, what only the program needs, and who of the house did it."""
    return [
        c.name for c in db.metadata.tables[tabela].columns
        if c.name not in DE_QUEM_TRABALHA | INTERNAS and not isinstance(c.type, (TextoCifrado, sa.LargeBinary))
    ]
