"""The customer's contracts, on the customer's page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.contratos.models import Contrato
from app.core.registro import BlocoCliente
from app.extensions import db


def contratos_do_cliente(cliente_id: int) -> dict[str, object]:
    """Newest first."""
    consulta = select(Contrato).options(joinedload(Contrato.plano)).where(Contrato.cliente_id == cliente_id).order_by(Contrato.id.desc()).limit(20)
    contratos: Sequence[Contrato] = db.session.scalars(consulta).all()
    return {"cliente_id": cliente_id, "contratos": contratos}


BLOCO = BlocoCliente("lateral", "ContratoView", "contratos/_bloco_cliente.html", contratos_do_cliente)
