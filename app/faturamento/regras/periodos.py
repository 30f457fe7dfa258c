"""Periods of a cycle: counted from the customer's own due day, and the part of a price that falls into some of their days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from app.core.datas import UM_DIA, vencimento_apos
from app.core.dinheiro import reais

DIAS_DO_MES_COMERCIAL = 30


class Periodo(NamedTuple):
    """Days from ``inicio`` to ``fim``, both inclusive."""

    inicio: dt.date
    fim: dt.date

    @property
    def dias(self) -> int:
        """How many days it has."""
        return (self.fim - self.inicio).days + 1


class Periodos(NamedTuple):
    """Around a due date: the period that ends the day before it, the one that begins on it, and the next due date."""

    anterior: Periodo
    atual: Periodo
    proximo: dt.date


def proximo(vencimento: dt.date, dia: int, meses: int | None, dias: int) -> dt.date:
    """The due date after ``vencimento``; never drifts from the customer's ``dia`` (31 → 28 → 31)."""
    return vencimento_apos(vencimento, dia, meses) if meses else vencimento + dt.timedelta(days=dias)


def anterior(vencimento: dt.date, dia: int, meses: int | None, dias: int) -> dt.date:
    """The due date before ``vencimento``."""
    return vencimento_apos(vencimento, dia, -meses) if meses else vencimento - dt.timedelta(days=dias)


@lru_cache(maxsize=4096)
def periodos(vencimento: dt.date, dia: int, meses: int | None, dias: int) -> Periodos:
    """The periods around a due date."""
    depois = proximo(vencimento, dia, meses, dias)
    antes = anterior(vencimento, dia, meses, dias)
    return Periodos(Periodo(antes, vencimento - UM_DIA), Periodo(vencimento, depois - UM_DIA), depois)


@lru_cache(maxsize=4096)
def preco_do_periodo(preco: Decimal, meses: int | None, dias: int) -> Decimal:
    """Price of a whole period: ``preco`` a month times its months; a cycle counted in days charges thirtieths of the month."""
    return reais(preco * meses) if meses else reais(preco * dias / DIAS_DO_MES_COMERCIAL)


def proporcional(total: Decimal, periodo: Periodo, inicio: dt.date, fim: dt.date) -> Decimal:
    """The part of ``total`` for the days ``inicio``-``fim`` of ``periodo``.

    A difference of rounded cumulative sums: parts that together cover the period sum exactly to ``total``.
    """
    antes, ate, dias = (inicio - periodo.inicio).days, (fim - periodo.inicio).days + 1, periodo.dias
    return reais(total * ate / dias) - reais(total * antes / dias)


def dias_usados(periodo: Periodo, inicio: dt.date, fim: dt.date | None) -> Periodo | None:
    """The days of ``periodo`` between ``inicio`` and ``fim`` (open when None), or None when they do not meet."""
    de = max(periodo.inicio, inicio)
    ate = periodo.fim if fim is None or fim > periodo.fim else fim
    return Periodo(de, ate) if de <= ate else None
