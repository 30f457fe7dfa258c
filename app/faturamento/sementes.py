"""First rows of billing: the five cycles and the policies. Given once; what is changed on screen stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.faturamento.models import Ciclo, PoliticaCobranca
from app.faturamento.models.politicas import PresetPolitica

CICLOS = (("Mensal", 30, 1), ("Bimestral", 60, 2), ("Trimestral", 90, 3), ("Semestral", 180, 6), ("Anual", 365, 12))
POLITICAS: tuple[dict[str, Any], ...] = (
    {"nome": "Padrão do provedor", "preset": PresetPolitica.padrao, "dias_bloqueio": 10, "dias_apos_aviso": 0, "padrao": True},
    # 15 days between the notice and the suspension, no cut on days without support (Anatel, RGC, Res. 765/2023)
    {"nome": "Anatel RGC 765", "preset": PresetPolitica.anatel_rgc765, "dias_bloqueio": 16, "dias_apos_aviso": 15, "bloqueia_sexta": False},
    {"nome": "Anatel RGC 632", "preset": PresetPolitica.anatel_rgc632, "dias_reducao": 15, "dias_bloqueio": 46, "dias_apos_aviso": 45},
)
COMUM = {"multa_percentual": Decimal(2), "juros_mensal": Decimal(1), "exige_aviso": True}


def semear(sessao: Session) -> None:
    """Cycles and policies that are not there; a provider who deleted a policy of ours gets it back only on an empty table."""
    for nome, dias, meses in CICLOS:
        sessao.execute(insert(Ciclo).values(nome=nome, dias=dias, meses=meses).on_conflict_do_nothing(index_elements=["nome"]))
    if sessao.scalar(select(PoliticaCobranca.id).limit(1)) is None:
        sessao.add_all(PoliticaCobranca(**{**COMUM, **politica}) for politica in POLITICAS)
        sessao.flush()
