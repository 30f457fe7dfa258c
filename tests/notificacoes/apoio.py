"""Short words for the tests of sending."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import select, update

from app.core import execucao, relogio, tarefas
from app.core.models import Tarefa
from app.core.transacao import transacao
from app.notificacoes.models import Canal, CanalEnvio, EnvioMensagem, Notificacao
from app.notificacoes.services import DESPACHAR, NotificacaoService

_n = itertools.count(1)
FATURA = {"nome": "João & Açucena", "numero": "000000007", "valor": "R$ 99,90", "vencimento": "10/12/2026"}


def agendar(evento: str = "lembrete_vencimento", **kw: object) -> int:
    """A message, committed; its id."""
    with transacao() as s:
        padrao = {"chave": f"teste:{next(_n)}", "destinatario": "maria@exemplo.com.br", "dados": FATURA}
        return NotificacaoService(s).agendar(evento, **{**padrao, **kw}).id


def despachar() -> str:
    """Run the real task; the state it ends in."""
    with transacao() as s:
        tarefa_id = tarefas.agendar(s, DESPACHAR)
    return execucao.rodar(tarefa_id)


def falha_da_tarefa() -> str | None:
    """What the last run says went wrong."""
    with transacao() as s:
        return s.scalar(select(Tarefa.erro).where(Tarefa.nome == DESPACHAR).order_by(Tarefa.id.desc()).limit(1))


def linha(notificacao_id: int) -> Notificacao:
    """The row as the database has it."""
    with transacao() as s:
        achada = s.get(Notificacao, notificacao_id, populate_existing=True)
        s.expunge(achada)
    return achada


def historico(notificacao_id: int) -> list[tuple[str, str]]:
    """(driver, result) of every attempt."""
    with transacao() as s:
        consulta = select(EnvioMensagem.por, EnvioMensagem.resultado).where(EnvioMensagem.notificacao_id == notificacao_id).order_by(EnvioMensagem.id)
        return [(por, resultado.name) for por, resultado in s.execute(consulta)]


def canal(qual: Canal = Canal.email) -> CanalEnvio:
    """State of a channel."""
    with transacao() as s:
        achado = s.scalars(select(CanalEnvio).where(CanalEnvio.canal == qual)).one()
        s.expunge(achado)
    return achado


def vencer() -> None:
    """Time passes: claims end, and what waits for its next attempt or for a silent server is due."""
    antes = relogio.agora() - dt.timedelta(seconds=1)
    with transacao() as s:
        s.execute(update(Notificacao).values(reservada_ate=antes, quando=antes).execution_options(synchronize_session=False))
        s.execute(update(CanalEnvio).values(espera_ate=None).execution_options(synchronize_session=False))
