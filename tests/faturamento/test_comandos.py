"""Commands of billing: days as people write them, refusals in Portuguese, no traceback."""

from __future__ import annotations

import datetime as dt

import pytest

from app.core import relogio
from app.core.transacao import transacao
from tests import fabricas as f


def comando(app, *palavras: str):
    with app.app_context():
        return app.test_cli_runner().invoke(args=["crm", *palavras])


@pytest.mark.parametrize("dia", ["2026-02-10", "10/02/2026"])
def test_a_day_is_written_either_way(app, dia: str) -> None:
    feito = comando(app, "faturar", "--previa", "--data", dia)
    assert feito.exit_code == 0 and "0 faturas" in feito.output, feito.output


@pytest.mark.parametrize("palavras", [("faturar", "--data", "31/02/2026"), ("lembrar", "--data", "amanhã"), ("bloquear", "--data", "2026-13-01"),
                                      ("job", "emitir_faturas", "--data", "ontem")])
def test_what_is_no_day_is_refused_in_portuguese(app, palavras: tuple[str, ...]) -> None:
    feito = comando(app, *palavras)
    assert feito.exit_code == 2 and "não é uma data: escreva AAAA-MM-DD ou DD/MM/AAAA." in feito.output


@pytest.mark.parametrize("palavras", [("lembrar",), ("bloquear",), ("bloquear", "--confirmado")])
def test_nobody_is_reminded_or_blocked_for_a_day_to_come(app, palavras: tuple[str, ...]) -> None:
    amanha = f"{relogio.hoje() + dt.timedelta(days=1):%d/%m/%Y}"
    feito = comando(app, *palavras, "--data", amanha)
    assert feito.exit_code == 1 and "A data não pode ser futura." in feito.output
    assert comando(app, "bloquear", "--previa", "--data", amanha).exit_code == 0      # looking ahead is no harm


def test_a_customer_that_is_not_there_is_a_sentence(app) -> None:
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
    feito = comando(app, "faturar", "--cliente", "99999")
    assert feito.exit_code == 1 and "Cliente não encontrado." in feito.output and "Traceback" not in feito.output
