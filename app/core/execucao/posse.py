"""The row of a task under compare-and-set: only who claimed the present attempt may renew, finish or give it back.

``tentativas`` counts claims and never goes back, so it names the holder; giving more tries raises ``max_tentativas`` instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Row, Update, case, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core import eventos, relogio
from app.core.erros import DominioError
from app.core.execucao.manipuladores import TENTATIVAS, Manipulador
from app.core.models import EstadoTarefa as E
from app.core.models import Tarefa
from app.core.tipos import N_

eventos.declarar("tarefa_parada", N_("Tarefa parada: {nome}"), "alert-triangle")
PARADA = "avisar_tarefa_parada"      # who tells the administrators; it does not tell of itself
ARRENDAMENTO = 60
MAIOR_PAUSA = 3600
ABERTOS = (E.pendente, E.publicada, E.executando)
ESPERANDO = (E.pendente, E.publicada)


class Perdida(Exception):
    """Somebody else holds the task now, or it was finished: what we did must be rolled back."""


class Cancelada(Exception):
    """A person asked to stop."""


@dataclass(frozen=True)
class Posse:
    """One claimed attempt, as plain data."""

    id: int
    nome: str
    fila: str
    tentativa: int
    argumentos: dict[str, Any]
    cursor: dict[str, Any] | None
    referencia: dt.date | None
    criado_por_id: int | None


def arrendamento() -> dt.timedelta:
    """How long a claim lasts without a sign of life (TAREFA_ARRENDAMENTO, seconds)."""
    return dt.timedelta(seconds=float(current_app.config.get("TAREFA_ARRENDAMENTO", ARRENDAMENTO)))


def reivindicar(sessao: Session, tarefa_id: int, manipulador: Manipulador | None) -> Posse | None:
    """Claim a waiting task whose hour has come; None when it is not ours to run. The try is counted now: a process that dies has used it."""
    agora = relogio.agora()
    tentativas = manipulador.tentativas if manipulador else TENTATIVAS
    comando = update(Tarefa).where(Tarefa.id == tarefa_id, Tarefa.estado.in_(ESPERANDO), Tarefa.quando <= agora, ~Tarefa.cancelar).values(
        estado=E.executando, arrendada_ate=agora + arrendamento(), tentativas=Tarefa.tentativas + 1,
        max_tentativas=case((Tarefa.tentativas == 0, tentativas), else_=Tarefa.max_tentativas), iniciada_em=func.coalesce(Tarefa.iniciada_em, agora),
    )
    linha = sessao.execute(comando.returning(
        Tarefa.id, Tarefa.nome, Tarefa.fila, Tarefa.tentativas, Tarefa.argumentos, Tarefa.cursor, Tarefa.referencia, Tarefa.criado_por_id
    ).execution_options(synchronize_session=False)).one_or_none()
    return Posse(*linha) if linha else None


def comando_renovar(posse: Posse, ate: dt.datetime) -> Update:
    """The statement of a sign of life."""
    return _da_posse(posse).values(arrendada_ate=ate)


def renovar(sessao: Session, posse: Posse, **valores: Any) -> Row:
    """Renew the lease with whatever else changes. Returns (cancelar,). Raises Perdida."""
    comando = _da_posse(posse).values(arrendada_ate=relogio.agora() + arrendamento(), **valores)
    linha = sessao.execute(comando.returning(Tarefa.cancelar)).one_or_none()
    if linha is None:
        raise Perdida(f"task {posse.id} attempt {posse.tentativa}")
    return linha


def pediram_parar(sessao: Session, posse: Posse) -> bool:
    """Whether a person asked to cancel. Raises Perdida when the task is no longer ours."""
    consulta = select(Tarefa.cancelar).where(Tarefa.id == posse.id, Tarefa.estado == E.executando, Tarefa.tentativas == posse.tentativa)
    cancelar = sessao.scalar(consulta)
    if cancelar is None:
        raise Perdida(f"task {posse.id} attempt {posse.tentativa}")
    return cancelar


def concluir(sessao: Session, posse: Posse, **valores: Any) -> None:
    """Mark it done in the caller's transaction. Raises Perdida."""
    _encerrar(sessao, posse, E.feita, erro=None, **valores)


def cancelar(sessao: Session, posse: Posse) -> None:
    """It stopped because a person asked."""
    _encerrar(sessao, posse, E.cancelada)


def devolver(sessao: Session, posse: Posse) -> None:
    """Give it back to be run again at once, at no cost: a worker that shuts down, or a long task that lets others pass."""
    _terminar(sessao, posse, estado=E.pendente, quando=relogio.agora(), max_tentativas=Tarefa.max_tentativas + 1)


def falhar(sessao: Session, posse: Posse, erro: BaseException, base: int) -> E:
    """Record a failed attempt: again after 2, 4, 8 … seconds (at most an hour), or ``morta`` when the tries are used up or trying is useless.

    It is useless against a rule of the domain, which gives the same answer until a person acts.
    """
    return _falhar(sessao, posse, descrever(erro), base, definitivo=isinstance(erro, DominioError) and not erro.temporaria)


def morreu(sessao: Session, posse: Posse, base: int) -> E:
    """The process that ran this attempt died."""
    return _falhar(sessao, posse, "o processo que executava morreu", base, definitivo=False)


def _falhar(sessao: Session, posse: Posse, texto: str, base: int, *, definitivo: bool) -> E:
    limite = sessao.scalar(select(Tarefa.max_tentativas).where(Tarefa.id == posse.id)) or 0      # a slice that advanced raised it
    if definitivo or posse.tentativa >= limite:
        _encerrar(sessao, posse, E.morta, erro=texto)
        if posse.nome != PARADA:
            eventos.registrar(sessao, "tarefa_parada", tarefa_id=posse.id, nome=posse.nome, motivo=texto)
        return E.morta
    falhas = max(1, posse.tentativa - (limite - base))
    _terminar(sessao, posse, estado=E.pendente, quando=relogio.agora() + dt.timedelta(seconds=min(MAIOR_PAUSA, 2**falhas)), erro=texto)
    return E.pendente


def descrever(erro: BaseException) -> str:
    """One line for the screen, without the values a statement carried (they may be personal)."""
    if isinstance(erro, DominioError):
        return str(erro)[:500]
    causa = erro.orig if isinstance(erro, DBAPIError) and erro.orig else erro
    return f"{type(causa).__name__}: {causa}"[:500]


def somar(contagens: Mapping[str, int]) -> Any:
    """SQL that adds ``contagens`` to what the row has."""
    expressao: Any = Tarefa.contagens
    for nome, quantos in contagens.items():
        atual = func.coalesce(Tarefa.contagens[nome].as_integer(), 0)
        expressao = expressao.concat(func.jsonb_build_object(nome, atual + quantos))
    return expressao


def _encerrar(sessao: Session, posse: Posse, estado: E, **valores: Any) -> None:
    _terminar(sessao, posse, estado=estado, terminada_em=relogio.agora(), **valores)


def _terminar(sessao: Session, posse: Posse, **valores: Any) -> None:
    resultado = sessao.execute(_da_posse(posse).values(arrendada_ate=None, **valores))
    if not resultado.rowcount:
        raise Perdida(f"task {posse.id} attempt {posse.tentativa}")


def _da_posse(posse: Posse) -> Update:
    comando = update(Tarefa).where(Tarefa.id == posse.id, Tarefa.estado == E.executando, Tarefa.tentativas == posse.tentativa)
    return comando.execution_options(synchronize_session=False)
