"""``python -m jobs.worker rapida|longa``: one RQ worker on one queue (on several, a kill can lose a job).

It needs neither the web process nor the clock to start, and waits for Redis when that is not there yet.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from typing import Any

import redis
from flask import Flask
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.worker import HerokuWorker, Worker, WorkerStatus
from sqlalchemy.exc import SQLAlchemyError

from app.core import execucao, filas
from app.core.embutidos.processos import morre_com_o_pai
from app.core.pulso import Batida
from app.core.tarefas import FILAS
from app.extensions import db

log = logging.getLogger(__name__)
AVISO = getattr(signal, "SIGRTMIN", None)      # macOS has no real-time signals: there a stop waits for the job
TTL, MANUTENCAO, VIGIA = 60, 60, 5


class Trabalhador(HerokuWorker if AVISO else Worker):
    """Runs each job in a forked process with an application context of its own; a stop leaves it 20 s, then gives the task back."""

    imminent_shutdown_delay = 20

    def __init__(self, app: Flask, fila: str, **kw: Any) -> None:
        self.app, self._batida = app, Batida(f"worker_{fila}")
        self._morre_comigo = morre_com_o_pai(AVISO) if AVISO else None
        self._no_meio = False
        super().__init__([fila], work_horse_killed_handler=self._filho_morreu, **kw)

    def heartbeat(self, *args: Any, **kw: Any) -> None:
        """RQ's heartbeat, and ours. The parent keeps no connection: a fork would share it."""
        super().heartbeat(*args, **kw)
        if self.is_horse:
            return
        self._no_meio = True
        try:
            with self.app.app_context():
                self._batida.bater()
                db.engine.dispose()
        finally:
            self._no_meio = False
        if self._stop_requested and self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def _shutdown(self) -> None:
        """The signal's answer. Out of the wait for work it leaves at once; a call of the database ends first, for its cleaning up would log the stop
        as a broken connection and go on.
        """
        self._stop_requested = True
        if not self._no_meio and self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def handle_warm_shutdown_request(self) -> None:
        """Only a job that is running needs a word."""
        if self.horse_pid:
            super().handle_warm_shutdown_request()

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child. When the worker is killed it has 20 s to end, like on any stop."""
        if self._morre_comigo:
            self._morre_comigo()
        super().main_work_horse(job, queue)

    def perform_job(self, *args: Any, **kw: Any) -> bool:
        """One job, one application context, one database session."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            try:
                return super().perform_job(*args, **kw)
            finally:
                db.session.remove()

    def _filho_morreu(self, job: Job, *_situacao: object) -> None:
        """The child died without a word (os._exit, out of memory, kill): its task need not wait for the lease."""
        with self.app.app_context():
            try:
                execucao.abandonada(filas.tarefa_do_job(job))
            except SQLAlchemyError as erro:
                log.warning("database does not answer, the sweep will find the task: %s", erro)
            finally:
                db.session.remove()
                db.engine.dispose()


def main(argumentos: list[str], app: Flask | None = None) -> int:
    """Run until SIGTERM; return the exit status."""
    if len(argumentos) != 1 or argumentos[0] not in FILAS:
        sys.stderr.write(__doc__ + "\n")
        return 2
    _permitir_fork()
    if app is None:
        from app import create_app

        app = create_app()
    conexao = redis.Redis.from_url(app.config["REDIS_URL"])
    _esperar(conexao)
    trabalhador = Trabalhador(app, argumentos[0], connection=conexao, worker_ttl=TTL, maintenance_interval=MANUTENCAO, job_monitoring_interval=VIGIA)
    trabalhador.work(logging_level="WARNING")
    return 0


def _permitir_fork() -> None:
    """macOS ends a process that forks after using Objective-C, unless it was started with this."""
    if sys.platform == "darwin" and "OBJC_DISABLE_INITIALIZE_FORK_SAFETY" not in os.environ:
        os.environ["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
        os.execv(sys.executable, [sys.executable, "-m", "jobs.worker", *sys.argv[1:]])


def _esperar(conexao: redis.Redis) -> None:
    pausa = 0.5
    while True:
        try:
            conexao.ping()
            return
        except redis.RedisError as erro:
            log.warning("waiting for redis: %s", erro)
            time.sleep(pausa)
            pausa = min(15.0, pausa * 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
