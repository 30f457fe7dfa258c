"""Real workers and clocks: work that waits while Redis loses everything and processes are killed is done, exactly as often as promised."""

from __future__ import annotations

import collections
import datetime as dt
import os
import signal
import time

import pytest
from sqlalchemy import select

from app.core.models import EstadoTarefa, Evento, Tarefa
from tests.jobs.aceitacao import abertas, esvaziar_e_matar

E = EstadoTarefa
DELA = select(Tarefa.estado, Tarefa.erro).where(Tarefa.nome == "teste_longa")


def vezes(provedor, tipo: str) -> collections.Counter:
    """How often each effect happened in the database."""
    return collections.Counter(n for (n,) in provedor.perguntar(select(Evento.cliente_id).where(Evento.tipo == tipo)))


@pytest.mark.lento
def test_with_mails_blocks_and_exports_waiting_redis_is_emptied_and_the_workers_killed(provedor, caixa) -> None:
    esvaziar_e_matar(provedor, caixa, prazo=90)


@pytest.mark.lento
def test_the_schedule_keeps_running_through_an_emptied_redis_and_a_killed_clock(provedor) -> None:
    provedor.iniciar("rapida", "relogio")
    assert provedor.esperar(lambda: vezes(provedor, "agenda")[0] >= 2, 20)
    provedor.matar("relogio")
    provedor.redis_vazio()
    time.sleep(3.5)
    provedor.vigiar()
    assert provedor.esperar(lambda: vezes(provedor, "agenda")[0] >= 6, 30)
    chaves = [c for (c,) in provedor.perguntar(select(Tarefa.chave).where(Tarefa.agenda == "teste_agenda"))]
    instantes = sorted(dt.datetime.strptime(c, "agenda:teste_agenda:%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC) for c in chaves)
    assert {b - a for a, b in zip(instantes, instantes[1:], strict=False)} == {dt.timedelta(seconds=1)}


@pytest.mark.lento
def test_a_task_that_kills_its_process_is_dead_after_its_attempts_and_harms_nobody(provedor) -> None:
    veneno = provedor.agendar("teste_veneno")
    provedor.agendar("teste_bloqueio", n=1)
    provedor.iniciar("rapida", "relogio")
    assert provedor.esperar(lambda: abertas(provedor) == 0, 40)
    assert provedor.perguntar(select(Tarefa.estado, Tarefa.tentativas).where(Tarefa.id == veneno)) == [(E.morta, 3)]
    assert vezes(provedor, "bloqueio") == {1: 1}


@pytest.mark.lento
def test_a_long_task_killed_in_the_middle_goes_on_at_its_cursor(provedor) -> None:
    tarefa_id = provedor.agendar("teste_longa", n=1, fila="longa")
    provedor.iniciar("longa", "relogio")
    assert provedor.esperar(lambda: sum(vezes(provedor, "fatia1").values()) >= 5, 20)
    provedor.matar("longa")
    assert provedor.esperar(lambda: abertas(provedor) == 0, 40)
    assert vezes(provedor, "fatia1") == collections.Counter(range(20))
    assert provedor.perguntar(select(Tarefa.progresso, Tarefa.total).where(Tarefa.id == tarefa_id)) == [(20, 20)]


@pytest.mark.lento
def test_a_killed_job_is_taken_up_at_once_by_its_worker_and_a_stopped_worker_lets_its_job_end(provedor) -> None:
    provedor.agendar("teste_longa", n=2, ate=60, fila="longa")
    provedor.iniciar("longa", "relogio")
    assert provedor.esperar(lambda: vezes(provedor, "fatia2")[3], 20)
    provedor.matar("longa", pai=False)
    assert provedor.esperar(lambda: provedor.perguntar(DELA) == [(E.pendente, "o processo que executava morreu")], 3)
    assert provedor.esperar(lambda: provedor.perguntar(DELA) == [(E.executando, "o processo que executava morreu")], 10)
    os.kill(provedor.processos["longa"].pid, signal.SIGTERM)
    assert provedor.processos["longa"].wait(15) == 0
    assert provedor.perguntar(DELA) == [(E.feita, None)]
    assert vezes(provedor, "fatia2") == collections.Counter(range(60))
