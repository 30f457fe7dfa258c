"""Customers in the global search."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import select

from app.clientes.models import Cliente
from app.core import sigilo
from app.core.busca import condicao_busca
from app.core.formatos import rotulo, tom
from app.core.registro import Achado, FonteBusca
from app.extensions import db


def buscar(texto: str, limite: int) -> Sequence[Achado]:
    """Hits by name, document, e-mail or telephone, in alphabetical order."""
    consulta = select(Cliente).where(condicao_busca(Cliente.busca, texto)).order_by(Cliente.ordem, Cliente.id).limit(limite)
    return [_achado(c) for c in db.session.scalars(consulta)]


def _achado(cliente: Cliente) -> Achado:
    sub = " · ".join(p for p in (cliente.documento, sigilo.telefone(cliente.telefone)) if p)
    return Achado(cliente.nome, sub, url_for("ClienteView.show", pk=cliente.id), "user", rotulo(cliente.status), tom(cliente.status))


FONTE = FonteBusca("Clientes", "ClienteView", buscar)
