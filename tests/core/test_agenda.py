"""The schedule: what lateness means, summer time, who waits for whom, and a clock that was stopped for days."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update

from app.core import agenda, execucao, relogio
from app.core.agenda import Aberta, Job, bloqueadas, cada, cada_dia, das, diario, janela, ocorrencias, ultimo
from app.core.execucao import rodar
from app.core.models import EstadoAgenda, EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.core.varredura import varrer
from app.extensions import db
from tests.core.tarefas_apoio import agenda_de, em_estado, esvaziar_filas, linha, registro_de_manipuladores, trabalhar

E = EstadoTarefa


@pytest.fixture
def manipulador() -> Iterator[Callable[..., str]]:
    """Register handlers for one test."""
    with registro_de_manipuladores() as registrar:
        yield registrar


def local(texto: str) -> dt.datetime:
    """São Paulo's wall time as an instant."""
    return dt.datetime.fromisoformat(texto).replace(tzinfo=relogio.FUSO).astimezone(dt.UTC)


def devidas(job: Job, depois: str, ate: str) -> list[str]:
    """Local times of what is owed."""
    return [f"{relogio.local(o.instante):%d %H:%M}" for o in ocorrencias(job, depois=local(depois), ate=local(ate))]


# ---- lateness


@pytest.mark.parametrize(("atraso", "esperado"), [
    (cada_dia, ["02 00:00", "03 00:00", "04 00:00"]),
    (ultimo, ["04 00:00"]),
    (janela, ["04 00:00"]),
])
def test_missed_days_run_each_or_only_the_last(atraso, esperado) -> None:
    job = Job("j", diario("00:00"), "", atraso)
    assert devidas(job, "2026-12-01T12:00", "2026-12-04T12:00") == esperado
    assert devidas(job, "2026-12-04T12:00", "2026-12-04T12:00") == []


def test_a_job_of_every_ten_seconds_owes_one_run_after_an_outage() -> None:
    job = Job("j", cada(seconds=10), "", ultimo)
    assert len(ocorrencias(job, depois=local("2026-12-01T00:00"), ate=local("2026-12-04T00:00:05"))) == 1
    assert ocorrencias(job, depois=local("2026-12-01T00:00:01"), ate=local("2026-12-01T00:00:09")) == []


@pytest.mark.parametrize(("agora", "quando"), [
    ("2026-12-04T09:00", "2026-12-04T09:00"),      # on time
    ("2026-12-04T15:30", "2026-12-04T09:00"),      # late, inside the hours: at once
    ("2026-12-04T21:00", "2026-12-05T08:00"),      # late, outside: when the window opens
    ("2026-12-05T07:00", "2026-12-05T08:00"),
])
def test_a_window_job_that_is_late_waits_for_its_hours(agora, quando) -> None:
    job = Job("j", diario("09:00"), "", janela, janela=das("08:00", "20:00"))
    (so_uma,) = ocorrencias(job, depois=local("2026-12-02T10:00"), ate=local(agora))
    assert (so_uma.quando, so_uma.referencia) == (local(quando), dt.date(2026, 12, 4))


@pytest.mark.parametrize(("agora", "abre"), [
    ("2026-12-04T23:30", "2026-12-04T23:30"),      # a Friday
    ("2026-12-05T05:59", "2026-12-05T05:59"),      # Friday's window, past midnight
    ("2026-12-05T06:00", "2026-12-07T22:00"),      # Saturday and Sunday are out
    ("2026-12-07T03:00", "2026-12-07T22:00"),      # Sunday's night is out
])
def test_a_window_past_midnight_belongs_to_the_day_it_opens(agora, abre) -> None:
    assert das("22:00", "06:00", dias=range(5)).abre_em(local(agora)) == local(abre)


# ---- summer time (Brazil had it until 2019)


def test_a_daily_job_runs_once_on_the_day_its_hour_happens_twice() -> None:
    job = Job("j", diario("23:30"), "", cada_dia)      # 2018-02-17: at midnight the clocks go back to 23:00
    achadas = ocorrencias(job, depois=local("2018-02-16T23:45"), ate=local("2018-02-18T23:45"))
    assert [o.chave for o in achadas] == ["agenda:j:2018-02-17T23:30", "agenda:j:2018-02-18T23:30"]
    assert len({o.instante for o in achadas}) == 2


