"""What a lot changes beside what it adds: due dates, one-off charges, credit, parked customers. Set-based, by id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import psycopg

from app.faturamento.motor.escrita import Emitida
from app.faturamento.motor.leitura import Devido, vetor
from app.faturamento.regras import DadosCiclo, periodos

AVANCAR = "UPDATE ciclo_faturamento f SET proximo_vencimento = n.data FROM unnest(%s::bigint[], %s::date[]) AS n(id, data) WHERE f.id = n.id"
DESATIVAR = "UPDATE ciclo_faturamento SET ativo = false WHERE id = ANY(%s)"
EM_DIA = (
    "UPDATE contrato_ciclo SET atrasado = false WHERE atrasado AND contrato_id = ANY(%s)",
    "UPDATE contrato_item SET atrasado = false WHERE atrasado AND contrato_id = ANY(%s)",
)
FATURADOS = """
UPDATE lancamento l SET status = 'faturado', valor = n.valor, invoice_id = n.invoice_id
  FROM unnest(%s::bigint[], %s::numeric[], %s::bigint[]) AS n(id, valor, invoice_id) WHERE l.id = n.id
"""
DIVIDIR = """
INSERT INTO lancamento (cliente_id, contrato_id, tipo, item_tipo, descricao, valor, parcela, parcelas, a_partir_de, origem_invoice_id, motivo, criado_por_id)
SELECT l.cliente_id, l.contrato_id, l.tipo, l.item_tipo, l.descricao, n.valor, l.parcela, l.parcelas, l.a_partir_de, l.origem_invoice_id, l.motivo,
       l.criado_por_id
  FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, valor) JOIN lancamento l ON l.id = n.id
RETURNING id
"""
USADOS = "UPDATE credito c SET saldo = c.saldo - n.valor FROM unnest(%s::bigint[], %s::numeric[]) AS n(id, valor) WHERE c.id = n.id"
ESTACIONAR = """
UPDATE ciclo_faturamento f SET estacionado_em = %s, estacionado_motivo = left(n.motivo, 255)
  FROM unnest(%s::bigint[], %s::text[]) AS n(id, motivo) WHERE f.id = n.id
"""
ESTACIONADOS = """
INSERT INTO cliente_estacionado (execucao_id, ciclo_faturamento_id, cliente_id, vencimento, motivo, created_at)
SELECT %s::bigint, n.*, %s::timestamptz FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[]) AS n(ciclo, cliente, vencimento, motivo)
ON CONFLICT (ciclo_faturamento_id) WHERE resolvido_em IS NULL DO NOTHING
"""


def avancar(c: psycopg.Cursor, ciclos: Sequence[DadosCiclo]) -> list[dt.date]:
    """Each cycle's next due date, counted from the customer's own day. Returns them."""
    proximos = [periodos(x.vencimento, x.dia, x.meses, x.dias).proximo for x in ciclos]
    if ciclos:
        c.execute(AVANCAR, [vetor(x.id for x in ciclos), vetor(proximos)])
    return proximos


def por_em_dia(c: psycopg.Cursor, contratos: Sequence[int]) -> None:
    """These contracts' first days, which the cycle had left behind, were billed now."""
    for sql in EM_DIA if contratos else ():
        c.execute(sql, [list(contratos)])


def desativar(c: psycopg.Cursor, ids: Sequence[int]) -> None:
    """Nothing can be billed in these cycles any more."""
    if ids:
        c.execute(DESATIVAR, [list(ids)])


def consumir(c: psycopg.Cursor, emitidas: Sequence[Emitida]) -> list[int]:
    """One-off charges and credit that the invoices have used. The rest of a discount that did not fit becomes a row of its own: returns their ids."""
    divididos, novos = [par for e in emitidas for par in e.emissao.fatura.divididos], []
    if divididos:
        novos = [i for (i,) in c.execute(DIVIDIR, [[i for i, _v in divididos], [v for _i, v in divididos]]).fetchall()]
    lancados = [(i, v, e.id) for e in emitidas for i, v in e.emissao.fatura.lancamentos]
    if lancados:
        c.execute(FATURADOS, [list(coluna) for coluna in zip(*lancados, strict=True)])
    usados = [par for e in emitidas for par in e.emissao.fatura.creditos]
    if usados:
        somas: dict[int, object] = {}
        for i, v in usados:
            somas[i] = somas.get(i, 0) + v
        c.execute(USADOS, [list(somas), list(somas.values())])
    return novos


def estacionar(c: psycopg.Cursor, problemas: Sequence[tuple[Devido, str]], execucao_id: int | None, agora: dt.datetime) -> None:
    """Leave customers aside with the reason; runs pass them by until somebody corrects the data and tries again."""
    if not problemas:
        return
    ids, motivos = [d.ciclo.id for d, _m in problemas], [m for _d, m in problemas]
    c.execute(ESTACIONAR, [agora, ids, motivos])
    clientes, vencimentos = [d.ciclo.cliente_id for d, _m in problemas], [d.ciclo.vencimento for d, _m in problemas]
    c.execute(ESTACIONADOS, [execucao_id, agora, ids, clientes, vencimentos, motivos])
