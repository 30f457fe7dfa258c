"""How personal data look to those who may not see them."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from app.core import sigilo


@pytest.mark.parametrize(("mascarar", "texto", "visto"), [
    (sigilo.mascarar_documento, "52998224725", "•••.982.247-••"),
    (sigilo.mascarar_documento, "33.000.167/0001-01", "••.000.167/••••-••"),
    (sigilo.mascarar_documento, "MG-12.345", "•••"),
    (sigilo.mascarar_documento, None, ""),
    (sigilo.mascarar_telefone, "19987654321", "(19) •••••-4321"),
    (sigilo.mascarar_telefone, "(19) 3201-7788", "(19) ••••-7788"),
    (sigilo.mascarar_telefone, "987654321", "•••"),
    (sigilo.mascarar_telefone, None, ""),
    (sigilo.mascarar_email, "ana@exemplo.com.br", "a•••@exemplo.com.br"),
    (sigilo.mascarar_email, "sem arroba", "•••"),
    (sigilo.mascarar_email, "", ""),
])
def test_a_mask_keeps_enough_to_recognise_and_no_more(mascarar, texto: str | None, visto: str) -> None:
    assert mascarar(texto) == visto


@pytest.mark.parametrize(("texto", "visto"), [
    ("CPF 529.982.247-25, ligar (19) 98765-4321", "CPF •••.982.247-••, ligar (19) •••••-4321"),
    ("de ana.silva+1@exemplo.com.br.", "de a•••@exemplo.com.br."),
    ("+55 19 98765-4321", "(19) •••••-4321"),
    ("CNPJ 33000167000101", "CNPJ ••.000.167/••••-••"),
    ("contrato 2026-90001, fatura 000123456, pedido 52998224726", "contrato 2026-90001, fatura 000123456, pedido 52998224726"),      # no check digits
    ("E18236120202611251200s0123456789", "E18236120202611251200s0123456789"),
    ("2026-11-30 12:00 · R$ 1.234,56", "2026-11-30 12:00 · R$ 1.234,56"),
])
def test_texts_lose_what_looks_like_personal_data_and_nothing_else(app, texto: str, visto: str) -> None:
    with app.test_request_context():
        assert sigilo.no_texto(texto) == visto
        assert sigilo.no_valor({"a": [texto, 7]}) == {"a": [visto, 7]}


_CPF, _CNPJ, _FONE, _FIXO = "•••.982.247-••", "••.000.167/••••-••", "(19) •••••-4321", "(19) ••••-7788"


@pytest.mark.parametrize("frase", ["{}", "CPF:{}.", "({})", "pago por {}, em mãos", "de {}\ne mais", "<b>{}</b>", "a;{};b"])
@pytest.mark.parametrize(("escrito", "visto"), [
    *[(d, _CPF) for d in (
        "52998224725", "529.982.247-25", "529 982 247 25", "529.982.247/25", "529.982.24725", "529982247-25", "529-982-247-25", "529.982.247–25")],
    *[(d, _CNPJ) for d in (
        "33000167000101", "33.000.167/0001-01", "33000167/0001-01", "33.000.1670001-01", "33 000 167 0001 01", "33.000.167 0001-01", "33-000-167-0001-01")],
    *[(d, "••.ABC.345/••••-••") for d in ("12ABC34501DE35", "12.ABC.345/01DE-35", "12abc34501de35")],
    *[(n, _FONE) for n in (
        "19987654321", "(19) 98765-4321", "(19)98765-4321", "19 98765 4321", "19.98765.4321", "19-98765-4321", "(19) 9 8765-4321", "(19) 9.8765-4321",
        "+55 (19) 98765-4321", "+5519987654321", "5519987654321", "+55 19 98765-4321", "+55(19)987654321", "019 98765-4321", "(019) 98765-4321")],
    *[(n, _FIXO) for n in ("1932017788", "(19) 3201-7788", "19 3201 7788", "19.3201.7788", "+55 19 3201-7788", "+551932017788")],
])
def test_every_way_people_write_them_is_hidden(app, escrito: str, visto: str, frase: str) -> None:
    with app.test_request_context():
        assert sigilo.no_texto(frase.format(escrito)) == frase.format(visto)


@pytest.mark.parametrize("texto", ["cpf52998224725", "52998224725abc", "cpf52998224725 e 33000167000101"])
def test_letters_that_touch_a_document_do_not_hide_it_from_the_mask(app, texto: str) -> None:
    with app.test_request_context():
        assert "52998224725" not in sigilo.no_texto(texto) and "33000167000101" not in sigilo.no_texto(texto)


@pytest.mark.parametrize("texto", [
    "529.982.247-26", "529 982 247 26", "33.000.167/0001-02", "33 000 167 0001 02", "fatura 2026 000 123 45", "98765-4321", "(20) 98765-4321",
    "boleto 34191.79001 01043.510047 91020.150008 5 12340000009990", "10.0.0.1 203.0.113.77", "2026-11-30 12:00:00", "aa:bb:cc:dd:ee:ff",
])
def test_what_only_looks_like_one_stays(app, texto: str) -> None:
    with app.test_request_context():
        assert sigilo.no_texto(texto) == texto


def test_markup_stays_markup(app) -> None:
    with app.test_request_context():
        assert isinstance(sigilo.no_texto(Markup("<b>52998224725</b>")), Markup)


def test_jobs_and_commands_see_everything(app) -> None:
    with app.app_context():
        assert sigilo.no_texto("52998224725") == "52998224725"
