"""How invented customers come, pay and go. Pure: a generator of random numbers in, facts out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple, TypeVar

from app.core.datas import somar_meses
from app.faturamento.estados import Metodo

T = TypeVar("T")
PLANOS = (      # name, download, upload, price, weight among new contracts
    ("Fibra 200 Mega", 200, 100, "79.90", 18), ("Fibra 400 Mega", 400, 200, "99.90", 40), ("Fibra 600 Mega", 600, 300, "119.90", 28),
    ("Fibra 1 Giga", 1000, 500, "159.90", 8), ("Empresarial 500", 500, 500, "249.90", 0),
)
EMPRESARIAL = len(PLANOS) - 1
ADICIONAIS = (("IP fixo", "29.90"), ("Telefone fixo", "34.90"), ("Streaming", "19.90"), ("Roteador Wi-Fi 6", "15.00"))
DIAS = ((5, 24), (10, 32), (15, 20), (20, 14), (25, 10))
METODOS = ((Metodo.pix, 58), (Metodo.boleto, 30), (Metodo.cartao, 7), (Metodo.dinheiro, 5))
TIPOS = (("pontual", 66), ("distraido", 17), ("atrasado", 12), ("caloteiro", 5))
DESISTENCIA = {"pontual": 0.009, "distraido": 0.012, "atrasado": 0.022, "caloteiro": 0.0}      # chance of leaving in a month
MOTIVOS = (
    ("Mudança de endereço", 30), ("Preço", 20), ("Foi para a concorrência", 22), ("Insatisfação com o atendimento", 9), ("Não usa mais o serviço", 12),
    ("Instabilidade da conexão", 5), ("Falecimento do titular", 2),
)
MOTIVOS_EMPRESA = (("Encerrou as atividades", 45), ("Foi para a concorrência", 30), ("Mudança de endereço", 25))
POR_INADIMPLENCIA = "Inadimplência: mais de 75 dias bloqueado"
ERROS_DE_FATURA = ("Desconto combinado não aplicado", "Fatura em duplicidade com o contrato anterior", "Dados do pagador incorretos")
DE_INICIO = 0.55
CRESCIMENTO = 0.6       # the last day brings so much more than the first
ANOS_DE_CASA = 5
PACIENCIA = 10      # months, at most, that a caloteiro pays before he stops


class Pagador(NamedTuple):
    """A customer's habit: pontual, distraido (some days late), atrasado (weeks), caloteiro (stops paying after ``paciencia`` months). How he usually pays."""

    tipo: str
    metodo: Metodo
    paciencia: int


def sortear(sorteio: Random, opcoes: Sequence[tuple[T, int]]) -> T:
    """One of (value, weight)."""
    return sorteio.choices([o for o, _p in opcoes], [p for _o, p in opcoes])[0]


def um_pagador(sorteio: Random) -> Pagador:
    """By TIPOS and METODOS."""
    return Pagador(sortear(sorteio, TIPOS), sortear(sorteio, METODOS), sorteio.randint(1, PACIENCIA))


def dias_ate_pagar(pagador: Pagador, sorteio: Random, meses_de_casa: int) -> int | None:
    """Days between the due date and the payment, negative when early; None: never."""
    if pagador.tipo == "caloteiro" and meses_de_casa >= pagador.paciencia:
        return None
    if pagador.tipo == "atrasado":
        return max(1, round(sorteio.lognormvariate(math.log(11), 0.6)))
    if pagador.tipo == "distraido":
        return round(sorteio.triangular(-2, 12, 2))
    return -min(9, int(sorteio.expovariate(0.45)))


def um_metodo(pagador: Pagador, sorteio: Random) -> Metodo:
    """How the money comes: mostly as always."""
    return pagador.metodo if sorteio.random() < 0.9 else sortear(sorteio, METODOS)


def chegadas(sorteio: Random, clientes: int, inicio: dt.date, hoje: dt.date) -> dict[dt.date, int]:
    """How many customers arrive on each day: 55 % are there from the start, the rest comes on working days and Saturday mornings, ever more."""
    dias = [inicio + dt.timedelta(days=n) for n in range((hoje - inicio).days + 1)]
    de_inicio = max(1, round(clientes * DE_INICIO))
    pesos = [(0 if d.weekday() == 6 else 1 if d.weekday() == 5 else 3) * (1 + CRESCIMENTO * n / len(dias)) for n, d in enumerate(dias)]
    quantos = dict.fromkeys(dias, 0)
    quantos[inicio] = de_inicio
    for dia in sorteio.choices(dias, pesos, k=clientes - de_inicio):
        quantos[dia] += 1
    return quantos


def primeiro_dia(hoje: dt.date, meses: int) -> dt.date:
    """The first day of the story, ``meses`` months ago."""
    return dt.date(*somar_meses(hoje.year, hoje.month, -meses), 1)


def instalado_em(sorteio: Random, inicio: dt.date) -> dt.date:
    """When a customer who is there from the start was installed: in the last years, more often lately."""
    return inicio - dt.timedelta(days=1 + int(365 * ANOS_DE_CASA * sorteio.random() ** 1.6))
