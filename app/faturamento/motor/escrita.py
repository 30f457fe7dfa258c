"""Writing a lot: ids and numbers reserved in one round trip, then COPY of invoices, items, timeline and messages.

Also the writer of one invoice: n ≥ 1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import psycopg

from app.core.dinheiro import ZERO, porcento
from app.faturamento.motor.emitente import Politica
from app.faturamento.regras import Fatura

INVOICE = (
    "id, numero, cliente_id, pagador_nome, pagador_documento, pagador_endereco, empresa_id, copia_emitente_id, ciclo_faturamento_id, competencia_inicio,"
    " competencia_fim, data_emissao, data_vencimento, data_pagamento, valor_total, desconto_pontual, status, txid_pix, substitui_id, observacoes,"
    " valor_encargos, multa_percentual, juros_mensal, execucao_id, created_at, criado_por_id"
)
ITEM = "invoice_id, contrato_id, descricao, quantidade, valor_unitario, valor_total, tipo, periodo_inicio, periodo_fim, chave"
EVENTO = "tipo, cliente_id, dados, em, ator_id"
NUMEROS = "SELECT nextval(pg_get_serial_sequence('invoice', 'id')), nextval('invoice_numero_seq') FROM generate_series(1, %s)"
_PROIBIDOS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULO = "\\N"


class Emissao(NamedTuple):
    """An invoice to write: whom for, when, and what was calculated. ``ciclo_id`` None when made by hand."""

    fatura: Fatura
    cliente_id: int
    nome: str
    documento: str
    endereco: str
    email: str | None
    ciclo_id: int | None
    inicio: dt.date
    fim: dt.date
    vencimento: dt.date
    empresa_id: int | None
    copia_id: int | None
    substitui_id: int | None = None
    observacoes: str | None = None


class Emitida(NamedTuple):
    """What a written invoice is known by."""

    id: int
    numero: int
    emissao: Emissao


class Copia(NamedTuple):
    """A table that a lot writes to, and its lines for what was issued."""

    tabela: str
    colunas: str
    linhas: Callable[[Sequence[Emitida], Lavratura], Iterable[str]]


class Lavratura(NamedTuple):
    """What all invoices of a lot share."""

    emitida_em: dt.date
    agora: dt.datetime
    politica: Politica
    execucao_id: int | None
    ator_id: int | None


def txid(numero: int) -> str:
    """Transaction id of the static Pix code: the number as prefix (cheaper to index than a random one) and check characters; ≤ 25 (Bacen)."""
    return f"FAT{numero:09d}{hashlib.sha256(b'crm-fatura-%d' % numero).hexdigest()[:8].upper()}"


def gravar(c: psycopg.Cursor, emissoes: Sequence[Emissao], lavratura: Lavratura, *tambem: Copia, com_eventos: bool = True) -> list[Emitida]:
    """COPY the invoices with their items and timeline, and what ``tambem`` adds.

    Raises psycopg.IntegrityError or DataError for what the tables refuse.
    """
    numeros = c.execute(NUMEROS, [len(emissoes)]).fetchall()
    emitidas = [Emitida(i, n, e) for (i, n), e in zip(numeros, emissoes, strict=True)]
    copias = [Copia("invoice", INVOICE, _linhas_de_invoice), Copia("item_invoice", ITEM, _linhas_de_item)]
    copias += [Copia("evento", EVENTO, _linhas_de_evento)] if com_eventos else []
    for copia in (*copias, *tambem):
        copiar(c, copia.tabela, copia.colunas, copia.linhas(emitidas, lavratura))
    return emitidas


def copiar(c: psycopg.Cursor, tabela: str, colunas: str, linhas: Iterable[str]) -> None:
    """COPY lines already in PostgreSQL's text format, each with its newline."""
    with c.copy(f"COPY {tabela} ({colunas}) FROM STDIN") as copia:
        copia.write("".join(linhas))


def escapar(texto: str) -> str:
    """``texto`` as a field of COPY's text format. The NUL no text column can hold is dropped."""
    if texto.isprintable() and "\\" not in texto:
        return texto
    return texto.replace("\0", "").translate(_PROIBIDOS)


def _ou_nulo(valor: object) -> object:
    return NULO if valor is None else valor


def _linhas_de_invoice(emitidas: Sequence[Emitida], lavratura: Lavratura) -> Iterator[str]:
    p = lavratura.politica
    fim = f"\t{p.multa}\t{p.juros}\t{_ou_nulo(lavratura.execucao_id)}\t{lavratura.agora.isoformat()}\t{_ou_nulo(lavratura.ator_id)}\n"
    em = lavratura.emitida_em.isoformat()
    for i, numero, e in emitidas:
        total = e.fatura.total
        desconto = porcento(total, p.desconto_pontual) if p.desconto_pontual else "0"
        situacao = f"{NULO}\t{total}\t{desconto}\temitida" if total else f"{em}\t{total}\t0\tpaga"      # nothing left to pay: credit covered it
        yield (
            f"{i}\t{numero}\t{e.cliente_id}\t{escapar(e.nome)}\t{e.documento}\t{escapar(e.endereco)}\t{_ou_nulo(e.empresa_id)}\t{_ou_nulo(e.copia_id)}\t"
            f"{_ou_nulo(e.ciclo_id)}\t{e.inicio}\t{e.fim}\t{em}\t{e.vencimento}\t{situacao}\t{txid(numero)}\t{_ou_nulo(e.substitui_id)}\t"
            f"{NULO if e.observacoes is None else escapar(e.observacoes)}\t{_encargos(e.fatura)}{fim}"
        )


def _encargos(fatura: Fatura) -> object:
    """Fine and interest of earlier invoices in this one."""
    return sum((i.valor_total for i in fatura.itens if i.tipo == "juros"), ZERO) if fatura.lancamentos else "0"


def _linhas_de_item(emitidas: Sequence[Emitida], _lavratura: Lavratura) -> Iterator[str]:
    for invoice_id, _numero, e in emitidas:
        for i in e.fatura.itens:
            contrato = NULO if i.contrato_id is None else i.contrato_id
            periodo = f"{i.inicio}\t{i.fim}" if i.inicio else f"{NULO}\t{NULO}"
            yield (
                f"{invoice_id}\t{contrato}\t{escapar(i.descricao)}\t{i.quantidade}\t{i.valor_unitario}\t{i.valor_total}\t{i.tipo}\t{periodo}\t"
                f"{i.chave or NULO}\n"
            )


def _linhas_de_evento(emitidas: Sequence[Emitida], lavratura: Lavratura) -> Iterator[str]:
    fim = f"\t{lavratura.agora.isoformat()}\t{_ou_nulo(lavratura.ator_id)}\n"
    for i, numero, e in emitidas:      # the JSON of dados_do_evento: digits and dates need no escape
        dados = f'{{"invoice_id": {i}, "numero": "{numero:09d}", "valor": "{e.fatura.total}", "vencimento": "{e.vencimento}"}}'
        yield f"invoice_emitida\t{e.cliente_id}\t{dados}{fim}"


def dados_do_evento(e: Emitida) -> dict[str, object]:
    """What the timeline keeps of an issued invoice."""
    return {"invoice_id": e.id, "numero": f"{e.numero:09d}", "valor": str(e.emissao.fatura.total), "vencimento": e.emissao.vencimento.isoformat()}
