"""Numbers people see that must not have gaps within their year: Contrato ``AAAA-00001``, protocols, orders."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.models import Numeracao


def proximo(sessao: Session, serie: str, quantos: int = 1) -> int:
    """The first of ``quantos`` consecutive numbers of a series, starting at 1. The counter stays locked until the commit."""
    comando = insert(Numeracao).values(serie=serie, proximo=1 + quantos)
    comando = comando.on_conflict_do_update(index_elements=["serie"], set_={"proximo": Numeracao.proximo + quantos})
    return sessao.execute(comando.returning(Numeracao.proximo)).scalar_one() - quantos
