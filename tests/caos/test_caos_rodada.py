"""The billing run as in production: RQ's workers carry its task, are killed in the middle of it and started again, and the clock finds what they left.

The same proof as tests/faturamento/test_morte_da_rodada.py, with fewer kills: each costs the seconds until its claim ends.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from sqlalchemy import make_url, select

from app.core import tarefas
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.estados import StatusExecucao
from app.faturamento.models import ExecucaoFaturamento
from app.faturamento.services import FaturamentoService
from app.faturamento.services.rodada import EMITIR
from tests.conftest import copiar_banco, desligar, fazer_app
from tests.faturamento.devidos import HOJE, semear
from tests.faturamento.test_morte_da_rodada import LOTE, Historia, conferir_contas, conferir_rodada, conferir_uma_vez
from tests.jobs.conftest import Provedor, montar

CLIENTES, TRABALHADORES, REFERENCIA = 3008, ("longa1", "longa2"), "caos_rodada_ref"
MORTES = max(10, int(os.environ.get("CRM_CAOS", "30")) // 10)
pytestmark = [pytest.mark.caos, pytest.mark.timeout(300 + 30 * MORTES)]


@pytest.fixture
def provedor(servidores, url_modelo) -> Iterator[Provedor]:
    """A provider in arrears, and a copy of it billed without kills."""
    url, redis_url = copiar_banco(servidores, url_modelo, "caos_rodada"), servidores.redis_a_parte(9)
    semear(url, CLIENTES, lote=LOTE)
    app = fazer_app(servidores.novo_banco(REFERENCIA, make_url(url).database), redis_url)
    with app.app_context():
        FaturamentoService.rodar_do_dia(hoje=HOJE)
    desligar(app)
    with montar(url, redis_url, "smtp://127.0.0.1:1") as nosso:
        yield nosso


def iniciar_rodada(provedor: Provedor) -> int:
    """The run with its task, and a second task for it, so that both workers have one."""
    with provedor.app.app_context():
        with transacao() as sessao:
            execucao_id = FaturamentoService(sessao).iniciar_execucao(hoje=HOJE).id
            tarefas.agendar(sessao, EMITIR, chave=f"{EMITIR}:{execucao_id}:2", fila="longa", execucao_id=execucao_id)
        db.session.remove()
    return execucao_id


def emitir_avulsas(provedor: Provedor, parar: threading.Event) -> None:
    """A person who issues what single customers owe."""
    with provedor.app.app_context():
        while not parar.wait(0.05):
            with transacao() as sessao:
                FaturamentoService(sessao).gerar_invoices_automaticas(hoje=HOJE, cliente_id=random.randint(1, CLIENTES))
        db.session.remove()


def trabalhando(provedor: Provedor) -> list[str]:
    """Workers that have a job in a child process now."""
    return [nome for nome in TRABALHADORES if provedor.processos[nome].poll() is None and psutil.Process(provedor.processos[nome].pid).children()]


def aberta(provedor: Provedor) -> bool:
    """Whether the run goes on."""
    return provedor.perguntar(select(ExecucaoFaturamento.status)) == [(StatusExecucao.executando,)]


def matar_tantas(provedor: Provedor) -> int:
    """Kill whoever works, a moment after it began; sometimes only the job, sometimes its worker too. Returns how many were hit."""
    mortes = 0
    while mortes < MORTES and aberta(provedor):
        provedor.vigiar()
        if ocupados := trabalhando(provedor):
            time.sleep(random.uniform(0, 0.25))
            alvo = random.choice(ocupados)
            if alvo in trabalhando(provedor) and aberta(provedor):
                provedor.matar(alvo, pai=random.random() < 0.5)
                mortes += 1
        time.sleep(0.02)
    return mortes


def test_rq_workers_killed_in_the_middle_of_a_run_lose_nothing(provedor: Provedor) -> None:
    semente = int(os.environ.get("SEED", "0")) or random.randrange(10**6)
    random.seed(semente)
    execucao_id, parar = iniciar_rodada(provedor), threading.Event()
    provedor.iniciar(*TRABALHADORES, "relogio")
    pessoa = threading.Thread(target=emitir_avulsas, args=(provedor, parar), daemon=True)
    pessoa.start()
    mortes = matar_tantas(provedor)
    assert provedor.esperar(lambda: not aberta(provedor), 180), f"SEED={semente}: the run does not end after {mortes} kills"
    parar.set()
    pessoa.join()
    feitas = select(Tarefa.id).where(Tarefa.nome == EMITIR, Tarefa.estado == EstadoTarefa.feita)
    assert provedor.esperar(lambda: len(provedor.perguntar(feitas)) == 2, 60), f"SEED={semente}: the run's tasks are not done"
    with provedor.app.app_context():
        url = db.engine.url
    historia = Historia(*(u.render_as_string(hide_password=False) for u in (url, url.set(database=REFERENCIA))), execucao_id, CLIENTES, semente, [])
    assert mortes >= MORTES, f"{historia}: {mortes} kills"
    conferir_contas(historia)
    conferir_uma_vez(historia)
    conferir_rodada(historia)
