"""A miniature of this project around the real run.py, gunicorn_conf.py and embedded servers: it starts in a second.

The supervisor knows the application only by its commands, so the miniature has the same ones.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[2]
ARQUIVOS = {
    "app/__init__.py": '''
import os
import click
import psycopg
from flask import Flask

def conexao():
    return psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", ""))

def create_app():
    app = Flask(__name__)
    app.add_url_rule("/healthz", view_func=lambda: "ok")
    grupo, banco = click.Group("crm"), click.Group("db")
    app.cli.add_command(grupo)
    app.cli.add_command(banco)

    @banco.command("upgrade")
    def upgrade():
        click.echo("migrado")

    @grupo.command("preparar")
    def preparar():
        with conexao() as c:
            c.execute("create table if not exists partida (id bigint generated always as identity)")
            c.execute("insert into partida default values")
        click.echo("preparado")
        click.echo("atenção: um aviso da preparação", err=True)

    @grupo.command("criar-admin")
    @click.option("--inicial", is_flag=True)
    def criar_admin(inicial):
        with conexao() as c:
            if c.execute("select to_regclass('administrador')").fetchone()[0]:
                return
            c.execute("create table administrador ()")
        click.echo("usuario admin senha s3nh4-gerada")

    @grupo.command("demo")
    @click.option("--clientes")
    @click.option("--meses")
    @click.option("--seed")
    def demo(**opcoes):
        with conexao() as c:
            c.execute("create table cliente (id int)")
            c.execute("insert into cliente select generate_series(1, %s)", (int(opcoes["clientes"]),))
    return app
''',
    "app/core/__init__.py": "",
    "app/extensions.py": "class db:\n    engines = {}\n",
    "jobs/__init__.py": "",
    "jobs/worker.py": "import sys, time\nprint('fila', sys.argv[1])\ntime.sleep(1000)\n",
    "jobs/relogio.py": "import os, time\nprint('fuso', os.environ['TZ'])\ntime.sleep(1000)\n",
    "requirements.txt": "",
    "requirements-dev.txt": "-r requirements.txt\n",
}


class Projeto:
    """The miniature in ``pasta``, run by ``usuario`` (``None``: as we are) with ``python`` (``None``: ours)."""

    def __init__(self, pasta: Path, usuario: str | None = None, python: str | None = None) -> None:
        self.pasta, self._conta = pasta, pwd.getpwnam(usuario) if usuario else None
        self.python = python or sys.executable
        self.porta = porta_livre()
        self.instancia = pasta / "instance"
        self._abertos: list[Partida] = []
        _escrever(pasta)
        if self._conta:
            for caminho in (pasta, *pasta.rglob("*")):
                os.chown(caminho, self._conta.pw_uid, self._conta.pw_gid)

    def iniciar(self, *argumentos: str, **ambiente: str) -> "Partida":
        """Start ``python run.py`` with ``argumentos``."""
        conta = {"user": self._conta.pw_uid, "group": self._conta.pw_gid, "extra_groups": []} if self._conta else {}
        variaveis = ambiente_limpo(self.porta) | {"HOME": str(self.pasta)} | ambiente
        partida = Partida(self.pasta, [self.python, str(self.pasta / "run.py"), *argumentos], variaveis, conta)
        self._abertos.append(partida)
        return partida

    def fechar(self) -> None:
        """Stop whatever a test left running."""
        for partida in self._abertos:
            partida.fechar()


class Partida:
    """A running ``run.py`` and what it has printed so far."""

    def __init__(self, pasta: Path, comando: list[str], ambiente: dict[str, str], conta: dict | None = None) -> None:
        self._saida = pasta / f"saida-{time.monotonic_ns()}.txt"
        with self._saida.open("wb") as saida:
            self.processo = subprocess.Popen(
                comando, cwd=pasta, env=ambiente, stdin=subprocess.DEVNULL, stdout=saida, stderr=subprocess.STDOUT, **(conta or {}),
            )

    @property
    def texto(self) -> str:
        """All that was printed."""
        return self._saida.read_text()

    def esperar(self, trecho: str, prazo: float = 40) -> re.Match[str]:
        """Wait until the regular expression ``trecho`` was printed."""
        aguardar(lambda: re.search(trecho, self.texto) or self.processo.poll() is not None, prazo, lambda: f"{trecho!r} in:\n{self.texto}")
        achado = re.search(trecho, self.texto)
        assert achado, self.texto
        return achado

    def sinalizar(self, sinal: int) -> int:
        """Send a signal and return the exit status."""
        self.processo.send_signal(sinal)
        return self.processo.wait(40)

    def fechar(self) -> None:
        """End it, gently and then not."""
        if self.processo.poll() is None:
            self.processo.terminate()
            try:
                self.processo.wait(20)
            except subprocess.TimeoutExpired:
                self.processo.kill()
                self.processo.wait()


def aguardar(condicao: Callable[[], object], prazo: float = 20, queixa: Callable[[], str] = str) -> None:
    """Poll until ``condicao`` holds; fails the test after ``prazo`` seconds."""
    fim = time.monotonic() + prazo
    while not condicao():
        assert time.monotonic() < fim, f"never happened: {queixa()}"
        time.sleep(0.05)


def ambiente_limpo(porta: int) -> dict[str, str]:
    """Our environment without what would change the supervisor, and the interpreter that runs the tests."""
    sem = ("DATABASE_URL", "REDIS_URL", "CRM_", "SECRET_KEY", "CHAVE_CIFRA", "BIND", "FLASK_", "PUBLIC_URL", "TRUSTED_HOSTS")
    limpo = {nome: valor for nome, valor in os.environ.items() if not nome.startswith(sem)}
    return limpo | {"CRM_SEM_VENV": "1", "PORT": str(porta), "WEB_CONCURRENCY": "1"}


def python_ao_alcance_de(usuario: str) -> tuple[str, str] | None:
    """An interpreter like ours that ``usuario`` can run, and the PYTHONPATH with our packages; ``None`` if there is none."""
    pacotes = sysconfig.get_path("purelib")
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        ambiente = {"PYTHONPATH": pacotes, "PATH": os.defpath}
        try:
            feito = subprocess.run([python, "-c", "import flask, psycopg, gunicorn"], user=usuario, cwd="/", env=ambiente, check=False, capture_output=True)
        except OSError:
            continue
        if feito.returncode == 0:
            return python, pacotes
    return None


def porta_livre() -> int:
    """A TCP port nobody uses now."""
    with socket.socket() as tomada:
        tomada.bind(("127.0.0.1", 0))
        return tomada.getsockname()[1]


def processos_de(pasta: Path) -> list[int]:
    """Every living process whose command line, working folder or open database folder lies in ``pasta``."""
    achados = []
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            comando = (proc / "cmdline").read_bytes().decode(errors="replace")
            zumbi = (proc / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            dentro = str(pasta) in comando or os.readlink(proc / "cwd").startswith(str(pasta))
        except OSError:
            continue
        if dentro and not zumbi and int(proc.name) != os.getpid():
            achados.append(int(proc.name))
    return achados


def matar(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, signal.SIGKILL)


def _escrever(pasta: Path) -> None:
    for nome, texto in ARQUIVOS.items():
        (pasta / nome).parent.mkdir(parents=True, exist_ok=True)
        (pasta / nome).write_text(texto)
    for nome in ("run.py", "gunicorn_conf.py"):
        shutil.copy(RAIZ / nome, pasta / nome)
    shutil.copytree(RAIZ / "app/core/embutidos", pasta / "app/core/embutidos", ignore=shutil.ignore_patterns("__pycache__"))
