"""The table of what runs when, as the specification has it."""

from __future__ import annotations

import pytest

import jobs  # noqa: F401 - fills the table and registers the handlers
from app.core import agenda, execucao
from app.core.agenda import Atraso, Cada, Job
from app.core.operacao import quando_texto
from app.core.tarefas import FILAS

JOBS = list(agenda.tabela().values())


@pytest.mark.parametrize(("nome", "quando", "atraso"), [
    ("gerar_invoices_diarias", "00:00", Atraso.cada_dia),
    ("marcar_invoices_vencidas", "00:05", Atraso.cada_dia),
    ("criar_particoes", "03:00", Atraso.ultimo),
    ("arquivar", "03:00", Atraso.ultimo),
    ("aplicar_retencao", "03:00", Atraso.ultimo),
    ("enviar_lembretes_pagamento", "09:00", Atraso.janela),
    ("avisar_vencidas", "09:05", Atraso.janela),
    ("bloquear_clientes_vencidos", "22:00", Atraso.janela),
    ("aplicar_rede", "a cada 10 s", Atraso.ultimo),
    ("despachar_notificacoes", "a cada 1 min", Atraso.ultimo),
    ("expirar_desbloqueios_confianca", "a cada 1 h", Atraso.ultimo),
])
def test_each_job_has_its_hour_and_its_rule_of_lateness(sessao, nome: str, quando: str, atraso: Atraso) -> None:
    job = agenda.tabela()[nome]
    assert (quando_texto(job), job.atraso) == (quando, atraso)


@pytest.mark.parametrize("job", JOBS, ids=lambda j: j.nome)
def test_each_job_is_well_formed(job: Job) -> None:
    assert job.rotulo
    assert job.fila in FILAS
    assert (job.janela is not None) == (job.atraso is Atraso.janela)
    assert not (isinstance(job.quando, Cada) and job.atraso is Atraso.cada_dia)
    assert job.nome not in agenda.dependencias(job.nome)


@pytest.mark.parametrize("job", JOBS, ids=lambda j: j.nome)
def test_each_job_has_a_handler(job: Job) -> None:
    assert execucao.manipulador(job.nome) is not None, f"no module of jobs/ registers {job.nome}"
