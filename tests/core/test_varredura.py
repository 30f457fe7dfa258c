"""The sweep: what died, what Redis lost, what is due, in which order and how much at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import insert, select

from app.core import execucao, filas, relogio
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.core.varredura import varrer
from app.extensions import db
from tests.core.tarefas_apoio import agendar, em_estado, esvaziar_filas, linha, mudar, registro_de_manipuladores, trabalhar

E = EstadoTarefa
HORA = dt.timedelta(hours=1)


@pytest.fixture
def manipulador() -> Iterator[Callable[..., str]]:
    """Register handlers for one test."""
    with registro_de_manipuladores() as registrar:
        yield registrar


@pytest.fixture
def filas_vazias(sessao) -> None:
    """The queues hold nothing, and no task is left of another test."""
    esvaziar_filas()


def pendentes(*prioridades: int, **kw: object) -> list[int]:
    """Rows written in bulk, which nobody published."""
    agora = relogio.agora()
    with transacao() as sessao:
        linhas = [{"nome": "x", "prioridade": p, "quando": agora - HORA + dt.timedelta(seconds=n), **kw} for n, p in enumerate(prioridades)]
        return list(sessao.scalars(insert(Tarefa).returning(Tarefa.id), linhas))


def test_a_task_is_offered_to_redis_when_its_transaction_commits(filas_vazias) -> None:
    tarefa_id = agendar("x")
    assert filas.na_fila("rapida") == [f"tarefa-{tarefa_id}-0"]
    assert varrer().publicadas == 0      # the sweep does not offer it a second time


def test_due_rows_are_published_most_urgent_first_then_oldest(filas_vazias) -> None:
    a, b, c = pendentes(5, 1, 5)
    (futura,) = pendentes(1, quando=relogio.agora() + HORA)
    assert varrer().publicadas == 3
    assert filas.na_fila("rapida") == [f"tarefa-{i}-0" for i in (b, a, c)]
    assert linha(futura).estado is E.pendente


def test_the_queue_never_holds_more_than_five_hundred(filas_vazias) -> None:
    pendentes(*[5] * 600)
    varrer(), varrer()
    assert len(filas.na_fila("rapida")) == filas.CHEIA
    assert len(em_estado(E.pendente)) == 100


def test_what_redis_lost_is_offered_again(filas_vazias) -> None:
    tarefa_id = agendar("x")
    filas.conexao().flushdb()
    assert varrer().perdidas == 0      # it may be in a worker's hands this very moment
    mudar(tarefa_id, arrendada_ate=relogio.agora() - HORA)
    assert (varrer().perdidas, filas.na_fila("rapida")) == (1, [f"tarefa-{tarefa_id}-0"])


def test_what_still_waits_in_the_queue_is_not_offered_twice_however_old(filas_vazias) -> None:
    tarefa_id = agendar("x")
    mudar(tarefa_id, arrendada_ate=relogio.agora() - HORA)
    feito = varrer()
    assert (feito.perdidas, feito.publicadas, len(filas.na_fila("rapida"))) == (0, 0, 1)


def test_a_redis_that_is_down_when_the_task_commits_loses_nothing(filas_vazias, app) -> None:
    boa = app.config["REDIS_URL"]
    app.extensions.pop("redis")
    app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
    tarefa_id = agendar("x")
    varrer()
    app.config["REDIS_URL"] = boa
    app.extensions.pop("redis")
    mudar(tarefa_id, arrendada_ate=relogio.agora() - HORA)
    varrer()
    assert filas.na_fila("rapida") == [f"tarefa-{tarefa_id}-0"]


def test_an_abandoned_attempt_is_tried_again_until_its_process_has_died_too_often(filas_vazias, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None, tentativas=2)
    tarefa_id = agendar(nome)
    mudar(tarefa_id, estado=E.executando, tentativas=1, max_tentativas=2, arrendada_ate=relogio.agora() - HORA)
    assert varrer().retomadas == 1
    assert (linha(tarefa_id).estado, linha(tarefa_id).erro) == (E.pendente, "o processo que executava morreu")
    mudar(tarefa_id, estado=E.executando, tentativas=2, arrendada_ate=relogio.agora() - HORA)
    assert (varrer().mortas, linha(tarefa_id).estado) == (1, E.morta)


def test_a_living_attempt_is_left_alone(filas_vazias) -> None:
    tarefa_id = agendar("x")
    mudar(tarefa_id, estado=E.executando, tentativas=1, arrendada_ate=relogio.agora() + HORA)
    varrer()
    assert linha(tarefa_id).estado is E.executando


def test_a_process_known_to_be_dead_frees_its_task_at_once(filas_vazias) -> None:
    tarefa_id = agendar("x")
    mudar(tarefa_id, estado=E.executando, tentativas=1, arrendada_ate=relogio.agora() + HORA)
    execucao.abandonada(tarefa_id)
    assert linha(tarefa_id).estado is E.pendente


def test_a_task_cancelled_while_its_process_died_ends_cancelled(filas_vazias) -> None:
    tarefa_id = agendar("x")
    mudar(tarefa_id, estado=E.executando, tentativas=1, cancelar=True, arrendada_ate=relogio.agora() - HORA)
    varrer()
    assert linha(tarefa_id).estado is E.cancelada


def test_many_sweeps_at_once_publish_each_task_once(app_real, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)

    def uma_varredura() -> None:
        with app_real.app_context():
            for _ in range(3):
                varrer()
            db.session.remove()

    with app_real.app_context():
        esvaziar_filas()
        with transacao() as s:
            s.execute(insert(Tarefa), [{"nome": nome}] * 300)
        varreduras = [threading.Thread(target=uma_varredura) for _ in range(4)]
        for v in varreduras:
            v.start()
        for v in varreduras:
            v.join()
        assert len(filas.na_fila("rapida")) == 300
        trabalhar()
        assert set(db.session.scalars(select(Tarefa.estado))) == {E.feita}
