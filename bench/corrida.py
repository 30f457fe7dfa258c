"""Measured ways in processes of their own, started together: each says it is ready, waits for the word, and prints what it cost as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[1]
PRONTO = "pronto"
Medida = dict[str, float]


class Corrida:
    """A way of bench.processo, imported and connected, that begins at ``largar``."""

    def __init__(self, caminho: str, url: str, argumento: object = "") -> None:
        comando = [sys.executable, "-m", "bench.processo", caminho, url, str(argumento)]
        self._processo = subprocess.Popen(comando, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=RAIZ)
        if self._processo.stdout.readline().strip() != PRONTO:
            self.esperar()

    def largar(self) -> Corrida:
        """Let it begin."""
        self._processo.stdin.write("ja\n")
        self._processo.stdin.flush()
        return self

    def parar(self) -> Medida:
        """Tell a way that goes on until it is told to stop, and get its figures."""
        self._processo.stdin.close()
        return self.esperar()

    def esperar(self) -> Medida:
        """Its figures. Raises CalledProcessError when it failed."""
        saida = self._processo.stdout.read()
        if self._processo.wait() or not saida.strip():
            raise subprocess.CalledProcessError(self._processo.returncode, self._processo.args)
        return json.loads(saida.splitlines()[-1])


def cpu_do_banco(pids: Iterable[int]) -> float:
    """Seconds of CPU that these server processes have used: unlike wall time, they do not grow with what else the machine does. 0 outside Linux."""
    estados = (Path(f"/proc/{pid}/schedstat") for pid in pids)
    return sum(int(e.read_text().split()[0]) for e in estados if e.exists()) / 1e9


def medir(caminho: str, url: str, argumento: object = "") -> Medida:
    """One way alone."""
    return Corrida(caminho, url, argumento).largar().esperar()


def juntas(*corridas: Corrida) -> list[Medida]:
    """Several at once, from the same instant."""
    for corrida in corridas:
        corrida.largar()
    return [corrida.esperar() for corrida in corridas]
