"""Real Chromium on the real application: four ways of looking at a page, and what no page may have.

::

    with servir(app) as url, navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "admin", senha)
        assert examinar(pagina, "/pedidoview/list/") == []
"""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import fabricas as f

AXE = Path(__file__).parents[1] / "dados" / "axe.min.js"
REGRAS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTOS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=pt-BR",
]
CHROMIUNS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")      # the first draws no window of its own: half the time
DE_TERCEIROS = [["#swagger"]]      # swagger-ui's own markup (buttons in buttons, its greys) is not ours to mend; the page around it is checked
PACIENCIA = 20_000      # milliseconds until something awaited counts as missing; a loaded machine is slow
expect.set_options(timeout=PACIENCIA)
_OUVIR_CSP = "window.__csp = []; document.addEventListener('securitypolicyviolation', e => __csp.push(e.violatedDirective + ' ' + (e.blockedURI || e.sample)));"


@dataclass(frozen=True)
class Modo:
    """A way of looking: size in CSS pixels, dark or light, finger or mouse."""

    nome: str
    largura: int
    altura: int
    escuro: bool = False
    toque: bool = False


MODOS = (Modo("claro", 1440, 900), Modo("escuro", 1440, 900, escuro=True), Modo("celular", 390, 844, toque=True), Modo("estreito", 320, 640, escuro=True))
EXTREMOS = (MODOS[0], MODOS[3])      # for pages that the walk (test_passeio.py) sees at 1440 and 390 px in both themes anyway


class _Servico(WSGIRequestHandler):
    """Answers without a line on the screen, and is counted while it does."""

    em_curso: int
    mudou: threading.Condition

    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests of the test are not worth a line."""

    def run_wsgi(self) -> None:
        """One answer, to its end or to the browser's going away: then Werkzeug's server forgets to close it, and its session would stay open."""
        self._contar(1)
        try:
            super().run_wsgi()
        finally:
            if resposta := getattr(_desta_linha, "resposta", None):
                resposta.close()
            self._contar(-1)

    @classmethod
    def _contar(cls, quantos: int) -> None:
        with cls.mudou:
            cls.em_curso += quantos
            cls.mudou.notify_all()

    @classmethod
    def esperar(cls) -> None:
        """Until nothing is being answered: whoever closes the database next would leave a connection behind."""
        with cls.mudou:
            assert cls.mudou.wait_for(lambda: not cls.em_curso, timeout=20), f"{cls.em_curso} answers never came to an end"


class _Resposta:
    """What the application answers, closed once."""

    def __init__(self, partes: Any) -> None:
        self.partes, self.fechada = partes, False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.partes)

    def close(self) -> None:
        """As WSGI asks (PEP 3333)."""
        if not self.fechada and hasattr(self.partes, "close"):
            self.fechada = True
            self.partes.close()


_desta_linha = threading.local()


def _atender(app: Flask) -> Any:
    """Without conditional requests: a 304 of Werkzeug leaves its file to the garbage collector, a warning here."""
    def atender(ambiente: dict[str, Any], iniciar: Any) -> _Resposta:
        for nome in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
            ambiente.pop(nome, None)
        _desta_linha.resposta = _Resposta(app(ambiente, iniciar))
        return _desta_linha.resposta

    return atender


@contextmanager
def servir(app: Flask) -> Iterator[str]:
    """The application on a free loopback port, several threads; yields its address."""
    class Servico(_Servico):
        em_curso, mudou = 0, threading.Condition()

    servidor = make_server("127.0.0.1", 0, _atender(app), threaded=True, request_handler=Servico)
    linha = threading.Thread(target=servidor.serve_forever, daemon=True)
    linha.start()
    try:
        yield f"http://127.0.0.1:{servidor.server_port}"
    finally:
        servidor.shutdown()
        linha.join()
        Servico.esperar()
        servidor.server_close()


def executavel() -> str:
    """Path of Chromium (``CRM_CHROMIUM``, or the one found); without it the test is skipped, unless CI asks for it."""
    caminho = os.environ.get("CRM_CHROMIUM") or next((c for c in CHROMIUNS if shutil.which(c)), None)
    if caminho is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Chromium not found")
    return shutil.which(caminho) or caminho


@contextmanager
def navegador() -> Iterator[Browser]:
    """Chromium without network of its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executavel(), args=ARGUMENTOS, env={**os.environ, "LANGUAGE": "pt_BR"})
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def visita(chromium: Browser, modo: Modo, url: str, **contexto: Any) -> Iterator[Page]:
    """A page in that mode, with everything it does wrong collected in ``pagina.queixas``."""
    opcoes = {"viewport": {"width": modo.largura, "height": modo.altura}, "color_scheme": "dark" if modo.escuro else "light", "is_mobile": modo.toque,
              "has_touch": modo.toque, "locale": "pt-BR", "timezone_id": "America/Sao_Paulo", "base_url": url, "reduced_motion": "reduce", **contexto}
    ambiente = chromium.new_context(**opcoes)
    ambiente.add_init_script(_OUVIR_CSP)
    pagina = ambiente.new_page()
    pagina.set_default_timeout(PACIENCIA)
    pagina.queixas = []
    pagina.on("request", lambda r: pagina.queixas.append(f"outside host: {r.url}") if not r.url.startswith((url, "data:", "blob:")) else None)
    pagina.on("pageerror", lambda e: pagina.queixas.append(f"script error: {e}"))
    pagina.on("console", lambda m: pagina.queixas.append(f"console: {m.text}") if _importa(m) else None)
    try:
        yield pagina
    finally:
        ambiente.close()


