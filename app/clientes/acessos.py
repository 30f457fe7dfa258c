"""The log of who looked at personal data (LGPD, art. 37 and 46): one row per person, customer, kind and hour, never changed."""

from __future__ import annotations

from flask import has_request_context, request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.clientes.models import AcessoDadoPessoal, OQueViu
from app.core import auditoria, relogio, sigilo
from app.core.ator import ator_id

_COM_DOCUMENTO = frozenset({OQueViu.pagina, OQueViu.api})


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
    comando = insert(AcessoDadoPessoal).values(linha).on_conflict_do_nothing(index_elements=["cliente_id", "usuario_id", "o_que", "hora"])
    nova = sessao.execute(comando.returning(AcessoDadoPessoal.id)).scalar()
    if nova is not None and cliente_id is not None and o_que in _COM_DOCUMENTO and sigilo.pode("documento"):
        auditoria.registrar(sessao, "ver_documento", "cliente", cliente_id, depois={"como": o_que.name})


def registrar_lista(sessao: Session, o_que: OQueViu) -> None:
    """Note, once an hour, that the present person went through lists of customers whose documents are shown in full."""
    quem, hora = ator_id(), relogio.agora().replace(minute=0, second=0, microsecond=0)
    if quem is None or not sigilo.pode("documento"):
        return
    ja = (AcessoDadoPessoal.cliente_id.is_(None), AcessoDadoPessoal.usuario_id == quem, AcessoDadoPessoal.o_que == o_que, AcessoDadoPessoal.hora == hora)
    if sessao.scalar(select(AcessoDadoPessoal.id).where(*ja).limit(1)) is None:
        registrar(sessao, None, o_que)
