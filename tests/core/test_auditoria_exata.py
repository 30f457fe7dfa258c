"""The trail of a record, replayed, is the record: for every audited table, whatever is done to it."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.attributes import flag_modified

from app.core.auditoria import politica
from app.core.cifra import TextoCifrado
from app.core.erros import DominioError
from app.core.models import UserAuditLog
from app.extensions import db
from tests.core import vida

# keys and checks rest meanwhile, so that anything can be written: what is under test is the trail, and its own trigger stays
REGRAS_DO_BANCO = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', conrelid::regclass, conname) FROM pg_constraint
 WHERE contype IN ('c', 'x', 'u', 'f') AND connamespace = 'public'::regnamespace AND conparentid = 0
UNION ALL
SELECT DISTINCT format('ALTER TABLE %s DISABLE TRIGGER USER', tgrelid::regclass) FROM pg_trigger JOIN pg_class t ON t.oid = tgrelid
 WHERE NOT tgisinternal AND NOT t.relispartition AND t.relname NOT LIKE 'user_audit_log%'
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE indisunique AND NOT indisprimary AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = indexrelid)
"""


_chaves = itertools.count(20_000)


def auditadas() -> Iterator[Mapper]:
    """The classes whose rows are written down."""
    return (m for m in sorted(db.Model.registry.mappers, key=lambda m: m.local_table.name) if politica.auditada(m.local_table.name))


def um_valor(sorte: random.Random, coluna: sa.Column) -> Any:
    """Any value the column's type can hold."""
    tipo = getattr(coluna.type, "impl_instance", coluna.type)
    if isinstance(tipo, sa.Enum):
        return sorte.choice(list(tipo.enum_class))
    if isinstance(tipo, sa.Boolean):
        return sorte.random() < 0.5
    if isinstance(tipo, sa.Integer):
        return sorte.randrange(1, 30_000)
    if isinstance(tipo, sa.Numeric):
        return Decimal(sorte.randrange(10 ** (tipo.precision - tipo.scale))).scaleb(-sorte.choice((0, tipo.scale)))
    if isinstance(tipo, sa.DateTime):
        zona = dt.timezone(dt.timedelta(hours=-3)) if tipo.timezone else None
        return dt.datetime(2026, 1, 1, 12, 30, 15, sorte.randrange(10**6), tzinfo=zona) + dt.timedelta(days=sorte.randrange(300))
    if isinstance(tipo, sa.Date):
        return dt.date(2026, 1, 1) + dt.timedelta(days=sorte.randrange(300))
    if isinstance(tipo, sa.JSON):
        return {"a": sorte.randrange(99), "lista": [1, "dois", None], "token": "mist3rio", "dentro": {"senha": "mist3rio", "bom": True}}
    if isinstance(tipo, sa.Uuid):
        return uuid.UUID(int=sorte.getrandbits(128))
    letras = "".join(sorte.choice("abcçãé 'Ω€\\\"%") for _ in range(40))
    return ("mist3rio" + letras if isinstance(coluna.type, TextoCifrado) else letras)[: getattr(tipo, "length", None) or 40]


def por(sorte: random.Random, objeto: Any, coluna: sa.Column, chave: str) -> None:
    """Set a column in one of the ways code does: a value, nothing, an expression of SQL, the same value in another type."""
    numero = isinstance(coluna.type, sa.Integer) and not coluna.foreign_keys and objeto in (sa.orm.object_session(objeto) or ())
    valor = coluna + 1 if numero and sorte.random() < 0.3 else None if coluna.nullable and sorte.random() < 0.2 else um_valor(sorte, coluna)
    with contextlib.suppress(DominioError):      # a state's table forbids the step
        setattr(objeto, chave, valor)


def livres(mapper: Mapper) -> list[tuple[sa.Column, str]]:
    """Columns a program may set."""
    return [(a.columns[0], a.key) for a in mapper.column_attrs if a.columns[0].computed is None and not a.columns[0].primary_key]


def um_registro(sorte: random.Random, mapper: Mapper) -> Any:
    """A new object: what must be there, and some of what may."""
    objeto = mapper.class_()
    for coluna in mapper.primary_key:
        if coluna.identity is None and not (mapper.local_table.name.startswith("ab_") and coluna.name == "id"):
            setattr(objeto, coluna.name, next(_chaves) if isinstance(coluna.type, sa.Integer) else uuid.UUID(int=sorte.getrandbits(128)).hex)
    for coluna, chave in livres(mapper):
        exigida = not coluna.nullable and coluna.server_default is None
        if exigida or sorte.random() < 0.6:
            por(sorte, objeto, coluna, chave)
            if exigida and getattr(objeto, chave) is None:
                setattr(objeto, chave, um_valor(sorte, coluna))
    return objeto


def mexer(sorte: random.Random, sessao: Session, mapper: Mapper, vivos: list[Any]) -> None:
    """One thing that happens to one of the records."""
    objeto, colunas = sorte.choice(vivos), livres(mapper)
    acao = sorte.choice(("mudar", "mudar", "reler", "comando", "json", "excluir", "apagar"))
    if acao in ("mudar", "reler"):
        if acao == "reler":
            sessao.flush()
            sessao.expire(objeto)      # its old values are in the database only
        for coluna, chave in sorte.sample(colunas, min(3, len(colunas))):
            por(sorte, objeto, coluna, chave)
    elif acao == "json":
        for coluna, chave in colunas:
            if isinstance(coluna.type, sa.JSON) and isinstance(getattr(objeto, chave), dict):
                getattr(objeto, chave)["novo"] = sorte.randrange(99)
                flag_modified(objeto, chave)
    elif acao == "comando":
        coluna, chave = sorte.choice(colunas)
        nenhuma = {chave: None if coluna.nullable else um_valor(sorte, coluna)}
        sessao.flush()
        chaves = mapper.primary_key_from_instance(objeto)
        sessao.execute(sa.update(mapper.class_).where(mapper.primary_key[0] == chaves[0]).values(nenhuma))
        sessao.expire(objeto)
    elif len(vivos) > 1:
        vivos.remove(objeto)
        sessao.flush()
        if acao == "excluir":
            sessao.delete(objeto)
        else:
            sessao.execute(sa.delete(mapper.class_).where(mapper.primary_key[0] == mapper.primary_key_from_instance(objeto)[0]))


@pytest.mark.parametrize("semente", [1, 2])
def test_the_trail_of_every_table_replayed_is_the_table(sessao: Session, semente: int) -> None:
    sorte, conexao = random.Random(semente), sessao.connection()
    conexao.exec_driver_sql(";".join(conexao.scalars(sa.text(REGRAS_DO_BANCO))))
    ultima = sessao.scalar(sa.select(sa.func.max(UserAuditLog.id))) or 0
    for mapper in auditadas():
        vivos = [um_registro(sorte, mapper) for _ in range(3)]
        sessao.add_all(vivos)
        sessao.flush()
        for _vez in range(6):
            mexer(sorte, sessao, mapper, vivos)
            if sorte.random() < 0.7:
                sessao.flush()
        sessao.flush()
    registros, _pares = vida.reconstruir(sessao, ultima)
    assert {tabela for tabela, _chave in registros} == {m.local_table.name for m in auditadas()}
    assert vida.diferencas(sessao, ultima) == []
    textos = sessao.scalars(sa.select(sa.func.concat(UserAuditLog.antes.cast(sa.Text), UserAuditLog.depois.cast(sa.Text))).where(UserAuditLog.id > ultima))
    assert not [t for t in textos if "mist3rio" in t]
