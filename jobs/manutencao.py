"""Housekeeping of the night: partitions ahead, done tasks and expired files deleted, old messages emptied."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Delete, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from app.clientes.models import AcessoDadoPessoal
from app.core import agenda, configuracao, particoes, relogio
from app.core.datas import mais_meses
from app.core.execucao import Avanco, longa, tarefa
from app.core.models import Arquivo, EstadoTarefa, FeitoUmaVez, Tarefa
from app.faturamento.models import Invoice
from app.faturamento.services.avisos import AVISO
from app.faturamento.services.pagamentos import ABERTAS
from app.integracoes.models import Importacao, ImportacaoLinha, StatusImportacao
from app.integracoes.services import ImportacaoService
from app.notificacoes.models import EnvioMensagem, Notificacao, StatusNotificacao
from app.privacidade.anonimizacao import AnonimizacaoService
from app.privacidade.estados import SituacaoPedido
from app.privacidade.models import PedidoTitular
from app.privacidade.regras import ANOS_ACESSOS

LOTE = 5000
LOTE_ARQUIVOS = 100
DIAS_TAREFA, DIAS_TAREFA_FREQUENTE, DIAS_FORMULARIO, MESES_TEXTO = 30, 1, 7, 13
Feito = tuple[int, dict[str, int], int | None]      # rows done, counts, and the id after which this step goes on (None: it is finished)


@tarefa("criar_particoes")
def criar_particoes(sessao: Session, *, hoje: dt.date) -> dict[str, int]:
    """Keep the monthly partitions three months ahead."""
    return {"criadas": particoes.garantir(sessao, ate=hoje)}


@longa("arquivar")
def arquivar(sessao: Session, cursor: dict[str, Any] | None) -> Avanco:
    """Delete tasks done 30 days ago (those of jobs that run all day: yesterday's), files past their date and keys of old forms, some thousand rows a slice."""
    apagar = (_frequentes_antigas(), _antigas(), _arquivos_expirados(), _formularios_antigos())
    nomes = ("tarefas_frequentes", "tarefas", "arquivos", "formularios")
    passo = cursor["passo"] if cursor else 0
    quantas = sessao.execute(apagar[passo].execution_options(synchronize_session=False)).rowcount
    cheio = quantas >= (LOTE_ARQUIVOS if nomes[passo] == "arquivos" else LOTE)
    proximo = passo if cheio else passo + 1
    return Avanco({"passo": proximo} if proximo < len(apagar) else None, feitos=quantas, contagens={nomes[passo]: quantas})


@longa("aplicar_retencao")
def aplicar_retencao(sessao: Session, cursor: dict[str, Any] | None, *, hoje: dt.date) -> Avanco:
    """What is kept only for a time goes: texts of messages after 13 months, the log of sending and the cells of imported files after the settings' days,
    the log of who saw personal data after 5 years, and of anonymous customers what the law kept until today."""
    passos = (_esvaziar_mensagens, _apagar_envios, _esquecer_importacoes, _apagar_acessos, _completar_anonimizacoes)
    passo, depois = (cursor["passo"], cursor["id"]) if cursor else (0, 0)
    feitos, contagens, proximo = passos[passo](sessao, depois, hoje)
    if proximo is None:
        passo, proximo = passo + 1, 0
    return Avanco({"passo": passo, "id": proximo} if passo < len(passos) else None, feitos=feitos, contagens={k: n for k, n in contagens.items() if n})


def _esvaziar_mensagens(sessao: Session, depois: int, hoje: dt.date) -> Feito:
    """Text, data and attachments go, the row and its key stay. Walks by id."""
    limite = relogio.instante(mais_meses(hoje, -MESES_TEXTO))
    pagina = select(Notificacao.id, Notificacao.created_at).where(Notificacao.id > depois).order_by(Notificacao.id).limit(LOTE)
    linhas = sessao.execute(pagina).all()
    if not linhas or linhas[0].created_at >= limite:
        return 0, {}, None
    ate = linhas[-1].id
    velhas = (Notificacao.id > depois, Notificacao.id <= ate, Notificacao.created_at < limite, Notificacao.status != StatusNotificacao.pendente)
    esvaziar = update(Notificacao).where(*velhas, _com_conteudo()).values(corpo=None, assunto=None, anexos=[], dados={})
    quantas = sessao.execute(esvaziar.execution_options(synchronize_session=False)).rowcount
    return len(linhas), {"mensagens": quantas}, ate


def _apagar_envios(sessao: Session, depois: int, hoje: dt.date) -> Feito:
    """Attempts of messages, oldest first. The proof that the notice of a still open invoice left stays: a block needs it."""
    limite = relogio.instante(hoje - dt.timedelta(days=configuracao.ler("notificacoes.dias_registro")))
    prova = exists().where(
        Notificacao.id == EnvioMensagem.notificacao_id, Notificacao.evento == AVISO, Invoice.id == Notificacao.invoice_id, Invoice.status.in_(ABERTAS)
    )
    velhos = select(EnvioMensagem.id).where(EnvioMensagem.em < limite, ~prova).order_by(EnvioMensagem.em).limit(LOTE)
    apagar = delete(EnvioMensagem).where(EnvioMensagem.id.in_(velhos))
    quantos = sessao.execute(apagar.execution_options(synchronize_session=False)).rowcount
    return quantos, {"envios": quantos}, depois if quantos >= LOTE else None


def _esquecer_importacoes(sessao: Session, depois: int, hoje: dt.date) -> Feito:
    """Cells of files whose import ended, or was never begun, long ago; what became of each line stays. Walks by id."""
    limite = relogio.instante(hoje - dt.timedelta(days=configuracao.ler("integracoes.dias_linhas")))
    quando = func.coalesce(Importacao.terminada_em, Importacao.created_at)
    com_celulas = exists().where(ImportacaoLinha.importacao_id == Importacao.id, ImportacaoLinha.dados.is_not(None))
    velhas = select(Importacao).where(Importacao.id > depois, quando < limite, Importacao.status != StatusImportacao.importando, com_celulas)
    servico, feitas, ultima = ImportacaoService(sessao), 0, None
    for importacao in sessao.scalars(velhas.order_by(Importacao.id).limit(LOTE_ARQUIVOS)).all():
        ultima = importacao.id
        if not servico.em_andamento(importacao):
            servico.descartar(importacao.id)
            feitas += 1
    return feitas, {"importacoes": feitas}, ultima


def _apagar_acessos(sessao: Session, depois: int, hoje: dt.date) -> Feito:
    """The log of who saw personal data, oldest first. Old by the database's clock too, whose trigger refuses younger rows."""
    limite = relogio.instante(mais_meses(hoje, -12 * ANOS_ACESSOS))
    de_verdade = AcessoDadoPessoal.em < func.now() - func.make_interval(ANOS_ACESSOS)
    velhos = select(AcessoDadoPessoal.id).where(AcessoDadoPessoal.em < limite, de_verdade).order_by(AcessoDadoPessoal.em).limit(LOTE)
    quantos = sessao.execute(delete(AcessoDadoPessoal).where(AcessoDadoPessoal.id.in_(velhos)).execution_options(synchronize_session=False)).rowcount
    return quantos, {"acessos": quantos}, depois if quantos >= LOTE else None


def _completar_anonimizacoes(sessao: Session, depois: int, hoje: dt.date) -> Feito:
    """One customer a slice: his lock is held as short as can be. Walks by id."""
    parados = select(PedidoTitular.id).where(PedidoTitular.id > depois, PedidoTitular.situacao == SituacaoPedido.aguardando_prazo)
    pedido_id = sessao.scalar(parados.order_by(PedidoTitular.id).limit(1))
    if pedido_id is None:
        return 0, {}, None
    feito = AnonimizacaoService(sessao).avancar(pedido_id, hoje=hoje)
    return 1, {"anonimizados": int(feito.situacao is SituacaoPedido.concluido)}, pedido_id


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


def _formularios_antigos() -> Delete:
    limite = relogio.agora() - dt.timedelta(days=DIAS_FORMULARIO)
    chaves = select(FeitoUmaVez.chave).where(FeitoUmaVez.created_at < limite).order_by(FeitoUmaVez.created_at).limit(LOTE)
    return delete(FeitoUmaVez).where(FeitoUmaVez.chave.in_(chaves))
