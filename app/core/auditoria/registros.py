"""Rows as the database has them, secrets still encrypted, and what else goes when one goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from app.core.auditoria.linhas import chave_de, de_registro, linha
from app.core.auditoria.politica import auditada, conta, e_secreta
from app.core.auditoria.valores import da_coluna
from app.core.cifra import TextoCifrado
from app.extensions import db

CARIMBOS = ("created_at", "updated_at", "criado_por_id", "alterado_por_id")
Linha = Mapping[str, Any]


def brutas(tabela: sa.Table) -> list[Any]:
    """The table's columns; encrypted ones as they are stored, for a lost key must not stop a change."""
    return [sa.type_coerce(c, sa.Text).label(c.name) if isinstance(c.type, TextoCifrado) else c for c in tabela.columns]


def ler(conexao: Any, tabela: sa.Table, chaves: Sequence[Sequence[Any]], *, travar: bool = False) -> list[Linha]:
    """The rows of these keys."""
    consulta = sa.select(*brutas(tabela)).where(destas(tabela, chaves))
    return list(conexao.execute(consulta.with_for_update(key_share=True) if travar else consulta).mappings())


def destas(tabela: sa.Table, chaves: Sequence[Sequence[Any]]) -> sa.ColumnElement[bool]:
    """Condition: one of these keys."""
    colunas = list(tabela.primary_key)
    return colunas[0].in_([c[0] for c in chaves]) if len(colunas) == 1 else sa.tuple_(*colunas).in_([tuple(c) for c in chaves])


def chave(tabela: sa.Table, registro: Linha) -> tuple[Any, ...]:
    """The key of a row."""
    return tuple(registro[c.name] for c in tabela.primary_key)


def chaves(mapper: Mapper, objeto: Any) -> dict[str, Any]:
    """The key of an object, by column."""
    return dict(zip([c.name for c in mapper.primary_key], mapper.primary_key_from_instance(objeto), strict=True))


def segredo(coluna: sa.Column) -> bool:
    """Whether two values of it look alike in the trail."""
    return e_secreta(coluna.table.name, coluna.name, coluna.type)


def retrato(tabela: sa.Table, registro: Linha) -> dict[str, Any]:
    """All that the trail keeps of a row."""
    return {c.name: da_coluna(c, registro[c.name]) for c in tabela.columns if conta(c)}


def incluida(tabela: sa.Table, registro: Linha) -> dict[str, Any]:
    """The trail's row of a new record."""
    return de_registro("criar", tabela, chave_de(tabela, registro), registro, None, retrato(tabela, registro))


def alterada(tabela: sa.Table, velho: Linha, novo: Linha) -> dict[str, Any] | None:
    """The trail's row of a changed record; None when nothing that counts has changed."""
    antes, depois = {}, {}
    for c in tabela.columns:
        if conta(c) and velho[c.name] != novo[c.name]:
            antes[c.name], depois[c.name] = da_coluna(c, velho[c.name]), da_coluna(c, novo[c.name])
    return de_registro("alterar", tabela, chave_de(tabela, novo), novo, antes, depois) if depois else None


def apagadas(conexao: Any, tabela: sa.Table, registros: Sequence[Linha]) -> list[dict[str, Any]]:
    """The trail's rows of deleted records, and of those the database deletes or lets go with them (ON DELETE)."""
    linhas = [linha("excluir", tabela.name, chave_de(tabela, r), retrato(tabela, r), None) for r in registros if auditada(tabela.name)]
    if registros:
        for coluna, regra in _quem_aponta(tabela):
            outra = coluna.table
            apontado = next(iter(coluna.foreign_keys)).column.name
            atingidas = list(conexao.execute(sa.select(*brutas(outra)).where(coluna.in_([r[apontado] for r in registros]))).mappings())
            if regra == "CASCADE":
                linhas += apagadas(conexao, outra, atingidas)
            elif auditada(outra.name):
                linhas += [nova for r in atingidas if (nova := alterada(outra, r, {**r, coluna.name: None}))]
    return linhas


def _quem_aponta(tabela: sa.Table) -> list[tuple[sa.Column, str]]:
    """Foreign keys to a table that the database itself looks after; not those of many-to-many, whose owners tell."""
    mapeadas = {m.local_table.name for m in db.Model.registry.mappers}
    return [
        (fk.parent, fk.ondelete) for outra in db.metadata.sorted_tables if outra.name in mapeadas for fk in outra.foreign_keys
        if fk.column.table is tabela and fk.ondelete in ("CASCADE", "SET NULL")
    ]
