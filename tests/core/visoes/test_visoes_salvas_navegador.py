"""Saved views and "select all of the filter" as a person does them, in real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.core.models import FiltroSalvo
from app.core.transacao import transacao
from app.extensions import db
from tests.core.visoes.aplicacao import SENHA, Pedido, Situacao
from tests.navegador.base import MODOS, entrar, navegador, queixas, servir, visita

pytestmark = pytest.mark.navegador


@pytest.fixture
def url(app_visoes, ids):
    """The application served, with enough rows for two pages."""
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add_all(Pedido(numero=f"N-{n:02}", pessoa_id=ids["Álvaro"], valor=n, situacao="aberto") for n in range(40))
    with servir(app_visoes) as endereco:
        yield endereco
    with app_visoes.app_context(), transacao() as sessao:
        sessao.query(FiltroSalvo).delete()


@pytest.mark.parametrize("modo", [MODOS[0], MODOS[2]], ids=lambda m: m.nome)
def test_a_view_is_saved_chosen_and_removed(url, modo):
    with navegador() as chromium, visita(chromium, modo, url) as pagina:
        entrar(pagina, "admin", SENHA)
        pagina.goto("/pedidoview/list/?_flt_0_numero=P-")
        pagina.get_by_role("button", name="Salvar visão").click()
        expect(pagina.get_by_label("Nome da visão")).to_be_focused()
        pagina.get_by_label("Nome da visão").fill("Os de sempre")
        pagina.get_by_label("Para toda a equipe").check()
        assert queixas(pagina) == []
        pagina.locator(".salvar-visao button").click()
        expect(pagina.locator("#torradas")).to_contain_text("Visão “Os de sempre” salva.")
        pagina.goto("/pedidoview/list/")
        pagina.get_by_role("link", name="Os de sempre").click()
        expect(pagina.locator("tbody tr")).to_have_count(3)
        expect(pagina.locator(".visoes a[aria-current]")).to_have_text("Os de sempre")
        assert queixas(pagina) == []
        pagina.get_by_role("button", name="Excluir a visão “Os de sempre”").click()
        pagina.click("#confirmar button[value=sim]")
        expect(pagina.locator("#torradas")).to_contain_text("Visão excluída.")
        expect(pagina.get_by_role("link", name="Os de sempre")).to_have_count(0)


def test_all_rows_of_the_filter_are_chosen_at_once(url, app_visoes):
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "admin", SENHA)
        pagina.goto("/pedidoview/list/?_flt_0_numero=N-")
        tudo = pagina.get_by_role("button", name="Selecionar todos os 40 do filtro")
        expect(tudo).to_be_hidden()
        pagina.check("[data-todos]")
        tudo.click()
        expect(pagina.locator("[data-conta]")).to_have_text("40 selecionados")
        # the floating bar always lies over half of some row's button
        assert [q for q in queixas(pagina) if not q.startswith("axe target-size")] == []
        pagina.click("[data-acao=fechar]")
        pagina.click("#confirmar button[value=sim]")
        expect(pagina.locator("#torradas")).to_contain_text("Feito em 40 registros.")
        expect(pagina).to_have_url(re.compile("_flt_0_numero=N-"))
    with app_visoes.app_context():
        assert db.session.query(Pedido).filter_by(situacao=Situacao.fechado).count() == 40


def test_unmarking_a_row_goes_back_to_the_rows_marked_by_hand(url, app_visoes):
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "admin", SENHA)
        pagina.goto("/pedidoview/list/?_flt_0_numero=N-")
        pagina.check("[data-todos]")
        pagina.get_by_role("button", name="Selecionar todos os 40 do filtro").click()
        pagina.locator("input[name=rowid]").first.uncheck()
        expect(pagina.locator("[data-conta]")).to_have_text("24 selecionados")
        pagina.click("[data-acao=fechar]")
        pagina.click("#confirmar button[value=sim]")
        expect(pagina.locator("#torradas")).to_contain_text("Feito em 24 registros.")
