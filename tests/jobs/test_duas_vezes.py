"""Every job of the schedule may run twice: the second time, money and blocks stay as they are and nobody is told anything again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

from flask import Flask
from sqlalchemy import select

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.core import execucao, particoes, relogio
from app.core.agenda import Diario, Job
from app.core.transacao import transacao
from app.faturamento.estados import Metodo
from app.faturamento.models import Invoice
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import Notificacao
from jobs.agenda import JOBS
from tests import fabricas as f
from tests.comandos import foto
from tests.core.tarefas_apoio import agendar, linha
from tests.faturamento.test_ciclo_de_vida import avisado, em

DIA = dt.date(2026, 2, 25)      # a Wednesday, 15 days after the 10th
TABELAS = ("invoice", "item_invoice", "pagamento", "lancamento", "credito", "bloqueio")


def um_provedor(sessao) -> None:
    """Somebody for each job: to be billed, reminded, marked, told, blocked, and blocked again when the time given him is over."""
    particoes.garantir(sessao, ate=dt.date(2026, 1, 31))      # as the database of those days had them
    servico = FaturamentoService(sessao)
    atrasado, em_confianca = (f.um_contrato(sessao, dia=10, inicio=dt.date(2026, 2, 10)) for _n in range(2))
    a_faturar = f.um_contrato(sessao, dia=7, inicio=dt.date(2026, 2, 7))
    for vencimento in (dt.date(2026, 2, 24), dt.date(2026, 2, 28)):
        f.uma_invoice(sessao, contrato=f.um_contrato(sessao, faturar=False), vencimento=vencimento)
    with em(dt.date(2026, 1, 31)):
        for contrato in (atrasado, em_confianca, a_faturar):
            servico.gerar_invoices_automaticas(hoje=dt.date(2026, 1, 31), cliente_id=contrato.cliente_id)
    with em(dt.date(2026, 2, 11)):
        servico.marcar_vencidas(hoje=dt.date(2026, 2, 11))
        avisado(sessao, servico, dt.date(2026, 2, 11))
    with em(dt.date(2026, 2, 12)):      # late and twice: the charges and the credit go into the next invoice
        sua = sessao.scalars(select(Invoice.id).where(Invoice.cliente_id == a_faturar.cliente_id)).one()
        for referencia in ("a", "b"):
            servico.registrar_pagamento(sua, D("99.90"), Metodo.pix, em=dt.date(2026, 2, 12), referencia=referencia)
    bloqueios, agora = BloqueioService(sessao), relogio.instante(dt.date(2026, 2, 20))
    bloqueios.bloquear(em_confianca.id, MotivoBloqueio.inadimplencia, em=agora)
    bloqueios.liberar_ate(em_confianca.id, relogio.instante(dt.date(2026, 2, 23)), em=agora)


def rodar(job: Job) -> None:
    """One run, at its hour of the day; what runs all day, in the night."""
    hora = job.quando.hora if isinstance(job.quando, Diario) else dt.time(23)
    with relogio.mover_para(relogio.instante(DIA, hora)):
        tarefa_id = agendar(job.nome, fila=job.fila)
        while (fim := execucao.rodar(tarefa_id)) == "publicada":
            pass
        assert fim == "feita", linha(tarefa_id).erro


def tudo() -> dict[str, object]:
    """The rows of money and blocks and where each lies, and what people were told."""
    with transacao() as sessao:
        return {**foto(sessao, TABELAS), "notificacao": sessao.scalars(select(Notificacao.chave).order_by(Notificacao.id)).all()}


def mudou(antes: dict[str, object]) -> list[str]:
    """Tables that are not as they were."""
    return [nome for nome, agora in tudo().items() if agora != antes[nome]]


def test_a_job_that_runs_again_changes_no_money_and_tells_nobody_twice(app_real: Flask) -> None:
    with app_real.app_context():
        with transacao() as sessao:
            um_provedor(sessao)
        uma_vez, outra_vez = {}, {}
        for job in JOBS:
            antes = tudo()
            rodar(job)
            uma_vez[job.nome], antes = mudou(antes), tudo()
            rodar(job)
            outra_vez[job.nome] = mudou(antes)
        assert {nome: tabelas for nome, tabelas in outra_vez.items() if tabelas} == {}
        assert {nome: tabelas for nome, tabelas in uma_vez.items() if tabelas} == {
            "gerar_invoices_diarias": ["invoice", "item_invoice", "lancamento", "credito", "notificacao"], "marcar_invoices_vencidas": ["invoice"],
            "enviar_lembretes_pagamento": ["notificacao"], "avisar_vencidas": ["notificacao"], "bloquear_clientes_vencidos": ["bloqueio", "notificacao"],
            "expirar_desbloqueios_confianca": ["bloqueio"],
        }
        antes = tudo()
        for job in JOBS:
            rodar(job)
        assert mudou(antes) == []
