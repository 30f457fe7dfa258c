"""Start-up: importing the application until it can answer, and the queries that takes (none: the database's address leads nowhere)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.relatorio import Linha

RAIZ = Path(__file__).resolve().parents[1]
PROGRAMA = """
import json, time
inicio, cpu = time.perf_counter(), time.process_time()
from sqlalchemy import Engine, event
perguntas = []
event.listen(Engine, "before_cursor_execute", lambda *a: perguntas.append(1))
event.listen(Engine, "do_connect", lambda *a: perguntas.append(1))
from app import create_app
create_app()
print(json.dumps({"ms": (time.perf_counter() - inicio) * 1000, "cpu_ms": (time.process_time() - cpu) * 1000, "perguntas": len(perguntas)}))
"""


def partida(vezes: int) -> Iterator[Linha]:
    """Best of several starts, bytecode already compiled."""
    medidas = [_uma() for _ in range(vezes + 1)][1:]
    melhor = min(medidas, key=lambda m: m["ms"])
    yield Linha("partida.ms", "importar e criar a aplicação", melhor["ms"], "ms", 1500, nota=f"CPU {melhor['cpu_ms']:.0f} ms")
    yield Linha("partida.consultas", "consultas e conexões ao iniciar", melhor["perguntas"], "", 0)


def _uma() -> dict[str, float]:
    ambiente = {**os.environ, "CRM_AMBIENTE": "teste", "DATABASE_URL": "postgresql://crm@127.0.0.1:1/nenhum", "REDIS_URL": "redis://127.0.0.1:1",
                "SECRET_KEY": "so-para-medir-" * 4, "CHAVE_CIFRA": "bWVkaXI=" * 5, "PUBLIC_URL": "http://localhost"}
    saida = subprocess.run([sys.executable, "-c", PROGRAMA], check=True, cwd=RAIZ, env=ambiente, capture_output=True, text=True).stdout
    return json.loads(saida.splitlines()[-1])
