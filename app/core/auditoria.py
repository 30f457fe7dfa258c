"""Before and after of every mapped change, written in the same transaction by session events (not by the framework's hooks).

Views, API, services, commands and role edits are all caught. Bulk statements are not: they call ``registrar`` once with their run's id.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import MANYTOMANY

from app.core import relogio
from app.core.ator import ator
from app.core.cifra import TextoCifrado
from app.core.models import ArquivoParte, EstadoAgenda, Evento, Numeracao, Pulso, Tarefa, UserAuditLog

_FORA = {c.__tablename__ for c in (UserAuditLog, ArquivoParte, Evento, EstadoAgenda, Numeracao, Pulso, Tarefa)}
_SEGREDOS = {"password", "totp_secret", "key_hash", "lookup_hash", "registration_hash", "resumo", "token"}
_RUIDO = {"created_at", "updated_at", "criado_por_id", "alterado_por_id", "changed_on", "changed_by_fk", "last_login", "login_count", "fail_login_count"}
_PENDENTES = "auditoria_pendente"


def ignorar(*tabelas: str) -> None:
    """Tables whose rows are their own history (messages, pulses) and are not audited."""
    _FORA.update(tabelas)


def registrar(
    sessao: Session, acao: str, recurso: str, recurso_id: Any, *, antes: dict | None = None, depois: dict | None = None, execucao_id: int | None = None
) -> None:
    """Write one audit row by hand: bulk runs, log-ins, exports, views of secrets."""
    sessao.execute(insert(UserAuditLog.__table__), [_linha(acao, recurso, recurso_id, antes, depois, execucao_id)])


def linha(acao: str, recurso: str, recurso_id: Any, *, antes: dict | None = None, depois: dict | None = None) -> dict[str, Any]:
    """The columns of such a row, for whoever writes it as part of a statement of its own."""
    return _linha(acao, recurso, recurso_id, antes, depois)


def _linha(acao: str, recurso: str, recurso_id: Any, antes: dict | None, depois: dict | None, execucao_id: int | None = None) -> dict[str, Any]:
    quem = ator()
    return {
        "timestamp": relogio.agora(), "user_id": quem.usuario_id, "ip_address": quem.ip, "user_agent": quem.agente,
        "action": acao, "resource": recurso, "resource_id": None if recurso_id is None else str(recurso_id)[:100],
        "antes": antes, "depois": depois, "execucao_id": execucao_id or quem.execucao_id,
    }


@event.listens_for(Session, "before_flush")
def _recolher(sessao: Session, _contexto: object, _instancias: object) -> None:
    pendentes = sessao.info.setdefault(_PENDENTES, [])
    pendentes += [("alterar", o, *d) for o in sessao.dirty if _auditavel(o) and (d := _diferenca(o))]
    pendentes += [("excluir", o, _todos(o), None) for o in sessao.deleted if _auditavel(o)]
    pendentes += [("criar", o, None, None) for o in sessao.new if _auditavel(o)]


@event.listens_for(Session, "after_flush")
def _gravar(sessao: Session, _contexto: object) -> None:
    if pendentes := sessao.info.pop(_PENDENTES, None):
        sessao.execute(insert(UserAuditLog.__table__), [_linha_de(*p) for p in pendentes])


@event.listens_for(Session, "after_soft_rollback")
def _esquecer(sessao: Session, _anterior: object) -> None:
    """What a failed flush or an undone savepoint had gathered never happened."""
    sessao.info.pop(_PENDENTES, None)


def _linha_de(acao: str, objeto: Any, antes: dict | None, depois: dict | None) -> dict[str, Any]:
    if acao == "criar":
        depois = _todos(objeto)
    chave = ",".join(map(str, inspect(objeto).mapper.primary_key_from_instance(objeto)))
    return _linha(acao, objeto.__tablename__, chave, antes, depois)


def _auditavel(objeto: Any) -> bool:
    return getattr(objeto, "__tablename__", None) not in _FORA


def _diferenca(objeto: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    antes: dict[str, Any] = {}
    depois: dict[str, Any] = {}
    estado = inspect(objeto)
    for atributo in estado.mapper.column_attrs:
        historico = estado.attrs[atributo.key].history
        if atributo.key not in _RUIDO and historico.has_changes():
            velho, novo = _primeiro(historico.deleted), _primeiro(historico.added)
            if velho != novo:
                antes[atributo.key], depois[atributo.key] = _valor(atributo, velho), _valor(atributo, novo)
    _diferenca_de_conjuntos(estado, antes, depois)
    return (antes, depois) if depois else None


def _diferenca_de_conjuntos(estado: Any, antes: dict[str, Any], depois: dict[str, Any]) -> None:
    """Many-to-many collections: roles of a user, permissions of a role."""
    for relacao in estado.mapper.relationships:
        if relacao.direction is MANYTOMANY and relacao.key in estado.dict:
            historico = estado.attrs[relacao.key].history
            if historico.added or historico.deleted:
                antes[relacao.key] = [f"-{x}" for x in historico.deleted]
                depois[relacao.key] = [f"+{x}" for x in historico.added]


def _todos(objeto: Any) -> dict[str, Any]:
    estado = inspect(objeto)
    return {a.key: _valor(a, estado.dict.get(a.key)) for a in estado.mapper.column_attrs if a.key in estado.dict and a.key not in _RUIDO}


def _primeiro(valores: Any) -> Any:
    return valores[0] if valores else None


def _valor(atributo: Any, valor: Any) -> Any:
    if valor is None:
        return None
    secreto = atributo.key in _SEGREDOS or isinstance(atributo.columns[0].type, TextoCifrado)
    return "***" if secreto else para_json(valor)


def para_json(valor: Any) -> Any:
    """A column value as JSON keeps it."""
    if isinstance(valor, enum.Enum):
        return valor.name
    if isinstance(valor, decimal.Decimal):
        return str(valor)
    if isinstance(valor, (dt.datetime, dt.date, dt.time)):
        return valor.isoformat()
    if isinstance(valor, bytes):
        return f"<{len(valor)} bytes>"
    return valor if isinstance(valor, (bool, int, str, dict, list, type(None))) else str(valor)



def de_json(coluna: sa.Column[Any] | None, valor: Any) -> Any:
    """The inverse of ``para_json`` for a column, so that a screen shows the value as everywhere else; what does not fit stays as it is."""
    if coluna is None or not isinstance(valor, str):
        return valor
    tipo: Any = getattr(coluna.type, "impl_instance", coluna.type)      # of a TypeDecorator
    try:
        if isinstance(tipo, sa.Enum) and tipo.enum_class:
            return tipo.enum_class[valor]
        return _LEITORES.get(tipo.python_type, str)(valor)
    except (KeyError, ValueError, decimal.InvalidOperation, NotImplementedError):
        return valor


_LEITORES: dict[type, Any] = {decimal.Decimal: decimal.Decimal, dt.datetime: dt.datetime.fromisoformat, dt.date: dt.date.fromisoformat}
