"""The application's commands on a machine where nothing runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.core import embutidos
from tests.casa.projeto import RAIZ, processos_de


def servidores_de(base: Path) -> set[str]:
    """The process ids of the servers, as each wrote it; PostgreSQL's own workers come and go."""
    bilhetes = [base / "postgres" / "postmaster.pid", base / "valkey" / "valkey.pid"]
    return {b.read_text().split()[0] for b in bilhetes if b.exists()} if processos_de(base) else set()


def rodar(base: Path, *palavras: str) -> subprocess.CompletedProcess[str]:
    """A command as the README writes it, on the servers of ``base`` whatever this machine's variables and ``.env`` name."""
    sem = ("DATABASE_URL", "REDIS_URL", "CRM_")
    ambiente = {nome: valor for nome, valor in os.environ.items() if not nome.startswith(sem)}
    ambiente |= {"CRM_INSTANCIA": str(base), "FLASK_SKIP_DOTENV": "1"}
    return subprocess.run([sys.executable, "-m", "flask", "--app", "run:app", *palavras], cwd=RAIZ, env=ambiente, capture_output=True, text=True, check=False)


def flask(base: Path, *palavras: str) -> str:
    """A command that must succeed and leave no process of its own; what it said."""
    antes = servidores_de(base)
    feito = rodar(base, *palavras)
    assert feito.returncode == 0, feito.stderr
    assert servidores_de(base) == antes
    return feito.stdout


@pytest.mark.lento
def test_commands_start_or_borrow_the_servers_they_need_on_the_same_data_and_leave_none_behind(base):
    flask(base, "db", "upgrade")
    assert (base / "postgres" / "PG_VERSION").exists()
    primeira = re.fullmatch(r"permissoes: (\d+), criadas: (\d+), dadas a papéis: (\d+)\n", flask(base, "crm", "preparar"))
    assert primeira and primeira[1] == primeira[2] and int(primeira[3]) > 0
    with embutidos.garantir(base, quais=frozenset({"postgres", "valkey"})):
        assert flask(base, "crm", "preparar") == f"permissoes: {primeira[1]}, criadas: 0, dadas a papéis: 0\n"
    assert flask(base, "crm", "agenda").startswith("gerar_invoices_diarias ")
    assert processos_de(base) == []


def test_servers_of_other_addresses_are_not_started():
    base = Path("/tmp/instancia-qualquer")
    banco, fila = embutidos.urls(base)
    assert embutidos.usados(base, banco, fila) == {"postgres", "valkey"}
    assert embutidos.usados(base, "postgresql+psycopg://crm@banco/crm", fila) == {"valkey"}
    assert embutidos.usados(base, "postgresql+psycopg://crm@banco/crm", "redis://fila") == frozenset()


def test_what_is_typed_wrong_is_told_in_portuguese(tmp_path):
    errado = rodar(tmp_path, "crm", "--nada")
    assert (errado.returncode, errado.stderr.splitlines()[-1]) == (2, "Erro: Não existe a opção '--nada'.")
    ajuda = rodar(tmp_path, "crm", "--help").stdout
    assert ajuda.startswith("Uso: ") and "Mostra esta mensagem e sai." in ajuda and "Show this" not in ajuda
