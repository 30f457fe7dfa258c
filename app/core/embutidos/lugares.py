"""Where the embedded servers keep their data and sockets, decided from the instance folder alone.

Nothing here starts, creates or changes anything: ``urls`` is called while the configuration is read.
"""

import hashlib
import os
import pwd
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

LIMITE_DO_SOQUETE = 80  # a socket address holds 104-107 bytes and the longest file name below takes 18
_SEM_SURPRESAS = re.compile(r"[A-Za-z0-9_./-]+")  # a comma separates folders for PostgreSQL, a "%" is an escape in an URL
FORA_DO_ALCANCE = Path("/var/lib/crm-provedor")
TEMPORARIA = Path("/tmp") if os.path.isdir("/tmp") else Path(tempfile.gettempdir())


class ErroEmbutidos(RuntimeError):
    """The embedded servers cannot be used; the message says why and what to do, in Portuguese."""


@dataclass(frozen=True)
class Conta:
    """The operating system account that runs a server when the application itself runs as root."""

    uid: int
    gid: int

    def como(self) -> dict:
        """Arguments of ``subprocess.Popen`` that make the child run as this account only."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Lugar:
    """The folders of one pair of embedded servers.

    ``base`` is the instance folder, ``casa`` the one that holds PostgreSQL's data, ``run`` the sockets' one,
    ``conta`` the account of PostgreSQL (``None``: our own).
    """

    base: Path
    casa: Path
    run: Path
    conta: Conta | None

    @property
    def fora(self) -> Path:
        """Where data and programs go when PostgreSQL's account cannot reach ``base`` or the packages."""
        return _fora(self.base)

    @property
    def dados(self) -> Path:
        """PostgreSQL's data directory."""
        return self.casa / "postgres"

    @property
    def soquetes_do_postgres(self) -> Path:
        """Folder that PostgreSQL's clients name as host."""
        return self.run / "pg"

    @property
    def valkey(self) -> Path:
        """Valkey's data directory."""
        return self.base / "valkey"

    @property
    def soquete_do_valkey(self) -> Path:
        """Valkey's socket; its folder belongs to us, never to PostgreSQL's account (RQ unpickles what comes from it)."""
        return self.run / "vk" / "v.sock"

    @property
    def logs(self) -> Path:
        """Folder of the servers' log files."""
        return self.base / "logs"


def lugar(base: Path) -> Lugar:
    """Decide the folders for the instance ``base``; the same answer before and after the first start."""
    base = Path(base).resolve()
    fora = _fora(base)
    conta = _conta((base / "postgres", fora / "postgres")) if os.geteuid() == 0 else None
    casa = _casa(base, fora, conta)
    return Lugar(base, casa, _run(base, casa), conta)


def urls(base: Path) -> tuple[str, str]:
    """``(database_url, redis_url)`` of the embedded servers of ``base``, running or not."""
    onde = lugar(base)
    return url_do_banco(onde), f"unix://{onde.soquete_do_valkey}?db=0"


def url_do_banco(onde: Lugar, nome: str = "crm") -> str:
    """SQLAlchemy URL of the database ``nome`` as the role ``crm``."""
    return f"postgresql+psycopg://crm@/{nome}?host={onde.soquetes_do_postgres}&port=5432"


def resumo(base: Path) -> str:
    """Ten hexadecimal digits that tell one instance folder from another."""
    return hashlib.sha256(os.fsencode(base)).hexdigest()[:10]


def alcanca(conta: Conta, caminho: Path) -> bool:
    """Tell whether ``conta`` may pass through every folder down to ``caminho``, those not made yet included."""
    return all(_passa(conta, pasta) for pasta in (caminho, *caminho.parents))


def _passa(conta: Conta, pasta: Path) -> bool:
    try:
        dados = pasta.stat()
    except OSError:
        return not _umask() & 0o001
    if dados.st_uid == conta.uid:
        return bool(dados.st_mode & 0o100)
    return bool(dados.st_mode & (0o010 if dados.st_gid == conta.gid else 0o001))


def _fora(base: Path) -> Path:
    return FORA_DO_ALCANCE / resumo(base)


def _umask() -> int:
    atual = os.umask(0o077)
    os.umask(atual)
    return atual


def _conta(dados: tuple[Path, ...]) -> Conta:
    """PostgreSQL refuses root: the owner of existing data, else nobody."""
    for pasta in dados:
        if pasta.is_dir() and (dono := pasta.stat()).st_uid != 0:
            return Conta(dono.st_uid, dono.st_gid)
    ninguem = pwd.getpwnam("nobody")
    return Conta(ninguem.pw_uid, ninguem.pw_gid)


def _casa(base: Path, fora: Path, conta: Conta | None) -> Path:
    """Existing data stay where they are; new ones go into ``base`` when the account can get there."""
    if conta is None or (base / "postgres").is_dir():
        return base
    if (fora / "postgres").is_dir() or not alcanca(conta, base):
        return fora
    return base


def _run(base: Path, casa: Path) -> Path:
    run = casa / "run"
    if len(os.fsencode(run)) <= LIMITE_DO_SOQUETE and _SEM_SURPRESAS.fullmatch(str(run)):
        return run
    return TEMPORARIA / f"crm-{os.geteuid()}-{resumo(base)}"
