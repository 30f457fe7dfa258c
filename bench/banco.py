"""Databases of the bench on an embedded PostgreSQL with the settings it ships with: a prepared one by size, and fresh copies of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.core import embutidos
from bench import base
from tests.servidores import apagar, pasta_alcancavel

RAIZ = Path(__file__).resolve().parents[1]


class Banco:
    """Makes and copies databases."""

    def __init__(self, servidores: embutidos.Servidores) -> None:
        self.postgres = servidores.postgres
        self._modelos: dict[tuple[int, int], str] = {}
        with psycopg.connect(host=str(servidores.onde.soquetes_do_postgres), user="postgres", dbname="postgres", autocommit=True) as c:
            c.execute("GRANT pg_checkpoint TO crm")

    def modelo(self, clientes: int, meses: int) -> str:
        """Name of the prepared base of that size, made when it is first asked for."""
        if (clientes, meses) not in self._modelos:
            self._modelos[clientes, meses] = self._fazer(clientes, meses)
        return self._modelos[clientes, meses]

    def _fazer(self, clientes: int, meses: int) -> str:
        print(f"… preparando {clientes:_} clientes com {meses} meses de histórico".replace("_", "."), flush=True)
        nome = f"base_{clientes}_{meses}"
        url = self.postgres.criar_banco(nome)
        subprocess.run([sys.executable, "-m", "bench.preparar"], check=True, cwd=RAIZ, env={**os.environ, "DATABASE_URL": url})
        base.fazer(url, clientes, meses)
        return nome

    def copia(self, modelo: str) -> str:
        """A fresh copy, with what the copying dirtied written out. There is one at a time."""
        url = self.postgres.criar_banco("medida", modelo)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as c:
            c.execute("CHECKPOINT")
        return url


@contextmanager
def banco() -> Iterator[Banco]:
    """Private servers for the duration of a run; the address of the queue is left in the environment for the measured processes."""
    pasta = pasta_alcancavel()
    servidores = embutidos.Servidores(pasta, frozenset({"postgres", "valkey"}))
    try:
        servidores.iniciar()
        os.environ["BENCH_REDIS_URL"] = servidores.redis_url
        yield Banco(servidores)
    finally:
        servidores.parar()
        apagar(pasta)
