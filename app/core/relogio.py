"""The only module that reads the clock. America/Sao_Paulo; instants are aware UTC, billing days are dates.

``mover_para`` moves the clock of the current context (tests, demo data, a job run for a past date).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.core.erros import ValorInvalido

FUSO = ZoneInfo("America/Sao_Paulo")
PRIMEIRO_DIA = dt.date(2000, 1, 1)      # nobody sold Internet access by contract here much earlier
_fixado: ContextVar[dt.datetime | None] = ContextVar("relogio_fixado", default=None)


def agora() -> dt.datetime:
    """The present instant, aware, in UTC."""
    return _fixado.get() or dt.datetime.now(dt.UTC)


def hoje() -> dt.date:
    """Today's date in São Paulo."""
    return agora().astimezone(FUSO).date()


def exigir_dia(dia: dt.date, adiante: dt.timedelta, *, atras: dt.timedelta | None = None, campo: str | None = None) -> dt.date:
    """The same day. Raises ValorInvalido for a slip of the hand in the year: before ``PRIMEIRO_DIA`` or further back than ``atras``
    (``data_antiga``), or further ahead than ``adiante`` (``data_distante``)."""
    if dia < PRIMEIRO_DIA or (atras is not None and dia < hoje() - atras):
        raise ValorInvalido(_("A data %(data)s é antiga demais: confira o ano.", data=f"{dia:%d/%m/%Y}"), codigo="data_antiga", campo=campo)
    if dia > hoje() + adiante:
        texto = _("A data %(data)s está longe demais: no máximo %(n)d dias à frente.", data=f"{dia:%d/%m/%Y}", n=adiante.days)
        raise ValorInvalido(texto, codigo="data_distante", campo=campo)
    return dia


def exigir_que_chegou(dia: dt.date, *, campo: str | None = None) -> dt.date:
    """The same day, checked likewise. Raises ValorInvalido for a day to come too (``data_futura``): what is dated by it has effect at once."""
    if dia > hoje():
        raise ValorInvalido(_("A data não pode ser futura."), campo=campo, codigo="data_futura")
    return exigir_dia(dia, dt.timedelta(0), campo=campo)


def esta_fixado() -> bool:
    """Whether the clock of this context was moved."""
    return _fixado.get() is not None


def local(instante: dt.datetime) -> dt.datetime:
    """An aware instant as São Paulo's wall time."""
    return instante.astimezone(FUSO)


def instante(dia: dt.date, hora: dt.time = dt.time(12, 0)) -> dt.datetime:
    """São Paulo's wall time on a day, as an aware UTC instant."""
    return dt.datetime.combine(dia, hora, FUSO).astimezone(dt.UTC)


@contextmanager
def mover_para(quando: dt.datetime | dt.date) -> Iterator[None]:
    """Stop the clock of this context at an aware instant, or at noon of a date."""
    if not isinstance(quando, dt.datetime):
        quando = instante(quando)
    if quando.tzinfo is None:
        raise ValueError("the clock needs an aware instant")
    ficha = _fixado.set(quando.astimezone(dt.UTC))
    try:
        yield
    finally:
        _fixado.reset(ficha)
