"""Fields of the bodies of verbs: amounts, keys and days said the same way by every API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from marshmallow import ValidationError, fields, validate

from app.core.datas import exigir_ano
from app.core.dinheiro import CENTAVO, ZERO
from app.core.formatos import faixa
from app.core.numeros import MAIOR_ID


class Reais(fields.Decimal):
    """An amount in reais as a string, ``"99.90"``, from ``minimo`` (one centavo) to ``maximo``; NaN, infinity and parts of a centavo are refused."""

    def __init__(self, maximo: Decimal | None = None, *, minimo: Decimal | None = CENTAVO, **kw: Any):
        self.faixa = validate.Range(minimo, maximo, error=LazyString(faixa, minimo, maximo) if maximo is not None else None)
        super().__init__(as_string=True, allow_nan=False, metadata={"type": "string", "example": "99.90"}, **kw)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Decimal:
        valor: Decimal = super()._deserialize(value, attr, data, **kw)
        self.faixa(valor)
        if valor != round(valor, 2):
            raise ValidationError(_("No máximo %(n)d casas depois da vírgula.", n=2))
        return valor


class Preco(Reais):
    """``Reais`` that may be zero."""

    def __init__(self, maximo: Decimal, **kw: Any):
        super().__init__(maximo, minimo=ZERO, **kw)


class Chave(fields.Integer):
    """The key of a row; ``true`` and 1.5 are none."""

    def __init__(self, **kw: Any):
        super().__init__(strict=True, validate=validate.Range(1, MAIOR_ID), **kw)


class Dia(fields.Date):
    """A day that may be left out or null; which ones can be meant is for the service to say."""

    def __init__(self, **kw: Any):
        super().__init__(load_default=None, allow_none=True, **kw)


class Data(fields.Date):
    """A column's day, of a year that can be meant."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> dt.date:
        lido: dt.date = super()._deserialize(value, attr, data, **kw)
        try:
            return exigir_ano(lido)
        except ValueError as erro:
            raise ValidationError(_("Confira o ano.")) from erro


class DataHora(fields.DateTime):
    """A column's instant, with its zone and of a year that can be meant."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> dt.datetime:
        lido: dt.datetime = super()._deserialize(value, attr, data, **kw)
        if lido.tzinfo is None:
            raise ValidationError(_("Diga o fuso, como em 2026-12-31T13:45:00-03:00."))
        try:
            return exigir_ano(lido).astimezone(dt.UTC)
        except (ValueError, OverflowError) as erro:
            raise ValidationError(_("Confira o ano.")) from erro
