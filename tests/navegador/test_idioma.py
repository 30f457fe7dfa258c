"""Another language in a real browser: chosen in the profile, kept at the next entry, and no page breaks with its longer or shorter words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.transacao import transacao
from tests import fabricas as f
from tests.navegador.base import EXTREMOS, MODOS, Modo, entrar, navegador, queixas, servir, visita

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
PAGINAS = (
    "/", "/clientes/add", "/contratos/list/", "/faturamento/rodada", "/faturamento/politicas/add", "/mensagens/email", "/importar-clientes/", "/configuracoes/",
)


@pytest.fixture
def casa(app_real: Flask) -> Iterator[str]:
    """A provider with a contract and an administrator, served."""
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        f.um_contrato(s)
    with servir(app_real) as url:
        yield url


def escolher(pagina: Page, idioma: str) -> None:
    """Choose a language in the profile, as a person does."""
    pagina.goto("/perfil/")
    pagina.select_option("#idioma", label=idioma)
    pagina.click("form[data-form] button[type=submit]")


def test_the_language_chosen_in_the_profile_waits_for_the_next_entry(casa: str) -> None:
    with navegador() as chromium:
        with visita(chromium, MODOS[0], casa) as pagina:
            entrar(pagina, "chefe", f.SENHA)
            escolher(pagina, "English")
            expect(pagina.get_by_text("Profile changed.")).to_be_visible()
            expect(pagina.get_by_role("link", name="Invoices")).to_be_visible()
        with visita(chromium, MODOS[0], casa) as pagina:
            entrar(pagina, "chefe", f.SENHA)
            expect(pagina.get_by_role("heading", level=1)).to_have_text("Dashboard")


def test_the_entry_page_changes_language_by_a_link(casa: str) -> None:
    with navegador() as chromium, visita(chromium, MODOS[2], casa) as pagina:
        pagina.goto("/login/")
        pagina.get_by_role("link", name="Español").click()
        expect(pagina.locator("html")).to_have_attribute("lang", "es")
        assert queixas(pagina) == []


@pytest.mark.parametrize("modo", EXTREMOS, ids=lambda m: m.nome)
@pytest.mark.parametrize("idioma", ["English", "Español"])
def test_no_page_breaks_in_another_language(casa: str, idioma: str, modo: Modo) -> None:
    achados = []
    with navegador() as chromium, visita(chromium, modo, casa) as pagina:
        entrar(pagina, "chefe", f.SENHA)
        escolher(pagina, idioma)
        for caminho in PAGINAS:
            pagina.goto(caminho)
            achados += [f"{caminho}: {queixa}" for queixa in queixas(pagina)]
    assert achados == []
