"""One measured way, in a process of its own: ``python -m bench.processo <way> <url> [argument]`` prints what it cost as JSON."""

from __future__ import annotations

import gc
import json
import os
import pickle
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy.orm import configure_mappers

from app.core.relogio import instante, mover_para
from bench.base import HOJE

Medida = dict[str, float]


def aplicacao(url: str) -> Flask:
    """The application on that database and the bench's own Valkey, everything imported and mapped as in a worker that has been up for a while."""
    from app import create_app, importar_modelos
    from config import Teste

    segredos = {"SECRET_KEY": "so-para-medir-" * 4, "CHAVE_CIFRA": "bWVkaXI=" * 5, "PUBLIC_URL": "http://localhost"}
    importar_modelos()
    configure_mappers()
    return create_app(Teste({"DATABASE_URL": url, "REDIS_URL": os.environ["BENCH_REDIS_URL"], **segredos}))


def rodada(url: str, execucao_id: str) -> Medida:
    """The billing run as a worker does it, one lot a transaction, until nothing is due."""
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    feitas, restam = 0, 1
    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        inicio, cpu = time.perf_counter(), time.process_time()
        while restam:
            with transacao() as sessao:
                passo = FaturamentoService(sessao).passo(int(execucao_id))
                feitas, restam = feitas + len(passo.lote.emitidas), passo.restam
            if not passo.lote.ciclos and restam:
                time.sleep(0.005)
    return {"invoices": feitas, "segundos": time.perf_counter() - inicio, "cpu": time.process_time() - cpu}


def abrir(url: str, _nada: str) -> Medida:
    """The run's row, with the preview of everything that is due."""
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        inicio, cpu = time.perf_counter(), time.process_time()
        with transacao() as sessao:
            execucao_id = FaturamentoService(sessao).abrir_execucao(hoje=HOJE, origem="bench").id
    return {"execucao_id": execucao_id, "segundos": time.perf_counter() - inicio, "cpu": time.process_time() - cpu}


def piso(url: str, arquivo: str) -> Medida:
    """COPY of the run's own rows, computed beforehand: the same lots, tables and indexes, and nothing else."""
    lotes = pickle.loads(Path(arquivo).read_bytes())
    gc.collect()
    with psycopg.connect(url.replace("+psycopg", "")) as conexao:
        inicio, cpu = time.perf_counter(), time.process_time()
        for lote in lotes:
            with conexao.cursor() as c:
                for comando, linhas in lote:
                    with c.copy(comando) as copia:
                        copia.write(linhas)
            conexao.commit()
        return {"segundos": time.perf_counter() - inicio, "cpu": time.process_time() - cpu}


def orm(url: str, quantas: str) -> Medida:
    """The same invoices one by one: entities, relations, one commit each."""
    from bench.orm import faturar_um_a_um

    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        inicio, cpu = time.perf_counter(), time.process_time()
        feitas = faturar_um_a_um(int(quantas))
        return {"invoices": feitas, "segundos": time.perf_counter() - inicio, "cpu": time.process_time() - cpu}


def avulsas(url: str, segundos: str) -> Medida:
    """Single invoices of customers drawn at random, for some time: median and p95 in milliseconds, commit included."""
    from app.core.transacao import transacao
    from app.faturamento.services import FaturamentoService

    tempos, sorteio = [], random.Random(7)
    with aplicacao(url).app_context(), mover_para(instante(HOJE)):
        with transacao() as sessao:
            maximo = sessao.connection().exec_driver_sql("SELECT max(id) FROM cliente").scalar()
        fim = time.perf_counter() + float(segundos)
        while time.perf_counter() < fim:
            inicio = time.perf_counter()
            with transacao() as sessao:
                ids = FaturamentoService(sessao).gerar_invoices_automaticas(hoje=HOJE, cliente_id=sorteio.randint(1, maximo))
            if ids:
                tempos.append((time.perf_counter() - inicio) * 1000)
            time.sleep(0.002)
    if len(tempos) < 20:
        return {"feitas": len(tempos), "mediana": 0, "p95": 0}
    return {"feitas": len(tempos), "mediana": statistics.median(tempos), "p95": statistics.quantiles(tempos, n=20)[-1]}


CAMINHOS: dict[str, Callable[[str, str], Medida]] = {f.__name__: f for f in (abrir, rodada, piso, orm, avulsas)}

if __name__ == "__main__":
    medida = CAMINHOS[sys.argv[1]](sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
    medida["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    print(json.dumps(medida))
