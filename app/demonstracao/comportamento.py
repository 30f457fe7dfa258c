"""How invented customers pay, come and go. Pure: a generator of random numbers in, facts out."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from random import Random

from app.faturamento.estados import Metodo

PLANOS = (      # name, download, upload, price, weight among new contracts
    ("Fibra 200 Mega", 200, 100, "79.90", 18), ("Fibra 400 Mega", 400, 200, "99.90", 40), ("Fibra 600 Mega", 600, 300, "119.90", 28),
    ("Fibra 1 Giga", 1000, 500, "159.90", 8), ("Empresarial 500", 500, 500, "249.90", 6),
)
ADICIONAIS = (("IP fixo", "29.90"), ("Telefone fixo", "34.90"), ("Streaming", "19.90"), ("Roteador Wi-Fi 6", "15.00"))
DIAS = (5, 10, 15, 20, 25)
METODOS = ((Metodo.pix, 58), (Metodo.boleto, 30), (Metodo.cartao, 7), (Metodo.dinheiro, 5))


@dataclass(frozen=True)
class Pagador:
    """A customer's habit. ``tipo``: pontual, distraido (some days late), atrasado (weeks), caloteiro (stops paying one day)."""

    tipo: str
    desistencia: float      # chance of cancelling in a month


def um_pagador(sorteio: Random) -> Pagador:
    """78 % pay on time, 14 % some days late, 6 % weeks late, 2 % stop."""
    tipo = sorteio.choices(("pontual", "distraido", "atrasado", "caloteiro"), (78, 14, 6, 2))[0]
    return Pagador(tipo, {"pontual": 0.006, "distraido": 0.010, "atrasado": 0.025, "caloteiro": 0.05}[tipo])


def dias_ate_pagar(pagador: Pagador, sorteio: Random, meses_de_casa: int) -> int | None:
    """Days between the due date and the payment, negative when early; None: never."""
    if pagador.tipo == "caloteiro" and meses_de_casa > 3:
        return None
    if pagador.tipo == "atrasado":
        return max(1, round(sorteio.lognormvariate(math.log(14), 0.6)))
    if pagador.tipo == "distraido":
        return round(sorteio.triangular(-2, 12, 2))
    return -min(9, int(sorteio.expovariate(0.45)))


def um_metodo(sorteio: Random) -> Metodo:
    """How the money comes: mostly Pix."""
    return sorteio.choices([m for m, _p in METODOS], [p for _m, p in METODOS])[0]


def chegadas(sorteio: Random, clientes: int, dias: int) -> list[int]:
    """On which day (0 …) each customer arrives: 45 % are there from the start, the rest comes evenly. Sorted."""
    de_inicio = max(1, round(clientes * 0.45))
    return sorted([0] * de_inicio + [sorteio.randrange(dias) for _ in range(clientes - de_inicio)])


def primeiro_dia(hoje: dt.date, meses: int) -> dt.date:
    """The first day of the story, ``meses`` months ago."""
    total = hoje.year * 12 + hoje.month - 1 - meses
    return dt.date(total // 12, total % 12 + 1, 1)
