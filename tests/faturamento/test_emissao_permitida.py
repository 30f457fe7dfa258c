"""When invoices may be issued at all: never dated in the future, never without a company; a preview may look ahead."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core import relogio, tarefas
from app.core.erros import RegraViolada
from app.core.execucao import rodar
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.models import Invoice
from app.faturamento.services import FaturamentoService, ItemManual
from tests import fabricas as f
from tests.faturamento.test_motor import HOJE, um_devido

AMANHA = HOJE + dt.timedelta(days=1)
VERBOS = {
    "iniciar_execucao": lambda servico, dia: servico.iniciar_execucao(hoje=dia),
    "abrir_execucao": lambda servico, dia: servico.abrir_execucao(hoje=dia, origem="agenda"),
    "rodar_do_dia": lambda servico, dia: servico.rodar_do_dia(hoje=dia),
    "gerar_invoices_automaticas": lambda servico, dia: servico.gerar_invoices_automaticas(hoje=dia),
    "gerar_invoice": lambda servico, dia: servico.gerar_invoice(
        f.um_cliente(servico.sessao).id, [ItemManual("Visita", Decimal("10"))], vencimento=dia + dt.timedelta(days=9), em=dia
    ),
}


@pytest.fixture(autouse=True)
def no_dia():
    """The clock at the day of the run."""
    with relogio.mover_para(HOJE):
        yield


def sem_empresa(sessao) -> None:
    sessao.delete(f.uma_empresa(sessao))
    sessao.flush()


@pytest.mark.parametrize("verbo", VERBOS)
def test_nothing_is_issued_on_a_day_to_come(sessao, verbo: str) -> None:
    um_devido(sessao, vencimento=AMANHA + dt.timedelta(days=10))
    assert FaturamentoService(sessao).simular(hoje=AMANHA).quantidade == 1, "a preview may look ahead"
    with pytest.raises(RegraViolada) as erro:
        VERBOS[verbo](FaturamentoService(sessao), AMANHA)
    assert (erro.value.codigo, sessao.scalar(select(func.count()).select_from(Invoice))) == ("emissao_futura", 0)


@pytest.mark.parametrize("verbo", VERBOS)
def test_nothing_is_issued_without_a_company(sessao, verbo: str) -> None:
    um_devido(sessao)
    sem_empresa(sessao)
    with pytest.raises(RegraViolada) as erro:
        VERBOS[verbo](FaturamentoService(sessao), HOJE)
    assert (erro.value.codigo, sessao.scalar(select(func.count()).select_from(Invoice))) == ("sem_empresa", 0)


def com(app, funcao):
    with app.app_context(), transacao() as s:
        s.expire_on_commit = False
        return funcao(s)


def _agendada(s) -> int:
    um_devido(s)
    sem_empresa(s)
    numero = tarefas.agendar(s, "gerar_invoices_diarias", chave="agenda:teste", fila="longa", quando=relogio.agora())
    tarefa = s.get_one(Tarefa, numero)
    tarefa.agenda, tarefa.referencia, tarefa.estado = "gerar_invoices_diarias", HOJE, EstadoTarefa.pendente
    return numero


def test_the_nightly_job_without_a_company_stops_at_once_and_rings_the_administrators_bell(app) -> None:
    numero = com(app, _agendada)
    with app.app_context():
        assert rodar(numero) == "morta"
    tarefa = com(app, lambda s: s.get_one(Tarefa, numero))
    assert (tarefa.tentativas, tarefa.erro) == (1, "Cadastre a empresa (razão social e CNPJ) antes de emitir faturas.")
    assert com(app, lambda s: s.scalar(select(func.count()).select_from(Tarefa).where(Tarefa.nome == "avisar_tarefa_parada"))) == 1


def test_the_page_of_a_day_to_come_is_only_a_preview(app, http) -> None:
    http.entrar(com(app, lambda s: (um_devido(s), f.um_usuario(s, "Financeiro"))[1]).username)
    hoje, depois = http.get("/faturamento/rodada/").text, http.get(f"/faturamento/rodada/?referencia={AMANHA}").text
    assert "Emitir faturas" in hoje and "Só uma prévia" not in hoje
    assert "Emitir faturas" not in depois and "Só uma prévia" in depois
    assert "data futura" in http.post("/faturamento/rodada/emitir", data={"referencia": AMANHA.isoformat()}, follow_redirects=True).text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Tarefa).where(Tarefa.nome == "emitir_rodada")) == 0


def test_the_page_without_a_company_leads_to_its_screen_and_issues_nothing(app, http) -> None:
    http.entrar(com(app, lambda s: (um_devido(s), sem_empresa(s), f.um_usuario(s, "Admin"))[2]).username)
    pagina = http.get("/faturamento/rodada/").text
    assert 'href="/empresas/add"' in pagina and "Emitir faturas" not in pagina


def test_the_command_says_why_it_issues_nothing(app) -> None:
    com(app, um_devido)
    with app.app_context():
        feito = app.test_cli_runner().invoke(args=["crm", "faturar", "--data", AMANHA.isoformat()])
    assert feito.exit_code == 1 and "data futura" in feito.output
