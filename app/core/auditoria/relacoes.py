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
    """The many-to-many relations that are told in the trail of a class: each pair in the trail of one of its two ends."""
    return (r for r in _de_muitos(mapper) if (quem := dona(r.secondary)) is not None and quem[1] is r)


def dona(tabela: sa.Table) -> tuple[Mapper, RelationshipProperty, sa.Column, sa.Column] | None:
    """Of a table of pairs: the class whose trail tells of it, its relation, and the columns of owner and other. None for any other table."""
    if not _donas:
        for mapper in sorted(db.Model.registry.mappers, key=_preferencia, reverse=True):      # the last one stays
            for r in _de_muitos(mapper):
                _donas[r.secondary.name] = mapper, r, r.synchronize_pairs[0][1], r.secondary_synchronize_pairs[0][1]
    return _donas.get(tabela.name)


_donas: dict[str, tuple[Mapper, RelationshipProperty, sa.Column, sa.Column]] = {}
_PESSOAS = ("ab_user", "ab_group", "ab_role")      # who a right is given to, before what is given


def _de_muitos(mapper: Mapper) -> Iterator[RelationshipProperty]:
    return (r for r in mapper.relationships if r.direction is MANYTOMANY and not r.viewonly)


def _preferencia(mapper: Mapper) -> tuple[int, str]:
    nome = mapper.local_table.name
    return (_PESSOAS.index(nome) if nome in _PESSOAS else len(_PESSOAS), nome)
