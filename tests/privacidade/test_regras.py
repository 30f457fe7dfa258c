"""Until when the law keeps what."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from app.privacidade.regras import ClasseDado as C
from app.privacidade.regras import Fatos, impedimentos, retencoes, retidas, vencidas

FIM, DOCUMENTO = dt.date(2026, 5, 31), dt.date(2026, 6, 10)
FATOS = Fatos(fim_do_contrato=FIM, ultimo_documento=DOCUMENTO)


@pytest.mark.parametrize(("hoje", "podem"), [
    (dt.date(2026, 6, 11), [C.agora]),
    (dt.date(2027, 5, 30), [C.agora]),
    (dt.date(2027, 5, 31), [C.agora, C.conexao]),
    (dt.date(2031, 5, 30), [C.agora, C.conexao]),
    (dt.date(2031, 5, 31), [C.agora, C.conexao, C.defesa]),
    (dt.date(2032, 6, 9), [C.agora, C.conexao, C.defesa]),
    (dt.date(2032, 6, 10), list(C)),
])
def test_each_class_goes_on_its_day_and_not_before(hoje: dt.date, podem: list[C]) -> None:
    todas = retencoes(FATOS, hoje)
    assert vencidas(todas, hoje) == podem
    assert {r.classe for r in retidas(todas, hoje)} == set(C) - set(podem)


def test_six_years_are_never_less_than_five_from_the_next_fiscal_year() -> None:
    for mes in range(1, 13):
        documento = dt.date(2026, mes, 28)
        (fiscal,) = [r for r in retencoes(Fatos(ultimo_documento=documento), documento) if r.classe is C.fiscal]
        assert fiscal.ate >= dt.date(2031, 12, 31)


def test_who_never_had_a_contract_may_go_at_once() -> None:
    hoje = dt.date(2026, 6, 1)
    assert vencidas(retencoes(Fatos(), hoje), hoje) == list(C)


@pytest.mark.parametrize(("fatos", "palavra"), [
    (Fatos(contratos=["2026-00001"]), "2026-00001"), (Fatos(faturas=["000000123"]), "000000123"), (Fatos(lancamentos=1), "lançamento"),
    (Fatos(credito=Decimal("10.50")), "10,50"),
])
def test_each_impediment_is_said(app, fatos: Fatos, palavra: str) -> None:
    with app.test_request_context():
        assert [palavra in frase for frase in impedimentos(fatos)] == [True]
        assert impedimentos(FATOS) == []
