"""A Valkey that hangs costs a person some seconds and loses nothing: it keeps the connection and never answers."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.core import embutidos, filas
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.core.varredura import varrer
from tests import fabricas as f
from tests.conftest import Navegador, copiar_banco, desligar, fazer_app

PACIENCIA = 5


@pytest.fixture
def valkey(base: Path) -> Iterator[embutidos.Servidores]:
    """A Valkey of this test's own."""
    with embutidos.posse(base) as trava:
        trava.tentar()
        nosso = embutidos.Servidores(base, frozenset({"valkey"}), descartavel=True)
        nosso.iniciar()
        yield nosso
        nosso.parar()


@pytest.fixture
def http(servidores, url_modelo, valkey) -> Iterator[Navegador]:
    """A manager in the browser, on an application that counts entries as in production."""
    app = fazer_app(copiar_banco(servidores, url_modelo, "pendurado"), valkey.redis_url, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=True)
    with app.app_context(), transacao() as s:
        f.um_usuario(s, usuario="chefe")
    yield Navegador(app)
    desligar(app)


@contextmanager
def pendurado(valkey: embutidos.Servidores) -> Iterator[None]:
    """Meanwhile it neither answers nor goes away."""
    os.kill(valkey.valkey.processo.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(valkey.valkey.processo.pid, signal.SIGCONT)


def sem_resposta(valkey: embutidos.Servidores, pedir: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of a request while Valkey hangs, and its answer; the hanging ends when it takes far too long, so that the test ends too."""
    respostas: list[Any] = []
    pedido = threading.Thread(target=lambda: respostas.append(pedir()))
    with pendurado(valkey):
        inicio = time.monotonic()
        pedido.start()
        pedido.join(3 * PACIENCIA)
        demora = time.monotonic() - inicio
    pedido.join()
    return demora, respostas[0]


def test_an_action_that_publishes_a_task_answers_soon_and_the_task_waits_for_the_sweep(http, valkey) -> None:
    http.entrar("chefe")
    demora, resposta = sem_resposta(valkey, lambda: http.post("/faturamento/bloqueio/executar"))
    assert resposta.status_code == 302 and demora < PACIENCIA
    with http.application.app_context():
        with transacao() as s:
            tarefa = s.scalars(select(Tarefa).where(Tarefa.nome == "bloquear_clientes_vencidos")).one()
            tarefa_id, tarefa.arrendada_ate = tarefa.id, tarefa.created_at
            assert tarefa.estado is EstadoTarefa.publicada
        filas.conexao().flushdb()      # the hung server may have read the request before it stopped
        assert varrer().perdidas == 1 and filas.na_fila("longa") == [f"tarefa-{tarefa_id}-0"]


def test_people_enter_while_it_hangs(http, valkey) -> None:
    http.entrar("chefe", "senha-errada-1")
    demora, resposta = sem_resposta(valkey, lambda: http.entrar("chefe"))
    assert resposta.location == "/" and demora < PACIENCIA
