"""Money: one rounding, exact splits, strict reading."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.dinheiro import formatar_reais, ler_numero, ler_reais, parcelar, ratear, reais

dinheiro = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2, allow_nan=False)


@pytest.mark.parametrize(("entrada", "saida"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1", "1.00")])
def test_rounds_half_up(entrada: str, saida: str) -> None:
    assert reais(entrada) == Decimal(saida)


def test_a_float_is_never_money() -> None:
    with pytest.raises(TypeError):
        reais(1.5)


@pytest.mark.parametrize("valor", ["NaN", "Infinity", "99999999999"])
def test_refuses_what_is_no_amount(valor: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        reais(valor)


@given(dinheiro, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_parts_sum_to_the_total(total: Decimal, pesos: list[int]) -> None:
    assert sum(ratear(total, pesos)) == total


@given(st.decimals(min_value=0, max_value=100_000, places=2), st.integers(1, 24))
def test_instalments_sum_and_differ_by_a_centavo_at_most(total: Decimal, vezes: int) -> None:
    partes = parcelar(total, vezes)
    assert sum(partes) == total
    assert max(partes) - min(partes) <= Decimal("0.01")


@given(dinheiro)
def test_what_is_written_is_read_back(valor: Decimal) -> None:
    texto = formatar_reais(valor)
    assert ler_reais(texto) == valor


@pytest.mark.parametrize(("texto", "valor"), [
    ("1.234,56", "1234.56"), ("R$ 99,90", "99.90"), ("1234.56", "1234.56"), ("1.234", "1234"), ("1.234.567", "1234567"),
    ("1.234.567,89", "1234567.89"), ("1234,56", "1234.56"), ("1234.5", "1234.5"), ("0.50", "0.5"), ("-R$ 1,00", "-1"), ("99,9000", "99.9"),
    ("R$\xa01.000,00", "1000"),
])
def test_reads_brazilian_amounts(texto: str, valor: str) -> None:
    assert ler_reais(texto) == Decimal(valor)


@pytest.mark.parametrize("texto", ["", "abc", "NaN", "1e5", "--1", "1,2,3", "1,234.56", "10.12.2026", "1.23.456", "12.34,56", "0.500",
                                   "0.500,00", "1.2345", "1e9", "1E+3", "1,234",
                                   "1 234", "R$", "٣", "9" * 41, "1.1234.567", ",5", "5,", "99999999999"])
def test_does_not_guess(texto: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        ler_reais(texto)


def test_a_number_with_many_decimals_keeps_its_point() -> None:
    """A latitude is no thousand; with a comma, dots are thousands whatever the column."""
    assert ler_numero("-23.550", casas=6) == Decimal("-23.55") and ler_numero("-23.550520", casas=6) == ler_numero("-23,550520", casas=6)
    assert ler_numero("1.234,5", casas=3) == Decimal("1234.5")
