"""Housekeeping of the night: what is deleted, what stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, text

from app.core import arquivos, auditoria, configuracao, execucao, relogio
from app.core.models import Arquivo, ArquivoParte, EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.faturamento.estados import StatusInvoice
from app.integracoes.models import Importacao, ImportacaoLinha, ResultadoLinha, StatusImportacao
from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, ResultadoTentativa, StatusNotificacao
from jobs import manutencao
from tests.core.tarefas_apoio import agendar, linha
from tests.fabricas import uma_invoice

E = EstadoTarefa
DIA = dt.timedelta(days=1)


def terminada(sessao, ha: dt.timedelta, estado: EstadoTarefa = E.feita, agenda: str | None = None) -> int:
    """A task that ended some time ago."""
    valores = {"nome": "x", "estado": estado, "agenda": agenda, "terminada_em": relogio.agora() - ha if estado in (E.feita, E.cancelada, E.morta) else None}
    return sessao.scalar(insert(Tarefa).values(**valores).returning(Tarefa.id))


def rodar(nome: str) -> Tarefa:
    """The real handler, through the engine."""
    tarefa_id = agendar(nome, fila="longa")
    assert execucao.rodar(tarefa_id) == "feita"
    return linha(tarefa_id)


def test_done_tasks_are_kept_thirty_days_and_failed_ones_stay(sessao) -> None:
    with transacao() as s:
        velhas = [terminada(s, 31 * DIA), terminada(s, 31 * DIA, E.cancelada)]
        ficam = [terminada(s, 29 * DIA), terminada(s, 31 * DIA, E.morta), terminada(s, DIA, E.pendente)]
    feita = rodar("arquivar")
    restam = set(sessao.scalars(select(Tarefa.id)))
    assert restam == {*ficam, feita.id}
    assert feita.contagens["tarefas"] == len(velhas)


def test_runs_of_jobs_that_run_all_day_are_kept_one_day(sessao) -> None:
    with transacao() as s:
        velha, diaria, nova = (
            terminada(s, 2 * DIA, agenda="aplicar_rede"), terminada(s, 2 * DIA, agenda="criar_particoes"), terminada(s, DIA / 2, agenda="aplicar_rede"))
    feita = rodar("arquivar")
    assert set(sessao.scalars(select(Tarefa.id))) == {diaria, nova, feita.id}
    assert velha not in (diaria, nova)


def test_expired_files_go_with_their_content(sessao) -> None:
    with transacao() as s:
        expirado = arquivos.guardar(s, "a.csv", "text/csv", b"x" * 10, expira_em=relogio.agora() - DIA).id
        fica = arquivos.guardar(s, "b.csv", "text/csv", b"y" * 10).id
    rodar("arquivar")
    assert set(sessao.scalars(select(Arquivo.id))) == {fica}
    assert set(sessao.scalars(select(ArquivoParte.arquivo_id))) == {fica}
    assert expirado != fica


def test_deleting_goes_on_in_slices(sessao, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manutencao, "LOTE", 3)
    with transacao() as s:
        for _ in range(7):
            terminada(s, 40 * DIA)
    assert rodar("arquivar").contagens["tarefas"] == 7


def mensagem(sessao, n: int, criada: dt.datetime, status: StatusNotificacao = StatusNotificacao.enviada) -> int:
    """A message with text, data and attachment."""
    valores = {
        "chave": f"m{n}", "evento": "x", "canal": Canal.email, "destinatario": "a@exemplo.com.br", "assunto": "Fatura", "corpo": "Olá", "dados": {"a": 1},
        "anexos": [{"pdf": "invoice", "id": 1, "nome": "f.pdf"}], "status": status, "created_at": criada,
    }
    return sessao.scalar(insert(Notificacao).values(**valores).returning(Notificacao.id))


def test_messages_lose_their_text_after_thirteen_months_and_keep_row_and_key(sessao, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manutencao, "LOTE", 2)
    agora = relogio.agora()
    with transacao() as s:
        velhas = [mensagem(s, n, agora - 400 * DIA) for n in range(3)]
        pendente = mensagem(s, 8, agora - 399 * DIA, StatusNotificacao.pendente)
        nova = mensagem(s, 9, agora - 300 * DIA)
    assert rodar("aplicar_retencao").contagens == {"mensagens": 3}
    vazia = (None, None, {}, [])
    conteudo = {i: tuple(r) for i, *r in sessao.execute(select(Notificacao.id, Notificacao.assunto, Notificacao.corpo, Notificacao.dados, Notificacao.anexos))}
    assert [conteudo[i] for i in velhas] == [vazia] * 3
    assert conteudo[pendente][1] == conteudo[nova][1] == "Olá"
    assert set(sessao.scalars(select(Notificacao.chave))) == {"m0", "m1", "m2", "m8", "m9"}


def tentativa(s, notificacao_id: int, ha: dt.timedelta) -> int:
    """An attempt of a message, some time ago."""
    valores = {"notificacao_id": notificacao_id, "canal": Canal.email, "por": "smtp", "resultado": ResultadoTentativa.enviada, "em": relogio.agora() - ha}
    return s.scalar(insert(EnvioMensagem).values(**valores).returning(EnvioMensagem.id))


def test_the_log_of_sending_is_kept_for_the_settings_days(sessao, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manutencao, "LOTE", 2)
    with transacao() as s:
        configuracao.gravar(s, "notificacoes.dias_registro", 100)
        numero = mensagem(s, 1, relogio.agora() - 120 * DIA)
        velhas, nova = [tentativa(s, numero, 101 * DIA + n * DIA) for n in range(5)], tentativa(s, numero, 99 * DIA)
    assert rodar("aplicar_retencao").contagens == {"envios": len(velhas)}
    assert sessao.scalars(select(EnvioMensagem.id)).all() == [nova]


@pytest.mark.parametrize(("status", "fica"), [(StatusInvoice.vencida, True), (StatusInvoice.paga, False)])
def test_the_proof_of_the_notice_stays_as_long_as_its_invoice_is_open(sessao, status: StatusInvoice, fica: bool) -> None:
    with transacao() as s:
        extra = {"valor_pago": Decimal("99.90"), "data_pagamento": relogio.hoje()} if status is StatusInvoice.paga else {}
        invoice = uma_invoice(s, vencimento=relogio.hoje() - 600 * DIA, status=status, **extra)
        aviso = s.get(Notificacao, mensagem(s, 1, relogio.agora() - 590 * DIA))
        aviso.evento, aviso.invoice_id = "aviso_vencida", invoice.id
        tentativa(s, aviso.id, 590 * DIA)
        tentativa(s, mensagem(s, 2, relogio.agora()), 590 * DIA)
    rodar("aplicar_retencao")
    assert bool(sessao.scalars(select(EnvioMensagem.id).where(EnvioMensagem.notificacao_id == aviso.id)).all()) is fica
    assert len(sessao.scalars(select(EnvioMensagem.id)).all()) == fica


def importacao(s, ha: dt.timedelta, status: StatusImportacao, tarefa_id: int | None = None) -> int:
    """A file of two lines, one rejected, received some time ago."""
    quando = relogio.agora() - ha
    feita = quando if status is StatusImportacao.concluida else None
    valores = {"nome": "a.csv", "formato": "CSV", "linhas": 2, "status": status, "created_at": quando, "terminada_em": feita, "tarefa_id": tarefa_id}
    numero = s.scalar(insert(Importacao).values(**valores).returning(Importacao.id))
    s.add_all([ImportacaoLinha(importacao_id=numero, numero=n, dados='["a", ["Maria"]]', resultado=ResultadoLinha.rejeitada, detalhe="x") for n in (2, 3)])
    return numero


def test_lines_of_imported_files_are_kept_for_the_settings_days(sessao, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished one keeps what became of its lines; one never begun is given up; one that is going on is left alone."""
    monkeypatch.setattr(manutencao, "LOTE_ARQUIVOS", 2)
    M = StatusImportacao
    with transacao() as s:
        configuracao.gravar(s, "integracoes.dias_linhas", 30)
        aberta = terminada(s, DIA, E.pendente)
        feita, parada, nova, andando, meio = (
            importacao(s, 31 * DIA, M.concluida), importacao(s, 31 * DIA, M.conferida), importacao(s, 29 * DIA, M.concluida),
            importacao(s, 31 * DIA, M.conferindo, aberta), importacao(s, 31 * DIA, M.importando))
    assert rodar("aplicar_retencao").contagens == {"importacoes": 2}
    linhas = select(ImportacaoLinha.importacao_id, ImportacaoLinha.detalhe, ImportacaoLinha.dados.is_not(None)).distinct()
    assert {tuple(i) for i in sessao.execute(linhas)} == {(feita, "x", False), (nova, "x", True), (andando, "x", True), (meio, "x", True)}
    assert sessao.scalar(select(Importacao.status).where(Importacao.id == parada)) is M.descartada
    assert rodar("aplicar_retencao").contagens == {}


def test_partitions_are_made_ahead(sessao) -> None:
    with relogio.mover_para(dt.date(2031, 5, 10)):
        assert rodar("criar_particoes").contagens["criadas"] == 5
    assert sessao.scalar(text("select to_regclass('user_audit_log_2031_08')")) is not None


def test_a_month_that_was_written_without_a_partition_of_its_own_stays_where_it_is(sessao) -> None:
    """The installation was off for many months: people worked before the first night."""
    with relogio.mover_para(dt.date(2032, 5, 10)):
        with transacao() as s:
            auditoria.registrar(s, "entrada", "ab_user", 1)
        assert rodar("criar_particoes").contagens["criadas"] == 4
        assert rodar("criar_particoes").contagens["criadas"] == 0
    assert sessao.scalar(text("select to_regclass('user_audit_log_2032_05')")) is None
    assert sessao.scalar(text("select count(*) from user_audit_log_default where timestamp >= '2032-05-01'")) == 1
