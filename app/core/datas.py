"""Dates of billing: due dates counted from the customer's own day, periods between them, business days.

Every function takes its dates as arguments; none reads the clock.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection
from functools import lru_cache

from app.brasil import feriados

UM_DIA = dt.timedelta(days=1)
UM_ANO = dt.timedelta(days=366)      # as far ahead as a date typed by a person goes

PRIMEIRO_ANO, ULTIMO_ANO = 1800, 2999      # of whatever a person or program may write down


def exigir_ano(dia: dt.date) -> dt.date:
    """The same day or instant. Raises ValueError for a year nobody means: the database would hold some that Python cannot read back."""
    if not PRIMEIRO_ANO <= dia.year <= ULTIMO_ANO:
        raise ValueError(f"year {dia.year}")
    return dia


def dias_do_mes(ano: int, mes: int) -> int:
    """Number of days of a month."""
    return calendar.monthrange(ano, mes)[1]


@lru_cache(maxsize=8192)
def vencimento(ano: int, mes: int, dia: int) -> dt.date:
    """The due date of a month for a customer's day 1-31, clamped to the month's last day (31 → 28 → 31)."""
    if not 1 <= dia <= 31:
        raise ValueError(f"due day out of 1-31: {dia}")
    return dt.date(ano, mes, min(dia, dias_do_mes(ano, mes)))


def somar_meses(ano: int, mes: int, meses: int) -> tuple[int, int]:
    """(year, month) moved by ``meses``."""
    total = ano * 12 + mes - 1 + meses
    return total // 12, total % 12 + 1


@lru_cache(maxsize=8192)
def vencimento_apos(data: dt.date, dia: int, meses: int) -> dt.date:
    """The due date ``meses`` months after the month of ``data`` on the customer's ``dia``; never drifts."""
    return vencimento(*somar_meses(data.year, data.month, meses), dia)


def primeiro_vencimento(inicio: dt.date, dia: int) -> dt.date:
    """The first due date on or after ``inicio`` for the customer's ``dia``."""
    deste_mes = vencimento(inicio.year, inicio.month, dia)
    return deste_mes if deste_mes >= inicio else vencimento_apos(inicio, dia, 1)


def mais_meses(data: dt.date, meses: int) -> dt.date:
    """``data`` moved by whole months, clamped to the month's last day (terms, fidelity, renewals)."""
    return vencimento_apos(data, data.day, meses)


def vencimento_util(data: dt.date, extras: Collection[dt.date] = ()) -> dt.date:
    """The day until which a bill due on ``data`` is payable without charge: itself or the next business day."""
    return feriados.proximo_dia_util(data, extras)


def competencia(data: dt.date) -> str:
    """``AAAA-MM`` of a date, the key of a billing month."""
    return f"{data:%Y-%m}"
