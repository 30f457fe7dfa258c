"""One measured way, in a process of its own: ``python -m bench.processo <way> <url> [argument]``. See bench.corrida.

A way is a generator: what comes before its first ``yield`` is preparation, what it yields last is its figures.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import resource
import select
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session, configure_mappers

from app.core.relogio import instante, mover_para
from bench.base import HOJE
from bench.corrida import PRONTO, Medida, cpu_do_banco

POUCAS = 30             # fewer single invoices than this say nothing about a p95
ESPERA = 0.02           # between looks of a worker that found every due row held by another


def aplicacao(url: str) -> Flask:
    """The application on that database and the bench's own Valkey, everything imported and mapped as in a worker that has been up for a while."""
    from app import create_app, importar_modelos
    from config import Teste

    segredos = {"SECRET_KEY": "so-para-medir-" * 4, "CHAVE_CIFRA": "bWVkaXI=" * 5, "PUBLIC_URL": "http://localhost"}
    importar_modelos()
    configure_mappers()
    return create_app(Teste({"DATABASE_URL": url, "REDIS_URL": os.environ["BENCH_REDIS_URL"], **segredos}))


def abrir(url: str, _nada: str) -> Iterator[Medida]:
    """The run's row."""
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        yield {}
        with transacao() as sessao:
            execucao_id = FaturamentoService(sessao).abrir_execucao(hoje=HOJE, origem="bench").id
    yield {"execucao_id": execucao_id}


def previa(url: str, _nada: str) -> Iterator[Medida]:
    """What the run would issue, calculated for every due cycle and saved nowhere."""
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        yield {}
        inicio, cpu = time.perf_counter(), time.process_time()
        with transacao() as sessao:
            prevista = FaturamentoService(sessao).simular(hoje=HOJE)
        custo = {"segundos": time.perf_counter() - inicio, "cpu": time.process_time() - cpu}
    yield {"invoices": prevista.quantidade, "problemas": len(prevista.problemas), **custo}


def rodada(url: str, execucao_id: str) -> Iterator[Medida]:
    """The billing run as a worker does it, one lot a transaction, until nothing is due. It ends with its last lot's commit."""
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    feitas, restam, maior = 0, 1, 0.0
    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        yield {}
        inicio, cpu = time.perf_counter(), time.process_time()
        fim = fim_cpu = banco = 0.0
        while restam:
            comeco = time.perf_counter()
            with transacao() as sessao:
                pid = _pid(sessao)
                passo = FaturamentoService(sessao).passo(int(execucao_id))
                feitas, restam = feitas + len(passo.lote.emitidas), passo.restam
            if passo.lote.ciclos:
                fim, fim_cpu, banco = time.perf_counter(), time.process_time(), cpu_do_banco([pid])
                maior = max(maior, fim - comeco)
            elif restam:
                time.sleep(ESPERA)
    cpus = {"cpu": fim_cpu - cpu, "cpu_banco": banco}
    yield {"invoices": feitas, "inicio": inicio, "fim": fim, "segundos": fim - inicio, "maior_lote_ms": maior * 1000, **cpus}


def piso(url: str, arquivo: str) -> Iterator[Medida]:
    """COPY of the run's own rows, computed beforehand: the same lots, tables and indexes, and nothing else."""
    lotes = pickle.loads(Path(arquivo).read_bytes())
    gc.collect()
    with psycopg.connect(url.replace("+psycopg", "")) as conexao:
        yield {}
        inicio, cpu = time.perf_counter(), time.process_time()
        for lote in lotes:
            with conexao.cursor() as c:
                for comando, linhas in lote:
                    with c.copy(comando) as copia:
                        copia.write(linhas)
            conexao.commit()
        fim, fim_cpu = time.perf_counter(), time.process_time()
        yield {"segundos": fim - inicio, "cpu": fim_cpu - cpu, "cpu_banco": cpu_do_banco([conexao.info.backend_pid])}


def orm(url: str, quantas: str) -> Iterator[Medida]:
    """The same invoices one by one: entities, relations, one commit each."""
    from bench.orm import faturar_um_a_um

    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        yield {}
        inicio, cpu = time.perf_counter(), time.process_time()
        feitas = faturar_um_a_um(int(quantas))
        yield {"invoices": feitas, "segundos": time.perf_counter() - inicio, "cpu": time.process_time() - cpu}


def avulsas(url: str, quantas: str) -> Iterator[Medida]:
    """Single invoices of customers from the end of the run's order, until told to stop: milliseconds up to the commit.

    The publication of the message's task to the queue comes after the commit and is not counted.
    """
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    tempos, confirmado = [], []
    event.listen(Session, "after_commit", lambda _s: confirmado.append(time.perf_counter()))
    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        with transacao() as sessao:
            cliente, pid = sessao.connection().exec_driver_sql("SELECT max(id) FROM cliente").scalar(), _pid(sessao)
        yield {}
        cpu, banco = time.process_time(), cpu_do_banco([pid])
        while cliente and len(tempos) < int(quantas) and not select.select([sys.stdin], [], [], 0)[0]:
            inicio = time.perf_counter()
            with transacao() as sessao:
                ids = FaturamentoService(sessao).gerar_invoices_automaticas(hoje=HOJE, cliente_id=cliente)
            if ids:
                tempos.append((confirmado[-1] - inicio) * 1000)
            cliente -= 1
            time.sleep(0.002)
        cpu, banco = time.process_time() - cpu, cpu_do_banco([pid]) - banco
    yield _resumo(tempos) | {"cpu_ms": cpu * 1000 / max(1, len(tempos)), "cpu_banco_ms": banco * 1000 / max(1, len(tempos))}


def _pid(sessao: Session) -> int:
    """The server process of the session's connection; the pool of a lone worker gives it the same one every time."""
    return sessao.connection().connection.driver_connection.info.backend_pid


def _resumo(tempos: list[float]) -> Medida:
    if len(tempos) < POUCAS:
        return {"feitas": len(tempos)}
    vinte = statistics.quantiles(tempos, n=20)
    return {"feitas": len(tempos), "mediana": statistics.median(tempos), "p95": vinte[-1], "p5": vinte[0]}


def _pico_mb() -> float:
    """Peak memory of this program. Linux's getrusage would count what the parent held when it forked us."""
    estado = Path("/proc/self/status")
    if estado.exists():
        return int(estado.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


def _caminhos() -> dict[str, Callable[[str, str], Iterator[Medida]]]:
    from bench import documentos, telas

    return {f.__name__: f for f in (abrir, previa, rodada, piso, orm, avulsas, telas.paginas, documentos.pdfs)}


if __name__ == "__main__":
    caminho = _caminhos()[sys.argv[1]](sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
    next(caminho)
    print(PRONTO, flush=True)
    sys.stdin.readline()
    medida = next(caminho)
    caminho.close()
    print(json.dumps({**medida, "rss_mb": _pico_mb()}))
