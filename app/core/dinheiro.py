"""Money: Decimal in reais with two places, rounded half-up by one function, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENTAVO = Decimal("0.01")
ZERO = Decimal("0.00")
MAXIMO = Decimal("9999999999.99")


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


def ler_reais(texto: str) -> Decimal:
    """Read ``1.234,56``, ``R$ 1.234,56``, ``1234.56`` or ``1234``. Raises ValueError for anything else, NaN included."""
    limpo = texto.strip().replace("R$", "").replace("\xa0", "").replace(" ", "")
    if "," in limpo:
        limpo = limpo.replace(".", "").replace(",", ".")
    elif limpo.count(".") == 1 and len(limpo.rsplit(".", 1)[1]) == 3 and len(limpo) > 4 and not limpo.startswith("0."):
        limpo = limpo.replace(".", "")      # 1.234 is one thousand in Brazil
    elif limpo.count(".") > 1:
        limpo = limpo.replace(".", "")
    if not limpo or not set(limpo) <= set("0123456789.-"):
        raise ValueError(f"not an amount: {texto!r}")
    try:
        return reais(limpo)
    except ArithmeticError as erro:
        raise ValueError(f"not an amount: {texto!r}") from erro
