"""One row of the trail: what happened, by whom, from where; and what of a record's stamps the row itself already says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.core import relogio
from app.core.ator import ator
from app.core.auditoria.politica import conta
from app.core.auditoria.valores import da_coluna
from app.core.modelos import Carimbo
from app.extensions import db

_DA_LINHA = {"created_at": "timestamp", "updated_at": "timestamp", "criado_por_id": "user_id", "alterado_por_id": "user_id"}
CARIMBOS = {"criar": tuple(_DA_LINHA), **dict.fromkeys(("alterar", "permissao"), ("updated_at", "alterado_por_id"))}
_carimbadas: set[str] = set()


def linha(
    acao: str, recurso: str, recurso_id: Any, antes: dict | None, depois: dict | None, execucao_id: int | None = None, *, quando: dt.datetime | None = None
) -> dict[str, Any]:
    """The row's columns."""
    quem = ator()
    return {
        "timestamp": quando or relogio.agora(), "user_id": quem.usuario_id, "ip_address": quem.ip, "user_agent": quem.agente, "rota": quem.rota,
        "request_id": quem.request_id, "como_cliente_id": quem.como_cliente_id, "action": acao, "resource": recurso,
        "resource_id": None if recurso_id is None else str(recurso_id)[:100], "antes": antes, "depois": depois,
        "execucao_id": execucao_id or quem.execucao_id,
    }


def carimbada(tabela: str) -> bool:
    """Whether the table has the stamps of ``Carimbo``."""
    if not _carimbadas:
        _carimbadas.update(m.local_table.name for m in db.Model.registry.mappers if issubclass(m.class_, Carimbo))
    return tabela in _carimbadas


def de_registro(acao: str, tabela: sa.Table, chave: str, valores: Mapping[str, Any], antes: dict | None, depois: dict | None) -> dict[str, Any]:
    """The row of a created or changed record. ``valores``: its columns now. Stamps are left out that the row's own time and person give."""
    valido = valores.get("updated_at") if carimbada(tabela.name) else None
    quando = valido if valido is not None and "updated_at" in (depois or {}) else None
    nova = linha(acao, tabela.name, chave, antes, depois, quando=quando)
    if depois is not None and carimbada(tabela.name):
        for nome in CARIMBOS[acao]:
            if not conta(tabela.c[nome]):
                continue
            igual = valores.get(nome) == nova[_DA_LINHA[nome]]
            for lado in (antes, depois):
                if igual:
                    (lado or {}).pop(nome, None)
            if not igual:
                depois[nome] = da_coluna(tabela.c[nome], valores.get(nome))
    return nova


def chave_de(tabela: sa.Table, valores: Mapping[str, Any]) -> str:
    """The key of a row as the trail writes it: its parts with commas between them."""
    return ",".join(str(valores[c.name]) for c in tabela.primary_key)
