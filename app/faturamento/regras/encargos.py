"""Late money: what is owed on a date, how a payment is split, and which due dates count as overdue.

Fine ≤ 2 % once (CDC art. 52 §1), interest ≤ 1 % a month, simple, by days counted from the original due date (Código Civil art. 406).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple, Protocol

from app.core.datas import UM_DIA, vencimento_util
from app.core.dinheiro import ZERO, porcento, reais

DIAS_DO_MES = 30


class Cobravel(Protocol):
    """What the rules need to know of an invoice."""

    data_vencimento: dt.date
    multa_percentual: Decimal
    juros_mensal: Decimal
    desconto_pontual: Decimal
    valor_abatido: Decimal
    valor_creditado: Decimal
    valor_encargos: Decimal

    @property
    def saldo(self) -> Decimal:
        """Principal still owed."""


class ValorAtualizado(NamedTuple):
    """What settles an invoice on a date: ``total`` = principal − desconto + multa + juros. Reais."""

    principal: Decimal
    desconto: Decimal
    multa: Decimal
    juros: Decimal
    total: Decimal


class Baixa(NamedTuple):
    """How a payment is split: principal + multa + juros + credito = what came. ``abatido`` is forgiven, ``faltam`` are charges still to come."""

    principal: Decimal
    multa: Decimal
    juros: Decimal
    credito: Decimal
    abatido: Decimal
    faltam: Decimal


def em_dia(vencimento: dt.date, em: dt.date, feriados: Collection[dt.date] = ()) -> bool:
    """Whether ``em`` still is without charges: until the due date, moved to the next business day."""
    return em <= vencimento or em <= vencimento_util(vencimento, feriados)


def encargos(principal: Decimal, invoice: Cobravel, em: dt.date) -> tuple[Decimal, Decimal]:
    """(fine, interest) on a part of the principal paid late on ``em``; what is left of an earlier invoice's charges is paid last and bears none."""
    base, dias = min(principal, max(invoice.saldo - invoice.valor_encargos, ZERO)), (em - invoice.data_vencimento).days
    return porcento(base, invoice.multa_percentual), reais(base * invoice.juros_mensal * dias / (100 * DIAS_DO_MES))


def valor_atualizado(invoice: Cobravel, em: dt.date, feriados: Collection[dt.date] = ()) -> ValorAtualizado:
    """What is owed if the whole balance is paid on ``em``. ``feriados``: the operator's own holidays."""
    saldo = invoice.saldo
    if em_dia(invoice.data_vencimento, em, feriados):
        desconto = _desconto(invoice)
        return ValorAtualizado(saldo, desconto, ZERO, ZERO, saldo - desconto)
    multa, juros = encargos(saldo, invoice, em)
    return ValorAtualizado(saldo, ZERO, multa, juros, saldo + multa + juros)


def baixar(invoice: Cobravel, valor: Decimal, em: dt.date, *, tolerancia: Decimal, feriados: Collection[dt.date] = ()) -> Baixa:
    """Split ``valor`` received on ``em``: principal first, then fine, interest, and the rest is the customer's credit.

    A balance that remains and is not above ``tolerancia`` is forgiven, and so is the discount until due when the rest was paid in time; charges
    not above it are forgiven by the payment that settles the invoice, once, so that they are not escaped by many small payments.
    """
    saldo = invoice.saldo
    if em_dia(invoice.data_vencimento, em, feriados):
        desconto = _desconto(invoice)
        devido = saldo - desconto if valor >= saldo - desconto - tolerancia else saldo
        principal = min(valor, devido)
        return Baixa(principal, ZERO, ZERO, valor - principal, _perdoado(saldo, principal, saldo - devido + tolerancia), ZERO)
    principal = min(valor, saldo)
    multa_devida, juros_devidos = encargos(principal, invoice, em)
    multa = min(valor - principal, multa_devida)
    juros = min(valor - principal - multa, juros_devidos)
    credito, abatido = valor - principal - multa - juros, _perdoado(saldo, principal, tolerancia)
    faltam = multa_devida + juros_devidos - multa - juros
    quitou = principal + abatido == saldo
    return Baixa(principal, multa, juros, credito, abatido, ZERO if quitou and faltam <= tolerancia else faltam)


def _desconto(invoice: Cobravel) -> Decimal:
    """What is left of the discount until due: a payment that still counts may have earned it before another one was reversed."""
    dado = invoice.valor_abatido - invoice.valor_creditado
    return min(max(invoice.desconto_pontual - dado, ZERO), invoice.saldo)


def _perdoado(saldo: Decimal, principal: Decimal, ate: Decimal) -> Decimal:
    resto = saldo - principal
    return resto if resto <= ate else ZERO


def ultimo_vencimento_em_atraso(hoje: dt.date, feriados: Collection[dt.date] = ()) -> dt.date:
    """The last nominal due date whose business day has already passed on ``hoje``.

    Moving to the next business day never changes the order of two dates, so "moved due date < hoje" is "due date ≤ this one":
    one comparison that an index serves.
    """
    dia = hoje - UM_DIA
    while vencimento_util(dia, feriados) >= hoje:
        dia -= UM_DIA
    return dia


def multa_fidelidade(beneficio: Decimal, inicio: dt.date, ate: dt.date, em: dt.date) -> tuple[Decimal, int, int]:
    """(fine, days left, days of the term) for leaving on ``em``: the benefit received times the share of the term that was not kept.

    ``ate`` is the last day of the term (Anatel, RGC, Res. 765/2023, art. 37).
    """
    prazo = (ate - inicio).days + 1
    faltam = min(prazo, max(0, (ate - em).days))
    return reais(beneficio * faltam / prazo) if prazo > 0 else ZERO, faltam, prazo
