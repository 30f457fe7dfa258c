"""Column types of the house: labelled enums, money, instants, encrypted text, and the annotations models use."""

from __future__ import annotations

import datetime as dt
import enum
import re
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy import BigInteger, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from app.core.dinheiro import CENTAVO, MAXIMO
from app.extensions import db


def N_(texto: str) -> str:
    """Mark a label for extraction without translating it now (pybabel ``-k N_``)."""
    return texto


class Rotulado(enum.Enum):
    """An enum whose member name is the stored word (``emitida``) and whose value is the Portuguese label (``Emitida``)."""

    @property
    def rotulo(self) -> str:
        """The label in the reader's language."""
        return gettext(self.value)

    def __str__(self) -> str:
        return self.name


def regra(expressao: str, nome: str, mensagem: str) -> sa.CheckConstraint:
    """A check constraint that says in Portuguese what it refuses (``mensagem`` marked with ``N_``)."""
    return sa.CheckConstraint(expressao, name=nome, info={"mensagem": mensagem})


def coluna_enum(classe: type[Rotulado], *, nome: str | None = None) -> sa.Enum:
    """Text column with a CHECK that holds exactly the members of ``classe``. ``nome`` when a table has the enum twice."""
    return sa.Enum(classe, native_enum=False, create_constraint=True, length=30, name=nome or _snake(classe.__name__), validate_strings=True)


def _snake(nome: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", nome).lower()


class Dinheiro(TypeDecorator[Decimal]):
    """NUMERIC(12,2) in reais that refuses floats, NaN and fractions of a centavo."""

    impl = sa.Numeric(12, 2)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, (float, bool)) or not isinstance(value, (Decimal, int)):
            raise TypeError(f"money is a Decimal, not {type(value).__name__}")
        numero = Decimal(value)
        if not numero.is_finite() or abs(numero) > MAXIMO or numero != numero.quantize(CENTAVO):
            raise ValueError(f"not an amount of money in centavos: {value}")
        return numero


class Instante(TypeDecorator[dt.datetime]):
    """timestamptz that refuses naive datetimes; read back in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is not None and value.tzinfo is None:
            raise TypeError("an instant must be aware")
        return value

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        return value and value.astimezone(dt.UTC)


pk = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
texto = Annotated[str, mapped_column(sa.Text)]

db.Model.registry.update_type_annotation_map(
    {
        str: sa.String(255),
        int: sa.BigInteger(),
        Decimal: Dinheiro(),
        dt.datetime: Instante(),
        dict: JSONB(),
        list: JSONB(),
        bytes: sa.LargeBinary(),
    }
)


def exigir_numeros(metadata: sa.MetaData) -> None:
    """Give every NUMERIC column of our tables the CHECK that refuses NaN. Called once, when all models are imported."""
    for tabela in metadata.tables.values():
        for coluna in tabela.columns:
            nome = f"{coluna.name}_numero"
            if _e_numerica(coluna.type) and not any(c.name and str(c.name).endswith(nome) for c in tabela.constraints):
                tabela.append_constraint(sa.CheckConstraint(f"{coluna.name} = {coluna.name} AND {coluna.name} <> 'NaN'", name=nome))


def _e_numerica(tipo: sa.types.TypeEngine) -> bool:
    impl = tipo.impl if isinstance(tipo, TypeDecorator) else tipo
    return isinstance(impl, sa.Numeric) and not isinstance(impl, sa.Float)
