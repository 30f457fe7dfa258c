"""The generated screens in real Chromium: four ways of looking without a single complaint, and what people do all day."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.core.transacao import transacao
from app.extensions import db
from tests.core.visoes.aplicacao import SENHA, Pedido, Pessoa
from tests.navegador.base import EXTREMOS, MODOS, Modo, entrar, escolher, examinar, navegador, queixas, servir, visita

pytestmark = pytest.mark.navegador


@pytest.fixture(scope="module")
def chromium() -> Iterator:
    """One Chromium for the module."""
    with navegador() as aberto:
        yield aberto


@pytest.fixture
def url(app_visoes, ids) -> Iterator[str]:
    """The application served, with enough rows for two pages."""
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add_all(Pedido(numero=f"N-{n:02}", pessoa_id=ids["Álvaro"], valor=n, situacao="aberto") for n in range(40))
    with servir(app_visoes) as endereco:
        yield endereco


@pytest.fixture
def pagina(chromium, url) -> Iterator[Page]:
    """A large light window, signed in as the administrator; no complaint may be left at the end."""
    with visita(chromium, MODOS[0], url) as aberta:
        entrar(aberta, "admin", SENHA)
        yield aberta
        assert aberta.queixas == []


def caminhos(ids: dict[str, int]) -> list[str]:
    """Every kind of generated page."""
    filtrada = f"/pedidoview/list/?_flt_0_situacao=aberto&_flt_4_dia=2026-01-01&_flt_0_pessoa={ids['Caio']}"
    return ["/pedidoview/list/", filtrada, "/pedidoview/list/?_flt_0_numero=zzz",
            "/pessoaview/list/?q=souza", "/pedidocatalogoview/add", f"/pedidocatalogoview/edit/{ids['P-1']}", f"/pessoaview/show/{ids['Álvaro']}",
            "/graficoview/chart/", "/users/list/", "/users/add", "/users/show/1", "/roles/list/", "/roles/edit/1", "/users/userinfo/", "/inexistente"]


@pytest.mark.parametrize("modo", EXTREMOS, ids=lambda m: m.nome)
def test_no_generated_page_has_anything_wrong(chromium, url, ids, modo: Modo):
    with visita(chromium, modo, url) as pagina:
        achadas = examinar(pagina, "/login/")
        entrar(pagina, "admin", SENHA)
        for caminho in caminhos(ids):
            achadas += examinar(pagina, caminho)
        pagina.goto("/pedidocatalogoview/add")
        pagina.click("form[data-form] button[type=submit]")
        pagina.wait_for_selector(".resumo-erros")
        achadas += queixas(pagina)
    assert achadas == []


def test_the_page_of_the_api_shows_every_resource_and_verb(pagina):
    pagina.goto("/referencia-api/")
    expect(pagina.locator("#operations-PedidoApi-post_api_v1_pedido__pk__fechar")).to_be_visible(timeout=20_000)
    assert queixas(pagina) == []


def test_filters_are_added_applied_shown_by_name_and_removed(pagina, ids):
    pagina.goto("/pedidoview/list/")
    pagina.click("[data-abre-filtros]")
    pagina.get_by_role("button", name="Incluir filtro").click()
    pagina.click("[data-coluna=pessoa]")
    escolher(pagina, pagina.locator(".filtro"), "cai", "Caio Prado")
    pagina.get_by_role("button", name="Aplicar").click()
    pagina.wait_for_url(lambda u: f"_flt_0_pessoa={ids['Caio']}" in u)
    expect(pagina.locator(".ficha")).to_have_text(re.compile("Pessoa: Caio Prado"))
    expect(pagina.locator("tbody tr")).to_have_count(1)
    pagina.locator(".ficha button").click()
    pagina.wait_for_url(lambda u: "_flt_" not in u)


def test_a_bulk_action_with_a_reason(pagina, app_visoes, ids):
    pagina.goto("/pedidoview/list/?_flt_0_numero=P-")
    caixas = pagina.locator("input[name=rowid]")
    caixas.nth(0).check()
    caixas.nth(2).click(modifiers=["Shift"])
    expect(pagina.locator("[data-conta]")).to_have_text("3 selecionados")
    pagina.click("[data-acao=fechar_com_motivo]")
    pagina.click("#confirmar button[value=sim]")
    expect(pagina.locator("#confirmar-motivo:invalid")).to_be_visible()     # a reason is required
    pagina.fill("#confirmar-motivo", "mudou de cidade")
    pagina.click("#confirmar button[value=sim]")
    expect(pagina.locator("#torradas")).to_contain_text("Feito em 3 registros.")
    with app_visoes.app_context():
        assert db.session.get(Pedido, ids["P-3"]).segredo == "mudou de cidade"


def test_a_record_is_added_with_a_searched_customer_and_brazilian_money(pagina, app_visoes):
    pagina.goto("/pedidocatalogoview/add")
    pagina.fill("#numero", "T-1")
    escolher(pagina, pagina.locator(".campo:has(#pessoa)"), "beatr", "Beatriz Lima")
    pagina.fill("#valor", "1.234,56")
    pagina.fill("#dia", "2026-12-31")
    pagina.select_option("#situacao", label="Aberto")
    pagina.get_by_role("button", name="Salvar").click()
    expect(pagina.locator("#torradas")).to_contain_text("Registro incluído.")
    with app_visoes.app_context():
        assert str(db.session.query(Pedido).filter_by(numero="T-1").one().valor) == "1234.56"


def test_the_summary_of_errors_leads_to_the_field(pagina):
    pagina.goto("/pedidocatalogoview/add")
    pagina.get_by_role("button", name="Salvar").click()
    expect(pagina.locator(".resumo-erros")).to_be_focused()
    pagina.get_by_role("link", name="Pessoa", exact=True).click()
    expect(pagina.locator(".campo:has(#pessoa) .select2-selection")).to_be_focused()


def test_deleting_asks_first(pagina, app_visoes):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add(Pessoa(nome="Zenaide Sem Pedido", documento="90", dono="ana"))
    pagina.goto("/pessoaview/list/?q=zenaide")
    pagina.get_by_role("button", name="Ações da linha").click()
    pagina.locator("[data-excluir]").click()
    pagina.click("#confirmar button[value=nao]")
    pagina.get_by_role("button", name="Ações da linha").click()
    pagina.locator("[data-excluir]").click()
    pagina.click("#confirmar button[value=sim]")
    expect(pagina.locator("#torradas")).to_contain_text("Registro excluído.")


def test_tabs_work_by_keyboard_and_keep_their_place_when_ordered(pagina, ids):
    pagina.goto(f"/pessoaview/show/{ids['Álvaro']}")
    pagina.get_by_role("tab", name="Dados").focus()
    pagina.keyboard.press("ArrowRight")
    expect(pagina.get_by_role("tab", name="Pedidos")).to_be_focused()
    expect(pagina.get_by_role("tab", name="Pedidos")).to_have_attribute("aria-selected", "true")
    pagina.locator("section:not([hidden]) th a", has_text="Valor").click()
    pagina.wait_for_url(lambda u: "_oc_PedidoView=valor" in u)
    expect(pagina.get_by_role("tab", name="Pedidos")).to_have_attribute("aria-selected", "true")


def test_the_palette_opens_by_key_and_goes_to_a_page(pagina):
    pagina.goto("/pedidoview/list/")
    pagina.keyboard.press("Control+k")
    expect(pagina.locator("#paleta input")).to_be_focused()
    pagina.keyboard.type("pessoas")
    expect(pagina.locator("#paleta [role=option] mark").first).to_have_text("Pessoas")     # of what was typed, not of the empty search before it
    assert queixas(pagina) == []
    pagina.keyboard.press("Enter")
    pagina.wait_for_url(lambda u: "/pessoaview/list/" in u)


def test_one_escape_closes_the_palette_whatever_was_typed(pagina):
    pagina.goto("/pedidoview/list/")
    pagina.keyboard.press("Control+k")
    pagina.locator("#paleta input").fill("pess")
    expect(pagina.locator("#paleta [role=option] mark").first).to_be_visible()
    pagina.keyboard.press("Escape")
    expect(pagina.locator("#paleta")).to_be_hidden()


def test_enter_before_the_palette_has_answered_goes_to_what_was_typed(pagina):
    pagina.goto("/pedidoview/list/")
    pagina.keyboard.press("Control+k")
    expect(pagina.locator("#paleta [role=option]").first).to_be_visible()      # of the empty search
    pagina.locator("#paleta input").fill("pessoas")
    pagina.keyboard.press("Enter")
    pagina.wait_for_url(lambda u: "/pessoaview/list/" in u)


def test_the_theme_is_remembered(pagina):
    pagina.goto("/pedidoview/list/")
    pagina.click("[data-tema]")
    expect(pagina.locator("html")).to_have_attribute("data-bs-theme", "dark")
    pagina.reload()
    expect(pagina.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_single_keys_can_be_switched_off(pagina):
    pagina.goto("/pedidoview/list/")
    pagina.keyboard.press("j")
    pagina.keyboard.press("x")
    expect(pagina.locator("[data-conta]")).to_have_text("1 selecionado")
    pagina.keyboard.press("?")
    pagina.uncheck("[data-liga-atalhos]")
    pagina.locator("#atalhos button").click()
    pagina.keyboard.press("x")
    expect(pagina.locator("[data-conta]")).to_have_text("1 selecionado")


def test_the_exported_file_is_downloaded(pagina):
    pagina.goto("/pedidoview/list/?_flt_0_numero=P-")
    pagina.get_by_role("button", name="Exportar").click()
    with pagina.expect_download() as descarga:
        pagina.get_by_role("link", name="Excel (todos os 3)").click()
    assert re.fullmatch(r"pedidos-\d{4}-\d\d-\d\d\.xlsx", descarga.value.suggested_filename)
