"""The log of who looked at personal data (LGPD, art. 37 and 46): one row per person, customer, kind and hour, never changed."""

from __future__ import annotations

from flask import has_request_context, request
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.clientes.models import AcessoDadoPessoal, OQueViu
from app.core import relogio
from app.core.ator import ator_id


def registrar(sessao: Session, cliente_id: int | None, o_que: OQueViu) -> None:
    """Note that the present person saw personal data of a customer; of no single one (``None``) when a whole list was exported.

    Repeated within the hour it writes nothing, but an export always does. Nobody signed in (jobs) is not noted.
    """
    quem = ator_id()
    if quem is None:
        return
    agora = relogio.agora()
    linha = {
        "cliente_id": cliente_id, "usuario_id": quem, "em": agora, "hora": agora.replace(minute=0, second=0, microsecond=0), "o_que": o_que,
        "rota": request.path[:200] if has_request_context() else None,
    }
    sessao.execute(insert(AcessoDadoPessoal).values(linha).on_conflict_do_nothing(index_elements=["cliente_id", "usuario_id", "o_que", "hora"]))
