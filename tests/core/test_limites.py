"""Limits on trying: Redis and the memory that stands in for it count alike, waits double and end, and who waits can be seen and let go."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from app.core import filas, limites, relogio
from app.core.limites import Limite

L = Limite("teste", "Teste", livres=3, espera=dt.timedelta(seconds=60), maxima=dt.timedelta(seconds=200), esquece=dt.timedelta(seconds=900))
AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def conhecido(sessao):
    """The limit under its name, for as long as the test."""
    limites.declarar(L)
    yield
    del limites.LIMITES[L.nome]


def test_redis_and_memory_count_alike() -> None:
    sorte, memoria = random.Random(7), limites._Memoria()
    em = AGORA
    for _vez in range(400):
        em += dt.timedelta(seconds=sorte.choice((0, 1, 30, 61, 130, 250, 1000)))
        with relogio.mover_para(em):
            if sorte.random() < 0.15:
                limites.devolver(L, "a")
                memoria.devolver(L, "a")
            elif sorte.random() < 0.05:
                limites.esquecer(L, "a")
                memoria.esquecer(L, "a")
            else:
                assert limites.tentar(L, "a") == memoria.tentar(L, "a", em.timestamp())


def test_the_wait_begins_with_the_third_doubles_and_stops_growing() -> None:
    em, esperas = AGORA, []
    for _vez in range(7):
        with relogio.mover_para(em):
            assert limites.tentar(L, "b").espera == 0
            esperas.append(limites.tentar(L, "b").espera if len(esperas) >= 2 else 0)
        em += dt.timedelta(seconds=(esperas[-1] or 0) + 1)
    assert esperas == [0, 0, 60, 120, 200, 200, 200]


def test_who_waits_is_seen_until_the_end_or_a_word() -> None:
    with relogio.mover_para(AGORA):
        for chave in ("c", "d"):
            for _vez in range(3):
                limites.tentar(L, chave)
        assert [(t.limite, t.chave, t.ate) for t in limites.travas()] == [(L, x, AGORA + dt.timedelta(seconds=60)) for x in ("d", "c")]
        limites.esquecer(L, "c")
        assert [t.chave for t in limites.travas()] == ["d"] and limites.tentar(L, "c").espera == 0
    with relogio.mover_para(AGORA + dt.timedelta(seconds=61)):
        assert limites.travas() == []


def test_a_window_holds_so_many_and_begins_anew() -> None:
    with relogio.mover_para(AGORA):
        assert [limites.contar("janela", "e", maximo=3) for _vez in range(5)] == [0, 0, 0, 60, 60]
    with relogio.mover_para(AGORA + dt.timedelta(seconds=60)):
        assert limites.contar("janela", "e", maximo=3) == 0


def test_counters_leave_redis_by_themselves() -> None:
    limites.tentar(L, "f")
    limites.contar("janela", "f", maximo=3)
    r = filas.conexao()
    assert all(0 < r.ttl(chave) <= 1100 for chave in [*r.scan_iter("limite:teste:f"), *r.scan_iter("limite:janela:f:*")])


def test_an_attacker_with_many_addresses_does_not_eat_the_memory() -> None:
    memoria = limites._Memoria()
    for n in range(10_500):
        memoria.tentar(L, str(n), float(n))
    assert len(memoria.dados) <= 10_001


@pytest.mark.parametrize(("ip", "contado"), [
    ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"), ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"), ("2001:db8:1:3::1", "2001:db8:1:3::"),
    ("203.0.113.9", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"), (None, "-"), ("nada", "-"),
])
def test_a_customer_of_ipv6_has_one_count_for_the_whole_network(ip: str | None, contado: str) -> None:
    assert limites.endereco(ip) == contado
