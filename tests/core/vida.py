"""Replaying the audit trail: what its rows say a record, or a set of pairs, must be now."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.auditoria import linhas, politica, registros, relacoes
from app.core.auditoria.valores import da_coluna, para_json
from app.core.models import UserAuditLog
from app.extensions import db

Chave = tuple[str, str]


def reconstruir(sessao: Session, depois_de: int = 0) -> tuple[dict[Chave, dict[str, Any] | None], dict[tuple[str, str], set[tuple[Any, Any]]]]:
    """Every record the trail tells of, by (table, key): its columns, None when it is gone; and the pairs of every many-to-many, by (table, relation)."""
    vidas: dict[Chave, dict[str, Any] | None] = {}
    pares: dict[tuple[str, str], set[tuple[Any, Any]]] = defaultdict(set)
    for r in sessao.scalars(sa.select(UserAuditLog).where(UserAuditLog.id > depois_de).order_by(UserAuditLog.id)):
        if r.action not in ("criar", "alterar", "permissao", "excluir") or r.resource_id is None:
            continue
        muitos = muitos_de(r.resource)
        if r.action == "excluir":
            vidas[r.resource, r.resource_id] = None
            for (dona, nome), destes in pares.items():
                lado = 0 if dona == r.resource else 1 if muitos_de(dona)[nome] == r.resource else None
                pares[dona, nome] = {p for p in destes if lado is None or str(p[lado]) != r.resource_id}
            continue
        estado = vidas.setdefault((r.resource, r.resource_id), {}) if r.action != "criar" else {}
        if linhas.carimbada(r.resource):
            da_linha = {"timestamp": para_json(r.timestamp), "user_id": r.user_id}
            estado |= {c: da_linha[linhas._DA_LINHA[c]] for c in linhas.CARIMBOS[r.action]}
        estado |= {k: v for k, v in (r.depois or {}).items() if k not in muitos}
        vidas[r.resource, r.resource_id] = estado
        for nome in muitos:
            pares[r.resource, nome] -= {(int(r.resource_id), x["id"]) for x in (r.antes or {}).get(nome, ())}
            pares[r.resource, nome] |= {(int(r.resource_id), x["id"]) for x in (r.depois or {}).get(nome, ())}
    return vidas, pares


def muitos_de(tabela: str) -> dict[str, str]:
    """The many-to-many relations told in a table's trail, and the tables they lead to."""
    return {r.key: r.mapper.local_table.name for m in db.Model.registry.mappers if m.local_table.name == tabela for r in relacoes.muitos(m)}


def no_banco(sessao: Session, tabela: str, chave: str) -> dict[str, Any] | None:
    """The row as it is, in the trail's words; None when there is none."""
    t = db.metadata.tables[tabela]
    onde = [sa.cast(c, sa.Text) == parte for c, parte in zip(t.primary_key, chave.split(",") if len(t.primary_key) > 1 else [chave], strict=True)]
    linha = sessao.execute(sa.select(*registros.brutas(t)).where(*onde)).mappings().one_or_none()
    return None if linha is None else {c.name: da_coluna(c, linha[c.name]) for c in t.columns if politica.conta(c)}


def diferencas(sessao: Session, depois_de: int = 0, *, sem_massa: bool = False) -> list[str]:
    """Where the trail and the database disagree. ``sem_massa`` leaves out what bulk runs have written."""
    vidas, _pares = reconstruir(sessao, depois_de)
    achadas = []
    for (tabela, chave), dito in vidas.items():
        massa = politica.EM_MASSA.get(tabela) if sem_massa else None
        real = no_banco(sessao, tabela, chave)
        if dito is None or real is None:
            achadas += [] if dito == real else [f"{tabela} {chave}: {dito} but the row is {real}"]
            continue
        nascida = all(c.name in dito for c in db.metadata.tables[tabela].primary_key)      # of older rows only what changed since is known
        colunas = (set(real) if nascida else set(dito)) - set((massa.colunas or ()) if massa else ())
        achadas += [f"{tabela} {chave}.{c}: {dito.get(c, 'nothing')!r} but it is {real[c]!r}" for c in sorted(colunas) if c not in dito or dito[c] != real[c]]
    return achadas
