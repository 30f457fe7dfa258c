"""Monthly partitions: three months ahead always exist; what is written after an outage longer than that stays in the DEFAULT one."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.datas import somar_meses

TABELAS = ["user_audit_log"]
MESES_A_FRENTE = 3
# row triggers of a table are its partitions' too, triggers of a statement are not: each is emptied by its own TRUNCATE, also one that an older
# version made during an update
SEM_GATILHO = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'user_audit_log'::regclass
   AND NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = inhrelid AND tgname = 'auditoria_nao_esvazia')
"""
NAO_ESVAZIA = "CREATE OR REPLACE TRIGGER auditoria_nao_esvazia BEFORE TRUNCATE ON {nome} FOR EACH STATEMENT EXECUTE FUNCTION recusar_mudanca_na_auditoria()"


def garantir(sessao: Session, *, ate: dt.date) -> int:
    """Create the partitions of last month until three months after ``ate``. Returns how many were missing. Safe to run twice at once."""
    sessao.execute(text("SELECT pg_advisory_xact_lock(hashtext('particoes'))"))
    faltavam = sum(_garantir_mes(sessao, tabela, *somar_meses(ate.year, ate.month, n)) for tabela in TABELAS for n in range(-1, MESES_A_FRENTE + 1))
    for nome in sessao.scalars(text(SEM_GATILHO)).all():
        sessao.execute(text(NAO_ESVAZIA.format(nome=nome)))
    return faltavam


def _garantir_mes(sessao: Session, tabela: str, ano: int, mes: int) -> int:
    nome = f"{tabela}_{ano}_{mes:02d}"
    if sessao.scalar(text("SELECT to_regclass(:n)"), {"n": nome}) is not None:
        return 0
    comeco, fim = f"{ano}-{mes:02d}-01 00:00+00", "{}-{:02d}-01 00:00+00".format(*somar_meses(ano, mes, 1))
    no_padrao = text(f"SELECT EXISTS (SELECT 1 FROM {tabela}_default WHERE timestamp >= :comeco AND timestamp < :fim)")
    if sessao.scalar(no_padrao, {"comeco": comeco, "fim": fim}):
        return 0      # months after an outage: what was written meanwhile cannot be moved, and the month stays where it is
    sessao.execute(text(f"CREATE TABLE {nome} PARTITION OF {tabela} FOR VALUES FROM ('{comeco}') TO ('{fim}')"))
    return 1
