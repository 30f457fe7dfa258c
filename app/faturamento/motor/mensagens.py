"""The message of each issued invoice, one row each, written with the invoices and walked by one task."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

import psycopg
from sqlalchemy.orm import Session

from app.core.dinheiro import formatar_reais, porcento
from app.faturamento.motor.escrita import NULO, Copia, Emissao, Emitida, Lavratura, escapar
from app.notificacoes.services import NotificacaoService

EVENTO = "fatura_emitida"
COLUNAS = "chave, evento, canal, cliente_id, invoice_id, destinatario, dados, anexos, status, erro, quando, created_at"
RECUSADOS = "SELECT destinatario FROM opt_out WHERE canal = 'email' AND (evento IS NULL OR evento = %s) AND destinatario = ANY(%s)"
HA_RECUSAS = "SELECT EXISTS (SELECT 1 FROM opt_out WHERE canal = 'email')"
CONTATOS = (
    "SELECT t.cliente_id, min(t.id), lower(t.email) FROM contato t JOIN cliente c ON c.id = t.cliente_id WHERE t.recebe_faturas AND t.email <> ''"
    " AND lower(t.email) IS DISTINCT FROM c.email AND t.cliente_id = ANY(%s) GROUP BY t.cliente_id, lower(t.email) ORDER BY 2"
)
MOTIVO_RECUSA = "destinatário não quer receber"
_json = json.JSONEncoder(ensure_ascii=False).encode


def copia_das_mensagens(c: psycopg.Cursor, emissoes: Sequence[Emissao]) -> Copia:
    """What a lot adds to the messages: one for every customer with an e-mail and for each contact who gets the invoices.

    Who opted out has it cancelled, so that the screen can say why.
    """
    contatos = contatos_de(c, {e.cliente_id for e in emissoes})
    recusados = _recusados(c, [*(e.email for e in emissoes if e.email), *(email for deles in contatos.values() for _id, email in deles)])
    return Copia("notificacao", COLUNAS, lambda emitidas, lavratura: _linhas(emitidas, lavratura, recusados, contatos))


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


def _recusados(c: psycopg.Cursor, enderecos: Sequence[str]) -> set[str]:
    if not c.execute(HA_RECUSAS).fetchone()[0]:
        return set()
    return {linha[0] for linha in c.execute(RECUSADOS, [EVENTO, list(enderecos)]).fetchall()}


def _linhas(emitidas: Sequence[Emitida], lavratura: Lavratura, recusados: set[str], contatos: dict[int, list[tuple[int, str]]]) -> Iterator[str]:
    agora, desconto = lavratura.agora.isoformat(), lavratura.politica.desconto_pontual
    for e in emitidas:
        if e.emissao.email:
            yield _linha(e, agora, desconto, e.emissao.email, e.emissao.email in recusados)
        for contato_id, email in contatos.get(e.emissao.cliente_id, ()):
            yield _linha(e, agora, desconto, email, email in recusados, f":contato{contato_id}")


def _linha(e: Emitida, agora: str, desconto: Decimal, email: str, recusado: bool, vez: str = "") -> str:
    situacao = f"cancelada\t{MOTIVO_RECUSA}" if recusado else f"pendente\t{NULO}"
    anexos = f'[{{"pdf": "invoice", "id": {e.id}, "nome": "fatura-{e.numero:09d}.pdf"}}]'
    dados = escapar(_json(dados_da_mensagem(e, desconto)))
    return (
        f"{EVENTO}:{e.id}{vez}\t{EVENTO}\temail\t{e.emissao.cliente_id}\t{e.id}\t{escapar(email)}\t{dados}\t{anexos}\t{situacao}\t{agora}\t{agora}\n"
    )


def dados_da_mensagem(e: Emitida, desconto: Decimal) -> dict[str, str]:
    """What the template of the message needs; ``desconto`` is the per cent until the due date."""
    emissao, total = e.emissao, e.emissao.fatura.total
    return {
        "nome": emissao.nome, "numero": f"{e.numero:09d}", "valor": formatar_reais(total), "vencimento": f"{emissao.vencimento:%d/%m/%Y}",
        "com_desconto": formatar_reais(total - porcento(total, desconto)) if desconto and total else "", "situacao": "aberta" if total else "paga",
    }
