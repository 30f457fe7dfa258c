"""The base layer on a real database: commits, audit, tasks, facts, numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from app.core import eventos, numeracao, particoes, relogio, tarefas
from app.core.erros import TransicaoInvalida
from app.core.models import Evento, Tarefa, UserAuditLog
from app.core.transacao import apos_confirmar, transacao
from app.faturamento.estados import StatusInvoice
from tests import fabricas as f


def test_an_exception_leaves_nothing_behind_and_runs_no_after_commit(app_real) -> None:
    feito = []
    with app_real.app_context():
        with pytest.raises(RuntimeError), transacao() as sessao:
            f.um_cliente(sessao)
            apos_confirmar(sessao, lambda: feito.append(1))
            raise RuntimeError
        with transacao() as sessao:
            assert sessao.scalar(text("select count(*) from cliente")) == 0
    assert feito == []


def test_after_commit_runs_once_committed(app_real) -> None:
    feito = []
    with app_real.app_context(), transacao() as sessao:
        apos_confirmar(sessao, lambda: feito.append(1))
        assert feito == []
    assert feito == [1]


def test_a_change_is_audited_with_before_and_after_in_the_same_transaction(sessao) -> None:
    plano = f.um_plano(sessao, preco=Decimal("99.90"))
    plano.preco = Decimal("109.90")
    sessao.flush()
    linha = sessao.scalars(select(UserAuditLog).where(UserAuditLog.resource == "plano", UserAuditLog.action == "alterar")).one()
    assert (linha.antes, linha.depois) == ({"preco": "99.90"}, {"preco": "109.90"})


def test_a_secret_is_never_written_to_the_audit(sessao) -> None:
    contrato = f.um_contrato(sessao, senha_pppoe="segredo-do-cliente")
    linhas = sessao.scalars(select(UserAuditLog).where(UserAuditLog.resource == "contrato", UserAuditLog.resource_id == str(contrato.id))).all()
    assert linhas and all("segredo-do-cliente" not in str(linha.depois) for linha in linhas)
    assert "segredo-do-cliente" not in sessao.scalar(text("select senha_pppoe from contrato"))


SO_CRESCE = ("update user_audit_log set action = 'x'", "delete from user_audit_log", "truncate user_audit_log", "truncate user_audit_log_default")


@pytest.mark.parametrize("comando", [*SO_CRESCE, "truncate {mes}", "truncate {novo}", "update {mes} set action = 'x'", "delete from {mes}"])
def test_the_audit_trail_only_grows(sessao, comando: str) -> None:
    """Its months neither, those that were there and those made later."""
    longe = relogio.hoje() + dt.timedelta(days=800)
    sessao.execute(text("DROP TRIGGER auditoria_nao_esvazia ON user_audit_log_default"))      # as an older version would leave one
    particoes.garantir(sessao, ate=longe)
    comando = comando.format(mes=f"user_audit_log_{relogio.agora():%Y_%m}", novo=f"user_audit_log_{longe:%Y_%m}")
    f.um_plano(sessao)
    with pytest.raises(DBAPIError, match="append-only"), sessao.begin_nested():
        sessao.execute(text(comando))


def test_a_task_key_is_used_once(sessao) -> None:
    assert tarefas.agendar(sessao, "qualquer", chave="unica", x=1) is not None
    assert tarefas.agendar(sessao, "qualquer", chave="unica", x=2) is None
    assert sessao.scalars(select(Tarefa)).one().argumentos == {"x": 1}


def test_a_fact_writes_the_timeline_and_one_task_per_reaction(sessao) -> None:
    eventos.declarar("fato_de_teste", "Fato de teste")
    originais = dict(eventos._REACOES)
    eventos.ligar_reacoes({"fato_de_teste": ("tarefa_a",), "*": ("tarefa_b",)})
    try:
        eventos.registrar(sessao, "fato_de_teste", cliente_id=7, valor="1.00")
    finally:
        eventos.ligar_reacoes(originais)
        del eventos._TIPOS["fato_de_teste"]
    assert sessao.scalars(select(Evento)).one().dados == {"valor": "1.00"}
    assert sorted(sessao.scalars(select(Tarefa.nome))) == ["tarefa_a", "tarefa_b"]


def test_numbers_are_consecutive_within_a_series(sessao) -> None:
    assert [numeracao.proximo(sessao, "contrato-2026") for _ in range(3)] == [1, 2, 3]
    assert numeracao.proximo(sessao, "contrato-2026", 10) == 4
    assert numeracao.proximo(sessao, "contrato-2026") == 14
    assert numeracao.proximo(sessao, "contrato-2027") == 1


def test_a_state_refuses_what_may_not_follow(sessao) -> None:
    invoice = f.uma_invoice(sessao)
    invoice.status = StatusInvoice.cancelada
    with pytest.raises(TransicaoInvalida):
        invoice.status = StatusInvoice.paga


@pytest.mark.parametrize("valor", [99.9, Decimal("NaN"), Decimal("1.005")])
def test_the_money_column_refuses_what_is_not_centavos(sessao, valor: object) -> None:
    with pytest.raises(StatementError), sessao.begin_nested():
        f.um_plano(sessao, preco=valor)


def test_a_naive_instant_is_refused(sessao) -> None:
    with pytest.raises((StatementError, TypeError)), sessao.begin_nested():
        tarefas.agendar(sessao, "x", quando=dt.datetime(2026, 1, 1))      # noqa: DTZ001 - that is the point
