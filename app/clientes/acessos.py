"""The log of who looked at personal data (LGPD, art. 37 and 46): one row per person, customer, kind and hour, never changed.

Pages and records of a customer and exports say themselves what they show (``registrar``); any other answer with documents in full is noted by
``anotar_vistos``, which ``app.core.sigilo`` calls before it leaves.
"""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.clientes.models import AcessoDadoPessoal, Cliente, OQueViu
from app.core import auditoria, relogio, sigilo
from app.core.ator import Ator, ator_id, sendo
from app.extensions import db

_COM_DOCUMENTO = frozenset({OQueViu.pagina, OQueViu.api})
_UMA_VEZ = ["cliente_id", "usuario_id", "o_que", "hora"]


def registrar(sessao: Session, cliente_id: int | None, o_que: OQueViu) -> None:
    """Note that the present person saw personal data of a customer; of no single one (``None``) when a whole list was exported.

    Repeated within the hour it writes nothing, but an export always does. Nobody signed in (jobs) is not noted.
    """
    quem = ator_id()
    if quem is None:
        return
    rota = request.path if has_request_context() else None
    comando = insert(AcessoDadoPessoal).values(cliente_id=cliente_id, **_linha(quem, o_que, rota)).on_conflict_do_nothing(index_elements=_UMA_VEZ)
    nova = sessao.execute(comando.returning(AcessoDadoPessoal.id)).scalar()
    if rota is not None:
        g.setdefault("acessos_anotados", set()).add(cliente_id)
    if nova is not None and cliente_id is not None and o_que in _COM_DOCUMENTO and sigilo.pode("documento"):
        auditoria.registrar(sessao, "ver_documento", "cliente", cliente_id, depois={"como": o_que.name})


def anotar_vistos(documentos: frozenset[str], quem: Ator) -> None:
    """Note that a request showed these documents in full, in a transaction of its own; what ``registrar`` noted in it is not written again.

    Up to ``sigilo.POUCOS``: a row for each that is a customer's. More: one row for the route, of no customer. Either is one statement, and the audit
    trail is written only when a row is new: once an hour.
    """
    ja = g.get("acessos_anotados", set())
    if quem.usuario_id is None or None in ja:
        return
    with sendo(quem), Session(db.engine, join_transaction_mode="create_savepoint") as sessao, sessao.begin():
        if len(documentos) > sigilo.POUCOS:
            _anotar_lista(sessao, quem.usuario_id)
        else:
            _anotar_clientes(sessao, quem.usuario_id, documentos, ja)


def _anotar_lista(sessao: Session, quem: int) -> None:
    onde = request.url_rule.rule if request.url_rule else request.path
    linha = _linha(quem, OQueViu.lista, onde)
    comando = insert(AcessoDadoPessoal).values(linha).on_conflict_do_nothing(
        index_elements=["usuario_id", "rota", "hora"], index_where=text("o_que = 'lista'"))
    if sessao.execute(comando.returning(AcessoDadoPessoal.id)).scalar() is not None:
        auditoria.registrar(sessao, "ver_documento", "cliente", None, depois={"como": OQueViu.lista.name, "onde": linha["rota"]})


def _anotar_clientes(sessao: Session, quem: int, documentos: frozenset[str], ja: set[int]) -> None:
    o_que = OQueViu.api if request.path.startswith("/api/") else OQueViu.tela
    linha, colunas = _linha(quem, o_que, request.path), AcessoDadoPessoal.__table__.c
    deles = select(Cliente.id, *(literal(v, colunas[n].type) for n, v in linha.items())).where(Cliente.cpf_cnpj.in_(documentos), Cliente.id.not_in(ja))
    comando = insert(AcessoDadoPessoal).from_select(["cliente_id", *linha], deles).on_conflict_do_nothing(index_elements=_UMA_VEZ)
    for cliente_id in sessao.scalars(comando.returning(AcessoDadoPessoal.cliente_id)).all():
        auditoria.registrar(sessao, "ver_documento", "cliente", cliente_id, depois={"como": o_que.name, "onde": linha["rota"]})


def _linha(quem: int, o_que: OQueViu, rota: str | None) -> dict[str, Any]:
    agora = relogio.agora()
    return {"usuario_id": quem, "em": agora, "hora": agora.replace(minute=0, second=0, microsecond=0), "o_que": o_que, "rota": rota and rota[:200]}


sigilo.ligar(anotar_vistos)
