"""Brazilian bank business days.

The bank calendar is national: public holidays, Carnival Monday and Tuesday and Corpus Christi (FEBRABAN).
31 December is a business day here, as Bacen's own Pix examples count it; a provider that thinks otherwise, and every municipal or
state holiday, comes in through ``extras`` (the operator's table of dates).
"""

from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

_FACULTATIVOS_BANCARIOS = {"Carnaval", "Corpus Christi"}
_UM_DIA = timedelta(days=1)
_SEXTA = 4
_NENHUM: Container[date] = frozenset()


@lru_cache(maxsize=128)
def feriados_do_ano(ano: int) -> Mapping[date, str]:
    """Date → name in Portuguese of every bank holiday of the year, those on weekends included."""
    from holidays import country_holidays  # its calendars of the whole world cost every start a tenth of a second

    publicos = country_holidays("BR", years=ano, language="pt_BR")
    facultativos = country_holidays("BR", years=ano, language="pt_BR", categories=("optional",))
    bancarios = {dia: nome for dia, nome in facultativos.items() if _FACULTATIVOS_BANCARIOS & set(nome.split("; "))}
    return MappingProxyType(dict(sorted({**bancarios, **publicos}.items())))


def e_dia_util(dia: date, extras: Container[date] = _NENHUM) -> bool:
    """True when banks work on ``dia``: not a weekend, a bank holiday or one of ``extras``. Raises TypeError for a datetime."""
    if isinstance(dia, datetime):
        raise TypeError("e_dia_util quer uma data, não um instante")  # it would equal no date of the tables
    return dia.weekday() <= _SEXTA and dia not in feriados_do_ano(dia.year) and dia not in extras


def proximo_dia_util(dia: date, extras: Container[date] = _NENHUM) -> date:
    """``dia`` itself when it is a business day, else the first one after it."""
    while not e_dia_util(dia, extras):
        dia += _UM_DIA
    return dia


def somar_dias_uteis(dia: date, quantidade: int, extras: Container[date] = _NENHUM) -> date:
    """The ``quantidade``-th business day after ``dia`` (before it when negative); ``dia`` is not counted and zero returns it unchanged."""
    passo = _UM_DIA if quantidade > 0 else -_UM_DIA
    for _ in range(abs(quantidade)):
        dia += passo
        while not e_dia_util(dia, extras):
            dia += passo
    return dia


def prorrogar(vencimento: date, extras: Container[date] = _NENHUM, *, validade: int = 0) -> date:
    """Last day on which something due on ``vencimento`` can be paid without being late.

    A due date on a day without banks moves to the next business day (Lei 7.089/1983). ``validade`` calendar days more are counted
    from there and the limit moves again (Bacen API Pix, ``validadeAposVencimento``).
    """
    return proximo_dia_util(proximo_dia_util(vencimento, extras) + timedelta(days=validade), extras)
