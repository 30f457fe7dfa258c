"""Housekeeping of the night: partitions ahead, done tasks and expired files deleted, old messages emptied."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Delete, delete, or_, select, text, update
from sqlalchemy.orm import Session

from app.core import agenda, particoes, relogio
from app.core.datas import mais_meses
from app.core.execucao import Avanco, longa, tarefa
from app.core.models import Arquivo, EstadoTarefa, Tarefa
from app.notificacoes.models import Notificacao, StatusNotificacao

LOTE = 5000
LOTE_ARQUIVOS = 100
DIAS_TAREFA, DIAS_TAREFA_FREQUENTE, MESES_TEXTO = 30, 1, 13


@tarefa("criar_particoes")
def criar_particoes(sessao: Session, *, hoje: dt.date) -> dict[str, int]:
    """Keep the monthly partitions three months ahead."""
    return {"criadas": particoes.garantir(sessao, ate=hoje)}


@longa("arquivar")
def arquivar(sessao: Session, cursor: dict[str, Any] | None) -> Avanco:
    """Delete tasks done 30 days ago (those of jobs that run all day: yesterday's) and files past their date, some thousand rows a slice."""
    apagar = (_frequentes_antigas(), _antigas(), _arquivos_expirados())
    nomes = ("tarefas_frequentes", "tarefas", "arquivos")
    passo = cursor["passo"] if cursor else 0
    quantas = sessao.execute(apagar[passo].execution_options(synchronize_session=False)).rowcount
    cheio = quantas >= (LOTE_ARQUIVOS if nomes[passo] == "arquivos" else LOTE)
    proximo = passo if cheio else passo + 1
    return Avanco({"passo": proximo} if proximo < len(apagar) else None, feitos=quantas, contagens={nomes[passo]: quantas})


@longa("aplicar_retencao")
def aplicar_retencao(sessao: Session, cursor: dict[str, Any] | None, *, hoje: dt.date) -> Avanco:
    """Empty messages older than 13 months: text, data and attachments go, the row and its key stay. Walks by id."""
    depois = cursor["id"] if cursor else 0
    limite = relogio.instante(mais_meses(hoje, -MESES_TEXTO))
    pagina = select(Notificacao.id, Notificacao.created_at).where(Notificacao.id > depois).order_by(Notificacao.id).limit(LOTE)
    linhas = sessao.execute(pagina).all()
    if not linhas or linhas[0].created_at >= limite:
        return Avanco(None)
    ate = linhas[-1].id
    velhas = (Notificacao.id > depois, Notificacao.id <= ate, Notificacao.created_at < limite, Notificacao.status != StatusNotificacao.pendente)
    esvaziar = update(Notificacao).where(*velhas, _com_conteudo()).values(corpo=None, assunto=None, anexos=[], dados={})
    quantas = sessao.execute(esvaziar.execution_options(synchronize_session=False)).rowcount
    return Avanco({"id": ate}, feitos=len(linhas), contagens={"mensagens": quantas})


def _com_conteudo() -> ColumnElement[bool]:
    n = Notificacao
    return or_(n.corpo.is_not(None), n.assunto.is_not(None), n.anexos != text("'[]'::jsonb"), n.dados != text("'{}'::jsonb"))


def _antigas() -> Delete:
    return _terminadas(dt.timedelta(days=DIAS_TAREFA))


def _frequentes_antigas() -> Delete:
    nomes = [job.nome for job in agenda.tabela().values() if isinstance(job.quando, agenda.Cada)]
    return _terminadas(dt.timedelta(days=DIAS_TAREFA_FREQUENTE), Tarefa.agenda.in_(nomes))


def _terminadas(idade: dt.timedelta, *mais: Any) -> Delete:
    feitas = Tarefa.estado.in_((EstadoTarefa.feita, EstadoTarefa.cancelada))
    ids = select(Tarefa.id).where(feitas, Tarefa.terminada_em < relogio.agora() - idade, *mais).order_by(Tarefa.terminada_em).limit(LOTE)
    return delete(Tarefa).where(Tarefa.id.in_(ids))


def _arquivos_expirados() -> Delete:
    ids = select(Arquivo.id).where(Arquivo.expira_em < relogio.agora()).order_by(Arquivo.expira_em).limit(LOTE_ARQUIVOS)
    return delete(Arquivo).where(Arquivo.id.in_(ids))
