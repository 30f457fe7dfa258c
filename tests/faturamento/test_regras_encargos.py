"""What late money costs, on which days, and how a payment is split."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datas import vencimento_util
from app.faturamento.regras import baixar, ultimo_vencimento_em_atraso, valor_atualizado

CENTAVO = D("0.01")
TOLERANCIA = D("0.05")


class Devida(NamedTuple):
    saldo: D = D("100.00")
    data_vencimento: dt.date = dt.date(2026, 12, 10)
    multa_percentual: D = D("2")
    juros_mensal: D = D("1")
    desconto_pontual: D = D("0.00")
    valor_abatido: D = D("0.00")
    valor_creditado: D = D("0.00")
    valor_encargos: D = D("0.00")


@pytest.mark.parametrize(("vencimento", "em", "multa", "juros"), [
    ("2026-12-10", "2026-12-10", "0", "0"),         # on the day
    ("2026-12-10", "2026-12-01", "0", "0"),         # before
    ("2026-12-10", "2026-12-11", "2.00", "0.03"),   # first day late
    ("2026-12-10", "2027-01-09", "2.00", "1.00"),   # thirty days
    ("2026-12-12", "2026-12-14", "0", "0"),         # Saturday: payable on Monday
    ("2026-12-12", "2026-12-15", "2.00", "0.10"),   # Tuesday: three days, counted from Saturday
    ("2026-12-25", "2026-12-28", "0", "0"),         # Christmas, a Friday: payable on Monday
    ("2027-02-08", "2027-02-10", "0", "0"),         # Carnival Monday: payable on Ash Wednesday
    ("2027-02-08", "2027-02-11", "2.00", "0.10"),
    ("2024-02-29", "2024-03-01", "2.00", "0.03"),   # leap day, a Thursday
    ("2028-02-29", "2028-03-01", "0", "0"),         # leap day, and Carnival Tuesday
])
def test_fine_and_interest_by_day(vencimento, em, multa, juros) -> None:
    valor = valor_atualizado(Devida(data_vencimento=dt.date.fromisoformat(vencimento)), dt.date.fromisoformat(em))
    assert (valor.multa, valor.juros, valor.total) == (D(multa), D(juros), 100 + D(multa) + D(juros))


def test_a_holiday_of_the_operator_moves_the_last_day_too() -> None:
    local = {dt.date(2026, 12, 10)}
    assert valor_atualizado(Devida(), dt.date(2026, 12, 11), local).total == 100
    assert valor_atualizado(Devida(), dt.date(2026, 12, 12), local).juros == D("0.07")


def test_the_discount_until_due_is_lost_the_day_after() -> None:
    devida = Devida(desconto_pontual=D("5.00"))
    assert valor_atualizado(devida, dt.date(2026, 12, 10)).total == D("95.00")
    assert valor_atualizado(devida, dt.date(2026, 12, 11)).desconto == 0


@pytest.mark.parametrize(("valor", "em", "partes"), [
    #  received     day          principal multa  juros   credito  abatido faltam
    ("100.00", "2026-12-10", ("100.00", "0", "0", "0", "0", "0")),
    ("99.97", "2026-12-10", ("99.97", "0", "0", "0", "0.03", "0")),
    ("99.94", "2026-12-10", ("99.94", "0", "0", "0", "0", "0")),
    ("40.00", "2026-12-10", ("40.00", "0", "0", "0", "0", "0")),
    ("130.00", "2026-12-10", ("100.00", "0", "0", "30.00", "0", "0")),
    ("103.00", "2027-01-09", ("100.00", "2.00", "1.00", "0", "0", "0")),
    ("110.00", "2027-01-09", ("100.00", "2.00", "1.00", "7.00", "0", "0")),
    ("102.50", "2027-01-09", ("100.00", "2.00", "0.50", "0", "0", "0.50")),
    ("100.00", "2027-01-09", ("100.00", "0", "0", "0", "0", "3.00")),
    ("50.00", "2027-01-09", ("50.00", "0", "0", "0", "0", "1.50")),
])
def test_principal_first_then_fine_interest_and_credit(valor, em, partes) -> None:
    assert baixar(Devida(), D(valor), dt.date.fromisoformat(em), tolerancia=TOLERANCIA) == tuple(D(p) for p in partes)


@pytest.mark.parametrize(("valor", "principal", "credito", "abatido"), [
    ("95.00", "95.00", "0", "5.00"), ("94.96", "94.96", "0", "5.04"), ("94.90", "94.90", "0", "0"), ("100.00", "95.00", "5.00", "5.00"),
])
def test_a_payment_in_time_that_settles_the_rest_earns_the_discount(valor, principal, credito, abatido) -> None:
    baixa = baixar(Devida(desconto_pontual=D("5.00")), D(valor), dt.date(2026, 12, 10), tolerancia=TOLERANCIA)
    assert (baixa.principal, baixa.credito, baixa.abatido) == (D(principal), D(credito), D(abatido))


def test_the_discount_is_given_once_though_another_payment_was_reversed() -> None:
    assert valor_atualizado(Devida(saldo=D("30.00"), desconto_pontual=D("5.00"), valor_abatido=D("5.00")), dt.date(2026, 12, 10)).total == D("30.00")


def test_credit_on_the_invoice_leaves_the_discount_until_due_as_it_was() -> None:
    """100,00 with 5,00 of discount, of which 5,00 were abated by credit: 90,00."""
    devida = Devida(saldo=D("95.00"), desconto_pontual=D("5.00"), valor_abatido=D("5.00"), valor_creditado=D("5.00"))
    assert valor_atualizado(devida, dt.date(2026, 12, 10)).total == D("90.00")


def test_charges_of_an_earlier_invoice_bear_no_charges() -> None:
    """100,00, of which 10,00 are an earlier invoice's fine and interest: thirty days late, 2 % and 1 % of 90,00."""
    devida, em = Devida(valor_encargos=D("10.00")), dt.date(2027, 1, 9)
    assert valor_atualizado(devida, em)[2:] == (D("1.80"), D("0.90"), D("102.70"))
    assert baixar(devida, D("90.00"), em, tolerancia=TOLERANCIA).faltam == D("2.70")
    assert baixar(devida._replace(saldo=D("10.00")), D("10.00"), em, tolerancia=TOLERANCIA).faltam == 0


