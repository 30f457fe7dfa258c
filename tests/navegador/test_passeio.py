"""A walk over every GET page of the URL map: large and telephone, light and dark, as administrator, customer and nobody, and where it is refused.

A page may have no accessibility violation, no sideways overflow, no English of the framework, no other host, no CSP violation and no script
error. A GET rule that is neither visited nor declared as no page (``roteiro.py``) fails here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import APIResponse, Page

from tests import fabricas as f
from tests.navegador import casa_cheia as c
from tests.navegador import ingles, roteiro
from tests.navegador.base import (
    MODOS,
    Modo,
    acessibilidade,
    contraste,
    entrar,
    navegador,
    palavras_partidas,
    queixas,
    servir,
    sobra_de_largura,
    trocar_tema,
    visita,
)

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
LARGURAS = (MODOS[0], MODOS[2])
FOTOS = os.environ.get("CRM_FOTOS")
CURTA = re.compile(r"[^\W\d_]{2,14}|\d\d/\d\d/\d{4}|[\d.]+,\d\d")      # words, dates and amounts; addresses and codes may break


@pytest.fixture(scope="module")
def casa(servidores, url_modelo) -> Iterator[tuple[Flask, c.Ids, str]]:
    """The full house, served."""
    with c.aberta(servidores, url_modelo) as (app, ids), servir(app) as url:
        yield app, ids, url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One Chromium for the module."""
    with navegador() as aberto:
        yield aberto


def ver(pagina: Page, caminho: str, codigo: int = 200) -> list[str]:
    """Everything wrong with an address, in the theme it loads with, with each of its tabs, and in the other theme."""
    resposta = pagina.goto(caminho, wait_until="load")
    erros = [f"status {resposta.status}, not {codigo}"] if resposta.status != codigo else []
    erros += queixas(pagina) + ingles.ingles_da_pagina(pagina)
    erros += [f"word broken in a table: {palavra}" for palavra in palavras_partidas(pagina, "main .tabela td, main .tabela td *") if CURTA.fullmatch(palavra)]
    fotografar(pagina, caminho)
    for aba in pagina.locator("[role=tablist] [role=tab][aria-selected=false]").all():
        aba.click()
        erros += [f"tab {aba.inner_text()}: {queixa}" for queixa in na_aba(pagina)]
    if pagina.evaluate("'trocarTema' in window"):      # swagger-ui has one theme
        trocar_tema(pagina)
        erros += [f"other theme: {queixa}" for queixa in contraste(pagina)]
        fotografar(pagina, f"{caminho} outro")
    return [f"{caminho}: {erro}" for erro in erros]


def na_aba(pagina: Page) -> list[str]:
    """What a newly shown tab may have wrong."""
    sobra = sobra_de_largura(pagina)
    return acessibilidade(pagina) + ([f"overflow: {sobra} px"] if sobra > 0 else [])


def fotografar(pagina: Page, nome: str) -> None:
    """Keep a picture when asked (CRM_FOTOS)."""
    if FOTOS:
        tema = pagina.evaluate("document.documentElement.dataset.bsTheme")
        arquivo = "".join(x if x.isalnum() else "-" for x in nome.removesuffix(" outro")).strip("-") or "inicio"
        pagina.screenshot(path=Path(FOTOS) / f"{arquivo}-{pagina.viewport_size['width']}-{tema}.png", full_page=True)


def contar(achados: list[str]) -> None:
    """Fail with all of them, one a line."""
    assert not achados, "\n".join([f"{len(achados)} complaints:", *achados])


@pytest.mark.timeout(900)      # a minute on a quiet machine; a crowded one is slow, not wrong
@pytest.mark.parametrize("modo", LARGURAS, ids=lambda m: m.nome)
def test_every_page_of_the_staff(casa, chromium, modo: Modo) -> None:
    app, ids, url = casa
    paradas, faltam = roteiro.paradas(app, ids)
    with visita(chromium, modo, url) as pagina:
        entrar(pagina, c.CHEFE, f.SENHA)
        contar(faltam + [queixa for parada in paradas for queixa in ver(pagina, parada.caminho)])


@pytest.mark.parametrize("modo", LARGURAS, ids=lambda m: m.nome)
def test_entry_portal_and_refusals(casa, chromium, modo: Modo) -> None:
    _app, _ids, url = casa
    achados = []
    with visita(chromium, modo, url) as ninguem:
        achados += ver(ninguem, "/login/") + _senha_errada(ninguem)
        for codigo in (400, 401, 405, 409, 413, 422, 429, 502, 503):
            achados += ver(ninguem, f"/quebrada/{codigo}", codigo)
        achados += ver(ninguem, "/quebrada", 500) + ver(ninguem, "/inexistente", 404)
    for quem, caminhos in {c.NOVATO: {"/trocar-senha/": 200}, c.TECNICO: {"/": 200, "/faturamento/list/": 403}, c.ASSINANTE: {"/portal/": 200}}.items():
        with visita(chromium, modo, url) as pagina:
            entrar(pagina, quem, f.SENHA)
            achados += [queixa for caminho, codigo in caminhos.items() for queixa in ver(pagina, caminho, codigo)]
    contar(achados)


