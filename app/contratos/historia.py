"""What a contract was on each day: its prices and pauses, as recorded by what happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contratos.models import Contrato, ContratoHistorico, SuspensaoVoluntaria
from app.core.datas import UM_DIA
from app.planos.models import Plano


class Vigencia(NamedTuple):
    """Plan and price (reais a month) of the days ``de`` to ``ate``, both inclusive."""

    de: dt.date
    ate: dt.date
    plano_id: int
    plano_nome: str
    preco: Decimal


def vigencias(sessao: Session, contrato: Contrato, de: dt.date, ate: dt.date) -> list[Vigencia]:
    """The prices of the days ``de`` to ``ate``, in their order; of changes for the same day the last counts."""
    consulta = select(ContratoHistorico.desde, Plano.id, Plano.nome, ContratoHistorico.preco).join(Plano, Plano.id == ContratoHistorico.plano_id)
    linhas = sessao.execute(consulta.where(ContratoHistorico.contrato_id == contrato.id).order_by(ContratoHistorico.versao)).all()
    feitas: list[Vigencia] = []
    for n, (desde, *plano) in enumerate(linhas):
        seguintes = [depois.desde - UM_DIA if depois.desde else dt.date.min for depois in linhas[n + 1 :]]
        comeco, fim = max(de, desde or de), min([ate, *seguintes])
        if comeco <= fim:
            feitas.append(Vigencia(comeco, fim, *plano))
    return feitas


def pausas(sessao: Session, contrato_id: int) -> Sequence[SuspensaoVoluntaria]:
    """Its pauses, oldest first."""
    return sessao.scalars(select(SuspensaoVoluntaria).where(SuspensaoVoluntaria.contrato_id == contrato_id).order_by(SuspensaoVoluntaria.id)).all()


def ultimo_ato(sessao: Session, contrato_id: int) -> dt.date | None:
    """The day of its last plan change, pause or return; None when nothing has happened since it began."""
    mudancas = select(ContratoHistorico.desde).where(ContratoHistorico.contrato_id == contrato_id, ContratoHistorico.desde.is_not(None))
    dias = [*sessao.scalars(mudancas), *(p.volta or p.de for p in pausas(sessao, contrato_id))]
    return max(dias, default=None)
