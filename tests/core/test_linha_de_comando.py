"""The application's commands on a machine where nothing runs."""

import os
import subprocess
import sys
from pathlib import Path

from app.core import embutidos
from tests import servidores
from tests.casa.projeto import RAIZ, processos_de


def test_a_command_starts_the_servers_it_needs_and_leaves_none_behind():
    base = servidores.pasta_alcancavel()
    sem = ("DATABASE_URL", "REDIS_URL", "CRM_")
    ambiente = {nome: valor for nome, valor in os.environ.items() if not nome.startswith(sem)} | {"CRM_INSTANCIA": str(base)}
    comando = [sys.executable, "-m", "flask", "--app", "run:app", "db", "current"]
    feito = subprocess.run(comando, cwd=RAIZ, env=ambiente, capture_output=True, text=True, check=False)
    assert feito.returncode == 0, feito.stderr
    assert (base / "postgres" / "PG_VERSION").exists()
    assert processos_de(base) == []
    servidores.apagar(base)


def test_servers_of_other_addresses_are_not_started():
    base = Path("/tmp/instancia-qualquer")
    banco, fila = embutidos.urls(base)
    assert embutidos.usados(base, banco, fila) == {"postgres", "valkey"}
    assert embutidos.usados(base, "postgresql+psycopg://crm@banco/crm", fila) == {"valkey"}
    assert embutidos.usados(base, "postgresql+psycopg://crm@banco/crm", "redis://fila") == frozenset()


def test_what_is_typed_wrong_is_told_in_portuguese():
    comando = [sys.executable, "-m", "flask", "--app", "run:app", "crm"]
    errado = subprocess.run([*comando, "--nada"], cwd=RAIZ, capture_output=True, text=True, check=False)
    assert (errado.returncode, errado.stderr.splitlines()[-1]) == (2, "Erro: Não existe a opção '--nada'.")
    ajuda = subprocess.run([*comando, "--help"], cwd=RAIZ, capture_output=True, text=True, check=True).stdout
    assert ajuda.startswith("Uso: ") and "Mostra esta mensagem e sai." in ajuda and "Show this" not in ajuda
