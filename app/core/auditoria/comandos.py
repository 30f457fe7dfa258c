"""What one statement changes in many rows (``sessao.execute(update(...))`` and its like), told row by row: no statement on an audited table escapes.

Before an UPDATE or DELETE its rows are locked and read, and it is held to them; of an INSERT the rows come back. Statements on tables left out
(``politica.FORA``), or that set only columns nobody is told of, run as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.orm import ORMExecuteState, Session

from app.core.auditoria import registros, relacoes
from app.core.auditoria.linhas import linha
from app.core.auditoria.politica import auditada, conta
from app.core.models import UserAuditLog
from app.extensions import db


@event.listens_for(Session, "do_orm_execute")
def _auditar(estado: ORMExecuteState) -> Any:
    if not (estado.is_insert or estado.is_update or estado.is_delete):
        return None
    tabela = db.metadata.tables.get(estado.statement.table.name)
    if tabela is None or not auditada(tabela.name):
        return None
    if estado.is_orm_statement and estado.session.autoflush:
        estado.session.flush()
    if (relacao := relacoes.dona(tabela)) is not None:
        return _pares(estado, tabela, relacao)
    if estado.is_insert:
        return _inclusao(estado, tabela)
    return _alteracao(estado, tabela) if estado.is_update else _exclusao(estado, tabela)


def registrar_criadas(sessao: Session, tabela: str, condicao: sa.ColumnElement[bool]) -> int:
    """Tell of rows that were made past the session (COPY), by reading them back. Returns how many."""
    quais = db.metadata.tables[tabela]
    linhas = [registros.incluida(quais, r) for r in sessao.execute(sa.select(*registros.brutas(quais)).where(condicao)).mappings()]
    _gravar(sessao, linhas)
    return len(linhas)


@contextmanager
def observar(sessao: Session, **tabelas: sa.ColumnElement[bool]) -> Iterator[None]:
    """Tell what SQL on the driver's cursor changes in these rows meanwhile: ``observar(sessao, credito=Credito.id.in_(ids))``. Not of new rows."""
    quais = {db.metadata.tables[nome]: condicao for nome, condicao in tabelas.items()}
    sessao.flush()
    antes = {t: _por_chave(sessao, t, condicao) for t, condicao in quais.items()}
    yield
    for t, velhas in antes.items():
        novas = registros.ler(sessao, t, list(velhas)) if velhas else []
        _gravar(sessao, [registros.alterada(t, velhas[registros.chave(t, nova)], nova) for nova in novas])


def alterar_em_massa(sessao: Session, tabela: str, atualizar: str, parametros: dict[str, Any], *, antes: dict[str, Any], depois: dict[str, Any]) -> int:
    """Run ``atualizar`` (an UPDATE without RETURNING, of a table with ``id``) that sets the same in many rows, each told in the same statement. How many."""
    comum = linha("alterar", tabela, None, antes, depois)
    colunas = [c for c in comum if c != "resource_id"]
    valores = ", ".join(f"CAST(:_{c} AS {UserAuditLog.__table__.c[c].type.compile(postgresql.dialect())})" for c in colunas)
    sql = f"WITH feitas AS ({atualizar} RETURNING id) INSERT INTO user_audit_log ({', '.join(colunas)}, resource_id) SELECT {valores}, id::text FROM feitas"
    dados = {f"_{c}": json.dumps(comum[c]) if c in ("antes", "depois") else comum[c] for c in colunas}
    return sessao.execute(sa.text(sql), {**parametros, **dados}).rowcount


def _por_chave(sessao: Session, tabela: sa.Table, condicao: sa.ColumnElement[bool]) -> dict[tuple[Any, ...], registros.Linha]:
    lidas = sessao.execute(sa.select(*registros.brutas(tabela)).where(condicao)).mappings()
    return {registros.chave(tabela, r): r for r in lidas}


def _gravar(sessao: Session, linhas: Iterable[dict[str, Any] | None]) -> None:
    if feitas := [nova for nova in linhas if nova is not None]:
        sessao.execute(insert(UserAuditLog.__table__), feitas)


# ---- insert

def _inclusao(estado: ORMExecuteState, tabela: sa.Table) -> Any:
    linhas, quantas, resultado = _com_retorno(estado, tabela)
    _gravar(estado.session, [registros.incluida(tabela, dict(zip(tabela.columns.keys(), r[quantas:], strict=True))) for r in linhas])
    return resultado


