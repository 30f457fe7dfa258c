"""Stopping a worker is quiet: a stop is no error, whatever it interrupts."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.core.models import Pulso
from app.core.transacao import transacao
from tests.jobs.conftest import Provedor

PULSOU = select(Pulso.processo).where(Pulso.processo == "worker_rapida")
ESPERA_A_TRAVA = text("SELECT 1 FROM pg_locks WHERE relation = 'pulso'::regclass AND NOT granted")


@contextmanager
def trabalhador(provedor: Provedor, registro: Path) -> Iterator[subprocess.Popen]:
    """The worker of the fast queue, with everything it says in a file."""
    comando = [sys.executable, "-m", "tests.jobs.programa", "rapida"]
    with registro.open("w") as saida, subprocess.Popen(comando, env=provedor.ambiente, stdout=saida, stderr=subprocess.STDOUT) as processo:
        try:
            yield processo
        finally:
            processo.kill()


@pytest.mark.lento
@pytest.mark.parametrize("sinal", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_waits_for_work_stops_at_once_and_says_nothing(provedor: Provedor, tmp_path: Path, sinal: signal.Signals) -> None:
    registro = tmp_path / "worker.log"
    with trabalhador(provedor, registro) as processo:
        assert provedor.esperar(lambda: provedor.perguntar(PULSOU), 30)
        processo.send_signal(sinal)
        assert processo.wait(10) == 0
    assert registro.read_text() == ""


@pytest.mark.lento
def test_a_stop_during_the_heartbeat_lets_it_end_and_says_nothing(provedor: Provedor, tmp_path: Path) -> None:
    """The heartbeat writes to the database; raised in there, the stop would be logged as a failure of the connection."""
    registro = tmp_path / "worker.log"
    with trabalhador(provedor, registro) as processo:
        with provedor.app.app_context(), transacao() as sessao:
            sessao.execute(text("LOCK TABLE pulso"))
            assert provedor.esperar(lambda: sessao.scalar(ESPERA_A_TRAVA), 30)
            processo.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                processo.wait(1)
        assert processo.wait(10) == 0
    assert registro.read_text() == ""
    assert provedor.perguntar(PULSOU)