def test_many_small_payments_do_not_escape_the_charges() -> None:
    """Each part's charges are below the tolerance; only the payment that settles the invoice is spared them, once."""
    em, saldo, faltam = dt.date(2026, 12, 11), D("100.00"), D(0)
    for _n in range(100):
        baixa = baixar(Devida(saldo=saldo), D("1.00"), em, tolerancia=TOLERANCIA)
        saldo, faltam = saldo - baixa.principal - baixa.abatido, faltam + baixa.faltam
    assert saldo == 0 and faltam == 99 * D("0.02")


quantias = st.decimals(min_value=CENTAVO, max_value=D("3000"), places=2)


@given(quantias, quantias, st.integers(-40, 400), st.decimals(min_value=0, max_value=50, places=2))
def test_the_parts_of_a_payment_sum_to_it_and_the_balance_never_turns_negative(saldo, valor, dias, desconto) -> None:
    devida = Devida(saldo=saldo, desconto_pontual=desconto)
    baixa = baixar(devida, valor, devida.data_vencimento + dt.timedelta(days=dias), tolerancia=TOLERANCIA)
    assert baixa.principal + baixa.multa + baixa.juros + baixa.credito == valor
    assert saldo - baixa.principal - baixa.abatido >= 0
    assert min(baixa) >= 0


@given(quantias, st.integers(-40, 400), st.decimals(min_value=0, max_value=50, places=2))
def test_paying_what_is_owed_on_the_day_leaves_nothing(saldo, dias, desconto) -> None:
    devida = Devida(saldo=saldo, desconto_pontual=desconto)
    em = devida.data_vencimento + dt.timedelta(days=dias)
    devido = valor_atualizado(devida, em)
    if devido.total > 0:
        baixa = baixar(devida, devido.total, em, tolerancia=D("0.00"))
        assert (baixa.principal + baixa.abatido, baixa.credito, baixa.faltam) == (saldo, 0, 0)


@given(st.dates(min_value=dt.date(2025, 1, 1), max_value=dt.date(2031, 12, 31)), st.integers(0, 12), st.sets(st.integers(0, 12), max_size=4))
def test_one_comparison_says_which_due_dates_are_overdue(hoje, atras, feriados) -> None:
    extras = frozenset(hoje - dt.timedelta(days=n) for n in feriados)
    vencimento = hoje - dt.timedelta(days=atras)
    assert (vencimento <= ultimo_vencimento_em_atraso(hoje, extras)) == (vencimento_util(vencimento, extras) < hoje)
