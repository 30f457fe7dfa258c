"""The message of each issued invoice, one row each, written with the invoices and walked by one task."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

import psycopg
from sqlalchemy.orm import Session

from app.core.dinheiro import formatar_reais, porcento
from app.faturamento.motor.escrita import NULO, Copia, Emissao, Emitida, Lavratura, escapar
from app.faturamento.motor.telefones import telefones_de
from app.notificacoes.services import NotificacaoService

EVENTO = "fatura_emitida"
COLUNAS = "chave, evento, canal, cliente_id, invoice_id, destinatario, dados, anexos, status, erro, quando, created_at"
RECUSADOS = (
    "SELECT canal, destinatario FROM opt_out WHERE (evento IS NULL OR evento = %s)"
    " AND (canal, destinatario) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
)
HA_RECUSAS = "SELECT EXISTS (SELECT 1 FROM opt_out)"
EMAIL = "email"
CONTATOS = (
    "SELECT t.cliente_id, min(t.id), lower(t.email) FROM contato t JOIN cliente c ON c.id = t.cliente_id WHERE t.recebe_faturas AND t.email <> ''"
    " AND lower(t.email) IS DISTINCT FROM c.email AND t.cliente_id = ANY(%s) GROUP BY t.cliente_id, lower(t.email) ORDER BY 2"
)
MOTIVO_RECUSA = "destinatário não quer receber"
_json = json.JSONEncoder(ensure_ascii=False).encode


def copia_das_mensagens(c: psycopg.Cursor, emissoes: Sequence[Emissao]) -> Copia:
    """What a lot adds to the messages: one for every customer with an e-mail, for each contact who gets the invoices, and for each telephone
    by which the customer is told (``telefones``).

    Who opted out has it cancelled, so that the screen can say why.
    """
    clientes = {e.cliente_id for e in emissoes}
    contatos, telefones = contatos_de(c, clientes), telefones_de(c, EVENTO, clientes)
    destinos = {e.cliente_id: _destinos(e, contatos, telefones) for e in emissoes}
    recusados = _recusados(c, [(canal, para) for deles in destinos.values() for canal, para, _vez in deles])
    return Copia("notificacao", COLUNAS, lambda emitidas, lavratura: _linhas(emitidas, lavratura, recusados, destinos))


def pedir_despacho(sessao: Session, emitidas: Sequence[Emitida]) -> None:
    """Let the messages of ``emitidas`` leave after the commit."""
    if emitidas:
        NotificacaoService(sessao).pedir_despacho()


def contatos_de(c: psycopg.Cursor, clientes: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """customer → (contact, address) of who gets his invoices too, each address once and never the customer's own."""
    achados: dict[int, list[tuple[int, str]]] = {}
    for cliente_id, contato_id, email in c.execute(CONTATOS, [list(clientes)]).fetchall():
        achados.setdefault(cliente_id, []).append((contato_id, email))
    return achados


def _destinos(e: Emissao, contatos: dict[int, list[tuple[int, str]]], telefones: dict[int, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    """(channel, address, end of the message's key)."""
    dele = [(EMAIL, e.email, "")] if e.email else []
    dos_contatos = [(EMAIL, email, f":contato{contato_id}") for contato_id, email in contatos.get(e.cliente_id, ())]
    return [*dele, *dos_contatos, *((canal, numero, f":{canal}") for canal, numero in telefones.get(e.cliente_id, ()))]


def _recusados(c: psycopg.Cursor, destinos: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    if not c.execute(HA_RECUSAS).fetchone()[0]:
        return set()
    return set(c.execute(RECUSADOS, [EVENTO, [canal for canal, _para in destinos], [para for _canal, para in destinos]]).fetchall())


def _linhas(
    emitidas: Sequence[Emitida], lavratura: Lavratura, recusados: set[tuple[str, str]], destinos: dict[int, list[tuple[str, str, str]]],
) -> Iterator[str]:
    agora, desconto = lavratura.agora.isoformat(), lavratura.politica.desconto_pontual
    for e in emitidas:
        dados = escapar(_json(dados_da_mensagem(e, desconto)))
        for canal, para, vez in destinos[e.emissao.cliente_id]:
            situacao = f"cancelada\t{MOTIVO_RECUSA}" if (canal, para) in recusados else f"pendente\t{NULO}"
            anexos = f'[{{"pdf": "invoice", "id": {e.id}, "nome": "fatura-{e.numero:09d}.pdf"}}]' if canal == EMAIL else "[]"
            quem = f"{e.emissao.cliente_id}\t{e.id}\t{escapar(para)}"
            yield f"{EVENTO}:{e.id}{vez}\t{EVENTO}\t{canal}\t{quem}\t{dados}\t{anexos}\t{situacao}\t{agora}\t{agora}\n"


def dados_da_mensagem(e: Emitida, desconto: Decimal) -> dict[str, str]:
    """What the template of the message needs; ``desconto`` is the per cent until the due date."""
    emissao, total = e.emissao, e.emissao.fatura.total
    return {
        "nome": emissao.nome, "numero": f"{e.numero:09d}", "valor": formatar_reais(total), "vencimento": f"{emissao.vencimento:%d/%m/%Y}",
        "com_desconto": formatar_reais(total - porcento(total, desconto)) if desconto and total else "", "situacao": "aberta" if total else "paga",
    }