def test_a_daily_job_runs_once_on_the_day_its_hour_does_not_exist() -> None:
    job = Job("j", diario("00:00"), "", cada_dia)      # 2018-11-04: midnight is 01:00
    achadas = ocorrencias(job, depois=local("2018-11-03T12:00"), ate=local("2018-11-05T12:00"))
    assert [(o.chave, o.referencia) for o in achadas] == [
        ("agenda:j:2018-11-04T00:00", dt.date(2018, 11, 4)), ("agenda:j:2018-11-05T00:00", dt.date(2018, 11, 5))]


@pytest.mark.parametrize("dia", ["2018-02-17", "2018-11-03"])
def test_a_job_of_every_hour_neither_repeats_nor_skips_when_the_clocks_change(dia) -> None:
    job, inicio = Job("j", cada(hours=1), "", cada_dia), local(f"{dia}T12:30")
    achadas = ocorrencias(job, depois=inicio, ate=inicio + dt.timedelta(hours=24))
    assert len({o.chave for o in achadas}) == len(achadas) == 24


# ---- who waits


def test_an_occurrence_waits_for_older_ones_of_its_job_and_of_those_it_depends_on() -> None:
    gerar, marcar = Job("gerar", diario("00:00"), ""), Job("marcar", diario("00:05"), "", depende_de=("gerar", "nao_existe"))
    with agenda_de(gerar, marcar):
        abertas = [Aberta(1, "gerar"), Aberta(2, "marcar"), Aberta(3, "gerar"), Aberta(4, "marcar"), Aberta(9, "outro")]
        assert bloqueadas(abertas) == {2: 1, 3: 1, 4: 1}
        assert bloqueadas([Aberta(2, "marcar"), Aberta(3, "gerar")]) == {}


def test_blocking_waits_for_the_first_reconciliation_since_the_clock_started() -> None:
    with agenda_de(Job("conciliar", cada(minutes=15), ""), Job("bloquear", diario("22:00"), "", exige_sucesso=("conciliar",))):
        assert bloqueadas([Aberta(7, "bloquear")], frozenset()) == {7: None}
        assert bloqueadas([Aberta(7, "bloquear")], frozenset({"conciliar"})) == {}
    with agenda_de(Job("bloquear", diario("22:00"), "", exige_sucesso=("conciliar",))):
        assert bloqueadas([Aberta(7, "bloquear")], frozenset()) == {}      # a provider without gateways has nothing to reconcile


# ---- the clock


def correr_ate_o_fim() -> None:
    """What scheduler and worker do until nothing is left."""
    agenda.materializar()
    while True:
        varrer()
        if not trabalhar():
            return


def test_a_clock_stopped_for_three_days_makes_exactly_three_runs_in_order_each_with_its_own_day(sessao, manipulador) -> None:
    dias: list[dt.date] = []
    nome = manipulador(execucao.tarefa, lambda _s, *, hoje: dias.append(hoje))
    esvaziar_filas()
    with agenda_de(Job(nome, diario("00:00"), "", cada_dia)):
        with relogio.mover_para(local("2026-12-01T10:00")):
            correr_ate_o_fim()
        assert dias == []      # seen for the first time: starts from now
        with relogio.mover_para(local("2026-12-04T10:00")):
            correr_ate_o_fim()
            assert dias == [dt.date(2026, 12, d) for d in (2, 3, 4)]
            correr_ate_o_fim()
            assert len(dias) == 3      # started again: none


def test_the_missed_days_of_two_jobs_interleave_as_they_would_have_run(sessao, manipulador) -> None:
    ordem: list[str] = []
    manipulador(execucao.tarefa, lambda _s, *, hoje: ordem.append(f"gerar {hoje.day}"), nome="t_gerar")
    manipulador(execucao.tarefa, lambda _s, *, hoje: ordem.append(f"marcar {hoje.day}"), nome="t_marcar")
    esvaziar_filas()
    gerar, marcar = Job("t_gerar", diario("00:00"), "", cada_dia, fila="longa"), Job("t_marcar", diario("00:05"), "", cada_dia, depende_de=("t_gerar",))
    with agenda_de(marcar, gerar):
        for agora in ("2026-12-01T10:00", "2026-12-03T10:00"):
            with relogio.mover_para(local(agora)):
                correr_ate_o_fim()
    assert ordem == ["gerar 2", "marcar 2", "gerar 3", "marcar 3"]


def test_a_newer_day_waits_while_an_older_one_is_failing_and_goes_on_when_it_is_dead(sessao, manipulador) -> None:
    dias: list[dt.date] = []

    def falha_no_dia_2(_s, *, hoje: dt.date) -> None:
        dias.append(hoje)
        if hoje.day == 2:
            raise ValueError("dia ruim")

    nome = manipulador(execucao.tarefa, falha_no_dia_2, tentativas=2)
    esvaziar_filas()
    with agenda_de(Job(nome, diario("00:00"), "", cada_dia)):
        for agora in ("2026-12-01T10:00", "2026-12-03T10:00", "2026-12-03T10:05", "2026-12-03T10:10"):
            with relogio.mover_para(local(agora)):
                correr_ate_o_fim()
    assert [d.day for d in dias] == [2, 2, 3]


