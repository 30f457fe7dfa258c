"""Money is neither made nor lost, whatever is done in whatever order: sequences of verbs through the services on real tables.

After every step, for the customer::

    services + one-off charges − one-off discounts = paid − fine − interest + forgiven + credit given by hand
                                                     + balance of invoices + what waits to be charged − credit in hand

where *services* are the lines of invoices not cancelled that are neither one-off charges nor used credit; *one-off charges* include fine and interest
left for the next invoice and exclude the price of credit that a reversed payment had given (the credit itself is out of the sum as well);
*paid* are the confirmed payments, of which *fine* and *interest* settle nothing; *forgiven* are the discount until due and the tolerance. And:
each invoice is the sum of its lines; paid + forgiven + balance = total, the balance never negative and zero exactly when the invoice is paid;
the discount until due is given once; each credit is what it was less what lines of invoices took; a reversed payment leaves no charge of its own.

That lines sum to the calculated invoice and parts of a month to the month: test_regras_fatura.py, on the pure rules.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.faturamento.conta import VERBOS, Conta

POUCAS, MUITAS = 30, int(os.environ.get("CRM_CAOS", "200"))
SEM_PRESSA = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
passos = st.lists(st.tuples(st.sampled_from(VERBOS), st.integers(0, 10**6), st.integers(0, 25)), min_size=4, max_size=14)
UM_DE_CADA = (
    ("emitir", 0, 0), ("cobrar_avulso", 5000, 1), ("creditar", 1200, 0), ("dar_desconto", 900, 0), ("pagar_parte", 3000, 5), ("emitir", 0, 25),
    ("pagar_so_o_principal", 0, 3), ("pagar_a_mais", 1500, 5), ("repetir", 7, 0), ("emitir", 0, 25), ("estornar", 1, 1), ("estornar", 0, 1),
    ("estornar_de_novo", 0, 0), ("a_mao", 4001, 0), ("cancelar", 3, 0), ("reemitir", 0, 0), ("marcar_vencidas", 0, 20), ("pagar_exato", 0, 0),
    ("pagar_o_que_esta_pago", 800, 0), ("pagar_em_lote", 2000, 0), ("cobrar_avulso", 5000, 0), ("desistir_do_avulso", 6, 0),
    ("emitir", 0, 20), ("estornar", 0, 0),
)
CREDITO_GASTO = (("pagar_a_mais", 3000, 0), ("marcar_vencidas", 0, 25), ("emitir", 0, 10), ("estornar", 2, 0))
PARTE_E_RESTO = (("pagar_parte", 3000, 0), ("pagar_exato", 0, 1), ("estornar", 0, 0), ("pagar_exato", 0, 1))


def percorrer(sessao: Session, sequencia: Iterable[tuple[str, int, int]]) -> set[str]:
    """Do the verbs for a new customer, checking after each; those that did something. What a service refuses must change nothing."""
    feitos, ponto = set(), sessao.begin_nested()
    try:
        conta = Conta(sessao)
        conta.passo("emitir", 0, 0)
        for verbo, x, dias in sequencia:
            antes = conta.tudo()
            feito = conta.passo(verbo, x, dias)
            feitos |= {verbo} if feito else set()
            assert feito is not None or conta.tudo() == antes, f"{verbo} was refused and changed something"
            conta.conferir()
    finally:
        ponto.rollback()
        sessao.expire_all()
    return feitos


@given(passos)
@example(PARTE_E_RESTO)
@example(CREDITO_GASTO)
@settings(SEM_PRESSA, max_examples=POUCAS)
def test_payments_credit_and_balance_are_always_what_was_issued(sessao, sequencia) -> None:
    percorrer(sessao, sequencia)


@pytest.mark.caos
@pytest.mark.timeout(300 + 10 * MUITAS)
@given(passos)
@settings(SEM_PRESSA, max_examples=MUITAS)
def test_as_many_sequences_as_asked(sessao, sequencia) -> None:
    percorrer(sessao, sequencia)


def test_every_verb_can_do_its_work(sessao) -> None:
    """An idle verb would prove nothing above."""
    assert percorrer(sessao, UM_DE_CADA) == set(VERBOS)