def _com_retorno(estado: ORMExecuteState, tabela: sa.Table) -> tuple[list[Sequence[Any]], int, Any]:
    """(rows with the table's columns after those asked for, how many were asked for, the answer to give)."""
    pedido = estado.statement
    quantas = len(pedido.returning_column_descriptions) if hasattr(pedido, "returning_column_descriptions") else len(pedido._returning)
    resposta = estado.invoke_statement(statement=pedido.returning(*registros.brutas(tabela)))
    linhas = [tuple(r) for r in resposta]
    nomes = [str(nome) for nome in list(resposta.keys())[:quantas]]
    dada = IteratorResult(SimpleResultMetaData(nomes), iter([r[:quantas] for r in linhas] if quantas else []))
    dada.rowcount = len(linhas)
    return linhas, quantas, dada


# ---- update, delete

def _alteracao(estado: ORMExecuteState, tabela: sa.Table) -> Any:
    if not any(conta(tabela.c[nome]) for nome in _postas(estado) if nome in tabela.c):
        return None
    sessao, velhas = estado.session, _lidas(estado, tabela)
    chaves = list(velhas)
    resposta = estado.invoke_statement(statement=_so_destas(estado, tabela, chaves))
    novas = registros.ler(sessao, tabela, chaves) if chaves else []
    _gravar(sessao, [registros.alterada(tabela, velhas[registros.chave(tabela, nova)], nova) for nova in novas])
    return resposta


def _exclusao(estado: ORMExecuteState, tabela: sa.Table) -> Any:
    velhas = _lidas(estado, tabela)
    linhas = registros.apagadas(estado.session, tabela, list(velhas.values()))
    resposta = estado.invoke_statement(statement=_so_destas(estado, tabela, list(velhas)))
    _gravar(estado.session, linhas)
    return resposta


def _postas(estado: ORMExecuteState) -> set[str]:
    """Names of the columns an UPDATE sets."""
    nomes = {getattr(c, "name", str(c)) for c in (estado.statement._values or {})}
    parametros = estado.parameters if isinstance(estado.parameters, list) else [estado.parameters or {}]
    return nomes | set().union(*parametros)


def _lidas(estado: ORMExecuteState, tabela: sa.Table) -> dict[tuple[Any, ...], registros.Linha]:
    """The rows a statement is going to change, locked, by key."""
    if isinstance(estado.parameters, list):      # by key, as the ORM's bulk update does; others would need one look each
        chaves = [tuple(p[c.name] for c in tabela.primary_key) for p in estado.parameters]
        lidas = registros.ler(estado.session, tabela, chaves, travar=True)
    else:
        consulta = sa.select(*registros.brutas(tabela)).where(*estado.statement._where_criteria).with_for_update(of=tabela, key_share=True)
        lidas = estado.session.execute(consulta, estado.parameters or {}).mappings()
    return {registros.chave(tabela, r): r for r in lidas}


def _so_destas(estado: ORMExecuteState, tabela: sa.Table, chaves: Sequence[Sequence[Any]]) -> Any:
    return estado.statement if isinstance(estado.parameters, list) else estado.statement.where(registros.destas(tabela, chaves))


# ---- many-to-many

def _pares(estado: ORMExecuteState, tabela: sa.Table, relacao: tuple[Any, ...]) -> Any:
    """Pairs made or undone by statement: told by their owner, as the ORM's are."""
    mapper, propriedade, meu, dele = relacao
    if estado.is_insert:
        linhas, quantas, resposta = _com_retorno(estado, tabela)
        pares = [dict(zip(tabela.columns.keys(), r[quantas:], strict=True)) for r in linhas]
    else:
        pares = list(_lidas(estado, tabela).values())
        resposta = estado.invoke_statement()
    outro = propriedade.mapper
    por_dono: dict[Any, list[Any]] = {}
    for par in pares:
        por_dono.setdefault(par[meu.name], []).append(par[dele.name])
    for dono, ids in por_dono.items():
        objetos = estado.session.scalars(sa.select(outro.class_).where(outro.primary_key[0].in_(ids)).order_by(outro.primary_key[0]))
        ditos = [{"id": i, "nome": nome} for i, nome in ((outro.primary_key_from_instance(o)[0], relacoes.nome_de(o)) for o in objetos)]
        antes, depois = ([], ditos) if estado.is_insert else (ditos, [])
        _gravar(estado.session, [linha("permissao", mapper.local_table.name, dono, {propriedade.key: antes}, {propriedade.key: depois})])
    return resposta
