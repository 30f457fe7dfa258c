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


def test_markup_stays_markup(app) -> None:
    with app.test_request_context():
        assert isinstance(sigilo.no_texto(Markup("<b>52998224725</b>")), Markup)


def test_jobs_and_commands_see_everything(app) -> None:
    with app.app_context():
        assert sigilo.no_texto("52998224725") == "52998224725"
