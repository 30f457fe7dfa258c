"""The executions screen, the schedule's page and the two commands: see, retry, cancel, run now, pause."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from app.core import agenda, execucao, operacao, relogio
from app.core.agenda import Job, cada, diario
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.execucao import Avanco
from app.core.models import EstadoAgenda, EstadoTarefa, Instancia, Tarefa, UserAuditLog
from app.core.operacao import TarefaService
from app.core.transacao import transacao
from app.core.varredura import varrer
from tests.core.tarefas_apoio import agenda_de, agendar, em_estado, esvaziar_filas, linha, mudar, registro_de_manipuladores, rodar_ja, trabalhar
from tests.fabricas import um_usuario

E = EstadoTarefa


@pytest.fixture
def manipulador() -> Iterator[Callable[..., str]]:
    """Register handlers for one test."""
    with registro_de_manipuladores() as registrar:
        yield registrar


def servir(verbo: Callable[..., object], *args: object, **kw: object) -> object:
    """One verb in its own transaction."""
    with transacao() as sessao:
        return verbo(TarefaService(sessao), *args, **kw)


# ---- verbs


def test_a_dead_task_tried_again_has_a_fresh_set_of_attempts(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.tarefa, lambda _s: 1 / 0, tentativas=1))
    assert rodar_ja(tarefa_id) == "morta"
    servir(TarefaService.tentar_de_novo, tarefa_id)
    assert [rodar_ja(tarefa_id) for _ in range(execucao.TENTATIVAS)] == ["pendente"] * (execucao.TENTATIVAS - 1) + ["morta"]


@pytest.mark.parametrize("estado", [E.feita, E.executando])
def test_what_is_done_or_running_cannot_be_tried_again(sessao, estado) -> None:
    tarefa_id = agendar("x")
    mudar(tarefa_id, estado=estado)
    with pytest.raises(RegraViolada):
        servir(TarefaService.tentar_de_novo, tarefa_id)


def test_a_waiting_task_is_cancelled_at_once_and_can_be_tried_again(sessao, manipulador) -> None:
    tarefa_id = agendar(manipulador(execucao.tarefa, lambda _s: None))
    servir(TarefaService.cancelar, tarefa_id)
    assert (linha(tarefa_id).estado, rodar_ja(tarefa_id)) == (E.cancelada, "repetida")
    servir(TarefaService.tentar_de_novo, tarefa_id)
    assert rodar_ja(tarefa_id) == "feita"
    with pytest.raises(RegraViolada):
        servir(TarefaService.cancelar, tarefa_id)


def test_a_running_task_is_asked_to_stop(sessao, manipulador) -> None:
    def fatia(_s, cursor) -> Avanco:
        if cursor:
            servir(TarefaService.cancelar, tarefa_id)
        return Avanco({"i": 1})

    tarefa_id = agendar(manipulador(execucao.longa, fatia))
    assert rodar_ja(tarefa_id) == "cancelada"


def test_each_verb_of_a_person_is_audited(sessao) -> None:
    tarefa_id = agendar("x")
    servir(TarefaService.cancelar, tarefa_id)
    servir(TarefaService.tentar_de_novo, tarefa_id)
    acoes = sessao.scalars(select(UserAuditLog.action).where(UserAuditLog.resource == "tarefa", UserAuditLog.resource_id == str(tarefa_id)))
    assert sorted(acoes) == ["cancelar", "tentar_de_novo"]


def test_a_job_asked_for_by_hand_runs_outside_its_hours_but_after_older_ones(sessao, manipulador) -> None:
    rodou: list[dt.date] = []
    nome = manipulador(execucao.tarefa, lambda _s, *, hoje: rodou.append(hoje))
    esvaziar_filas()
    with agenda_de(Job(nome, diario("22:00"), "", janela=agenda.das("22:00", "22:01"))), relogio.mover_para(dt.date(2026, 12, 2)):
        for dia in (1, 2, 2):
            servir(TarefaService.executar_agora, nome, hoje=dt.date(2026, 12, dia))
        while varrer().publicadas:
            trabalhar()
    assert rodou == [dt.date(2026, 12, 1), dt.date(2026, 12, 2)]


def test_an_unknown_job_is_refused(sessao) -> None:
    with pytest.raises(NaoEncontrado):
        servir(TarefaService.executar_agora, "nao_existe")


def test_a_resumed_job_does_not_make_up_for_what_passed(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with agenda_de(Job(nome, diario("00:00"), "", agenda.cada_dia)):
        for dia, verbo in ((1, TarefaService.pausar), (4, TarefaService.retomar)):
            with relogio.mover_para(dt.date(2026, 12, dia)):
                agenda.materializar()
                servir(verbo, nome)
        with relogio.mover_para(dt.date(2026, 12, 5)):
            assert agenda.materializar() == 1


# ---- screens


@pytest.fixture
def gerente(app, http) -> object:
    """A signed-in browser of a Gerente."""
    with app.app_context(), transacao() as s:
        um_usuario(s, "Gerente", usuario="gerente")
    http.entrar("gerente")
    return http


def na_base(app, funcao: Callable[..., object], *args: object, **kw: object) -> object:
    """Call inside a context of its own: requests must not run inside one."""
    with app.app_context():
        return funcao(*args, **kw)


def test_the_menu_leads_to_executions_without_the_routine_ones_that_had_nothing_to_do(app, gerente) -> None:
    nomes = {"aplicar_rede": {}, "despachar_notificacoes": {"progresso": 7}, "expirar_desbloqueios_confianca": {"contagens": {"feitos": 0}}, "arquivar": {}}
    feitas = {nome: na_base(app, agendar, nome) for nome in nomes}
    for nome, valores in nomes.items():
        na_base(app, mudar, feitas[nome], estado=E.feita, **valores)
    na_base(app, mudar, na_base(app, agendar, "aplicar_rede"), estado=E.morta, erro="sem resposta do concentrador")
    corpo = lambda consulta: gerente.get(f"/execucoes/list/{consulta}").text.split("<tbody")[1].split("</tbody>")[0]
    assert 'href="/execucoes/list/?_flt_7_agenda=nao"' in gerente.get("/").text
    assert [f"/execucoes/show/{numero}" in corpo("?_flt_7_agenda=nao") for numero in feitas.values()] == [False, True, False, True]
    assert "sem resposta do concentrador" in corpo("?_flt_7_agenda=nao")
    assert all(f"/execucoes/show/{numero}" in corpo("") for numero in feitas.values())


def test_the_executions_screen_shows_retries_and_cancels(app, gerente) -> None:
    morta, espera = na_base(app, agendar, "aplicar_rede"), na_base(app, agendar, "outra_coisa")
    na_base(app, mudar, morta, estado=E.morta, erro="ValueError: assim não", progresso=3, total=1200)
    pagina = gerente.get("/execucoes/list/").get_data(as_text=True)
    assert all(texto in pagina for texto in ("Aplicar acessos na rede", "Outra coisa", "Falhou", "assim não", "3 de 1.200"))
    assert "Falhou" in gerente.get(f"/execucoes/show/{morta}").get_data(as_text=True)
    gerente.post("/execucoes/action_post", data={"action": "tentar_de_novo", "rowid": [morta]})
    gerente.post(f"/execucoes/action/cancelar/{espera}")
    assert [na_base(app, linha, t).estado for t in (morta, espera)] == [E.pendente, E.cancelada]


def test_the_page_of_an_execution_offers_only_what_its_state_allows(app, gerente) -> None:
    espera, feita, morta = (na_base(app, agendar, "aplicar_rede") for _n in range(3))
    for numero, estado in ((espera, E.pendente), (feita, E.feita), (morta, E.morta)):
        na_base(app, mudar, numero, estado=estado)
    ofertas = [set(re.findall(r"/execucoes/action/(\w+)/", gerente.get(f"/execucoes/show/{numero}").text)) for numero in (espera, feita, morta)]
    assert ofertas == [{"tentar_de_novo", "cancelar"}, set(), {"tentar_de_novo"}]


def test_the_agenda_shows_every_job_and_runs_one_now(app, gerente, manipulador) -> None:
    with registro_de_manipuladores() as registrar, agenda_de(Job("t_job", cada(minutes=15), "Trabalho de teste"), Job("sem", diario("03:00"), "Sem ninguém")):
        registrar(execucao.tarefa, lambda _s: None, nome="t_job")
        pagina = gerente.get("/agenda-de-tarefas/").get_data(as_text=True)
        assert all(texto in pagina for texto in ("Trabalho de teste", "a cada 15 min", "Em dia", "Sem ninguém", "Indisponível", "Nunca iniciado"))
        assert gerente.post("/agenda-de-tarefas/t_job/executar").status_code == 302
        assert gerente.post("/agenda-de-tarefas/t_job/pausar").status_code == 302
        assert "Pausado" in gerente.get("/agenda-de-tarefas/").get_data(as_text=True)
        gerente.post("/agenda-de-tarefas/inexistente/executar")
        assert "Não há trabalho agendado" in gerente.get("/agenda-de-tarefas/").get_data(as_text=True)
    with app.app_context():
        assert em_estado(E.pendente)
        assert db_pausado("t_job")


def db_pausado(nome: str) -> bool:
    """Whether the job is paused."""
    with transacao() as sessao:
        return not sessao.get(EstadoAgenda, nome).ativa


def test_the_agenda_says_that_effects_wait_for_the_copy_to_be_confirmed(app, gerente) -> None:
    with app.app_context(), registro_de_manipuladores() as registrar:
        tarefa_id = agendar(registrar(execucao.efeito, lambda _ex: None))
        with transacao() as s:
            s.delete(s.get(Instancia, 1))
        rodar_ja(tarefa_id)
    assert "1 tarefa espera que um administrador confirme esta cópia" in gerente.get("/agenda-de-tarefas/").get_data(as_text=True)


def test_who_may_not_see_the_schedule_cannot_run_it(app, http) -> None:
    with app.app_context(), transacao() as s:
        um_usuario(s, "Tecnico", usuario="tecnico")
    http.entrar("tecnico")
    assert http.get("/agenda-de-tarefas/").status_code in (302, 403, 404)
    http.post("/agenda-de-tarefas/aplicar_rede/executar")
    with app.app_context():
        assert em_estado(E.pendente) == []


# ---- commands


def comando(app, *argumentos: str) -> object:
    """``flask crm …``."""
    return app.test_cli_runner().invoke(args=["crm", *argumentos])


def test_the_job_command_runs_it_for_a_day_after_older_open_ones_and_tells_the_result(app, manipulador) -> None:
    dias: list[dt.date] = []

    def handler(_s, *, hoje: dt.date) -> dict[str, int]:
        dias.append(hoje)
        return {"marcadas": 2}

    nome = manipulador(execucao.tarefa, handler)
    with agenda_de(Job(nome, diario("00:05"), "")):
        with app.app_context(), transacao() as s:
            TarefaService(s).executar_agora(nome, hoje=dt.date(2026, 10, 31))
        resposta = comando(app, "job", nome, "--data", "01/11/2026")
    assert resposta.exit_code == 0
    assert "marcadas: 2" in resposta.output
    assert dias == [dt.date(2026, 10, 31), dt.date(2026, 11, 1)]


def test_no_job_runs_for_a_day_to_come(app, manipulador) -> None:
    """A slip in the year would bill, remind or cut off customers before their time."""
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with agenda_de(Job(nome, diario("00:05"), "")):
        recusado = comando(app, "job", nome, "--data", f"{relogio.hoje() + dt.timedelta(days=1):%d/%m/%Y}")
    assert recusado.exit_code == 1 and "A data não pode ser futura." in recusado.output and "Veja os nomes" not in recusado.output
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Tarefa).where(Tarefa.agenda == nome)) == 0


def test_the_job_command_says_why_it_failed_and_refuses_an_unknown_name(app, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: 1 / 0)
    with agenda_de(Job(nome, diario("00:05"), "")):
        falhou, desconhecido = comando(app, "job", nome), comando(app, "job", "nao_existe")
    assert (falhou.exit_code, desconhecido.exit_code) == (1, 1)
    assert "ZeroDivisionError" in falhou.output
    assert "nao_existe" in desconhecido.output


def test_the_agenda_command_lists_every_job_of_the_table(app) -> None:
    saida = comando(app, "agenda")
    assert saida.exit_code == 0
    assert len(saida.output.splitlines()) == len(agenda.tabela())
    assert "bloquear_clientes_vencidos" in saida.output


def test_the_last_run_and_the_open_one_are_told(sessao, manipulador) -> None:
    nome = manipulador(execucao.tarefa, lambda _s: None)
    with agenda_de(Job(nome, diario("00:05"), "")):
        primeira = servir(TarefaService.executar_agora, nome).id
        rodar_ja(primeira)
        segunda = servir(TarefaService.executar_agora, nome).id
        (s,) = operacao.situacoes(sessao)
        assert (s.ultima.id, s.aberta.id) == (primeira, segunda)
        assert sessao.scalars(select(Tarefa.id)).all() == [primeira, segunda]
