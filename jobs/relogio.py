"""``python -m jobs.relogio``: the clock. Turns the schedule into tasks, sweeps, and serves rq-scheduler's own entries. Any number may run.

A Redis or a database that is away costs a line in the log and nothing else.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import warnings

import redis
from flask import Flask

from app.core import agenda, filas, relogio, varredura
from app.core.pulso import Batida
from app.extensions import db

with warnings.catch_warnings():      # its parser of cron lines warns about itself at import
    warnings.simplefilter("ignore")
    from rq_scheduler import Scheduler

log = logging.getLogger(__name__)
TIQUE = 1.0


class Relogio(Scheduler):
    """rq-scheduler's loop with ours inside. The zone is São Paulo whatever the machine's: ours by the code, rq-scheduler's by TZ."""

    def __init__(self, app: Flask, *, intervalo: float = TIQUE) -> None:
        usar_fuso()
        self.app = app
        with app.app_context():
            super().__init__("rapida", interval=intervalo, connection=filas.conexao())
        self.desde = relogio.agora()
        self._batida, self._parar = Batida("clock"), threading.Event()

    def run(self, burst: bool = False) -> None:
        """Tick until ``parar`` (SIGTERM, SIGINT); ``burst`` ticks once."""
        while not self._parar.is_set():
            inicio = time.monotonic()
            self.tique()
            if burst:
                return
            self._parar.wait(max(0.05, self._interval - (time.monotonic() - inicio)))

    def parar(self, *_: object) -> None:
        """End after the present tick."""
        self._parar.set()

    def tique(self) -> None:
        """One round. Whatever goes wrong in a part is logged: the next round, and the other parts, must happen."""
        with self.app.app_context():
            for parte in (self._batida.bater, agenda.materializar, self._varrer, self._entradas_do_rq_scheduler):
                try:
                    parte()
                except redis.RedisError as erro:
                    log.warning("redis does not answer: %s", erro)
                except Exception:  # the clock outlives every outage and every bug of one part
                    log.exception("part of the tick failed")
                finally:
                    db.session.remove()

    def _varrer(self) -> None:
        varredura.varrer(desde=self.desde)

    def _entradas_do_rq_scheduler(self) -> None:
        if self.acquire_lock():
            try:
                self.enqueue_jobs()
            finally:
                self.remove_lock()


def usar_fuso() -> None:
    """rq-scheduler reads cron lines in the process's zone."""
    os.environ["TZ"] = str(relogio.FUSO)
    time.tzset()


def main(app: Flask | None = None) -> int:
    """Run until SIGTERM; return the exit status."""
    if app is None:
        from app import create_app

        app = create_app()
    nosso = Relogio(app)
    for sinal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sinal, nosso.parar)
    nosso.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
