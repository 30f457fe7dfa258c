"""Child processes that never outlive us, and what can be known about processes of an earlier life."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .lugares import Conta, ErroEmbutidos, Lugar

LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None) if LINUX else None  # loaded before any fork: a child must not import
_PR_SET_PDEATHSIG = 1
_LOG_MAXIMO = 10 * 1024 * 1024


def morre_com_o_pai(sinal: int) -> Callable[[], None] | None:
    """A ``preexec_fn`` that makes the kernel send ``sinal`` to the child when this process dies (Linux only).

    The signal follows the *thread* that starts the child: start children from the main thread.
    """
    if _LIBC is None:
        return None
    pai = os.getpid()

    def no_filho() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, sinal)
        if os.getppid() != pai:
            os._exit(1)

    return no_filho


def vivo(pid: int) -> bool:
    """Tell whether ``pid`` runs; a dead process nobody has reaped yet is not alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not LINUX


def linha_de_comando(pid: int) -> str:
    """The command line of ``pid``, empty when it does not run or cannot be known."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    resposta = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return resposta.stdout.strip()


def esperar_morte(pid: int, prazo: float) -> bool:
    """Wait up to ``prazo`` seconds for a process that is not our child; tell whether it is gone."""
    return esperar_ate(lambda: not vivo(pid), prazo)


def esperar_ate(condicao: Callable[[], bool], prazo: float) -> bool:
    """Ask ``condicao`` until it holds or ``prazo`` seconds have passed; return its last answer."""
    fim = time.monotonic() + prazo
    while not (resposta := condicao()) and time.monotonic() < fim:
        time.sleep(0.05)
    return resposta


def encerrar(pid: int, *sinais_e_prazos: tuple[int, float]) -> bool:
    """Send each signal in turn to a process that is not our child, waiting for its end after each; tell whether it is gone."""
    for sinal, prazo in sinais_e_prazos:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sinal)
        if esperar_morte(pid, prazo):
            return True
    return False


def parar_filho(filho: subprocess.Popen, *sinais_e_prazos: tuple[int, float]) -> None:
    """Stop our child with each signal in turn, the last resort being SIGKILL to its whole session."""
    for sinal, prazo in sinais_e_prazos:
        if filho.poll() is not None:
            return
        filho.send_signal(sinal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            filho.wait(prazo)
    if filho.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(filho.pid, signal.SIGKILL)
        filho.wait()


def preparar_pastas(onde: Lugar) -> None:
    """Create the folders the servers need, readable by their owners only. Repeating it changes nothing."""
    for pasta in (onde.base, onde.logs):
        _criar(pasta)
    if onde.casa != onde.base:
        for pasta in (onde.casa.parent, onde.casa):
            _criar(pasta, 0o755)
    _criar(onde.run, 0o711 if onde.conta else 0o700)
    _privada(onde.run, onde)
    for pasta in (onde.run / "vk", onde.valkey):
        _criar(pasta, 0o700)
    _criar(onde.soquetes_do_postgres, 0o700, onde.conta)


def abrir_registro(caminho: Path) -> int:
    """File descriptor that appends to a log file, which is set aside once when it is over 10 MiB."""
    with contextlib.suppress(FileNotFoundError):
        if caminho.stat().st_size > _LOG_MAXIMO:
            caminho.replace(caminho.with_suffix(".anterior.log"))
    return abrir_como_a_pasta(caminho, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)


def abrir_como_a_pasta(caminho: Path, opcoes: int, modo: int) -> int:
    """Open a file of the instance; what root creates belongs to the folder's owner, who may run us next."""
    try:
        arquivo = os.open(caminho, opcoes | os.O_CLOEXEC, modo)
    except PermissionError as erro:
        raise sem_permissao(caminho) from erro
    if os.geteuid() == 0:
        dono = caminho.parent.stat()
        os.fchown(arquivo, dono.st_uid, dono.st_gid)
    return arquivo


def sem_permissao(caminho: Path) -> ErroEmbutidos:
    """The error for a file or folder that another account (often root, the first time) left behind."""
    return ErroEmbutidos(f"sem permissão em {caminho}: a pasta foi criada por outro usuário; use o mesmo usuário de antes ou mude o dono (chown)")


def programa(pacote: str, *padroes: str) -> Path:
    """Path of a file inside an installed package, found without importing it."""
    import importlib.util

    achado = importlib.util.find_spec(pacote)
    for pasta in (achado.submodule_search_locations or ()) if achado else ():
        for padrao in padroes:
            if caminhos := sorted(Path(pasta).glob(padrao)):
                return caminhos[-1]
    raise ErroEmbutidos(f"o pacote {pacote} não está instalado neste sistema; instale-o ou defina DATABASE_URL e REDIS_URL")



def _criar(pasta: Path, modo: int | None = None, conta: Conta | None = None) -> None:
    """Make a folder with ``modo`` whatever the umask is (``None``: as the umask says); an existing one is left alone."""
    try:
        pasta.mkdir(parents=True)
    except FileExistsError:
        return
    except PermissionError as erro:
        raise sem_permissao(pasta) from erro
    if modo is not None:
        pasta.chmod(modo)
    if conta:
        os.chown(pasta, conta.uid, conta.gid)


def _privada(pasta: Path, onde: Lugar) -> None:
    """Refuse a sockets folder somebody else may have prepared: it can be in a folder everybody writes to."""
    dados = pasta.lstat()
    nossos = {os.geteuid(), onde.conta.uid if onde.conta else os.geteuid()}
    if pasta.is_symlink() or dados.st_uid not in nossos or dados.st_mode & 0o022:
        raise sem_permissao(pasta)
