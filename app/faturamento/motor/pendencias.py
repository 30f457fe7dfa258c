"""Charges of customers whom no cycle bills any more (the last invoice was paid late, credit was taken back): one invoice each, due in some days.

Calculated by the rules of every invoice; read and written in the run's transaction.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from app.core import configuracao
from app.core.dinheiro import ZERO
from app.faturamento.motor import leitura
from app.faturamento.motor.calculo import FALHAS
from app.faturamento.motor.emitente import Emitentes
from app.faturamento.motor.escrita import Emissao
from app.faturamento.regras import DadosCredito, DadosLancamento, fechar

LIMITE = 1000
CLIENTES = """
SELECT cl.id, cl.nome, cl.cpf_cnpj, cl.email FROM cliente cl
 WHERE EXISTS (SELECT FROM lancamento l WHERE l.cliente_id = cl.id AND l.status = 'aberto' AND l.tipo = 'acrescimo' AND l.a_partir_de <= %(hoje)s)
   AND NOT EXISTS (SELECT FROM ciclo_faturamento f WHERE f.cliente_id = cl.id AND f.ativo)
   AND NOT EXISTS (SELECT FROM contrato c WHERE c.cliente_id = cl.id AND c.status IN ('rascunho', 'aguardando_assinatura'))
"""      # who has a contract to begin is billed by its cycle
DO_CLIENTE = " AND cl.id = %(cliente_id)s"
ORDEM = " ORDER BY cl.id LIMIT %(limite)s"
TRAVA = " FOR NO KEY UPDATE OF cl SKIP LOCKED"
LANCAMENTOS = """
SELECT cliente_id, id, contrato_id, tipo = 'acrescimo', item_tipo, descricao, valor, parcela, parcelas FROM lancamento
 WHERE status = 'aberto' AND cliente_id = ANY(%s::bigint[]) AND a_partir_de <= %s ORDER BY id
"""
log = logging.getLogger(__name__)


def calcular_pendencias(
    sessao: Session, hoje: dt.date, emitentes: Emitentes, *, cliente_id: int | None = None, trava: bool = True
) -> list[Emissao]:
    """The invoices to write on ``hoje``, at most ``LIMITE``; their customers are locked (``trava``), those somebody holds are passed by."""
    c = leitura.cursor(sessao)
    sql = CLIENTES + (DO_CLIENTE if cliente_id else "") + ORDEM + (TRAVA if trava else "")
    clientes = c.execute(sql, {"hoje": hoje, "cliente_id": cliente_id, "limite": LIMITE}).fetchall()
    return list(_emissoes(c, clientes, hoje, emitentes)) if clientes else []


def _emissoes(c: psycopg.Cursor, clientes: list[tuple[Any, ...]], hoje: dt.date, emitentes: Emitentes) -> Iterator[Emissao]:
    ids = leitura.vetor(linha[0] for linha in clientes)
    lancamentos, creditos = defaultdict(list), defaultdict(list)
    for dono, *linha in c.execute(LANCAMENTOS, [ids, hoje]).fetchall():
        lancamentos[dono].append(DadosLancamento(*linha))
    for dono, *linha in c.execute(leitura.CREDITOS, [ids]).fetchall():
        creditos[dono].append(DadosCredito(*linha))
    enderecos = dict(c.execute(leitura.ENDERECOS, [ids]).fetchall())
    vencimento = hoje + dt.timedelta(days=configuracao.ler("faturamento.prazo_minimo_dias"))
    for dono, nome, documento, email in clientes:
        try:
            fatura = fechar([], lancamentos[dono], creditos[dono], f"p{lancamentos[dono][0].id}")
        except FALHAS as erro:
            log.warning("open charges of customer %s cannot be billed: %s", dono, erro)
            continue
        if any(valor > ZERO for _i, valor in fatura.lancamentos):
            yield Emissao(
                fatura, dono, nome, documento, enderecos.get(dono, ""), email, None, vencimento, vencimento, vencimento, *emitentes.de(None)
            )
