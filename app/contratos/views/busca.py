"""Contracts in the global search: by number or PPPoE login."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.contratos.models import Contrato
from app.core.busca import condicao_busca
from app.core.formatos import rotulo, tom
from app.core.registro import Achado, FonteBusca
from app.extensions import db


def buscar(texto: str, limite: int) -> Sequence[Achado]:
    """Hits, newest first."""
    consulta = select(Contrato).options(joinedload(Contrato.cliente), joinedload(Contrato.plano)).where(condicao_busca(Contrato.busca, texto))
    return [_achado(c) for c in db.session.scalars(consulta.order_by(Contrato.id.desc()).limit(limite))]


def _achado(contrato: Contrato) -> Achado:
    sub = f"{contrato.cliente.nome} · {contrato.plano.nome}"
    return Achado(contrato.numero, sub, url_for("ContratoView.show", pk=contrato.id), "signature", rotulo(contrato.status), tom(contrato.status))


FONTE = FonteBusca("Contratos", "ContratoView", buscar)
