"""English of the framework on a Portuguese page: the catalogues of Flask-AppBuilder, WTForms and Flask-Login, looked for in what a page shows."""

from __future__ import annotations

import gettext
import re
from functools import cache
from pathlib import Path

import flask_appbuilder
import flask_login.config
import wtforms
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from playwright.sync_api import Page

FAB = Path(flask_appbuilder.__file__).parent
FUNCOES = {"_": None, "gettext": None, "lazy_gettext": None, "as_unicode": None, "ngettext": (1, 2)}
# the same in Portuguese, or a word of ours that only looks English
PERMITIDAS = {
    "Login": "the network login of a contract",
    "form": "not a text: the name of a template's variable",
}
_TEXTOS = """() => {
  const sem = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT"]), achados = [document.title];
  const andar = no => {
    if (no.nodeType === Node.TEXT_NODE) { if (no.data.trim()) achados.push(no.data); return; }
    if (no.nodeType !== Node.ELEMENT_NODE || sem.has(no.tagName) || no.id === "swagger") return;
    for (const a of ["title", "placeholder", "aria-label", "alt", "label", "data-rot", "data-confirma", "data-motivo"])
      if (no.hasAttribute(a)) achados.push(no.getAttribute(a));
    if (no.tagName === "INPUT" && ["submit", "button"].includes(no.type)) achados.push(no.value);
    no.childNodes.forEach(andar);
  };
  andar(document.body);
  const textos = v => typeof v === "string" ? achados.push(v) : v && typeof v === "object" && Object.values(v).forEach(textos);
  document.querySelectorAll("#textos").forEach(e => textos(JSON.parse(e.textContent)));
  document.querySelectorAll("[data-def]").forEach(e => { const d = JSON.parse(e.textContent); textos(d.rotulos); textos(d.ops); });
  return achados;
}"""


def do_fab() -> set[str]:
    """What Flask-AppBuilder's code can say, read from the code itself: some of it is in none of its catalogues."""
    achados = extract_from_dir(str(FAB), method_map=[("**.py", "python")], keywords=FUNCOES)
    return {texto if isinstance(texto, str) else texto[0] for _arquivo, _linha, texto, _comentarios, _contexto in achados}


@cache
def frases() -> tuple[str, ...]:
    """Every English text of the framework, longest first."""
    with (FAB / "translations/pt_BR/LC_MESSAGES/messages.mo").open("rb") as arquivo:
        catalogo = gettext.GNUTranslations(arquivo)._catalog
    todas = {texto if isinstance(texto, str) else texto[0] for texto in catalogo} | do_fab() | do_wtforms()
    todas |= {flask_login.config.LOGIN_MESSAGE, flask_login.config.REFRESH_MESSAGE}
    return tuple(sorted((t for t in todas if t.strip() and t not in PERMITIDAS), key=len, reverse=True))


def do_wtforms() -> set[str]:
    """Messages of WTForms' validators."""
    with (Path(wtforms.__file__).parent / "locale/wtforms.pot").open("rb") as arquivo:
        return {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(arquivo) if m.id}


@cache
def _padrao() -> re.Pattern[str]:
    """Whole words; a placeholder stands for anything."""
    partes = (re.sub(r"%\\?\(\w+\\?\)[sd]|%s", ".+", re.escape(frase.strip())) for frase in frases())
    return re.compile(rf"(?<!\w)(?:{'|'.join(partes)})(?!\w)")


def ingles(textos: list[str]) -> list[str]:
    """English texts among those of a page, with where they were."""
    achados = {}
    for texto in textos:
        for achado in _padrao().finditer(texto):
            achados.setdefault(achado.group(), " ".join(texto.split())[:80])
    return [f"English: {palavra!r} in {onde!r}" for palavra, onde in sorted(achados.items())]


def ingles_da_pagina(pagina: Page) -> list[str]:
    """English texts of the page as it stands, hidden menus and dialogs included."""
    return ingles(pagina.evaluate(_TEXTOS))
