"""The three kinds of tasks: exactly once in the database, at least once outside, and what happens when they fail."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, select

from app.core import execucao, relogio
from app.core.ator import ator_id
from app.core.erros import Conflito, FalhaExterna, NaoEncontrado, RegraViolada, ValorInvalido
from app.core.execucao import CONTINUAR, Avanco, rodar
from app.core.models import Configuracao, EstadoTarefa, Instancia, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.models import Notificacao
from tests.core.tarefas_apoio import agendar, linha, mudar, registro_de_manipuladores, rodar_ja
from tests.fabricas import um_usuario

E = EstadoTarefa


@pytest.fixture
def manipulador() -> Iterator[Callable[..., str]]:
    """Register handlers for one test: ``manipulador(execucao.tarefa, f)`` returns the name."""
    with registro_de_manipuladores() as registrar:
        yield registrar


def marcar(sessao, onde: str) -> None:
    """An effect in the database that can be counted."""
    atual = sessao.get(Configuracao, onde, populate_existing=True)
    if atual is None:
        sessao.add(Configuracao(chave=onde, valor=1))
    else:
        atual.valor += 1


def marcado(onde: str) -> int:
    """How often ``marcar`` was committed."""
    with transacao() as sessao:
        return sessao.scalar(select(Configuracao.valor).where(Configuracao.chave == onde)) or 0


# ---- @tarefa


def test_work_and_mark_commit_together_and_a_repetition_does_nothing(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.tarefa, lambda s, *, onde: marcar(s, onde)), onde="feito")
    assert [rodar(tarefa_id), rodar(tarefa_id)] == ["feita", "repetida"]
    assert (marcado("feito"), linha(tarefa_id).estado, linha(tarefa_id).erro) == (1, E.feita, None)


def test_what_a_failing_handler_wrote_is_rolled_back_and_it_is_tried_again_after_a_growing_pause(sessao, manipulador) -> None:
    def falha(s) -> None:
        marcar(s, "meio")
        s.flush()
        raise ValueError("assim não")

    tarefa_id, pausas = agendar(manipulador(execucao.tarefa, falha)), []
    for _ in range(3):
        assert rodar_ja(tarefa_id) == "pendente"
        pausas.append((linha(tarefa_id).quando - relogio.agora()).total_seconds())
    assert [round(p) for p in pausas] == [2, 4, 8]
    assert (marcado("meio"), linha(tarefa_id).erro) == (0, "ValueError: assim não")


def test_a_task_is_dead_after_its_last_attempt(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.tarefa, lambda _s: 1 / 0, tentativas=3))
    assert [rodar_ja(tarefa_id) for _ in range(4)] == ["pendente", "pendente", "morta", "repetida"]
    assert linha(tarefa_id).terminada_em is not None


def test_an_outside_system_that_refused_for_good_is_not_asked_again(sessao, manipulador) -> None:
    def recusado(_s) -> None:
        raise FalhaExterna("documento recusado", temporaria=False)

    assert rodar(agendar(manipulador(execucao.tarefa, recusado))) == "morta"


@pytest.mark.parametrize(("erro", "fica"), [
    (RegraViolada("o disjuntor abriu"), "morta"), (ValorInvalido("sem valor"), "morta"), (NaoEncontrado("sumiu"), "morta"),
    (Conflito("outro mudou"), "pendente"), (FalhaExterna("sem resposta"), "pendente"), (ValueError("o disjuntor abriu"), "pendente"),
])
def test_a_rule_gives_the_same_answer_until_a_person_acts_so_it_is_not_asked_again(sessao, manipulador, erro: Exception, fica: str) -> None:
    def recusar(_s) -> None:
        raise erro

    tarefa_id = agendar(manipulador(execucao.tarefa, recusar))
    assert (rodar(tarefa_id), linha(tarefa_id).tentativas) == (fica, 1) and str(erro) in linha(tarefa_id).erro


def test_what_stops_is_a_fact_that_rings_the_bell_of_the_administrators_once_a_day(sessao, manipulador) -> None:
    chefe, _gerente = um_usuario(sessao, "Admin").id, um_usuario(sessao, "Gerente").id

    def recusar(_s) -> None:
        raise RegraViolada("o disjuntor abriu")

    nome = manipulador(execucao.tarefa, recusar)
    for _vez in range(2):
        rodar(agendar(nome))
    avisos = select(Tarefa.id).where(Tarefa.nome == "avisar_tarefa_parada").order_by(Tarefa.id)
    assert [rodar(i) for i in sessao.scalars(avisos).all()] == ["feita", "feita"]
    toques = sessao.scalars(select(Notificacao).where(Notificacao.evento == "tarefa_parada")).all()
    assert [(n.usuario_id, n.dados["motivo"]) for n in toques] == [(chefe, "o disjuntor abriu")] and "/execucoes/show/" in toques[0].dados["endereco"]


def test_the_alert_that_fails_does_not_ring_for_itself(sessao) -> None:
    tarefa_id = agendar("avisar_tarefa_parada")      # without its arguments
    for _vez in range(execucao.TENTATIVAS):
        rodar_ja(tarefa_id)
    assert linha(tarefa_id).estado is E.morta
    assert sessao.scalars(select(Tarefa.id).where(Tarefa.nome == "avisar_tarefa_parada")).all() == [tarefa_id]


def test_a_task_nobody_handles_waits_and_then_dies(sessao) -> None:
    tarefa_id = agendar("ninguem")
    assert rodar(tarefa_id) == "pendente"
    assert "nenhum manipulador" in linha(tarefa_id).erro


def test_the_effect_of_a_holder_who_lost_the_task_is_rolled_back(sessao, manipulador) -> None:
    def ultrapassado(s) -> None:
        marcar(s, "duas")
        s.flush()
        s.execute(Tarefa.__table__.update().values(tentativas=Tarefa.tentativas + 1))      # another worker claimed it meanwhile

    tarefa_id = agendar(manipulador(execucao.tarefa, ultrapassado))
    assert rodar(tarefa_id) == "perdida"
    assert marcado("duas") == 0


def test_the_handler_gets_the_occurrences_day_and_else_today(sessao, manipulador) -> None:
    vistos: list[dt.date] = []
    nome = manipulador(execucao.tarefa, lambda _s, *, hoje: vistos.append(hoje))
    da_agenda, avulsa, pedida = agendar(nome), agendar(nome), agendar(nome, hoje="2026-02-03")
    mudar(da_agenda, referencia=dt.date(2026, 1, 5))
    for tarefa_id in (da_agenda, avulsa, pedida):
        assert rodar(tarefa_id) == "feita"
    assert vistos == [dt.date(2026, 1, 5), relogio.hoje(), dt.date(2026, 2, 3)]


def test_a_handler_acts_as_who_asked_for_the_task_else_as_the_system(sessao, manipulador) -> None:
    quem: list[int | None] = []
    nome = manipulador(execucao.tarefa, lambda _s: quem.append(ator_id()))
    do_sistema, de_alguem = agendar(nome), agendar(nome)
    mudar(de_alguem, criado_por_id=42)
    rodar(do_sistema), rodar(de_alguem)
    assert quem == [None, 42]


def test_what_a_handler_returns_is_kept_as_counts(sessao, manipulador) -> None:
    um, outro = agendar(manipulador(execucao.tarefa, lambda _s: 7)), agendar(manipulador(execucao.tarefa, lambda _s: {"avisadas": 3}))
    rodar(um), rodar(outro)
    assert (linha(um).contagens, linha(outro).contagens) == ({"feitos": 7}, {"avisadas": 3})


def test_two_handlers_of_one_name_are_refused(manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with pytest.raises(ValueError, match="two handlers"):
        execucao.tarefa(nome)(lambda _s: None)


def test_a_shutdown_gives_the_task_back_at_no_cost(sessao, manipulador) -> None:
    class Desligando(BaseException):
        """What RQ raises in a job when the platform stops the process."""

    def interrompida(_s) -> None:
        raise Desligando

    tarefa_id = agendar(manipulador(execucao.tarefa, interrompida, tentativas=1))
    with pytest.raises(Desligando):
        rodar(tarefa_id)
    assert (linha(tarefa_id).estado, linha(tarefa_id).max_tentativas - linha(tarefa_id).tentativas) == (E.pendente, 1)


def test_a_task_does_not_run_before_its_hour_nor_after_it_was_cancelled(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda s: marcar(s, "cedo"))
    futura, cancelada = agendar(nome, quando=relogio.agora() + dt.timedelta(hours=1)), agendar(nome)
    mudar(cancelada, cancelar=True)
    assert [rodar(futura), rodar(cancelada), marcado("cedo")] == ["repetida", "repetida", 0]


def test_an_error_is_told_without_the_values_of_the_statement(sessao, manipulador) -> None:
    def duplica(s) -> None:
        s.add_all([Configuracao(chave="segredo", valor="123.456.789-09"), Configuracao(chave="segredo", valor="123.456.789-09")])

    tarefa_id = agendar(manipulador(execucao.tarefa, duplica))
    rodar(tarefa_id)
    assert "123.456" not in linha(tarefa_id).erro


# ---- @efeito


def test_the_outside_call_runs_with_no_transaction_open_and_one_key_for_all_attempts(sessao, manipulador) -> None:
    chamadas: list[tuple[str, bool]] = []

    def enviar(ex) -> None:
        with ex.transacao() as s:
            dado = s.scalar(select(Instancia.public_url))
        chamadas.append((ex.chave, db.session().in_transaction()))
        if len(chamadas) == 1:
            raise FalhaExterna("sem resposta")
        with ex.transacao() as s:
            marcar(s, "resposta")
        assert dado

    tarefa_id = agendar(manipulador(execucao.efeito, enviar))
    assert [rodar(tarefa_id), rodar_ja(tarefa_id)] == ["pendente", "feita"]
    assert chamadas == [(f"tarefa-{tarefa_id}", False)] * 2
    assert marcado("resposta") == 1


def test_reading_the_database_between_two_transactions_is_caught(sessao, manipulador) -> None:
    def descuidado(ex) -> None:
        db.session.scalar(select(Instancia.public_url))
        with ex.transacao():
            pass

    tarefa_id = agendar(manipulador(execucao.efeito, descuidado))
    assert rodar(tarefa_id) == "pendente"
    assert "outside execucao.transacao()" in linha(tarefa_id).erro


def test_an_answer_that_comes_after_the_task_was_taken_over_is_not_recorded(sessao, manipulador) -> None:
    def lento(ex) -> None:
        mudar(ex.id, tentativas=9)
        with ex.transacao() as s:
            marcar(s, "tarde")

    assert rodar(agendar(manipulador(execucao.efeito, lento))) == "perdida"
    assert marcado("tarde") == 0


def test_an_answer_is_not_recorded_when_the_task_is_taken_over_while_it_is_being_written(sessao, manipulador) -> None:
    def lento(ex) -> None:
        with ex.transacao() as s:
            marcar(s, "durante")
            s.execute(Tarefa.__table__.update().values(tentativas=Tarefa.tentativas + 1))

    assert rodar(agendar(manipulador(execucao.efeito, lento))) == "perdida"
    assert marcado("durante") == 0


def test_each_transaction_of_an_effect_renews_the_claim_and_shows_the_progress(sessao, manipulador) -> None:
    vistos: list[tuple[int, int | None, dict]] = []

    def aos_poucos(ex) -> None:
        for _ in range(2):
            ex.avancar(5, total=10, enviadas=5)
            mudar(ex.id, arrendada_ate=relogio.agora())
            with ex.transacao():
                pass
            tarefa = linha(ex.id)
            assert tarefa.arrendada_ate > relogio.agora()
            vistos.append((tarefa.progresso, tarefa.total, tarefa.contagens))

    assert rodar(agendar(manipulador(execucao.efeito, aos_poucos))) == "feita"
    assert vistos == [(5, 10, {"enviadas": 5}), (10, 10, {"enviadas": 10})]


def test_the_last_answer_and_the_mark_can_commit_together(sessao, manipulador) -> None:
    def enviar(ex) -> None:
        with ex.concluir() as s:
            marcar(s, "juntos")
            assert s.scalar(select(Tarefa.estado).where(Tarefa.id == ex.id)) is E.executando

    tarefa_id = agendar(manipulador(execucao.efeito, enviar))
    assert (rodar(tarefa_id), linha(tarefa_id).estado, marcado("juntos")) == ("feita", E.feita, 1)


def test_an_effect_may_ask_to_go_on_later_without_spending_an_attempt(sessao, manipulador) -> None:
    voltas: list[int] = []

    def aos_poucos(ex) -> object:
        voltas.append(ex.tentativa)
        ex.avancar(10, total=20, enviadas=10)
        return CONTINUAR if len(voltas) < 3 else None

    tarefa_id = agendar(manipulador(execucao.efeito, aos_poucos, tentativas=1))
    assert [rodar_ja(tarefa_id) for _ in range(3)] == ["pendente", "pendente", "feita"]
    assert (linha(tarefa_id).progresso, linha(tarefa_id).total) == (10, 20)


def test_effects_of_a_restored_copy_are_postponed_not_failed(sessao, manipulador) -> None:
    chamadas: list[int] = []
    tarefa_id = agendar(manipulador(execucao.efeito, lambda ex: chamadas.append(ex.id)))
    with transacao() as s:
        s.execute(delete(Instancia))
    assert rodar(tarefa_id) == "pendente"
    depois = linha(tarefa_id)
    assert (chamadas, depois.tentativas, depois.erro) == ([], 0, execucao.QUIETA)
    assert depois.quando > relogio.agora()


# ---- @longa


def contar_ate(n: int, falha_em: set[int] | None = None) -> Callable[..., Avanco]:
    """A long handler of ``n`` slices that fails once in each of ``falha_em``."""
    falhas = set(falha_em or ())

    def fatia(s, cursor) -> Avanco:
        i = cursor["i"] if cursor else 0
        marcar(s, f"fatia{i}")
        s.flush()
        if i in falhas:
            falhas.remove(i)
            raise ConnectionError("caiu")
        return Avanco({"i": i + 1} if i + 1 < n else None, feitos=1, total=n, contagens={"feitas": 1})

    return fatia


def test_a_long_task_runs_slice_by_slice_and_adds_up_what_each_did(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.longa, contar_ate(5)))
    assert rodar(tarefa_id) == "feita"
    feita = linha(tarefa_id)
    assert (feita.progresso, feita.total, feita.contagens) == (5, 5, {"feitas": 5})


def test_a_long_task_goes_on_at_the_slice_that_failed(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.longa, contar_ate(4, falha_em={2})))
    assert [rodar(tarefa_id), rodar_ja(tarefa_id)] == ["pendente", "feita"]
    assert [marcado(f"fatia{i}") for i in range(4)] == [1, 1, 1, 1]


def test_only_a_slice_that_fails_without_advancing_costs_an_attempt(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.longa, contar_ate(6, falha_em={1, 2, 3, 4}), tentativas=2))
    assert [rodar_ja(tarefa_id) for _ in range(5)] == ["pendente"] * 4 + ["feita"]
    parada = agendar(manipulador(execucao.longa, lambda _s, _c: 1 / 0, tentativas=2))
    assert [rodar_ja(parada) for _ in range(2)] == ["pendente", "morta"]


def test_cancel_is_read_between_slices_and_keeps_what_was_done(sessao, manipulador) -> None:
    def fatia(s, cursor) -> Avanco:
        i = cursor["i"] if cursor else 0
        marcar(s, "antes")
        if i == 1:
            s.execute(Tarefa.__table__.update().values(cancelar=True))
        return Avanco({"i": i + 1}, feitos=1)

    tarefa_id = agendar(manipulador(execucao.longa, fatia))
    assert rodar(tarefa_id) == "cancelada"
    assert (marcado("antes"), linha(tarefa_id).estado) == (2, E.cancelada)


def test_a_task_that_cannot_resume_starts_from_zero_and_is_kept_alive_meanwhile(app_real, manipulador) -> None:
    app_real.config["TAREFA_ARRENDAMENTO"] = 0.4
    vezes: list[dt.datetime] = []

    def exportar(ex) -> None:
        vezes.append(linha(ex.id).arrendada_ate)
        if len(vezes) == 1:
            time.sleep(0.5)
            assert linha(ex.id).arrendada_ate > relogio.agora() > vezes[0]
            raise ConnectionError("caiu")

    with app_real.app_context():
        tarefa_id = agendar(manipulador(execucao.longa, exportar, recomeca=True))
        assert [rodar(tarefa_id), rodar_ja(tarefa_id)] == ["pendente", "feita"]
