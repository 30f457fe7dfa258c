"""The sweep: what died is taken back, what the queue lost is offered again, what is due is published. Any number may run at once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.core import agenda, execucao, filas, relogio
from app.core.execucao import posse as posses
from app.core.models import EstadoTarefa as E
from app.core.models import Tarefa
from app.core.tarefas import FILAS, carencia
from app.core.transacao import transacao

log = logging.getLogger(__name__)
LOTE = 1000


@dataclass
class Varredura:
    """What one sweep did."""

    retomadas: int = 0
    mortas: int = 0
    perdidas: int = 0
    publicadas: int = 0


def varrer(*, desde: dt.datetime | None = None) -> Varredura:
    """One sweep. ``desde`` is when the clock process started: jobs with ``exige_sucesso`` wait for a success after it (None does not ask)."""
    feito = Varredura()
    _retomar_abandonadas(feito)
    for nome in FILAS:
        if (na_fila := filas.na_fila(nome)) is None:
            break
        feito.perdidas += _reaver_perdidas(nome, na_fila)
        if (vagas := filas.CHEIA - len(na_fila)) > 0:
            feito.publicadas += _publicar(nome, vagas, desde)
    return feito


def _retomar_abandonadas(feito: Varredura) -> None:
    """Claims that nobody renewed: the process is dead. Again with a pause, cancelled if asked, or dead for good."""
    with transacao() as sessao:
        colunas = (Tarefa.id, Tarefa.nome, Tarefa.fila, Tarefa.tentativas, Tarefa.cancelar)
        vencidas = select(*colunas).where(Tarefa.estado == E.executando, Tarefa.arrendada_ate < relogio.agora())
        for *linha, cancelar in sessao.execute(vencidas.limit(LOTE).with_for_update(skip_locked=True)):
            posse = posses.Posse(*linha, {}, None, None, None)
            if cancelar:
                posses.cancelar(sessao, posse)
                continue
            manipulador = execucao.manipulador(posse.nome)
            estado = posses.morreu(sessao, posse, manipulador.tentativas if manipulador else execucao.TENTATIVAS)
            feito.mortas += estado is E.morta
            feito.retomadas += estado is E.pendente
            log.warning("task abandoned tarefa=%s nome=%s now=%s", posse.id, posse.nome, estado.name)


def _reaver_perdidas(nome: str, na_fila: Collection[str]) -> int:
    """Published a while ago, not begun and not in the queue: Redis lost it, or a worker died with it in hand."""
    tem = set(na_fila)
    with transacao() as sessao:
        antigas = _select_ids().where(Tarefa.estado == E.publicada, Tarefa.fila == nome, Tarefa.arrendada_ate < relogio.agora())
        linhas = sessao.execute(antigas.order_by(Tarefa.id).limit(LOTE).with_for_update(skip_locked=True)).all()
        faltam = [i for i, n in linhas if filas.nome_do_job(i, n) not in tem]
        _marcar(sessao, faltam, estado=E.pendente, arrendada_ate=None)
        _marcar(sessao, [i for i, n in linhas if filas.nome_do_job(i, n) in tem], arrendada_ate=relogio.agora() + carencia())
    return len(faltam)


def _publicar(nome: str, vagas: int, desde: dt.datetime | None) -> int:
    """Most urgent first, then oldest. Marked before they are sent: a send that fails is found as lost."""
    with transacao() as sessao:
        linhas = sessao.execute(_prontas(sessao, nome, desde).limit(vagas).with_for_update(skip_locked=True)).all()
        _marcar(sessao, [i for i, _n in linhas], estado=E.publicada, arrendada_ate=relogio.agora() + carencia())
    pares = [(i, n) for i, n in linhas]
    if pares and filas.publicar(pares, nome):
        return len(pares)
    return 0


def _prontas(sessao: Session, nome: str, desde: dt.datetime | None) -> Select:
    prontas = _select_ids().where(Tarefa.estado == E.pendente, Tarefa.fila == nome, Tarefa.quando <= relogio.agora())
    cumpridos = None if desde is None else agenda.cumpridos_desde(sessao, desde)
    if esperam := agenda.bloqueadas(agenda.abertas(sessao), cumpridos):
        prontas = prontas.where(Tarefa.id.not_in(list(esperam)))
    return prontas.order_by(Tarefa.prioridade, Tarefa.quando, Tarefa.id)


def _select_ids() -> Select:
    return select(Tarefa.id, Tarefa.tentativas)


def _marcar(sessao: Session, ids: Collection[int], **valores: object) -> None:
    if ids:
        sessao.execute(update(Tarefa).where(Tarefa.id.in_(ids)).values(valores).execution_options(synchronize_session=False))
