"""Execution of tasks: ``rodar(tarefa_id)`` is the only function RQ ever calls. Handlers are registered by the three decorators.

::

    @tarefa("expirar_desbloqueios_confianca")
    def expirar(sessao, *, hoje): ...                      # work and mark in one transaction

    @efeito("despachar_notificacoes")
    def despachar(execucao):
        with execucao.transacao() as sessao: lote = ...    # claim rows, copy plain data
        resposta = smtp.enviar(lote)                       # no transaction open
        with execucao.transacao() as sessao: ...           # record the answer
        return CONTINUAR if execucao.prazo_esgotado else None

    @longa("gerar_invoices_diarias")
    def gerar(sessao, cursor, *, hoje): ...                # one slice; returns Avanco(cursor | None, feitos=…, contagens={…})
"""

from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import instancia, relogio
from app.core.ator import agindo_como
from app.core.execucao import posse as posses
from app.core.execucao.contexto import Batimento, Execucao
from app.core.execucao.manipuladores import CONTINUAR, TENTATIVAS, Avanco, Manipulador, Tipo, efeito, esquecer, longa, manipulador, nomes, tarefa
from app.core.execucao.posse import ABERTOS, ESPERANDO, Cancelada, Perdida, Posse
from app.core.execucao.rodadores import RODADORES
from app.core.models import EstadoTarefa as E
from app.core.models import Tarefa
from app.core.transacao import transacao

__all__ = [
    "ABERTOS", "CONTINUAR", "ESPERANDO", "QUIETA", "TENTATIVAS", "Avanco", "Cancelada", "Execucao", "Manipulador", "Perdida", "Posse", "Tipo", "abandonada",
    "efeito", "esquecer", "longa", "manipulador", "nomes", "rodar", "tarefa",
]

log = logging.getLogger(__name__)
QUIETA = "adiada: os efeitos externos desta cópia estão desligados"
ADIAMENTO = dt.timedelta(seconds=60)


class SemManipulador(LookupError):
    """No module registered a handler of that name (an older worker beside newer code)."""


def rodar(tarefa_id: int) -> str:
    """Run a task if it is ours to run, inside an application context. Returns the state it ends in, ``repetida`` when there was nothing to do.

    Never raises for what a handler raised: the row tells. A shutdown of the worker goes through after the task was given back.
    """
    with transacao() as sessao:
        linha = sessao.execute(select(Tarefa.nome, Tarefa.agenda, Tarefa.chave).where(Tarefa.id == tarefa_id)).one_or_none()
        if linha is None:
            return "repetida"
        quem = manipulador(linha.nome)
        if _adiar(sessao, tarefa_id, quem, linha.agenda, a_mao=linha.chave is None):
            return E.pendente.name
        posse = posses.reivindicar(sessao, tarefa_id, quem)
    return _executar(quem, posse) if posse else "repetida"


def abandonada(tarefa_id: int) -> None:
    """The process that was running a task is known to be dead: do not wait for the lease to end."""
    with transacao() as sessao:
        colunas = (Tarefa.id, Tarefa.nome, Tarefa.fila, Tarefa.tentativas)
        linha = sessao.execute(select(*colunas).where(Tarefa.id == tarefa_id, Tarefa.estado == E.executando).with_for_update()).one_or_none()
        if linha:
            quem = manipulador(linha.nome)
            posses.morreu(sessao, Posse(*linha, {}, None, None, None), quem.tentativas if quem else TENTATIVAS)


def _adiar(sessao: Session, tarefa_id: int, quem: Manipulador | None, agenda: str | None, *, a_mao: bool) -> bool:
    """Put off a task that may not run now; this costs no attempt. What a person asked for does not wait for its hours."""
    from app.core import agenda as agendas  # the schedule is built on this module

    if quem and quem.tipo is Tipo.efeito and not instancia.efeitos_ligados():
        return _devolver_a_espera(sessao, tarefa_id, relogio.agora() + ADIAMENTO, QUIETA)
    if agenda is None:
        return False
    if agendas.espera_por(sessao, tarefa_id, agenda):
        return _devolver_a_espera(sessao, tarefa_id, None, None)
    if a_mao:
        return False
    abre = agendas.abre_em(agenda)
    return abre > relogio.agora() and _devolver_a_espera(sessao, tarefa_id, abre, None)


def _devolver_a_espera(sessao: Session, tarefa_id: int, quando: dt.datetime | None, motivo: str | None) -> bool:
    valores = {"estado": E.pendente, "arrendada_ate": None, "erro": motivo, **({"quando": quando} if quando else {})}
    comando = update(Tarefa).where(Tarefa.id == tarefa_id, Tarefa.estado.in_(ESPERANDO)).values(valores)
    sessao.execute(comando.execution_options(synchronize_session=False))
    return True


def _executar(quem: Manipulador | None, posse: Posse) -> str:
    """The boundary of handlers: whatever they raise ends in the row and in the log."""
    try:
        if quem is None:
            raise SemManipulador(f"nenhum manipulador para {posse.nome}")
        with agindo_como(posse.criado_por_id, rota=f"job:{posse.nome}", request_id=f"tarefa-{posse.id}"), Batimento(posse):
            return RODADORES[quem.tipo](quem, posse).name
    except Perdida as erro:
        log.warning("attempt lost tarefa=%s nome=%s: %s", posse.id, posse.nome, erro)
        return "perdida"
    except Cancelada:
        with transacao() as sessao:
            posses.cancelar(sessao, posse)
        return E.cancelada.name
    except Exception as erro:  # a handler may raise anything; the row and the log tell
        log.exception("task failed tarefa=%s nome=%s tentativa=%s", posse.id, posse.nome, posse.tentativa)
        return _anotar_falha(posse, erro, quem.tentativas if quem else TENTATIVAS)
    except BaseException:
        with transacao() as sessao:
            posses.devolver(sessao, posse)
        raise


def _anotar_falha(posse: Posse, erro: Exception, base: int) -> str:
    try:
        with transacao() as sessao:
            return posses.falhar(sessao, posse, erro, base).name
    except Perdida:
        return "perdida"
