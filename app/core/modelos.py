"""What every table of the house shares: when a row was made and changed, and by whom."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, event, func, inspect
from sqlalchemy.orm import InstanceState, Mapped, Session, mapped_column
from werkzeug.datastructures import FileStorage

from app.core import relogio
from app.core.ator import ator_id
from app.core.textos import resumo


class Carimbo:
    """created_at, updated_at and who did it (null: the system). No foreign key to users: bulk COPY must not pay for it."""

    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), sort_order=900)
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), sort_order=901)
    criado_por_id: Mapped[int | None] = mapped_column(BigInteger, sort_order=902)
    alterado_por_id: Mapped[int | None] = mapped_column(BigInteger, sort_order=903)


def versao_de(registro: object) -> str:
    """Which state of a row a page showed, for telling a change made since; empty for a row that does not say when it changed."""
    mudou: dt.datetime | None = getattr(registro, "updated_at", None)
    return mudou.isoformat() if mudou else ""


def retrato(valores: Iterable[Any], letras: int = 32) -> str:
    """What values say, in few hex digits, to see whether they are the same: rows by their keys, files by what is in them."""
    return resumo(repr([_dito(valor) for valor in valores]), letras)


def _dito(valor: Any) -> Any:
    if isinstance(valor, (list, tuple, set)):
        ditos = [_dito(v) for v in valor]
        return ditos if isinstance(valor, tuple) else sorted(ditos, key=repr)
    if isinstance(estado := inspect(valor, raiseerr=False), InstanceState):
        return (estado.class_.__name__, estado.identity)
    if isinstance(valor, FileStorage):
        conteudo = hashlib.file_digest(valor.stream, "sha256").hexdigest()
        valor.stream.seek(0)
        return (valor.filename, conteudo)
    return str(valor)


@event.listens_for(Session, "before_flush")
def _carimbar(sessao: Session, _contexto: object, _instancias: object) -> None:
    novos = [o for o in sessao.new if isinstance(o, Carimbo)]
    alterados = [o for o in sessao.dirty if isinstance(o, Carimbo) and sessao.is_modified(o, include_collections=False)]
    if not novos and not alterados:
        return
    quem, quando = ator_id(), relogio.agora()
    for objeto in novos:
        objeto.created_at = objeto.created_at or quando
        objeto.criado_por_id = objeto.criado_por_id or quem
    for objeto in novos + alterados:
        objeto.updated_at, objeto.alterado_por_id = quando, quem
