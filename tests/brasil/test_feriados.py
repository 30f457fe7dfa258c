"""Bank business days: the official calendar, Bacen's examples of Pix validity, Lei 7.089/1983."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.brasil.feriados import e_dia_util, feriados_do_ano, prorrogar, proximo_dia_util, somar_dias_uteis

dias = st.dates(date(2000, 1, 1), date(2080, 12, 31))


def d(texto):
    return date.fromisoformat(texto)


def test_the_bank_calendar_of_2026():
    esperado = ["01-01", "02-16", "02-17", "04-03", "04-21", "05-01", "06-04", "09-07", "10-12", "11-02", "11-15", "11-20", "12-25"]
    assert [f"{dia:%m-%d}" for dia in feriados_do_ano(2026)] == esperado
    assert feriados_do_ano(2026)[d("2026-02-16")] == "Carnaval"


def test_consciencia_negra_is_national_only_since_2024():
    assert e_dia_util(d("2023-11-20"))
    assert not e_dia_util(d("2024-11-20"))


@pytest.mark.parametrize("texto", ["2026-02-18", "2026-10-28", "2026-12-24", "2026-12-31"])
def test_ash_wednesday_public_servants_day_and_the_two_eves_are_business_days(texto):
    assert e_dia_util(d(texto))


def test_the_operators_table_adds_local_holidays():
    aniversario = frozenset({d("2026-01-26")})
    assert e_dia_util(d("2026-01-26"))
    assert not e_dia_util(d("2026-01-26"), aniversario)
    assert proximo_dia_util(d("2026-01-24"), aniversario) == d("2026-01-27")
    assert somar_dias_uteis(d("2026-01-23"), 1, aniversario) == d("2026-01-27")
    assert prorrogar(d("2026-01-24"), aniversario, validade=1) == d("2026-01-28")


def test_an_instant_is_refused_because_it_would_match_no_holiday():
    with pytest.raises(TypeError):
        e_dia_util(datetime(2026, 12, 25))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("vencimento", "validade", "limite"),
    [
        pytest.param("2020-10-20", 4, "2020-10-26", id="A"),
        pytest.param("2020-12-25", 0, "2020-12-28", id="B"),
        pytest.param("2020-12-25", 1, "2020-12-29", id="C"),
        pytest.param("2020-12-25", 3, "2020-12-31", id="D"),
        pytest.param("2020-12-25", 4, "2021-01-04", id="E"),
        pytest.param("2021-08-27", 5, "2021-09-01", id="F"),
        pytest.param("2021-08-28", 5, "2021-09-06", id="G"),
    ],
)
def test_bacen_examples_of_validade_apos_vencimento(vencimento, validade, limite):
    assert prorrogar(d(vencimento), validade=validade) == d(limite)


@pytest.mark.parametrize(
    ("vencimento", "limite"),
    [("2007-05-05", "2007-05-07"), ("2026-11-14", "2026-11-16"), ("2026-12-25", "2026-12-28"), ("2026-11-10", "2026-11-10")],
)
def test_a_due_date_without_banks_is_payable_on_the_next_business_day(vencimento, limite):
    assert prorrogar(d(vencimento)) == d(limite)


@pytest.mark.parametrize(
    ("dia", "quantidade", "esperado"),
    [
        ("2026-02-13", 1, "2026-02-18"),
        ("2026-02-18", -1, "2026-02-13"),
        ("2026-11-14", 1, "2026-11-16"),
        ("2026-11-14", 0, "2026-11-14"),
        ("2026-04-02", 2, "2026-04-07"),
        ("2026-12-24", 5, "2027-01-04"),
    ],
)
def test_adding_business_days_skips_weekends_and_holidays(dia, quantidade, esperado):
    assert somar_dias_uteis(d(dia), quantidade) == d(esperado)


@given(dias, st.integers(0, 30))
def test_prorrogar_ends_on_a_business_day_never_early_and_at_most_a_week_late(dia, validade):
    limite = prorrogar(dia, validade=validade)
    assert e_dia_util(limite)
    assert dia + timedelta(days=validade) <= limite <= dia + timedelta(days=validade + 10)
    assert prorrogar(limite) == limite


@given(dias, st.integers(1, 40))
def test_adding_and_taking_business_days_cancel_out(dia, quantidade):
    util = proximo_dia_util(dia)
    assert somar_dias_uteis(somar_dias_uteis(util, quantidade), -quantidade) == util


@given(dias, st.integers(1, 20))
def test_the_days_in_between_hold_exactly_that_many_business_days(dia, quantidade):
    fim = somar_dias_uteis(dia, quantidade)
    entre = (dia + timedelta(days=n) for n in range(1, (fim - dia).days + 1))
    assert sum(map(e_dia_util, entre)) == quantidade
