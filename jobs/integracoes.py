"""Imports of customers: the preview in one slice, the import in slices of a hundred lines."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from sqlalchemy.orm import Session

from app.core.execucao import Avanco, longa
from app.integracoes.services import CONFERIR, IMPORTAR, ImportacaoService


@longa(CONFERIR)
def conferir_importacao(sessao: Session, cursor: dict[str, Any] | None, *, importacao_id: int, hoje: dt.date) -> Avanco:
    """Foresee every line. One slice: what a line does depends on all before it, and 50,000 lines take some seconds."""
    contagens: Counter[str] = Counter()
    for lote in ImportacaoService(sessao).conferir(importacao_id):
        contagens.update(lote.contagens)
    return Avanco(None, feitos=contagens.total(), total=contagens.total(), contagens=contagens)


@longa(IMPORTAR)
def importar_clientes(sessao: Session, cursor: dict[str, Any] | None, *, importacao_id: int, hoje: dt.date) -> Avanco:
    """Import the next hundred lines; lines and cursor commit together, so a killed import goes on where it was."""
    lote = ImportacaoService(sessao).importar_lote(importacao_id, cursor["linha"] if cursor else 0, hoje=hoje)
    return Avanco({"linha": lote.ultima} if lote.ultima is not None else None, feitos=len(lote.linhas), contagens=lote.contagens)
