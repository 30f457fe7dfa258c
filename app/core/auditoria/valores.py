"""Column values as the trail keeps them (JSON), and back."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from typing import Any

import sqlalchemy as sa

from app.core.auditoria.politica import MASCARA, e_secreta


def da_coluna(coluna: sa.Column[Any], valor: Any) -> Any:
    """A value of a column as JSON keeps it, written in one way only: the column's decimals, UTC, ``***`` for a secret."""
    if valor is None:
        return None
    if e_secreta(coluna.table.name, coluna.name, coluna.type):
        return MASCARA
    if isinstance(valor, (dict, list)):
        return mascarar(coluna.table.name, valor)
    return para_json(_na_forma(getattr(coluna.type, "impl_instance", coluna.type), valor))


def _na_forma(tipo: Any, valor: Any) -> Any:
    if isinstance(tipo, sa.Numeric) and tipo.scale is not None and isinstance(valor, (int, decimal.Decimal)):
        return round(decimal.Decimal(valor), tipo.scale)
    if isinstance(valor, dt.datetime) and valor.tzinfo is not None:
        return valor.astimezone(dt.UTC)
    return int(valor) if isinstance(tipo, sa.Integer) and isinstance(valor, str) else valor


def mascarar(tabela: str, valor: Any) -> Any:
    """JSON with ``***`` for what is secret in it, however deep."""
    if isinstance(valor, dict):
        return {nome: MASCARA if v is not None and e_secreta(tabela, str(nome)) else mascarar(tabela, v) for nome, v in valor.items()}
    return [mascarar(tabela, v) for v in valor] if isinstance(valor, (list, tuple)) else valor


def para_json(valor: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(valor, enum.Enum):
        return valor.name
    if isinstance(valor, decimal.Decimal):
        return str(valor)
    if isinstance(valor, (dt.datetime, dt.date, dt.time)):
        return valor.isoformat()
    if isinstance(valor, bytes):
        return f"<{len(valor)} bytes>"
    return valor if isinstance(valor, (bool, int, str, dict, list, type(None))) else str(valor)


def de_json(coluna: sa.Column[Any] | None, valor: Any) -> Any:
    """The inverse of ``para_json`` for a column, so that a screen shows the value as everywhere else; what does not fit stays as it is."""
    if coluna is None or not isinstance(valor, str):
        return valor
    tipo: Any = getattr(coluna.type, "impl_instance", coluna.type)      # of a TypeDecorator
    try:
        if isinstance(tipo, sa.Enum) and tipo.enum_class:
            return tipo.enum_class[valor]
        return _LEITORES.get(tipo.python_type, str)(valor)
    except (KeyError, ValueError, decimal.InvalidOperation, NotImplementedError):
        return valor


_LEITORES: dict[type, Any] = {
    decimal.Decimal: decimal.Decimal, dt.datetime: dt.datetime.fromisoformat, dt.date: dt.date.fromisoformat, dt.time: dt.time.fromisoformat,
}
