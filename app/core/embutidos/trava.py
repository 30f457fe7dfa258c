"""Who owns the embedded servers of an instance, and who borrows them: two advisory locks.

``embutidos.lock`` is held by the owner, and its text says pid and role. ``emprestimos.lock`` is shared by borrowers;
a command that owns the servers waits for them before it stops. Both locks end with the process, whatever kills it.
"""

import fcntl
import json
import os
from pathlib import Path

from .processos import abrir_como_a_pasta

SUPERVISOR, COMANDO = "supervisor", "comando"


class Trava:
    """A lock file that is held as long as it is open."""

    def __init__(self, caminho: Path) -> None:
        caminho.parent.mkdir(parents=True, exist_ok=True)
        self._arquivo = abrir_como_a_pasta(caminho, os.O_RDWR | os.O_CREAT, 0o644)

    def tentar(self, modo: int = fcntl.LOCK_EX) -> bool:
        """Take the lock without waiting; ``False`` when somebody else's is in the way."""
        try:
            fcntl.flock(self._arquivo, modo | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def assinar(self, papel: str) -> None:
        """Write who holds the lock."""
        os.ftruncate(self._arquivo, 0)
        os.pwrite(self._arquivo, json.dumps({"pid": os.getpid(), "papel": papel}).encode(), 0)

    def soltar(self) -> None:
        """Let go of the lock and close the file; repeating it does nothing."""
        if self._arquivo >= 0:
            os.close(self._arquivo)
        self._arquivo = -1

    def __enter__(self) -> "Trava":
        return self

    def __exit__(self, *_: object) -> None:
        self.soltar()


def posse(base: Path) -> Trava:
    """The owner's lock of the instance ``base``, not taken yet."""
    return Trava(base / "embutidos.lock")


def emprestimo(base: Path) -> Trava:
    """The borrowers' lock of the instance ``base``, not taken yet."""
    return Trava(base / "emprestimos.lock")


def quem(base: Path) -> tuple[int, str]:
    """``(pid, papel)`` of the owner as written in the lock file; ``(0, "")`` when nothing readable is there."""
    try:
        dono = json.loads((base / "embutidos.lock").read_text())
        return int(dono["pid"]), str(dono["papel"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""
