"""Bodies of the billing API's verbs, checked before a service is called."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.core.dinheiro import PRECO_MAXIMO
from app.core.visoes import Chave, Dia, Preco, Reais
from app.faturamento.estados import Metodo, TipoItem, TipoLancamento
from app.faturamento.services.confianca import DIAS_MAXIMOS


class CorpoPagar(Schema):
    """Body of ``pagar``."""

    valor = Reais(required=True)
    metodo = fields.Enum(Metodo, by_value=False, required=True)
    data = Dia()
    referencia = fields.String(required=True, validate=validate.Length(1, 100))


class CorpoMotivo(Schema):
    """Body of verbs that ask why."""

    motivo = fields.String(required=True, validate=validate.Length(3, 255))


class CorpoCreditar(CorpoMotivo):
    """Body of ``dar``: whose, how much and why."""

    cliente_id = Chave(required=True)
    valor = Reais(PRECO_MAXIMO, required=True)


class CorpoAplicar(Schema):
    """Body of ``aplicar``: the open invoice that a credit abates."""

    invoice_id = Chave(required=True)


class CorpoDevolver(CorpoMotivo):
    """Body of ``devolver``: why, and what names the transfer."""

    referencia = fields.String(required=True, validate=validate.Length(1, 100))


class CorpoConfianca(Schema):
    """Body of ``dar``: which contract is released on the customer's word, and for how many days."""

    contrato_id = Chave(required=True)
    dias = fields.Integer(load_default=3, strict=True, validate=validate.Range(1, DIAS_MAXIMOS))


class CorpoItem(Schema):
    """A line of an invoice made by hand."""

    descricao = fields.String(required=True, validate=validate.Length(1, 255))
    quantidade = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 9999))
    valor_unitario = Reais(minimo=None, required=True)      # a discount is negative
    tipo = fields.Enum(TipoItem, by_value=False, load_default=TipoItem.servico)


class CorpoGerar(Schema):
    """Body of ``gerar``."""

    cliente_id = Chave(required=True)
    vencimento = fields.Date(required=True)
    itens = fields.List(fields.Nested(CorpoItem), required=True, validate=validate.Length(1, 100))


class CorpoLancar(Schema):
    """Body of a one-off charge or discount."""

    cliente_id = Chave(required=True)
    contrato_id = Chave(load_default=None, allow_none=True)
    tipo = fields.Enum(TipoLancamento, by_value=False, load_default=TipoLancamento.acrescimo)
    descricao = fields.String(required=True, validate=validate.Length(1, 255))
    valor = Reais(PRECO_MAXIMO, required=True)
    parcelas = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 48))
    a_partir_de = fields.Date(required=True)


class CorpoSimularBloqueio(Schema):
    """Body of the mass block's ``previa``: the day (default today)."""

    data = Dia()


class CorpoBloquearAtrasados(Schema):
    """Body of the mass block's ``executar``: ``confirmado`` is a person's word when the circuit breaker is open."""

    confirmado = fields.Boolean(load_default=False)


class CorpoRodar(Schema):
    """Body of ``previa``, ``rodar`` and ``faturar``: the day whose due cycles are billed (default today)."""

    referencia = Dia()


class CorpoEm(Schema):
    """Body of verbs that only ask for the day (default today)."""

    em = Dia()


class CorpoAtivar(CorpoEm):
    """Body of ``ativar``."""

    dia_vencimento = fields.Integer(required=True, strict=True, validate=validate.Range(1, 31))
    ciclo_id = Chave(load_default=None, allow_none=True)
    ciclo_faturamento_id = Chave(load_default=None, allow_none=True)
    faturar_desde = Dia()


class CorpoMudarPlano(CorpoEm):
    """Body of ``mudar_plano``."""

    plano_id = Chave(required=True)
    preco = Preco(PRECO_MAXIMO, load_default=None, allow_none=True)


class CorpoEncerrar(CorpoEm):
    """Body of ``encerrar``."""

    motivo = fields.String(required=True, validate=validate.Length(3, 200))
