"""Ids that come in addresses: no row has one that its column cannot hold."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import BigInteger, SmallInteger
from werkzeug.routing import IntegerConverter, Map, ValidationError

MAIOR_ID = 2**63 - 1
MAIOR_INTEIRO = 2**31 - 1      # of the framework's own tables
MAIOR_PEQUENO = 2**15 - 1


def maior_da(coluna: Any) -> int:
    """The largest number a column of whole numbers can hold (PostgreSQL manual, 8.1.1)."""
    if isinstance(coluna.type, SmallInteger):
        return MAIOR_PEQUENO
    return MAIOR_ID if isinstance(coluna.type, BigInteger) else MAIOR_INTEIRO


class NumeroNoEndereco(IntegerConverter):
    """``<int:pk>`` up to ``MAIOR_ID``: what is larger is the address of nothing (404)."""

    def __init__(self, mapa: Map, *posicionais: Any, **nomeados: Any) -> None:
        super().__init__(mapa, *posicionais, **{"max": MAIOR_ID, **nomeados})

    def to_python(self, value: str) -> int:
        """The number. Raises ValidationError, which makes the address unknown."""
        if len(value) > len(str(MAIOR_ID)):
            raise ValidationError
        return super().to_python(value)


def id_pedido(texto: str) -> int:
    """``type=`` of an id in the arguments of an address. Raises ValueError for what is no number or larger than ``MAIOR_ID``."""
    numero = int(texto)
    if abs(numero) > MAIOR_ID:
        raise ValueError(texto[:30])
    return numero


def init_app(app: Flask) -> None:
    """Before any route is made."""
    app.url_map.converters["int"] = NumeroNoEndereco
