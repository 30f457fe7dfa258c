"""Money: one rounding, exact splits, strict reading."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.dinheiro import formatar_reais, ler_reais, parcelar, ratear, reais

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
    assert ler_reais(texto.replace("-R$", "R$ -")) == valor


@pytest.mark.parametrize(("texto", "valor"), [
    ("1.234,56", "1234.56"), ("R$ 99,90", "99.90"), ("1234.56", "1234.56"), ("1.234", "1234"), ("1.234.567", "1234567"),
])
def test_reads_brazilian_amounts(texto: str, valor: str) -> None:
    assert ler_reais(texto) == Decimal(valor)


@pytest.mark.parametrize("texto", ["", "abc", "NaN", "1e5", "--1", "1,2,3"])
def test_does_not_guess(texto: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        ler_reais(texto)
