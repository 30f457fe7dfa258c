"""The one place that commits. Views, jobs, CLI commands and webhooks open ``with transacao()``; services only flush.

``apos_confirmar`` runs a function once the commit has happened (publishing tasks), never when it was rolled back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import BigInteger, Text, event, func, select
from sqlalchemy.orm import Session, SessionTransaction

from app.extensions import db

log = logging.getLogger(__name__)
_DENTRO = "transacao_aberta"
_APOS = "apos_confirmar"


@contextmanager
def transacao() -> Iterator[Session]:
    """The session, committed at the end or rolled back on any exception. An inner one joins the outer."""
    sessao = db.session()
    if sessao.info.get(_DENTRO):
        yield sessao
        return
    sessao.info[_DENTRO] = True
    try:
        yield sessao
        sessao.commit()
    except BaseException:
        sessao.rollback()
        raise
    finally:
        sessao.info.pop(_DENTRO, None)
    _executar_pendentes(sessao)


def apos_confirmar(sessao: Session, funcao: Callable[[], None]) -> None:
    """Run ``funcao`` after the present transaction commits; forgotten when it rolls back."""
    sessao.info.setdefault(_APOS, []).append(funcao)


def esquecer_pendentes(sessao: Session) -> None:
    """Nothing of what was to run after the present transaction runs (a story whose effects were played by hand)."""
    sessao.info.pop(_APOS, None)


def transacao_atual(sessao: Session) -> int:
    """The database's number of the present transaction: a key for what one transaction needs once."""
    return sessao.scalar(select(func.pg_current_xact_id().cast(Text).cast(BigInteger)))


def _executar_pendentes(sessao: Session) -> None:
    """The functions must not touch the session's transaction: what they lose is repaired by the sweep."""
    for funcao in sessao.info.pop(_APOS, []):
        funcao()


@event.listens_for(Session, "after_soft_rollback")
def _esquecer(sessao: Session, anterior: SessionTransaction) -> None:
    if anterior.parent is None:
        sessao.info.pop(_APOS, None)
