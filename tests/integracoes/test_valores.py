"""Values as people type them and spreadsheets spoil them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from app.core.erros import ValorInvalido
from app.integracoes import valores


@pytest.mark.parametrize(("texto", "lido"), [
    ("156.068.278-75", "15606827875"), ("15606827875", "15606827875"), ("11.222.333/0001-81", "11222333000181"), (" 111.444.777-35 ", "11144477735"),
    ("1234567890", "01234567890"), ("191", None), ("12345678909", "12345678909"), ("191000", None), ("00000000191", "00000000191"),
    ("19100000001", None), ("272", None), ("5606827875", None), ("191.", None),
])
def test_documents_with_masks_and_without_their_zeros(app, texto: str, lido: str | None) -> None:
    with app.app_context():
        if lido is None:
            with pytest.raises(ValorInvalido):
                valores.documento(texto)
        else:
            assert valores.documento(texto) == lido


def test_a_company_gets_its_zeros_back(app) -> None:
    assert valores.documento("6990590000123") == "06990590000123"


def test_scientific_notation_is_explained(app) -> None:
    with app.app_context(), pytest.raises(ValorInvalido, match="Excel"):
        valores.documento("1,12223E+13")


@pytest.mark.parametrize(("texto", "lido"), [
    ("1.234,56", "1234.56"), ("R$ 99,90", "99.90"), ("99.9", "99.90"), ("99", "99.00"), ("1.234", "1234.00"), ("0", "0.00"), (" R$\xa01.000,00", "1000.00"),
])
def test_money(app, texto: str, lido: str) -> None:
    assert valores.dinheiro(texto) == Decimal(lido)


@pytest.mark.parametrize("texto", ["-1", "abc", "NaN", "1e5", "99999999999", "1,2,3", "1,234.56", "10.12.2026", "9.999.999,01", "12,345"])
def test_bad_money(app, texto: str) -> None:
    with app.app_context(), pytest.raises(ValorInvalido):
        valores.dinheiro(texto)


@pytest.mark.parametrize("texto", ["31/12/2026", "2026-12-31", "31-12-2026", "31.12.2026", "31/12/26", "2026-12-31 00:00:00", "2026-12-31T00:00:00", "46387"])
def test_dates(app, texto: str) -> None:
    assert valores.data(texto) == dt.date(2026, 12, 31)


@pytest.mark.parametrize("texto", ["31/02/2026", "12/31/2026", "ontem", "00/00/0000", "01/01/1900", "99999"])
def test_bad_dates(app, texto: str) -> None:
    with app.app_context(), pytest.raises(ValorInvalido):
        valores.data(texto)


@pytest.mark.parametrize(("texto", "lido"), [("10", 10), ("dia 5", 5), ("Todo dia 20", 20), ("31", 31), ("05/12/2026", 5), ("10,0", 10)])
def test_due_day(app, texto: str, lido: int) -> None:
    assert valores.dia(texto) == lido


@pytest.mark.parametrize("texto", ["0", "32", "dez", "-1", "2026"])
def test_bad_due_day(app, texto: str) -> None:
    with app.app_context(), pytest.raises(ValorInvalido):
        valores.dia(texto)


@pytest.mark.parametrize(("texto", "lido"), [("13010-000", "13010000"), ("1310000", "01310000"), ("01310-000", "01310000")])
def test_cep(app, texto: str, lido: str) -> None:
    assert valores.cep(texto) == lido


@pytest.mark.parametrize(("texto", "lido"), [("sp", "SP"), ("São Paulo", "SP"), ("SAO PAULO", "SP"), ("Ceará", "CE")])
def test_uf(app, texto: str, lido: str) -> None:
    assert valores.uf(texto) == lido


@pytest.mark.parametrize(("texto", "lido"), [
    ("Campinas", ("Campinas", "")), ("Campinas/SP", ("Campinas", "SP")), ("Campinas - SP", ("Campinas", "SP")), ("Campinas (SP)", ("Campinas", "SP")),
    ("Embu-Guaçu", ("Embu-Guaçu", "")), ("Mogi-xx", ("Mogi-xx", "")),
])
def test_city(app, texto: str, lido: tuple[str, str]) -> None:
    assert valores.cidade(texto) == lido


@pytest.mark.parametrize(("texto", "lido", "com_aviso"), [
    ("(19) 98765-4321", "19987654321", False), ("+55 19 98765-4321", "19987654321", False),
    ("19987654321 / 1932001000", "19987654321", True), ("19987654321 / sala 2", "19987654321", True), ("19987654321, recado", "19987654321", False),
    ("(16)99999-0000/(16)3333-4445", "16999990000", True), ("16999990000 1633334444", "16999990000", True), ("1633334445 ou 16999990000", "1633334445", True),
    ("+54 9 11 2345-6789", "5491123456789", True), ("11 9876-5432 3200-1000", "1198765432", True), ("1" * 25, "1" * 20, True),
    ("5519987654321 5519999999999", "19987654321", True), ("(16) 99999-0000 (16) 3333-4445", "16999990000", True), ("19987654321 Ana", "19987654321", False),
    ("16999990000|1633334444", "16999990000", True), ("16999990000\n1633334444", "16999990000", True), ("(16) 3333-4445 ramal 22", "1633334445", True),
    ("3200-1000", "32001000", True), ("não tem", "", True), ("3232-1000 / (19) 98888-7777", "19988887777", True), ("3232-1000 / 3232-1001", "32321000", True),
    ("(19) 98765-4321 98888-7777", "19987654321", True), ("+55 19 98765-4321 +55 19 91234-5678", "19987654321", True),
    ("3200-1000 3200-2000", "32001000", True), ("19987654321.0", "19987654321", False), ("1.9987654321E+10", "19987654321", False),
    ("1,99877E+10", "", True), ("(19) 98765-4321 casa 3", "19987654321", True), ("19987654321 1998765", "19987654321", True),
    ("(16)99999-0000(16)3333-4445", "16999990000", True), ("169999900001633334445", "16999990000", True),
    ("Tel: 19 98765-4321", "19987654321", False), ("fixo 3232-1000 cel 19 98765-4321", "19987654321", True), ("0xx19 3232-1000", "1932321000", True),
    ("+55(19)98765-4321", "19987654321", False), ("16.99999.0000", "16999990000", False), ("", "", True),
])
def test_telephones_are_kept_even_when_wrong_and_that_is_said(app, texto: str, lido: str, com_aviso: bool) -> None:
    with app.app_context():
        digitos, aviso = valores.telefone(texto)
    assert (digitos, aviso is not None) == (lido, com_aviso)


@pytest.mark.parametrize(("texto", "lido"), [("Ana@Exemplo.com.br ", "ana@exemplo.com.br"), ("a@b.com; c@d.com", "a@b.com")])
def test_the_first_address(app, texto: str, lido: str) -> None:
    assert valores.email(texto) == lido


@pytest.mark.parametrize("texto", ["ana", "ana@", "ana@x", "@b.com"])
def test_bad_addresses(app, texto: str) -> None:
    with app.app_context(), pytest.raises(ValorInvalido):
        valores.email(texto)


@pytest.mark.parametrize(("nome", "lida"), [
    ("500 Mega", (500, 500)), ("Fibra 500MB", (500, 500)), ("Plano 1 Giga", (1000, 1000)), ("600/300 Mbps", (600, 300)), ("Turbo 1,5 Giga", (1500, 1500)),
    ("300M residencial", (300, 300)), ("4G + 50 Mega", (50, 50)),
    ("Fibra 300", (300, 300)), ("Internet Fibra Ultra 900", (900, 900)), ("Fibra + 60 canais", None),
    ("Fibra Ouro", None), ("Plano 2024", None), ("0 Mega", None), ("999999999 Giga", None),
])
def test_speeds_guessed_from_a_plan_s_name(nome: str, lida: tuple[int, int] | None) -> None:
    assert valores.velocidades(nome) == lida
