"""Finding invoices: by number (any prefix of the nine digits, or the plain number) or by the customer's name, document or telephone; payments too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_appbuilder.models.filters import BaseFilter
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import joinedload

from app.clientes.models import Cliente
from app.core.busca import casa_busca
from app.core.formatos import brl, data_br, rotulo, tom
from app.core.registro import Achado, FonteBusca
from app.extensions import db
from app.faturamento.models import Invoice, Pagamento

_NUMERO = re.compile(r"\d{1,9}")
POUCOS = 500        # customers above which a text is common and the walk by date soon has a page


def condicao(texto: str) -> ColumnElement[bool]:
    """Invoices a typed text means. A document's eleven digits are the customer's, not a number."""
    do_cliente, limpo = _do_cliente(texto), texto.strip()
    if not _NUMERO.fullmatch(limpo):
        return do_cliente
    numero = func.lpad(cast(Invoice.numero, Text), 9, "0")
    return or_(Invoice.numero == int(limpo), numero.like(f"{limpo}%")) if limpo.startswith("0") else or_(Invoice.numero == int(limpo), do_cliente)


def condicao_de_pagamento(texto: str) -> ColumnElement[bool]:
    """Payments a typed text means: by receipt or reference, by the invoice's number, by the customer."""
    limpo = texto.strip()
    return or_(
        Pagamento.recibo.like(f"{limpo.upper().replace('%', '')}%"), Pagamento.numero_referencia == limpo,
        Pagamento.invoice_id.in_(select(Invoice.id).where(condicao(texto))))


def _do_cliente(texto: str) -> ColumnElement[bool]:
    """Invoices of the customers found, who are looked up first: the planner takes every text for a common one and would walk all invoices by date."""
    achados = select(Cliente.id).where(casa_busca(Cliente.busca, texto))
    poucos = db.session.scalars(achados.limit(POUCOS + 1)).all()
    return Invoice.cliente_id.in_(achados if len(poucos) > POUCOS else poucos)


class FiltroBuscaInvoice(BaseFilter):
    """The quick search of the list of invoices; its value is a ``condicao``, made once for the count and the rows."""

    name = "busca"
    arg_name = None

    def apply(self, query: Any, value: ColumnElement[bool]) -> Any:
        """Narrow the query."""
        return query.filter(value)


def buscar(texto: str, limite: int) -> Sequence[Achado]:
    """Hits of the global search, newest due date first."""
    consulta = select(Invoice).options(joinedload(Invoice.cliente)).where(condicao(texto)).order_by(Invoice.data_vencimento.desc(), Invoice.id.desc())
    return [_achado(i) for i in db.session.scalars(consulta.limit(limite))]


def _achado(invoice: Invoice) -> Achado:
    sub = _("%(cliente)s · vence em %(data)s · %(valor)s", cliente=invoice.cliente.nome, data=data_br(invoice.data_vencimento), valor=brl(invoice.valor_total))
    url = url_for("InvoiceView.show", pk=invoice.id)
    return Achado(invoice.numero_formatado, sub, url, "file-invoice", rotulo(invoice.status), tom(invoice.status))


FONTE = FonteBusca("Faturas", "InvoiceView", buscar)
