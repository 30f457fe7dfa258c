"""Reads of the network for screens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.contratos.models import Contrato
from app.rede.models import AcessoRede, EventoRede

DO_CLIENTE = 10


def eventos_do_contrato(sessao: Session, contrato_id: int, limite: int) -> Sequence[EventoRede]:
    """What was done to the network for a contract, newest first."""
    return sessao.scalars(select(EventoRede).where(EventoRede.contrato_id == contrato_id).order_by(EventoRede.id.desc()).limit(limite)).all()


def acessos_do_cliente(sessao: Session, cliente_id: int) -> Sequence[AcessoRede]:
    """Accesses of the customer's contracts, newest first."""
    consulta = select(AcessoRede).join(AcessoRede.contrato).options(contains_eager(AcessoRede.contrato), joinedload(AcessoRede.servidor))
    return sessao.scalars(consulta.where(Contrato.cliente_id == cliente_id).order_by(AcessoRede.id.desc()).limit(DO_CLIENTE)).all()
