"""An invoice the tables refused: what of it was billed by somebody else, and what is left to bill."""

from __future__ import annotations

import psycopg

from app.core.dinheiro import ZERO
from app.faturamento.motor.escrita import Emissao

DO_PERIODO = "SELECT 1 FROM invoice WHERE ciclo_faturamento_id = %s AND competencia_inicio = %s AND status <> 'cancelada'"
CHAVES = "SELECT chave FROM item_invoice WHERE situacao = 'cobrada' AND chave = ANY(%s)"


def resolver(c: psycopg.Cursor, emissao: Emissao) -> Emissao | None:
    """``emissao`` without the lines that other invoices carry; None when nothing is left or the period has its invoice already."""
    if c.execute(DO_PERIODO, [emissao.ciclo_id, emissao.inicio]).fetchone():
        return None
    fatura = emissao.fatura
    cobradas = {linha[0] for linha in c.execute(CHAVES, [[i.chave for i in fatura.itens if i.chave]])}
    itens = [i for i in fatura.itens if i.chave not in cobradas]
    total = sum((i.valor_total for i in itens), ZERO)
    if not itens or total <= 0:
        return None
    lancamentos = [(i, v) for i, v in fatura.lancamentos if f"lanc:{i}" not in cobradas]
    return emissao._replace(fatura=fatura._replace(itens=itens, total=total, lancamentos=lancamentos))
