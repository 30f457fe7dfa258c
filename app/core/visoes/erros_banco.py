"""What PostgreSQL refuses, said in Portuguese at the right field, never with SQL or parameters."""
from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.exceptions import DatabaseException
from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, MetaData
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

log = logging.getLogger(__name__)


class ErroDeBanco(DatabaseException):
    """A refused write: ``str()`` is for the person, ``codigo`` for programs, ``colunas`` the columns at fault."""

    def __init__(self, mensagem: str, codigo: str, colunas: tuple[str, ...] = ()):
        super().__init__(mensagem)
        self.codigo = codigo
        self.colunas = colunas


@dataclass(frozen=True)
class Recusa:
    """What psycopg says of the refusal."""

    sqlstate: str = ""
    restricao: str = ""
    tabela: str = ""
    coluna: str = ""
    detalhe: Any = field(default=None, repr=False)


def _recusa(erro: SQLAlchemyError) -> Recusa:
    original = getattr(erro, "orig", None)
    diag = getattr(original, "diag", None)
    if diag is None:
        return Recusa()
    return Recusa(original.sqlstate or "", diag.constraint_name or "", diag.table_name or "", diag.column_name or "", diag)


def _restricao(metadata: MetaData, recusa: Recusa) -> Any:
    tabela = next((t for t in metadata.tables.values() if t.name == recusa.tabela), None)
    if tabela is None:
        return None
    return next((r for r in [*tabela.constraints, *tabela.indexes] if str(r.name) == recusa.restricao), None)


def _colunas(metadata: MetaData, recusa: Recusa) -> tuple[str, ...]:
    if recusa.coluna:
        return (recusa.coluna,)
    restricao = _restricao(metadata, recusa)
    if isinstance(restricao, CheckConstraint):
        palavras = re.findall(r"\w+", str(restricao.sqltext))
        return tuple(dict.fromkeys(p for p in palavras if p in restricao.table.columns))
    return tuple(c.name for c in getattr(restricao, "columns", ()) or ())


def _frase(metadata: MetaData, recusa: Recusa) -> tuple[str, str]:
    propria = (getattr(_restricao(metadata, recusa), "info", None) or {}).get("mensagem")
    frases = {
        "23505": ("duplicado", _("Já existe um registro com este valor.")),
        "23503": ("em_uso", _("Este registro está ligado a outros e não pode ser excluído, ou aponta para um que não existe mais.")),
        "23502": ("obrigatorio", _("Falta preencher um campo obrigatório.")),
        "23514": ("fora_da_regra", _("Um dos valores não é permitido.")),
        "23P01": ("sobreposto", _("O período se sobrepõe a outro já cadastrado.")),
        "22001": ("longo", _("Um dos textos é longo demais.")),
        "22003": ("grande", _("Um dos números é grande demais.")),
        "40001": ("concorrencia", _("Outra pessoa mexeu nos mesmos dados ao mesmo tempo. Tente de novo.")),
        "40P01": ("concorrencia", _("Outra pessoa mexeu nos mesmos dados ao mesmo tempo. Tente de novo.")),
        "55P03": ("ocupado", _("O registro está em uso por outro processo. Tente de novo em instantes.")),
        "57014": ("demorado", _("A operação demorou demais e foi cancelada.")),
    }
    codigo, frase = frases.get(recusa.sqlstate, ("banco", _("Não foi possível salvar. O erro foi registrado.")))
    return codigo, _(propria) if propria else frase


def traduzir(erro: SQLAlchemyError, metadata: MetaData) -> ErroDeBanco:
    """The refusal as an ``ErroDeBanco``. A constraint may carry its own sentence in ``info={"mensagem": ...}``."""
    if isinstance(erro, StatementError) and not isinstance(erro, DBAPIError):
        return ErroDeBanco(_("Um dos valores não é válido."), "valor_invalido")
    recusa = _recusa(erro)
    codigo, frase = _frase(metadata, recusa)
    if codigo == "banco":
        log.error("database refused sqlstate=%s constraint=%s", recusa.sqlstate, recusa.restricao, exc_info=erro)
    return ErroDeBanco(frase, codigo, _colunas(metadata, recusa))
