"""Housekeeping of the night: what is deleted, what stays."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert, select

from app.core import arquivos, execucao, relogio
from app.core.models import Arquivo, ArquivoParte, EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.notificacoes.models import Canal, Notificacao, StatusNotificacao
from jobs import manutencao
from tests.core.tarefas_apoio import agendar, linha

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


def test_partitions_are_made_ahead(sessao) -> None:
    from sqlalchemy import text

    with relogio.mover_para(dt.date(2031, 5, 10)):
        assert rodar("criar_particoes").contagens["criadas"] == 5
    assert sessao.scalar(text("select to_regclass('user_audit_log_2031_08')")) is not None
