"""Every day of service is charged once, at the price it had, whatever is done to its contract and its invoices, in whatever order.

A customer with two contracts of one cycle: runs, plan changes, pauses, returns, ends, additional services, cancelled and reissued invoices, credit, many of
them dated back. At the end, for the customer::

    invoices − what abated them + charges that wait − discounts that wait − credit in hand + credit given by hand
        + what the cancelled invoices would bill if they were issued again  =  Σ over the days of what the test's own book says they cost
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.faturamento.dias import VERBOS, Historia

POUCAS, MUITAS = 25, int(os.environ.get("CRM_CAOS", "200"))
SEM_PRESSA = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
                     phases=[Phase.explicit, Phase.reuse, Phase.generate])      # shrinking would take longer than anybody waits
passos = st.lists(st.tuples(st.sampled_from(VERBOS), st.integers(0, 10**4), st.integers(0, 14)), min_size=4, max_size=14)
sementes = st.integers(0, 255)
UM_DE_CADA = (
    ("rodar", 0, 0), ("ativar", 0, 5), ("contratar", 0, 1), ("mudar_plano", 3, 5), ("cancelar", 0, 0), ("suspender", 0, 2), ("retomar", 0, 3),
    ("reemitir", 0, 0), ("creditar", 9, 0), ("aplicar", 0, 0), ("encerrar_adicional", 0, 2), ("pagar", 0, 0), ("encerrar", 3, 1),
)
ADIADO_NA_PAUSA = (("contratar", 0, 0), ("encerrar_adicional", 0, 0), ("suspender", 0, 2), ("encerrar_adicional", 0, 0))


def percorrer(sessao: Session, semente: int, sequencia: Iterable[tuple[str, int, int]]) -> set[str]:
    """Do the verbs for a new customer, end everything and compare; those that did something."""
    ponto = sessao.begin_nested()
    try:
        historia = Historia(sessao, semente)
        feitos = {verbo for verbo, x, dias in sequencia if historia.passo(verbo, x, dias)}
        historia.acabar()
    finally:
        ponto.rollback()
        sessao.expire_all()
    return feitos


@given(sementes, passos)
@example(0, ADIADO_NA_PAUSA)
@settings(SEM_PRESSA, max_examples=POUCAS)
def test_every_day_is_charged_once_at_its_price(sessao, semente, sequencia) -> None:
    percorrer(sessao, semente, sequencia)


@pytest.mark.caos
@pytest.mark.timeout(300 + 10 * MUITAS)
@given(sementes, passos)
@settings(SEM_PRESSA, max_examples=MUITAS)
def test_as_many_histories_as_asked(sessao, semente, sequencia) -> None:
    percorrer(sessao, semente, sequencia)


def test_every_verb_can_do_its_work(sessao) -> None:
    """An idle verb would prove nothing above."""
    assert percorrer(sessao, 0, UM_DE_CADA) == set(VERBOS)
