"""Keeps the processes of one machine running: starts, restarts with growing pauses, writes their logs, stops them in order.

Standard library only, like the whole package: the supervisor must survive whatever is wrong with the application.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .lugares import ErroEmbutidos
from .processos import abrir_como_a_pasta, abrir_registro, encerrar, linha_de_comando, morre_com_o_pai, vivo

_LOG_MAXIMO = 10 * 1024 * 1024
_ESTAVEL = 60.0
_PAUSA_MAXIMA = 30.0
_PRAZO = 25.0


def dizer(texto: str) -> None:
    """A line of the supervisor on the terminal, if there still is one."""
    with contextlib.suppress(OSError):
        sys.stdout.write(texto + "\n")
        sys.stdout.flush()


def ao_terminar(reagir, *, menos: Sequence[int] = ()) -> None:
    """Call ``reagir`` on SIGINT, SIGTERM and SIGHUP, except those in ``menos``.

    SIGHUP stays ignored where our starter ignores it (nohup); SIGINT does not, for a shell ignores it in every ``&``.
    """
    for sinal in {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} - set(menos):
        if sinal != signal.SIGHUP or signal.getsignal(sinal) is not signal.SIG_IGN:
            signal.signal(sinal, reagir)


class Vigiado:
    """Something that must run: ``vigiar`` starts it again after 0.5, 1, 2 ... 30 seconds when it is found dead."""

    nome = ""

    def __init__(self) -> None:
        self._falhas, self._iniciado, self._proxima = 0, 0.0, 0.0

    def vivo(self) -> bool:
        """Tell whether it runs now."""
        raise NotImplementedError

    def iniciar(self) -> None:
        """Start it."""
        raise NotImplementedError

    def partir(self) -> None:
        """Start it and remember when."""
        self._iniciado, self._proxima = time.monotonic(), 0.0
        self.iniciar()

    def vigiar(self) -> None:
        """One look; never waits."""
        agora = time.monotonic()
        if self.vivo():
            return
        if self._proxima and agora >= self._proxima:
            self.partir()
        elif not self._proxima:
            self._falhas = 0 if agora - self._iniciado > _ESTAVEL else self._falhas + 1
            pausa = min(_PAUSA_MAXIMA, 0.5 * 2 ** min(self._falhas, 6))
            self._proxima = agora + pausa
            dizer(f"{self.nome} parou; novo início em {pausa:.1f} s")


class ServidorVigiado(Vigiado):
    """One of the embedded servers, already started once."""

    def __init__(self, servidor) -> None:
        super().__init__()
        self.nome, self._servidor, self._iniciado = servidor.nome, servidor, time.monotonic()

    def vivo(self) -> bool:
        """The server's main process runs."""
        return self._servidor.processo.poll() is None

    def iniciar(self) -> None:
        """Start the server and wait for it; one that will not start is tried again later."""
        try:
            self._servidor.iniciar()
            self._servidor.esperar()
        except ErroEmbutidos as erro:
            dizer(str(erro))


class Processo(Vigiado):
    """A child process in its own session, so that Ctrl-C in the terminal reaches only the supervisor."""

    def __init__(self, nome: str, comando: Sequence[str], *, ambiente: Mapping[str, str], pasta: Path, logs: Path) -> None:
        super().__init__()
        self.nome, self.comando = nome, list(comando)
        self._ambiente, self._pasta, self._log = dict(ambiente), pasta, logs / f"{nome}.log"
        self.processo: subprocess.Popen | None = None

    def vivo(self) -> bool:
        """The process runs."""
        return self.processo is not None and self.processo.poll() is None

    def iniciar(self) -> None:
        """Start the process; its output goes to the log file and, prefixed, to the terminal."""
        self.processo = subprocess.Popen(
            self.comando, env=self._ambiente, cwd=self._pasta, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=morre_com_o_pai(signal.SIGTERM),
        )
        threading.Thread(target=self._copiar, args=(self.processo,), daemon=True).start()

    def sinalizar(self, sinal: int) -> None:
        """Send a signal; SIGKILL goes to the whole session."""
        if self.vivo():
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if sinal == signal.SIGKILL else os.kill)(self.processo.pid, sinal)

    def _copiar(self, processo: subprocess.Popen) -> None:
        arquivo, escritos = abrir_registro(self._log), 0
        for linha in processo.stdout:
            os.write(arquivo, linha)
            dizer(f"{self.nome:12s} | {linha.decode(errors='replace').rstrip()}")
            escritos += len(linha)
            if escritos > _LOG_MAXIMO:
                os.close(arquivo)
                arquivo, escritos = abrir_registro(self._log), 0
        os.close(arquivo)


class Supervisor:
    """Runs ``processos`` and watches ``servidores`` until SIGINT, SIGTERM or SIGHUP; a second signal does not wait."""

    def __init__(self, processos: Sequence[Processo], servidores: Iterable, bilhete: Path) -> None:
        self._processos = processos
        self._vigiados = [*(ServidorVigiado(servidor) for servidor in servidores), *processos]
        self._bilhete = bilhete
        self._sinais = 0
        self.parando = threading.Event()

    def rodar(self) -> None:
        """Start all, restart what dies, and return when all processes have ended. Call it from the main thread."""
        ao_terminar(self._ao_sinal)
        try:
            for processo in self._processos:
                processo.partir()
            self._anotar()
            while not self.parando.wait(0.25):
                for vigiado in self._vigiados:
                    vigiado.vigiar()
                self._anotar()
        finally:
            self._parar()

    def _ao_sinal(self, *_: object) -> None:
        self._sinais += 1
        self.parando.set()

    def _parar(self) -> None:
        dizer("parando...")
        for processo in self._processos:
            processo.sinalizar(signal.SIGTERM)
        fim, primeiros = time.monotonic() + _PRAZO, self._sinais
        while any(p.vivo() for p in self._processos) and time.monotonic() < fim and self._sinais <= primeiros:
            time.sleep(0.05)
        for processo in self._processos:
            processo.sinalizar(signal.SIGKILL)
            if processo.processo:
                processo.processo.wait()
        self._bilhete.unlink(missing_ok=True)

    def _anotar(self) -> None:
        """Leave word of our children for the next start, where the kernel does not end them with us."""
        agora = {str(p.processo.pid): p.comando for p in self._processos if p.vivo()}
        if agora != getattr(self, "_anotado", None):
            self._anotado = agora
            arquivo = abrir_como_a_pasta(self._bilhete, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            with os.fdopen(arquivo, "w") as saida:
                json.dump(agora, saida)


def encerrar_orfaos(bilhete: Path) -> None:
    """End the children that a killed supervisor left alive. Their command must still be the one written down."""
    try:
        anotados = json.loads(bilhete.read_text())
    except (OSError, ValueError):
        return
    for pid, comando in anotados.items():
        if vivo(int(pid)) and " ".join(comando[1:]) in linha_de_comando(int(pid)):
            encerrar(int(pid), (signal.SIGTERM, 10), (signal.SIGKILL, 5))
    bilhete.unlink(missing_ok=True)
