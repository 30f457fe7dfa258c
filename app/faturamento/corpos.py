"""Bodies of the billing API's verbs, checked before a service is called."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from marshmallow import Schema, fields, validate

from app.core.dinheiro import CENTAVO, PRECO_MAXIMO
from app.core.formatos import faixa
from app.faturamento.estados import Metodo, TipoItem, TipoLancamento


def valor(maximo: Decimal | None = None, **kw: Any) -> fields.Decimal:
    """Reais as a string with two places: ``"99.90"``; ``maximo`` as on the screens."""
    limites = validate.Range(CENTAVO, maximo, error=LazyString(faixa, CENTAVO, maximo) if maximo else None)
    return fields.Decimal(places=None, as_string=True, allow_nan=False, validate=limites, **kw)


class CorpoPagar(Schema):
    """Body of ``pagar``."""

    valor = valor(required=True)
    metodo = fields.Enum(Metodo, by_value=False, required=True)
    data = fields.Date(load_default=None)
    referencia = fields.String(required=True, validate=validate.Length(1, 100))


class CorpoMotivo(Schema):
    """Body of verbs that ask why."""

    motivo = fields.String(required=True, validate=validate.Length(3, 255))


class CorpoCreditar(CorpoMotivo):
    """Body of ``dar``: whose, how much and why."""

    cliente_id = fields.Integer(required=True, strict=True)
    valor = valor(PRECO_MAXIMO, required=True)


class CorpoAplicar(Schema):
    """Body of ``aplicar``: the open invoice that a credit abates."""

    invoice_id = fields.Integer(required=True, strict=True)


class CorpoDevolver(CorpoMotivo):
    """Body of ``devolver``: why, and what names the transfer."""

    referencia = fields.String(required=True, validate=validate.Length(1, 100))


class CorpoConfianca(Schema):
    """Body of ``dar``: which contract is released on the customer's word, and for how many days."""

    contrato_id = fields.Integer(required=True, strict=True)
    dias = fields.Integer(load_default=3, strict=True, validate=validate.Range(1, 10))


class CorpoItem(Schema):
    """A line of an invoice made by hand."""

    descricao = fields.String(required=True, validate=validate.Length(1, 255))
    quantidade = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 9999))
    valor_unitario = fields.Decimal(required=True, allow_nan=False, as_string=True)
    tipo = fields.Enum(TipoItem, by_value=False, load_default=TipoItem.servico)


class CorpoGerar(Schema):
    """Body of ``gerar``."""

    cliente_id = fields.Integer(required=True, strict=True)
    vencimento = fields.Date(required=True)
    itens = fields.List(fields.Nested(CorpoItem), required=True, validate=validate.Length(1, 100))


class CorpoLancar(Schema):
    """Body of a one-off charge or discount."""

    cliente_id = fields.Integer(required=True, strict=True)
    contrato_id = fields.Integer(load_default=None, strict=True, allow_none=True)
    tipo = fields.Enum(TipoLancamento, by_value=False, load_default=TipoLancamento.acrescimo)
    descricao = fields.String(required=True, validate=validate.Length(1, 255))
    valor = valor(PRECO_MAXIMO, required=True)
    parcelas = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 48))
    a_partir_de = fields.Date(required=True)


class CorpoRodar(Schema):
    """Body of ``previa`` and ``rodar``: the day whose due cycles are billed (default today)."""

    referencia = fields.Date(load_default=None, allow_none=True)


class CorpoEm(Schema):
    """Body of verbs that only ask for the day (default today)."""

    em = fields.Date(load_default=None, allow_none=True)


class CorpoAtivar(CorpoEm):
    """Body of ``ativar``."""

    dia_vencimento = fields.Integer(required=True, strict=True, validate=validate.Range(1, 31))
    ciclo_id = fields.Integer(load_default=None, strict=True, allow_none=True)
    ciclo_faturamento_id = fields.Integer(load_default=None, strict=True, allow_none=True)
    faturar_desde = fields.Date(load_default=None, allow_none=True)


class CorpoMudarPlano(CorpoEm):
    """Body of ``mudar_plano``."""

    plano_id = fields.Integer(required=True, strict=True)
    preco = fields.Decimal(load_default=None, allow_nan=False, allow_none=True, validate=validate.Range(min=0, max=PRECO_MAXIMO))


class CorpoEncerrar(CorpoEm):
    """Body of ``encerrar``."""

    motivo = fields.String(required=True, validate=validate.Length(3, 200))