def _senha_errada(pagina: Page) -> list[str]:
    pagina.goto("/login/")
    pagina.fill("#username", c.CHEFE)
    pagina.fill("#password", "não é esta")
    pagina.click("button[type=submit]")
    pagina.wait_for_selector("[role=alert]")
    return [f"wrong password: {queixa}" for queixa in queixas(pagina) + ingles.ingles_da_pagina(pagina)]


@pytest.mark.parametrize("caminho", ["/clientes/add", "/contratos/novo", "/convites/novo", "/empresas/add"])
def test_a_refused_form_has_nothing_wrong(casa, chromium, caminho: str) -> None:
    _app, _ids, url = casa
    achados = []
    for modo in LARGURAS:
        with visita(chromium, modo, url) as pagina:
            entrar(pagina, c.CHEFE, f.SENHA)
            pagina.goto(caminho)
            pagina.click("form[data-form] button[type=submit]")
            pagina.wait_for_selector(".resumo-erros")
            achados += queixas(pagina) + ingles.ingles_da_pagina(pagina)
            fotografar(pagina, f"{caminho} com erros")
    contar(achados)


def test_what_is_declared_as_no_page_is_none(casa, chromium) -> None:
    """A file, JSON or a redirect; fragments and mails are looked at inside their pages."""
    _app, ids, url = casa
    enderecos = {
        "/clientes/exportar/csv": "file", "/importar-clientes/exemplo.csv": "file", f"/importar-clientes/{ids['conferida']}/rejeitadas.csv": "file",
        f"/faturamento/{ids['InvoiceView']}/pdf": "file", f"/arquivos/{ids['arquivo']}": "file", "/sw.js": "file", "/busca/?q=ana": "JSON",
        "/healthz": "JSON", "/readyz": "JSON", "/back": "redirect", "/lang/pt_BR": "redirect", f"/faturamento/rodadas/show/{ids['execucao']}": "redirect",
    }
    with visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, c.CHEFE, f.SENHA)
        erradas = {e: o_que for e, o_que in enderecos.items() if o_que != _o_que_e(pagina.request.get(e, max_redirects=0))}
    assert erradas == {}


def _o_que_e(resposta: APIResponse) -> str:
    tipo = resposta.headers.get("content-type", "")
    if 300 <= resposta.status < 400:
        return "redirect"
    if resposta.status >= 400:
        return str(resposta.status)
    return "JSON" if "json" in tipo else "page" if "text/html" in tipo else "file"


DEFEITOS = (
    "axe image-alt", "overflow: ", "csp: script-src", "outside host: http://outro.exemplo", "script error: defeito", "English: 'Add Filter'",
    "English: 'Not a valid choice'", "other theme: axe color-contrast", "status 200, not 404",
)


def test_the_walk_sees_every_kind_of_fault(casa, chromium) -> None:
    _app, _ids, url = casa
    with visita(chromium, MODOS[0], url) as pagina:
        achados = "\n".join(ver(pagina, "/defeituosa", 404))
    assert [defeito for defeito in DEFEITOS if defeito not in achados] == [], achados


def test_a_rule_nobody_declared_is_told(casa, monkeypatch) -> None:
    app, ids, _url = casa
    monkeypatch.delitem(roteiro.SEM_PAGINA, "healthz")
    monkeypatch.setitem(roteiro.ESPECIAIS, "RodadaView.acompanhar", lambda _ids: [])
    _paradas, faltam = roteiro.paradas(app, ids)
    assert [f"{x.split(':')[0]}" for x in faltam] == ["/faturamento/rodada/<int", "/healthz (healthz)"]


_CORES = """() => [...document.querySelectorAll("body *")].map(e => { const s = getComputedStyle(e);
  return [e.tagName, s.color, s.backgroundColor, s.borderTopColor, s.outlineColor, s.fill, s.stroke].join(" "); })"""


@pytest.mark.parametrize("caminho", ["/", "/clientes/list/", "/faturamento/rodada/", "/configuracoes/"])
def test_switching_the_theme_gives_what_loading_in_it_gives(casa, chromium, caminho: str) -> None:
    """The walk loads each page once and switches: this is why it may."""
    _app, _ids, url = casa
    cores = []
    for escuro in (False, True):
        with visita(chromium, Modo("", 1440, 900, escuro=escuro), url) as pagina:
            entrar(pagina, c.CHEFE, f.SENHA)
            pagina.goto(caminho, wait_until="load")
            if not escuro:
                trocar_tema(pagina)
            assert pagina.get_attribute("html", "data-bs-theme") == "dark"
            cores.append(pagina.evaluate(_CORES))
    assert cores[0] == cores[1]
