"""Billing on the customer's page: the debt in sight, the open amount, the last invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from app.core import relogio
from app.core.registro import BlocoCliente
from app.extensions import db
from app.faturamento import consultas
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import CicloFaturamento, Invoice

ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
_SALDO = Invoice.valor_total - Invoice.valor_pago - Invoice.valor_abatido


def em_atraso(cliente_id: int) -> dict[str, Any] | None:
    """How many invoices are overdue, how much and since when; None when none is."""
    consulta = select(func.count(), func.sum(_SALDO), func.min(Invoice.data_vencimento), func.min(Invoice.id))
    quantas, valor, desde, primeira = db.session.execute(
        consulta.where(Invoice.cliente_id == cliente_id, consultas.em_atraso(relogio.hoje()))).one()
    return {"quantas": quantas, "valor": valor, "dias": (relogio.hoje() - desde).days, "primeira": primeira} if quantas else None


def resumo(cliente_id: int) -> dict[str, Any]:
    """Open amount, credit and the next due day."""
    abertas = select(func.count(), func.coalesce(func.sum(_SALDO), Decimal(0))).where(Invoice.cliente_id == cliente_id, Invoice.status.in_(ABERTAS))
    quantas, valor = db.session.execute(abertas).one()
    proximo = select(func.min(CicloFaturamento.proximo_vencimento)).where(CicloFaturamento.cliente_id == cliente_id, CicloFaturamento.ativo)
    return {"quantas": quantas, "valor": valor, "credito": consultas.credito_de(db.session(), cliente_id), "proximo": db.session.scalar(proximo)}


def ultimas(cliente_id: int) -> dict[str, Any]:
    """The last five invoices."""
    consulta = select(Invoice).where(Invoice.cliente_id == cliente_id).order_by(Invoice.data_vencimento.desc(), Invoice.id.desc()).limit(5)
    return {"cliente_id": cliente_id, "faturas": db.session.scalars(consulta).all()}


def avulsos(cliente_id: int) -> dict[str, Any] | None:
    """Links to what is billed by hand; None for who may do none of it."""
    pode = any(current_app.appbuilder.sm.has_access(f"can_{rota}", "AvulsosView") for rota in ("fatura", "lancamento", "credito"))
    return {"cliente_id": cliente_id} if pode else None


BLOCOS = (
    BlocoCliente("alerta", "InvoiceView", "faturamento/_bloco_atraso.html", em_atraso),
    BlocoCliente("cartao", "InvoiceView", "faturamento/_bloco_resumo.html", resumo),
    BlocoCliente("principal", "InvoiceView", "faturamento/_bloco_faturas.html", ultimas),
    BlocoCliente("menu", "InvoiceView", "faturamento/_bloco_menu.html", avulsos),
)
