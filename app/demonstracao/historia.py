"""What the story remembers between two days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple

from app.core import relogio
from app.demonstracao.comportamento import Pagador


class PlanoVendido(NamedTuple):
    """A plan of the provider; ``peso`` among new contracts."""

    id: int
    preco: Decimal
    peso: int


class Opcional(NamedTuple):
    """An additional service."""

    id: int
    preco: Decimal


@dataclass
class Assinante:
    """A customer of the story. ``desde`` is the first day of service; ``saiu``: his contracts ended; ``parado_ate``: paused at his request."""

    cliente_id: int
    contratos: list[int]
    pagador: Pagador
    desde: dt.date
    plano: int
    vencimento: int
    empresa: bool = False
    saiu: bool = False
    parado_ate: dt.date | None = None


@dataclass
class Historia:
    """State of the simulation, which tells nothing after ``ate``. Calendars: day → ids of what happens then."""

    sorteio: Random
    hoje: dt.date
    inicio: dt.date
    ate: dt.datetime
    assinantes: dict[int, Assinante] = field(default_factory=dict)
    a_pagar: dict[dt.date, list[int]] = field(default_factory=lambda: defaultdict(list))
    a_estornar: dict[dt.date, list[int]] = field(default_factory=lambda: defaultdict(list))
    a_corrigir: dict[dt.date, list[int]] = field(default_factory=lambda: defaultdict(list))
    planos: list[PlanoVendido] = field(default_factory=list)
    opcionais: list[Opcional] = field(default_factory=list)
    ultima_invoice: int = 0
    ultimo_pagamento: int = 0
    ultimo_bloqueio: int = 0
    ultima_mensagem: int = 0

    def instante(self, dia: dt.date, hora: dt.time) -> dt.datetime:
        """That time of the day, or ``ate`` when it has not come yet."""
        return min(relogio.instante(dia, hora), self.ate)
