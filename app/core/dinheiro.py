"""Money: Decimal in reais with two places, rounded half-up by one function, never a float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENTAVO = Decimal("0.01")
ZERO = Decimal("0.00")
MAXIMO = Decimal("9999999999.99")
PRECO_MAXIMO = Decimal(9_999_999)      # what a plan, a service or a contract may cost a month, wherever it is typed
_TAMANHO_MAXIMO = 40
_MOEDA = re.compile(r"^(-?)\s*R\$\s*(-?)")
_COM_VIRGULA = re.compile(r"-?(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]+)?")
_COM_PONTO = re.compile(r"-?[0-9]+\.[0-9]{1,2}")
_COM_PONTO_LONGO = re.compile(r"-?[0-9]+\.[0-9]+")


def reais(valor: Decimal | int | str) -> Decimal:
    """``valor`` rounded half-up to centavos. A float raises TypeError; NaN, infinity and more than NUMERIC(12,2) raise ValueError."""
    if isinstance(valor, float):
        raise TypeError("money is never a float")
    numero = Decimal(valor)
    if not numero.is_finite() or abs(numero) > MAXIMO:
        raise ValueError(f"not an amount of money: {valor}")
    return numero.quantize(CENTAVO, ROUND_HALF_UP)


def ratear(total: Decimal, pesos: Sequence[Decimal | int]) -> list[Decimal]:
    """Split ``total`` by ``pesos``: parts differ from exact by less than one centavo each and sum exactly to ``total``.

    Parts are differences of rounded cumulative sums, so no part is ever negative for a positive total.
    Raises ValueError for no weights, negative ones, or all zero.
    """
    if not pesos or any(p < 0 for p in pesos) or not sum(pesos):
        raise ValueError("weights must be non-negative and not all zero")
    soma, acumulado, anterior, partes = Decimal(sum(pesos)), Decimal(0), ZERO, []
    for peso in pesos:
        acumulado += peso
        corte = reais(total * acumulado / soma)
        partes.append(corte - anterior)
        anterior = corte
    return partes


def parcelar(total: Decimal, vezes: int) -> list[Decimal]:
    """``total`` in ``vezes`` equal instalments that sum exactly to it."""
    return ratear(total, [1] * vezes)


def porcento(valor: Decimal, percentual: Decimal) -> Decimal:
    """``percentual`` per cent of ``valor``, rounded."""
    return reais(valor * percentual / 100)


def formatar_reais(valor: Decimal) -> str:
    """``R$ 1.234,56``; negative as ``-R$ 1,00``."""
    texto = f"{abs(valor):,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    return f"{'-' if valor < 0 else ''}R$ {texto}"


def ler_numero(texto: str, *, casas: int = 2) -> Decimal:
    """A number as people write it here, sign and ``R$`` allowed: ``1.234.567,89``, ``1234,56``, ``1234.56``; ``1.234`` is one thousand and more.

    One dot before three digits separates thousands unless a number has more than two ``casas`` (a latitude): then it is a decimal point.
    Raises ValueError for anything else, ``1,234.56``, ``10.12.2026`` and ``1e9`` included: nothing is guessed.
    """
    limpo = _MOEDA.sub(r"\1\2", texto.strip())
    if len(limpo) > _TAMANHO_MAXIMO:
        raise ValueError(f"not an amount: {limpo[:_TAMANHO_MAXIMO]!r}...")
    if (_COM_PONTO if casas <= 2 else _COM_PONTO_LONGO).fullmatch(limpo):
        return Decimal(limpo)
    if not _COM_VIRGULA.fullmatch(limpo):
        raise ValueError(f"not an amount: {texto!r}")
    return Decimal(limpo.replace(".", "").replace(",", "."))


def ler_reais(texto: str) -> Decimal:
    """``ler_numero`` in centavos. Raises ValueError also for fractions of a centavo and for more than NUMERIC(12,2)."""
    numero = ler_numero(texto)
    if numero != reais(numero):
        raise ValueError(f"not an amount in centavos: {texto!r}")
    return reais(numero)
