"""What the tests of tasks, schedule and sweep share: handlers of one test, a schedule of one test, and a worker that runs in the test itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from app.core import agenda, execucao, filas, relogio, tarefas
from app.core.models import EstadoTarefa, Tarefa
from app.core.tarefas import FILAS
from app.core.transacao import transacao

E = EstadoTarefa


@contextmanager
def registro_de_manipuladores() -> Iterator[Callable[..., str]]:
    """``registrar(execucao.tarefa, f)`` returns the name; forgotten at the end. ``nome=`` chooses it."""
    nomes: list[str] = []

    def registrar(tipo, funcao, *, nome: str | None = None, **opcoes: object) -> str:
        nomes.append(nome or f"teste_{len(nomes)}")
        tipo(nomes[-1], **opcoes)(funcao)
        return nomes[-1]

    yield registrar
    for nome in nomes:
        execucao.esquecer(nome)


@contextmanager
def agenda_de(*jobs: agenda.Job) -> Iterator[None]:
    """Another schedule for a while."""
    antes = list(agenda.tabela().values())
    agenda.definir(jobs)
    try:
        yield
    finally:
        agenda.definir(antes)


def agendar(nome: str, **kw: object) -> int:
    """A task by name, committed."""
    with transacao() as sessao:
        return tarefas.agendar(sessao, nome, **kw)


def linha(tarefa_id: int) -> Tarefa:
    """The row as the database has it; read in a transaction that ends."""
    with transacao() as sessao:
        achada = sessao.get(Tarefa, tarefa_id, populate_existing=True)
        sessao.expunge(achada)
    return achada


def mudar(tarefa_id: int, **valores: object) -> None:
    """Change the row behind the engine's back."""
    with transacao() as sessao:
        tarefa = sessao.get(Tarefa, tarefa_id, populate_existing=True)
        for nome, valor in valores.items():
            setattr(tarefa, nome, valor)


def rodar_ja(tarefa_id: int) -> str:
    """Run it without waiting for the pause after a failure."""
    mudar(tarefa_id, quando=relogio.agora() - dt.timedelta(seconds=1))
    return execucao.rodar(tarefa_id)


def em_estado(*estados: EstadoTarefa) -> list[int]:
    """Ids of tasks in those states."""
    with transacao() as sessao:
        return list(sessao.scalars(select(Tarefa.id).where(Tarefa.estado.in_(estados)).order_by(Tarefa.id)))


def esvaziar_filas() -> None:
    """Forget what other tests published."""
    for nome in FILAS:
        filas.fila(nome).empty()


def trabalhar() -> list[int]:
    """Run what the queues hold, as a worker would; returns the tasks in the order they were taken."""
    feitas = []
    for nome in FILAS:
        while job_id := filas.conexao().lpop(filas.fila(nome).key):
            feitas.append(int(job_id.decode().split("-")[1]))
            execucao.rodar(feitas[-1])
    return feitas
