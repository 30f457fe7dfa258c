"""Reads of the network for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rede.models import EventoRede


def eventos_do_contrato(sessao: Session, contrato_id: int, limite: int) -> Sequence[EventoRede]:
    """What was done to the network for a contract, newest first."""
    return sessao.scalars(select(EventoRede).where(EventoRede.contrato_id == contrato_id).order_by(EventoRede.id.desc()).limit(limite)).all()
