"""Importing and creating the application starts nothing: no process, no thread, no connection, no query."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import RAIZ

VIGIA = """
import json, sys, threading
from sqlalchemy import Engine, event
visto = []
COMECOS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "socket.connect", "socket.getaddrinfo", "socket.bind")
sys.addaudithook(lambda nome, dados: visto.append(f"{nome} {dados}") if nome in COMECOS else None)
event.listen(Engine, "do_connect", lambda *a: visto.append("connection to the database"))
event.listen(Engine, "before_cursor_execute", lambda *a: visto.append(f"query {a[2]}"))
exec(sys.argv[1])
visto += [f"thread {t.name}" for t in threading.enumerate()[1:]]
print(json.dumps([app.name, visto]))
"""
SEM_RESPOSTA = {"DATABASE_URL": "postgresql://crm@127.0.0.1:1/nenhum", "REDIS_URL": "redis://127.0.0.1:1", "SECRET_KEY": "so-para-os-testes-" * 3,
                "CHAVE_CIFRA": "dGVzdGVz" * 5, "PUBLIC_URL": "https://crm.exemplo.com.br"}


def rodar(programa: str, **ambiente: str) -> tuple[str, list[str]]:
    """The application's name, and what ``programa`` began in a process of its own."""
    limpo = {n: v for n, v in os.environ.items() if not n.startswith(("CRM_", "DYNO", "FLASK_")) and n not in SEM_RESPOSTA}
    feito = subprocess.run([sys.executable, "-c", VIGIA, programa], cwd=RAIZ, env={**limpo, **ambiente}, capture_output=True, text=True, check=False)
    assert feito.returncode == 0, feito.stderr
    nome, visto = json.loads(feito.stdout.splitlines()[-1])
    return nome, visto


@pytest.mark.parametrize(("programa", "ambiente"), [("from app import create_app; app = create_app()", "teste"), ("from run import app", "producao")])
def test_the_application_is_created_without_asking_anybody(programa: str, ambiente: str) -> None:
    assert rodar(programa, CRM_AMBIENTE=ambiente, **SEM_RESPOSTA) == ("app", [])


def test_importing_run_on_a_new_machine_starts_no_server_and_writes_only_its_secrets(tmp_path: Path) -> None:
    assert rodar("from run import app", CRM_INSTANCIA=str(tmp_path)) == ("app", [])
    assert [c.name for c in tmp_path.rglob("*")] == ["segredos.env"]


@pytest.mark.parametrize("programa", [
    "import subprocess; subprocess.run(['true'])", "import os; os.system('true')", "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "from sqlalchemy import create_engine; create_engine('sqlite://').connect()",
])
def test_what_begins_is_seen(programa: str) -> None:
    assert rodar(f"{programa}; from types import SimpleNamespace as S; app = S(name='app')")[1]
