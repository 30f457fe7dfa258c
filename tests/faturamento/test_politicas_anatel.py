"""The policies after the regulator's texts count its days: each is used as it is seeded, from the notice to the night that blocks.

Resolução Anatel 765/2023 (RGC): total suspension 15 days after the notice. Resolução Anatel 632/2014, arts. 90 to 103: partial suspension 15 days
after the notice, total 30 days later; a partial one does not exist here yet. The dates are the public vectors'.
"""

from __future__ import annotations

import datetime as dt
import json
import pathlib

import pytest
from sqlalchemy import select, update

from app.core import relogio
from app.core.datas import UM_DIA
from app.faturamento.models import PoliticaCobranca
from app.faturamento.models.politicas import PresetPolitica
from app.faturamento.services import FaturamentoService
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import avisado, em

VETORES = json.loads((pathlib.Path(__file__).parents[1] / "dados" / "vectors.json").read_text(encoding="utf-8"))
REGUAS = {v["input"]["preset"]: (v["input"], v["expected"]) for v in VETORES if v["area"] == "anatel/dunning"}


def em_vigor(sessao, preset: str) -> PoliticaCobranca:
    """The seeded policy of a regulation, in force."""
    sessao.execute(update(PoliticaCobranca).values(padrao=False))
    politica = sessao.scalars(select(PoliticaCobranca).where(PoliticaCobranca.preset == PresetPolitica[f"anatel_{preset}"])).one()
    politica.padrao = True
    sessao.flush()
    return politica


def primeira_noite(sessao, servico: FaturamentoService, ate: dt.date, aviso: dt.date) -> dt.date | None:
    """The first day, from the notice on, on which somebody would be blocked if every day were one of blocking."""
    for n in range((ate - aviso).days + 1):
        noite = aviso + n * UM_DIA
        with relogio.mover_para(noite):
            if servico.simular_bloqueio(hoje=noite).eleitos:
                return noite
    return None


def avisado_em(sessao, aviso: dt.date, dias_de_atraso: int) -> FaturamentoService:
    """A customer who was told on that day that his invoice is so many days late."""
    f.uma_invoice(sessao, vencimento=aviso - dias_de_atraso * UM_DIA)
    servico = FaturamentoService(sessao)
    with em(aviso):
        avisado(sessao, servico, aviso)
    return servico


@pytest.mark.parametrize(("preset", "suspende"), [("rgc765", "suspend_from"), ("rgc632", "total_from")])
@pytest.mark.parametrize("dias_de_atraso", [1, 40])
def test_who_was_told_is_blocked_on_the_regulations_day_and_not_before(sessao, preset: str, suspende: str, dias_de_atraso: int) -> None:
    """However late the notice left."""
    entrada, esperado = REGUAS[preset]
    aviso, dia = dt.date.fromisoformat(entrada["notice"]), dt.date.fromisoformat(esperado[suspende])
    em_vigor(sessao, preset)
    servico = avisado_em(sessao, aviso, dias_de_atraso)
    assert primeira_noite(sessao, servico, dia + 3 * UM_DIA, aviso) == dia


def test_without_a_notice_no_regulation_lets_anybody_be_blocked(sessao) -> None:
    vencimento = dt.date(2026, 11, 9)
    f.uma_invoice(sessao, vencimento=vencimento)
    for preset in REGUAS:
        em_vigor(sessao, preset)
        assert primeira_noite(sessao, FaturamentoService(sessao), vencimento + 80 * UM_DIA, vencimento + 70 * UM_DIA) is None


@pytest.mark.parametrize(("dia", "bloqueia"), [
    ("2026-11-26", True), ("2026-11-27", False), ("2026-11-28", False), ("2026-11-29", False), ("2026-12-24", False), ("2026-12-25", False),
])
def test_nobody_is_cut_when_support_is_about_to_close(sessao, dia: str, bloqueia: bool) -> None:
    """A Thursday; a Friday, a weekend, a holiday and its eve are spared (as Lei 14.015/2020 asks of public services)."""
    politica = em_vigor(sessao, "rgc765")
    assert (FaturamentoService.impedimento(politica, dt.date.fromisoformat(dia)) == "") is bloqueia
