"""Kills at random points (``make caos``; CRM_CAOS sets how many): workers, jobs, clocks and Redis, while people keep asking for work.

At the end everything that was acknowledged is done, once in the database, and the schedule has no hole and no double.
"""

from __future__ import annotations

import collections
import datetime as dt
import os
import random
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis
from sqlalchemy import select

from app.core.models import EstadoTarefa, Evento, Tarefa
from tests import servidores as servidores_de_teste
from tests.jobs.conftest import CaixaDeEntrada, Provedor, caixa, montar  # noqa: F401 - caixa is a fixture

MORTES = int(os.environ.get("CRM_CAOS", "30"))
INTERVALO, PARADO = 0.65, 60.0
PROCESSOS = ("rapida1", "rapida2", "longa", "relogio1", "relogio2")
ALVOS, PESOS = ("filho", "pai", "ambos", "relogio", "flush", "redis", "redis_apagado"), (4, 3, 3, 3, 1, 2, 1)
E = EstadoTarefa

pytestmark = [pytest.mark.caos, pytest.mark.timeout(600 + 10 * MORTES)]


@pytest.fixture
def maquina() -> Iterator[servidores_de_teste.ServidoresDeTeste]:
    """A Redis and a PostgreSQL that this test may break."""
    proprios = servidores_de_teste.iniciar()
    yield proprios
    proprios.parar()


@pytest.fixture
def provedor(maquina, servidores, url_modelo, caixa) -> Iterator[Provedor]:  # noqa: F811
    """An installation on the session's PostgreSQL and the Redis that is broken."""
    banco = servidores.novo_banco("caos", urlsplit(url_modelo.replace("+psycopg", "")).path.lstrip("/"))
    with montar(banco, maquina.redis_url, caixa.url) as nosso:
        yield nosso


class Pessoas(threading.Thread):
    """Somebody who keeps asking for work; ``aceitas`` are the numbers whose commit came back."""

    def __init__(self, provedor: Provedor) -> None:
        super().__init__(daemon=True)
        self.provedor, self.aceitas, self._parar = provedor, [], threading.Event()

    def run(self) -> None:
        """Ten requests a second."""
        n = 0
        while not self._parar.wait(0.1):
            n += 1
            nome, fila = ("teste_longa", "longa") if n % 40 == 0 else ("teste_bloqueio", "rapida")
            self.provedor.agendar(nome, n=n, fila=fila)
            self.aceitas.append((nome, n))

    def parar(self) -> None:
        """Stop asking."""
        self._parar.set()
        self.join()


def matar(provedor: Provedor, maquina: servidores_de_teste.ServidoresDeTeste, qual: str) -> None:
    """One blow."""
    if qual in ("filho", "pai", "ambos"):
        provedor.matar(random.choice(PROCESSOS[:3]), filho=qual != "pai", pai=qual != "filho")
    elif qual == "relogio":
        provedor.matar(random.choice(PROCESSOS[3:]))
    elif qual == "flush":
        redis.Redis.from_url(maquina.redis_url).flushall()
    else:
        derrubar_redis(maquina, apagar=qual == "redis_apagado")


def derrubar_redis(maquina: servidores_de_teste.ServidoresDeTeste, *, apagar: bool) -> None:
    """SIGKILL to Valkey, perhaps with its data, and up again a little later."""
    valkey = maquina._nossos.valkey
    valkey.processo.kill()
    valkey.processo.wait()
    if apagar:
        for arquivo in valkey.onde.valkey.rglob("*.aof*"):
            arquivo.unlink(missing_ok=True)
    time.sleep(random.random())
    valkey.iniciar()
    valkey.esperar()


def efeitos(provedor: Provedor) -> collections.Counter:
    """(kind, number) → how often it happened in the database."""
    return collections.Counter(provedor.perguntar(select(Evento.tipo, Evento.cliente_id).where(Evento.tipo != "agenda")))


def test_killed_at_random_points_everything_acknowledged_is_done_once(provedor, maquina, caixa, caplog) -> None:  # noqa: F811
    caplog.set_level("ERROR", "app.core.filas")      # Redis is away on purpose, hundreds of times
    semente = int(os.environ.get("SEED", "0")) or random.randrange(10**6)
    random.seed(semente)
    provedor.mensagens(300)
    provedor.iniciar(*PROCESSOS)
    pessoas = Pessoas(provedor)
    pessoas.start()
    mortes: collections.Counter[str] = collections.Counter()
    for _ in range(MORTES):
        fim = time.monotonic() + INTERVALO
        while time.monotonic() < fim:
            provedor.vigiar()
            time.sleep(0.05)
        (qual,) = random.choices(ALVOS, PESOS)
        matar(provedor, maquina, qual)
        mortes[qual] += 1
    pessoas.parar()

    parados = esperar_o_fim(provedor, caixa)
    assert not parados, f"seed {semente}: nothing moves any more: {parados[:5]}"
    feito = efeitos(provedor)
    esperado = collections.Counter({("bloqueio", n): 1 for nome, n in pessoas.aceitas if nome == "teste_bloqueio"})
    esperado.update({(f"fatia{n}", i): 1 for nome, n in pessoas.aceitas if nome == "teste_longa" for i in range(20)})
    assert feito == esperado, f"seed {semente} kills {dict(mortes)}: {(feito - esperado) + (esperado - feito)}"
    assert provedor.perguntar(select(Tarefa.id).where(Tarefa.estado == E.morta)) == []
    assert sum(caixa.recebidas.values()) - 300 <= mortes["filho"] + mortes["ambos"] + mortes["redis"], "messages repeated without a kill to explain it"
    conferir_agenda(provedor, semente)


def esperar_o_fim(provedor: Provedor, entrada: CaixaDeEntrada) -> list:
    """Wait until nothing is left, however slow the machine, as long as something moves; what is left when nothing has moved for a minute."""
    colunas = (Tarefa.id, Tarefa.nome, Tarefa.estado, Tarefa.tentativas, Tarefa.quando, Tarefa.arrendada_ate, Tarefa.erro)
    abertas = select(*colunas).where(Tarefa.agenda.is_(None), Tarefa.estado.in_((E.pendente, E.publicada, E.executando)))
    antes, desde = None, time.monotonic()
    while time.monotonic() - desde < PARADO:
        provedor.vigiar()
        restam = provedor.perguntar(abertas)
        if not restam and len(entrada.recebidas) == 300:
            return []
        if (agora := (len(restam), len(entrada.recebidas))) != antes:
            antes, desde = agora, time.monotonic()
        time.sleep(0.5)
    return restam or [f"{len(entrada.recebidas)} messages of 300"]


def conferir_agenda(provedor: Provedor, semente: int) -> None:
    """One occurrence per second from the first to the last."""
    chaves = [c for (c,) in provedor.perguntar(select(Tarefa.chave).where(Tarefa.agenda == "teste_agenda"))]
    instantes = sorted(dt.datetime.strptime(c, "agenda:teste_agenda:%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC) for c in chaves)
    assert len(instantes) == len(set(instantes)) == (instantes[-1] - instantes[0]).total_seconds() + 1, f"seed {semente}: the schedule has a hole"