def test_an_occurrence_published_by_hand_still_waits_for_the_older_one(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with agenda_de(Job(nome, diario("00:00"), "", cada_dia)):
        for agora in ("2026-12-01T10:00", "2026-12-03T10:00"):
            with relogio.mover_para(local(agora)):
                agenda.materializar()
        velha, nova = em_estado(E.pendente)
        with relogio.mover_para(local("2026-12-03T10:00")):
            assert [rodar(nova), rodar(velha), rodar(nova)] == ["pendente", "feita", "feita"]
        assert linha(nova).tentativas == 1


def test_a_stopped_worker_does_not_pile_up_runs_of_a_job_of_every_ten_seconds(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with agenda_de(Job(nome, cada(seconds=10), "", ultimo)):
        for segundo in range(0, 50, 5):
            with relogio.mover_para(local(f"2026-12-01T10:00:{segundo:02d}")):
                agenda.materializar()
                varrer()
        (unica,) = em_estado(E.pendente, E.publicada)
        assert linha(unica).chave.endswith("T13:00:40Z")


def test_the_last_one_only_takes_the_place_of_an_older_one_that_never_began(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s, *, hoje: None)
    with agenda_de(Job(nome, diario("09:00"), "", janela, janela=das("08:00", "20:00"))):
        for agora in ("2026-12-01T10:00", "2026-12-02T21:00", "2026-12-03T10:00"):
            with relogio.mover_para(local(agora)):
                agenda.materializar()
        (unica,) = em_estado(E.pendente)
        assert (linha(unica).referencia, linha(unica).quando) == (dt.date(2026, 12, 3), local("2026-12-03T08:00"))


def test_a_window_job_that_reaches_the_worker_too_late_waits_for_the_next_opening(sessao, manipulador) -> None:
    rodou: list[int] = []
    nome = manipulador(execucao.tarefa, lambda _s: rodou.append(1))
    with agenda_de(Job(nome, diario("09:00"), "", janela, janela=das("08:00", "20:00"))):
        for agora in ("2026-12-01T08:00", "2026-12-01T19:59"):
            with relogio.mover_para(local(agora)):
                agenda.materializar()
        (unica,) = em_estado(E.pendente)
        with relogio.mover_para(local("2026-12-01T20:00")):
            assert rodar(unica) == "pendente"
        assert (rodou, linha(unica).quando, linha(unica).tentativas) == ([], local("2026-12-02T08:00"), 0)


def test_a_paused_job_makes_nothing_and_a_job_without_handler_is_skipped(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with agenda_de(Job(nome, cada(hours=1), ""), Job("sem_manipulador", cada(hours=1), "")):
        with relogio.mover_para(local("2026-12-01T10:00")):
            agenda.materializar()
        with transacao() as s:
            s.execute(update(EstadoAgenda).where(EstadoAgenda.nome == nome).values(ativa=False))
        with relogio.mover_para(local("2026-12-01T12:00")):
            assert agenda.materializar() == 0
    assert db.session.scalars(select(Tarefa).where(Tarefa.agenda.is_not(None))).all() == []


def test_many_clocks_at_once_write_each_occurrence_once(app_real, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)

    def um_relogio() -> None:
        with app_real.app_context(), relogio.mover_para(local("2026-12-30T10:00")):
            for _ in range(5):
                agenda.materializar()
            db.session.remove()

    with agenda_de(Job(nome, diario("00:00"), "", cada_dia)), app_real.app_context():
        with relogio.mover_para(local("2026-12-01T10:00")):
            agenda.materializar()
        relogios = [threading.Thread(target=um_relogio) for _ in range(4)]
        for r in relogios:
            r.start()
        for r in relogios:
            r.join()
        datas = db.session.scalars(select(Tarefa.referencia).order_by(Tarefa.id)).all()
    assert datas == [dt.date(2026, 12, d) for d in range(2, 31)]


def test_the_next_run_is_shown_in_local_time() -> None:
    job = Job("j", diario("22:00"), "")
    assert agenda.proxima(job, agora=local("2026-12-01T22:00")) == local("2026-12-02T22:00")
    assert agenda.proxima(Job("j", cada(minutes=15), ""), agora=local("2026-12-01T22:07")) == local("2026-12-01T22:15")