def _importa(mensagem: Any) -> bool:
    """Errors and CSP warnings; not the browser's own line about a 4xx page, which a test may open on purpose."""
    return mensagem.type in ("error", "warning") and "Failed to load resource" not in mensagem.text


def entrar(pagina: Page, usuario: str, senha: str) -> None:
    """Sign in through the login page."""
    pagina.goto("/login/")
    pagina.fill("#username", usuario)
    pagina.fill("#password", senha)
    pagina.click("button[type=submit]")
    pagina.wait_for_url(lambda endereco: "/login" not in endereco)


def escolher(pagina: Page, caixa: Locator, texto: str, opcao: str) -> None:
    """Pick an option of a searched select: ``caixa`` holds it. Types only into a search field that is open, so that no key is lost."""
    caixa.locator(".select2-selection").click()
    busca = pagina.locator(".select2-container--open .select2-search__field")
    expect(busca).to_be_focused()
    busca.press_sequentially(texto)
    pagina.get_by_role("option", name=opcao).click()
    expect(caixa.locator(".select2-selection__rendered")).to_contain_text(opcao)


@functools.cache
def _axe() -> str:
    return AXE.read_text()


def acessibilidade(pagina: Page) -> list[str]:
    """Violations of axe-core on the page as it stands, one line per rule."""
    return _rodar_axe(pagina, REGRAS)


def contraste(pagina: Page) -> list[str]:
    """Violations that depend on colour only: what another theme can change on a page already looked at."""
    return _rodar_axe(pagina, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]})


def trocar_tema(pagina: Page) -> None:
    """Light to dark or back, as the button shows it, once it is drawn; the person's own choice stays as it is."""
    pagina.evaluate("""() => {
      const raiz = document.documentElement.dataset;
      raiz.bsTheme = raiz.bsTheme === "dark" ? "light" : "dark";
      dispatchEvent(new Event("tema"));
      return new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
    }""")


def _rodar_axe(pagina: Page, regras: object) -> list[str]:
    if not pagina.evaluate("typeof axe === 'object'"):
        pagina.evaluate(_axe())
    # preload off: axe would fetch every stylesheet once more, for a rule that is not among ours; what is in frames (mails) has no scripts to look with
    rodar = """([fora, regras]) => axe.run({exclude: fora.filter(([s]) => document.querySelector(s))},
      {runOnly: regras, resultTypes: ["violations"], preload: false, iframes: false}).then(r => r.violations)"""
    achados = pagina.evaluate(rodar, [DE_TERCEIROS, regras])
    return [f"axe {a['id']}: {len(a['nodes'])} × {a['nodes'][0]['target']} {a['nodes'][0]['html'][:160]}" for a in achados]


def sobra_de_largura(pagina: Page) -> int:
    """How many pixels the page is wider than the window."""
    return pagina.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


_QUEBRADAS = """seletor => [...document.querySelectorAll(seletor)].flatMap(rotulo => [...rotulo.childNodes].filter(n => n.nodeType === 3).flatMap(no =>
  [...no.data.matchAll(/\\S+/g)].filter(palavra => {
    const faixa = document.createRange();
    faixa.setStart(no, palavra.index); faixa.setEnd(no, palavra.index + palavra[0].length);
    return new Set([...faixa.getClientRects()].map(r => Math.round(r.top))).size > 1;
  }).map(palavra => palavra[0])))"""


def palavras_partidas(pagina: Page, seletor: str) -> list[str]:
    """Words of the elements' own text that begin in one line and end in another."""
    return pagina.evaluate(_QUEBRADAS, seletor)


def queixas(pagina: Page) -> list[str]:
    """Everything wrong with the page as it stands: accessibility, sideways overflow, other hosts, CSP, scripts."""
    achadas = acessibilidade(pagina) + [f"csp: {v}" for v in pagina.evaluate("window.__csp")]
    if (sobra := sobra_de_largura(pagina)) > 0:
        achadas.append(f"overflow: {sobra} px")
    achadas += pagina.queixas
    pagina.queixas.clear()
    return achadas


def examinar(pagina: Page, caminho: str) -> list[str]:
    """Open an address and tell everything wrong with it; a code of 500 or more is wrong too. What is no page has only its code."""
    resposta = pagina.goto(caminho, wait_until="load")
    erros = [f"status {resposta.status}"] if resposta and resposta.status >= 500 else []
    if resposta and "html" in resposta.headers.get("content-type", ""):
        erros += queixas(pagina)
    return [f"{caminho}: {erro}" for erro in erros]


@contextmanager
def dentro(app: Flask, usuario: str = "chefe", modo: Modo = MODOS[0]) -> Iterator[Page]:
    """A page of the application, served, with ``usuario`` signed in."""
    with servir(app) as url, navegador() as chromium, visita(chromium, modo, url) as pagina:
        entrar(pagina, usuario, f.SENHA)
        yield pagina
