"""What the ORM writes: gathered record by record while a flush writes it, told when the flush is done.

The mapper's events see what the session's do not: keys that a relation sets during the flush, children whose key is taken away, and what the database
holds where the session had not read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Mapper, Session, object_session
from sqlalchemy.orm.base import PASSIVE_NO_INITIALIZE, PassiveFlag

from app.core.auditoria import registros, relacoes
from app.core.auditoria.linhas import chave_de, de_registro
from app.core.auditoria.politica import auditada, conta
from app.core.auditoria.valores import da_coluna
from app.core.models import UserAuditLog

_PENDENTES = "auditoria_pendente"
_SEM_LER = PASSIVE_NO_INITIALIZE | PassiveFlag.INCLUDE_PENDING_MUTATIONS


@dataclass
class Pendente:
    """A record of the present flush. ``mudadas``: for a change, the columns that are no longer as they were, with what they were (raw)."""

    acao: str
    objeto: Any
    mudadas: dict[str, Any] = field(default_factory=dict)
    antes: dict[str, Any] | None = None      # of a deleted one


def _pendentes(objeto: Any) -> list[Any]:
    return object_session(objeto).info.setdefault(_PENDENTES, [])


@event.listens_for(Mapper, "after_insert")
def _incluido(mapper: Mapper, _conexao: object, objeto: Any) -> None:
    if auditada(mapper.local_table.name):
        _pendentes(objeto).append(Pendente("criar", objeto))


@event.listens_for(Mapper, "before_update")
def _vai_mudar(mapper: Mapper, conexao: sa.Connection, objeto: Any) -> None:
    if auditada(mapper.local_table.name):
        _pendentes(objeto).append(Pendente("alterar", objeto, _mudadas(mapper, conexao, objeto)))


@event.listens_for(Mapper, "before_delete")
def _vai_sair(mapper: Mapper, conexao: sa.Connection, objeto: Any) -> None:
    tabela = mapper.local_table
    fora = registros.apagadas(conexao, tabela, registros.ler(conexao, tabela, [mapper.primary_key_from_instance(objeto)]))
    if fora:
        _pendentes(objeto).extend(fora)


@event.listens_for(Session, "after_flush")
def _gravar(sessao: Session, _contexto: object) -> None:
    if not (pendentes := sessao.info.pop(_PENDENTES, None)):
        return
    ja_saiu: set[tuple[str, str]] = set()
    linhas = []
    for p in pendentes:
        nova = _linha_de(sessao, p) if isinstance(p, Pendente) else p
        if nova is None or (nova["action"] == "excluir" and (nova["resource"], nova["resource_id"]) in ja_saiu):
            continue
        if nova["action"] == "excluir":
            ja_saiu.add((nova["resource"], nova["resource_id"]))
        linhas.append(nova)
    if linhas:
        sessao.execute(insert(UserAuditLog.__table__), linhas)


@event.listens_for(Session, "after_soft_rollback")
def _esquecer(sessao: Session, _anterior: object) -> None:
    """What a failed flush or an undone savepoint had gathered never happened."""
    sessao.info.pop(_PENDENTES, None)


# ---- a change

def _mudadas(mapper: Mapper, conexao: sa.Connection, objeto: Any) -> dict[str, Any]:
    """Columns with a new value and their old one, read from the database where the session does not know it."""
    mudadas, faltam, estado = {}, [], inspect(objeto)
    for atributo in mapper.column_attrs:
        historico, coluna = estado.attrs[atributo.key].history, atributo.columns[0]
        if historico.has_changes() and conta(coluna):
            if historico.deleted:
                mudadas[atributo.key] = historico.deleted[0]
            else:
                faltam.append(coluna)
    if faltam:
        velha = registros.ler(conexao, mapper.local_table, [mapper.primary_key_from_instance(objeto)])
        for coluna in faltam:
            mudadas[mapper.get_property_by_column(coluna).key] = velha[0][coluna.name] if velha else None
    return mudadas


def _linha_de(sessao: Session, p: Pendente) -> dict[str, Any] | None:
    mapper = inspect(p.objeto).mapper
    agora = _valores(sessao, mapper, p.objeto, None if p.acao == "criar" else p.mudadas)
    tabela, depois = mapper.local_table, {}
    antes: dict[str, Any] | None = None if p.acao == "criar" else {}
    for nome, valor in agora.items():
        coluna = tabela.c[nome]
        if p.acao == "criar":
            depois[nome] = da_coluna(coluna, valor)
        elif nome in p.mudadas and p.mudadas[nome] != valor:
            velho, novo = da_coluna(coluna, p.mudadas[nome]), da_coluna(coluna, valor)
            if velho != novo or registros.segredo(coluna):
                antes[nome], depois[nome] = velho, novo
    acao = "permissao" if _muitos(mapper, p.objeto, antes, depois) and p.acao == "alterar" else p.acao
    if not depois:
        return None
    return de_registro(acao, tabela, chave_de(tabela, registros.chaves(mapper, p.objeto)), agora, antes, depois)


def _valores(sessao: Session, mapper: Mapper, objeto: Any, so: dict[str, Any] | None) -> dict[str, Any]:
    """Columns as they are now, in Python; of ``so`` and the stamps only, if given. What the database decided is read where nobody did."""
    estado, valores, faltam = inspect(objeto), {}, False
    for atributo in mapper.column_attrs:
        coluna = atributo.columns[0]
        if not conta(coluna) or (so is not None and atributo.key not in so and atributo.key not in registros.CARIMBOS):
            continue
        valor = estado.dict.get(atributo.key)
        decidido = atributo.key not in estado.dict and (atributo.key in estado.expired_attributes or (so is None and coluna.server_default is not None))
        if decidido or hasattr(valor, "__clause_element__") or isinstance(valor, sa.ClauseElement):
            faltam = True
        valores[atributo.key] = valor
    if faltam:
        lida = registros.ler(sessao.connection(), mapper.local_table, [mapper.primary_key_from_instance(objeto)])
        valores = {nome: lida[0][nome] for nome in valores} if lida else valores
    return valores


def _muitos(mapper: Mapper, objeto: Any, antes: dict[str, Any] | None, depois: dict[str, Any]) -> bool:
    """Many-to-many (rights, roles, groups): who left (before) and who came (after), each with id and name. Whether there was any."""
    mudou = False
    for relacao in relacoes.muitos(mapper):
        historico = inspect(objeto).get_history(relacao.key, _SEM_LER)
        sairam, vieram = _nomeados(historico.deleted), _nomeados(historico.added)
        if sairam or vieram:
            if antes is not None:
                antes[relacao.key] = sairam
            depois[relacao.key], mudou = vieram, True
    return mudou


def _nomeados(objetos: Sequence[Any]) -> list[dict[str, Any]]:
    ditos = [{"id": inspect(o).mapper.primary_key_from_instance(o)[0], "nome": relacoes.nome_de(o)} for o in objetos or () if o is not None]
    return sorted(ditos, key=lambda dito: dito["id"])
