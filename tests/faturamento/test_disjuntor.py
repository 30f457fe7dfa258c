"""The 22:00 job stops at the circuit breaker at once, tells the administrators, and goes on with a person's word."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.bloqueio.models import Bloqueio
from app.contratos.estados import StatusContrato
from app.core import configuracao, relogio, tarefas
from app.core.erros import RegraViolada
from app.core.execucao import rodar
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import Notificacao
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import avisado, em, faturado

AVISADO, DIA = dt.date(2026, 2, 11), dt.date(2026, 2, 25)
NOITE = relogio.instante(DIA, dt.time(22))
MANHA = relogio.instante(DIA + dt.timedelta(days=1), dt.time(8))
JOB = "bloquear_clientes_vencidos"
BLOQUEADOS = select(func.count()).select_from(Bloqueio)


@pytest.fixture
def parada(app) -> int:
    """The night's occurrence, stopped: seven late customers are all of the base."""
    with app.app_context():
        with transacao() as s:
            f.um_usuario(s, "Admin", usuario="chefe")
            for _n in range(7):
                servico, _invoice = faturado(s)
            with em(AVISADO):
                avisado(s, servico, AVISADO)
            numero = tarefas.agendar(s, JOB, chave="agenda:teste", fila="longa", quando=NOITE)
            tarefa = s.get_one(Tarefa, numero)
            tarefa.agenda, tarefa.referencia, tarefa.estado = JOB, DIA, EstadoTarefa.pendente
        with relogio.mover_para(NOITE):
            assert rodar(numero) == "morta"
    return numero


def com(app, funcao):
    with app.app_context(), transacao() as s:
        s.expire_on_commit = False
        return funcao(s)


def rodar_novas(app, nome: str) -> list[str]:
    numeros = com(app, lambda s: s.scalars(select(Tarefa.id).where(Tarefa.nome == nome, Tarefa.estado == EstadoTarefa.publicada)).all())
    with app.app_context():
        return [rodar(n) for n in numeros]


def test_it_stops_at_once_says_why_and_rings_the_bell(app, http, parada: int) -> None:
    tarefa = com(app, lambda s: s.get_one(Tarefa, parada))
    assert (tarefa.tentativas, com(app, lambda s: s.scalar(BLOQUEADOS))) == (1, 0)
    assert "O disjuntor abriu: 7 contratos, 100,0% da base" in tarefa.erro
    assert rodar_novas(app, "avisar_tarefa_parada") == ["feita"]
    aviso = com(app, lambda s: s.scalars(select(Notificacao).where(Notificacao.evento == "tarefa_parada")).one())
    assert (aviso.dados["tarefa"], aviso.dados["motivo"]) == ("Bloquear clientes em atraso", tarefa.erro)
    http.entrar("chefe")
    assert "O disjuntor abriu" in http.get("/execucoes/list/?_flt_0_estado=morta").text


def test_a_person_confirms_and_it_goes_on_in_the_morning_once(app, http, parada: int) -> None:
    http.entrar("chefe")
    with relogio.mover_para(MANHA):
        http.post("/execucoes/action_post", data={"action": "confirmar", "rowid": [parada]})
        assert rodar_novas(app, JOB) == ["feita"] and com(app, lambda s: s.scalar(BLOQUEADOS)) == 7
        http.post(f"/execucoes/action/confirmar/{parada}")
    assert "já foi confirmada" in http.get("/execucoes/list/").text
    nova = com(app, lambda s: s.scalars(select(Tarefa).where(Tarefa.chave == f"confirmada:{parada}")).one())
    assert (nova.argumentos, nova.estado) == ({"hoje": DIA.isoformat(), "confirmado": True}, EstadoTarefa.feita)


def test_what_no_word_helps_is_not_confirmed(app, http, parada: int) -> None:
    outra = com(app, lambda s: tarefas.agendar(s, "aplicar_rede"))
    com(app, lambda s: setattr(s.get_one(Tarefa, outra), "estado", EstadoTarefa.morta))
    http.entrar("chefe")
    http.post(f"/execucoes/action/confirmar/{outra}")
    assert "à espera de uma confirmação" in http.get("/execucoes/list/").text


def test_who_paid_before_the_word_is_not_blocked(app, http, parada: int) -> None:
    from app.faturamento.estados import Metodo
    from app.faturamento.models import Invoice

    def pagar(s) -> None:
        invoice = s.scalars(select(Invoice).order_by(Invoice.id).limit(1)).one()
        FaturamentoService(s).registrar_pagamento(invoice.id, invoice.valor_total, Metodo.pix, em=DIA, referencia="e2e")

    http.entrar("chefe")
    with relogio.mover_para(MANHA):
        com(app, pagar)
        http.post("/execucoes/action_post", data={"action": "confirmar", "rowid": [parada]})
        rodar_novas(app, JOB)
        assert com(app, lambda s: s.scalar(BLOQUEADOS)) == 6


@pytest.mark.parametrize("quantos", [1, 2])
def test_up_to_the_limit_of_the_base_is_blocked_without_a_word(sessao, quantos: int) -> None:
    """2 of 20 is the limit itself."""
    configuracao.gravar(sessao, "faturamento.disjuntor_minimo", 0)
    f.uma_base_com_atrasados(sessao, quantos, 20)
    servico = FaturamentoService(sessao)
    with em(DIA):
        assert servico.bloquear_clientes_vencidos(hoje=DIA) == quantos
    assert sessao.scalar(BLOQUEADOS) == quantos


def test_more_than_the_limit_of_the_base_is_refused_and_nobody_is_blocked(sessao) -> None:
    configuracao.gravar(sessao, "faturamento.disjuntor_minimo", 0)
    f.uma_base_com_atrasados(sessao, 3, 20)
    servico = FaturamentoService(sessao)
    with em(DIA), pytest.raises(RegraViolada) as erro:
        servico.bloquear_clientes_vencidos(hoje=DIA)
    assert (erro.value.codigo, sessao.scalar(BLOQUEADOS)) == ("disjuntor", 0)
    assert "3 contratos, 15,0% da base" in erro.value.mensagem and "o limite é 10,0%" in erro.value.mensagem


@pytest.mark.parametrize(("limite", "abre"), [("14.99", True), ("15", False)])
def test_the_limit_is_the_one_of_the_policy_in_force(sessao, limite: str, abre: bool) -> None:
    configuracao.gravar(sessao, "faturamento.disjuntor_minimo", 0)
    f.uma_base_com_atrasados(sessao, 3, 20)
    servico = FaturamentoService(sessao)
    f.uma_politica(sessao, limite_percentual_da_base=Decimal(limite))
    with em(DIA):
        assert servico.simular_bloqueio(hoje=DIA).disjuntor is abre


@pytest.mark.parametrize(("quantos", "abre"), [(5, False), (6, True)])
def test_as_few_as_the_setting_never_open_it(sessao, quantos: int, abre: bool) -> None:
    """Five unless changed, whatever part of the base they are."""
    f.uma_base_com_atrasados(sessao, quantos, 8)
    servico = FaturamentoService(sessao)
    with em(DIA):
        assert servico.simular_bloqueio(hoje=DIA).disjuntor is abre


def test_the_base_is_the_active_contracts(sessao) -> None:
    """3 of 20 contracts are 15 %; with as many cancelled ones beside them they still are."""
    f.uma_base_com_atrasados(sessao, 3, 20)
    servico = FaturamentoService(sessao)
    for _n in range(20):
        f.um_contrato(sessao, status=StatusContrato.cancelado, faturar=False)
    with em(DIA):
        assert servico.simular_bloqueio(hoje=DIA).percentual == 15
