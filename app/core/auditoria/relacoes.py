"""Many-to-many relations: which there are, who owns their table, and what their rows are called in the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, RelationshipProperty
from sqlalchemy.orm.interfaces import MANYTOMANY

from app.extensions import db

_NOMES: dict[str, Callable[[Any], str]] = {}


def nomear(tabela: str, nome: Callable[[Any], str]) -> None:
    """How a row is called in the trail when it is put in a relation or taken out; ``str`` of it otherwise. The name must not depend on the reader."""
    _NOMES[tabela] = nome


def nome_de(objeto: Any) -> str:
    """The name of a row."""
    return _NOMES.get(objeto.__tablename__, str)(objeto)


def muitos(mapper: Mapper) -> Iterator[RelationshipProperty]:
    """The many-to-many relations of a class that write."""
    return (r for r in mapper.relationships if r.direction is MANYTOMANY and not r.viewonly)


def dona(tabela: sa.Table) -> tuple[Mapper, RelationshipProperty, sa.Column, sa.Column] | None:
    """Of a table of pairs: the class whose trail tells of it, its relation, and the columns of owner and other. None for any other table."""
    for mapper in sorted(db.Model.registry.mappers, key=lambda m: m.class_.__name__, reverse=True):      # users before roles before groups
        for relacao in muitos(mapper):
            if relacao.secondary is tabela and relacao.backref is not None:
                meu, dele = relacao.synchronize_pairs[0][1], relacao.secondary_synchronize_pairs[0][1]
                return mapper, relacao, meu, dele
    return None
