"""Reads of customers for screens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.clientes.models import Consentimento
from app.core import eventos
from app.core.models import Evento

QUANTOS = 30
# first letters of the types of each filter of the timeline
FILTROS = {
    "financeiro": ("invoice", "pagamento", "lancamento", "credito", "acordo"), "rede": ("cliente_bloqueado", "cliente_liberado", "bloqueio", "acesso"),
    "contratos": ("contrato", "plano"), "anotacoes": ("anotacao",),
}


@dataclass(frozen=True)
class Fato:
    """A line of the timeline."""

    titulo: str
    icone: str
    em: dt.datetime
    quem: str


def linha_do_tempo(sessao: Session, cliente_id: int, filtro: str = "tudo", *, com_dinheiro: bool = True) -> list[Fato]:
    """The customer's last facts, newest first; ``filtro`` is a key of FILTROS, anything else is all.

    ``com_dinheiro=False`` leaves out what the filter ``financeiro`` shows, for people who may not see invoices.
    """
    consulta = select(Evento, User.first_name, User.last_name).outerjoin(User, User.id == Evento.ator_id).where(Evento.cliente_id == cliente_id)
    if filtro in FILTROS:
        consulta = consulta.where(Evento.tipo.regexp_match(_comeco(filtro)))
    if not com_dinheiro:
        consulta = consulta.where(~Evento.tipo.regexp_match(_comeco("financeiro")))
    linhas = sessao.execute(consulta.order_by(Evento.id.desc()).limit(QUANTOS)).all()
    return [_fato(evento, f"{nome or ''} {sobrenome or ''}".strip()) for evento, nome, sobrenome in linhas]


def _comeco(filtro: str) -> str:
    return f"^({'|'.join(FILTROS[filtro])})"


def _fato(evento: Evento, quem: str) -> Fato:
    titulo, icone = eventos.descrever(evento)
    return Fato(titulo, icone, evento.em, quem)


def consentimentos_vigentes(sessao: Session, cliente_id: int) -> list[Consentimento]:
    """The newest consent of each channel and purpose: the one in force (LGPD)."""
    consulta = select(Consentimento).where(Consentimento.cliente_id == cliente_id).ext(distinct_on(Consentimento.canal, Consentimento.finalidade))
    return list(sessao.scalars(consulta.order_by(Consentimento.canal, Consentimento.finalidade, Consentimento.id.desc())))
