"""What workers and the network would have done: messages delivered without leaving, accesses applied, tasks done."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core import particoes, relogio
from app.core.datas import mais_meses
from app.core.transacao import esquecer_pendentes
from app.demonstracao.historia import Historia
from app.notificacoes import ambiente
from app.notificacoes.models import ModeloMensagem, Notificacao, StatusNotificacao
from app.notificacoes.regras import renderizar

_ENTREGAR = text("""
UPDATE notificacao n SET status = 'enviada', enviada_em = :agora, created_at = n.quando, tentativas = 1, assunto = x.assunto, corpo = x.corpo
  FROM unnest(CAST(:ids AS bigint[]), CAST(:assuntos AS text[]), CAST(:corpos AS text[])) AS x(id, assunto, corpo) WHERE n.id = x.id
""")
_DIARIO = text("""
INSERT INTO envio_mensagem (notificacao_id, canal, por, resultado, em)
SELECT id, canal, 'diario', 'enviada', :agora FROM notificacao WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id
""")
_SERVIDORES = text("""
UPDATE acesso_rede a SET servidor_id = s.id, mudou_em = :agora, proxima = :agora
  FROM contrato c, endereco e, pop p, servidor s
 WHERE a.servidor_id IS NULL AND c.id = a.contrato_id AND e.id = c.endereco_instalacao_id AND p.municipio = e.municipio AND s.pop_id = p.id
""")
_REDE = text("""
INSERT INTO evento_rede (contrato_id, servidor_id, acao, ok, em)
SELECT contrato_id, servidor_id, desejado, true, :agora FROM acesso_rede WHERE versao <> versao_aplicada ORDER BY id
""")
_APLICAR = text("""
UPDATE acesso_rede SET aplicado = desejado, versao_aplicada = versao, aplicado_em = :agora, tentativas = 0, erro = NULL
 WHERE versao <> versao_aplicada
""")
_TAREFAS = text("DELETE FROM tarefa WHERE agenda IS NULL AND created_at >= transaction_timestamp()")
_ESTATISTICAS = (
    "cliente", "endereco", "contrato", "ciclo_faturamento", "contrato_ciclo", "invoice", "item_invoice", "pagamento", "lancamento", "credito", "evento",
    "notificacao", "envio_mensagem", "bloqueio", "acesso_rede", "user_audit_log",
)


def abrir_particoes(sessao: Session, inicio: dt.date, hoje: dt.date) -> None:
    """The audit of past months goes where the audit of those months belongs."""
    while inicio <= hoje:
        particoes.garantir(sessao, ate=inicio)
        inicio = mais_meses(inicio, 1)


def entregar(sessao: Session, historia: Historia) -> None:
    """Every waiting message gets its text and is in the journal; nothing leaves.

    New ones are found by key: the index of what waits keeps all that ever waited until the transaction ends.
    """
    novas = (Notificacao.id > historia.ultima_mensagem, Notificacao.status == StatusNotificacao.pendente)
    consulta = select(Notificacao.id, Notificacao.evento, Notificacao.canal, Notificacao.dados).where(*novas)
    linhas = sessao.execute(consulta.order_by(Notificacao.id)).all()
    if not linhas:
        return
    historia.ultima_mensagem = linhas[-1].id
    comuns, hoje = ambiente.ler(sessao).comuns, relogio.hoje()
    modelos = {(m.evento, m.canal): (m.assunto, m.corpo) for m in sessao.scalars(select(ModeloMensagem))}
    textos = [renderizar(*modelos[evento, canal], {**comuns, **dados}, hoje=hoje) for _id, evento, canal, dados in linhas]
    ids, agora = [linha.id for linha in linhas], relogio.agora()
    sessao.execute(_ENTREGAR, {"agora": agora, "ids": ids, "assuntos": [a for a, _c in textos], "corpos": [c for _a, c in textos]})
    sessao.execute(_DIARIO, {"agora": agora, "ids": ids})


def assentar(sessao: Session) -> None:
    """The network did what was wanted, each access on its city's server."""
    sessao.flush()
    for comando in (_SERVIDORES, _REDE, _APLICAR):
        sessao.execute(comando, {"agora": relogio.agora()} if comando is not None else {})
    sessao.expire_all()


def dispensar(sessao: Session) -> None:
    """The tasks of the story are done: no worker sees them."""
    sessao.flush()
    sessao.execute(_TAREFAS)
    esquecer_pendentes(sessao)


def medir(sessao: Session) -> None:
    """Statistics for the planner: a base that grows in one transaction is known to nobody."""
    for tabela in _ESTATISTICAS:
        sessao.execute(text(f"ANALYZE {tabela}"))
