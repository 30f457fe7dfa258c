"""Private PostgreSQL and Valkey for a test session, or for one test that needs servers it may break.

``DATABASE_URL_TESTE`` and ``REDIS_URL_TESTE``, of this machine, replace the embedded ones. Servers die with the process that started
them, even by SIGKILL, and the next session removes the folder such a process left.
"""

import contextlib
import fcntl
import ipaddress
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from app.core import embutidos
from app.core.embutidos import processos
from tests.casa.projeto import processos_de

PREFIXO = "crm-teste-"
RAPIDO = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200", "autovacuum_naptime": "5min"}
CARENCIA = 60.0
QUAIS = {"postgres": "DATABASE_URL_TESTE", "valkey": "REDIS_URL_TESTE"}


class ServidoresDeTeste:
    """Addresses of the servers; ``parar`` stops those we started and deletes their folder."""

    def __init__(self) -> None:
        """Start what the environment does not name; call it from the main thread."""
        self.pasta: Path | None = None
        for variavel in QUAIS.values():
            _exigir_desta_maquina(variavel, os.environ.get(variavel, ""))
        quais = frozenset(nome for nome, variavel in QUAIS.items() if not os.environ.get(variavel))
        self._nossos = self._iniciar(quais) if quais else None
        self.database_url = os.environ.get(QUAIS["postgres"]) or self._nossos.database_url
        self.redis_url = os.environ.get(QUAIS["valkey"]) or self._nossos.redis_url

    def novo_banco(self, nome: str, modelo: str = "template1") -> str:
        """Create the database ``nome`` as a copy of ``modelo`` (empty by default), dropping an older one of that name, and return its URL."""
        if self._nossos and "postgres" in {servidor.nome for servidor in self._nossos.todos}:
            return self._nossos.postgres.criar_banco(nome, modelo)
        return _criar_em(self.database_url, nome, modelo)

    def redis_a_parte(self, numero: int) -> str:
        """The URL of another database of the same Valkey, 1 to 15: whoever counts what is queued shares it with nobody."""
        partes = urlsplit(self.redis_url)
        if partes.scheme == "unix":
            return f"unix://{partes.path}?db={numero}"      # urlunsplit would drop the empty host
        return urlunsplit(partes._replace(path=f"/{numero}"))

    def parar(self) -> None:
        """Stop the servers and delete their folder; repeating it does nothing."""
        if self._nossos:
            self._nossos.parar()
            self._trava.soltar()
            apagar(self.pasta)

    def _iniciar(self, quais: frozenset[str]) -> embutidos.Servidores:
        remover_abandonadas()
        self.pasta = pasta_alcancavel()
        self._trava = embutidos.posse(self.pasta)
        self._trava.tentar()
        servidores = embutidos.Servidores(self.pasta, quais, opcoes=RAPIDO, descartavel=True)
        servidores.iniciar()
        return servidores


def iniciar() -> ServidoresDeTeste:
    """Start a pair of servers of our own; the caller stops them with ``parar``."""
    return ServidoresDeTeste()


def pasta_alcancavel() -> Path:
    """A new temporary folder with a short path that the account of an embedded PostgreSQL can reach when we are root."""
    pasta = Path(tempfile.mkdtemp(prefix=PREFIXO, dir=embutidos.TEMPORARIA))
    pasta.chmod(0o711)
    return pasta


@contextlib.contextmanager
def maquina() -> Iterator[Path]:
    """A folder where nothing runs yet; what was started in it is ended, and the folder deleted."""
    pasta = pasta_alcancavel()
    try:
        yield pasta
    finally:
        for pid in processos_de(pasta):
            processos.encerrar(pid, (signal.SIGINT, 10), (signal.SIGKILL, 10))
        apagar(pasta)


def apagar(pasta: Path) -> None:
    """Delete a folder of ``pasta_alcancavel`` and, for a socket path that was too long, its other folder."""
    onde = embutidos.lugar(pasta)
    for cada in {onde.run, pasta}:
        shutil.rmtree(cada, ignore_errors=True)


def remover_abandonadas() -> None:
    """Delete the folders of sessions that were killed: nobody holds their lock. A young one may not have it yet."""
    for trava in embutidos.TEMPORARIA.glob(f"{PREFIXO}*/embutidos.lock"):
        with contextlib.suppress(OSError):
            if trava.stat().st_uid == os.geteuid() and time.time() - trava.stat().st_mtime > CARENCIA and _livre(trava):
                apagar(trava.parent)


def _exigir_desta_maquina(variavel: str, url: str) -> None:
    """Databases of these servers are dropped: they are of this machine. Raises ValueError."""
    nome = urlsplit(url).hostname
    if nome and not desta_maquina(nome):
        raise ValueError(f"{variavel} must be an address of this machine, not {nome}")


def desta_maquina(nome: str) -> bool:
    """Whether a host is this one."""
    try:
        return ipaddress.ip_address(nome).is_loopback
    except ValueError:
        return nome == "localhost"


def _livre(trava: Path) -> bool:
    with trava.open("a") as arquivo:
        try:
            fcntl.flock(arquivo, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _criar_em(url: str, nome: str, modelo: str) -> str:
    from sqlalchemy import create_engine, make_url, text

    destino = make_url(url).set(database=nome)
    motor = create_engine(url, isolation_level="AUTOCOMMIT")
    with motor.connect() as conexao:
        conexao.execute(text(f'drop database if exists "{nome}" with (force)'))
        conexao.execute(text(f'create database "{nome}" template "{modelo}"'))
    motor.dispose()
    return destino.render_as_string(hide_password=False)
