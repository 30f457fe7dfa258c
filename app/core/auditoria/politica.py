"""What the audit trail leaves out, and why: tables, columns, secrets, and what only bulk runs write. Modules add their own at import."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.core.cifra import TextoCifrado
from app.extensions import db

MASCARA = "***"
_MAQUINA = "state of the machinery; what a person does to it has a row of its own"
_CODIGO = "what the code offers, written by `flask crm preparar`; who has it is in the audit of ab_role"
_SO_CRESCE = "a log that only grows: its rows are their own history"

# tables that are not audited → why
FORA: dict[str, str] = {
    "user_audit_log": "the trail itself", "arquivo_parte": "content of files: their name, size and SHA-256 are in arquivo", "evento": _SO_CRESCE,
    "estado_agenda": _MAQUINA, "numeracao": "counters", "pulso": _MAQUINA, "tarefa": _MAQUINA, "feito_uma_vez": "keys of forms already sent",
    "papel_semente": "what the seed has already given", "ab_permission": _CODIGO, "ab_view_menu": _CODIGO, "ab_permission_view": _CODIGO,
    "copia_emitente": "never changed: found by the hash of its content", "evento_rede": _SO_CRESCE, "lote_faturamento": _SO_CRESCE,
    "acesso_dado_pessoal": _SO_CRESCE, "concessao": _SO_CRESCE,
    "importacao_linha": "lines of an uploaded file; what they became is audited where it is, with the import's task as request",
}

# table → columns nobody is told of → why
SEM_HISTORICO: dict[str, dict[str, str]] = {}

# column names that are secret in every table and in every JSON; "table.column" for one table only
SEGREDOS = {
    "password", "senha", "senha_pppoe", "totp_secret", "key_hash", "lookup_hash", "registration_hash", "resumo", "token", "codigos_recuperacao", "segredo",
    "secret", "client_secret", "access_token", "refresh_token", "chave_api", "api_key", "authorization", "notificacao.dados",
}


@dataclass(frozen=True)
class Massa:
    """How a table is written in bulk, by SQL that passes by the session: which columns (None: whole rows) and how a row leads to its run."""

    colunas: tuple[str, ...] | None
    corrida: str


EM_MASSA: dict[str, Massa] = {}


def ignorar(*tabelas: str, motivo: str = "") -> None:
    """Tables whose rows are their own history (messages, pulses) and are not audited, and why."""
    FORA.update(dict.fromkeys(tabelas, motivo))


def sem_historico(tabela: str, *colunas: str, motivo: str) -> None:
    """Columns whose changes are no news (counters, leases), and where the news is told instead."""
    SEM_HISTORICO.setdefault(tabela, {}).update(dict.fromkeys(colunas, motivo))


def em_massa(tabela: str, *colunas: str, corrida: str) -> None:
    """Declare that bulk SQL writes these columns (whole rows without any), and by which columns a row leads to the run that did."""
    EM_MASSA[tabela] = Massa(colunas or None, corrida)


def secreto(coluna: str) -> None:
    """``"column"`` (everywhere) or ``"table.column"``: the trail keeps ``***`` of it, as of every encrypted column."""
    SEGREDOS.add(coluna)


def auditada(tabela: str | None) -> bool:
    """Whether changes of this table's rows are written down."""
    return tabela is not None and tabela not in FORA


def e_secreta(tabela: str, coluna: str, tipo: sa.types.TypeEngine | None = None) -> bool:
    """Whether only ``***`` may be kept of a column, or of what has its name in JSON."""
    if coluna in SEGREDOS or f"{tabela}.{coluna}" in SEGREDOS:
        return True
    if tipo is None and (achada := db.metadata.tables.get(tabela)) is not None and coluna in achada.c:
        tipo = achada.c[coluna].type
    return isinstance(tipo, TextoCifrado)


def conta(coluna: sa.Column) -> bool:
    """Whether changes of a column are told: not of generated ones, which the others give, nor of those declared ``sem_historico``."""
    return coluna.computed is None and coluna.name not in SEM_HISTORICO.get(coluna.table.name, ())


sem_historico("ab_user", "last_login", "login_count", "fail_login_count", motivo="every entry and failure has a row of its own")
sem_historico("ab_api_key", "last_used_on", motivo="a use is no change of the key")
