"""What the stories share: an installation with real workers behind the page, and ways of reading a page as people do."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.core.formatos import brl
from app.core.transacao import transacao
from app.extensions import db
from tests.conftest import copiar_banco
from tests.jobs.conftest import Provedor, montar
from tests.navegador.base import servir

FOTOS = os.environ.get("CRM_FOTOS")
ESPERA = 60_000      # milliseconds for what a worker process must do first
_bancos = itertools.count(1)


@contextmanager
def no_ar(servidores: Any, url_modelo: str) -> Iterator[tuple[Provedor, str]]:
    """An installation of its own, without mail server, and the address of its pages. ``provedor.iniciar`` starts its workers."""
    banco = copiar_banco(servidores, url_modelo, f"historia_{next(_bancos)}")
    with montar(banco, servidores.redis_a_parte(8), "", curto=False) as provedor:
        provedor.redis_vazio()
        with servir(provedor.app) as url:
            yield provedor, url


@contextmanager
def gravando(provedor: Provedor) -> Iterator[Any]:
    """A session that commits: what was so before the story begins, or is asked after it."""
    with provedor.app.app_context():
        with transacao() as sessao:
            yield sessao
        db.session.remove()


def dado(pagina: Page | Locator, rotulo: str) -> Locator:
    """The value beside a name in a list of data."""
    return pagina.locator("dl.dados > div").filter(has=pagina.locator(f"dt:text-is('{rotulo}')")).locator("dd")


def textos(locais: Locator) -> list[str]:
    """Texts as read, one space between words."""
    return [" ".join(t.split()) for t in locais.all_inner_texts()]


def reais(valor: Any) -> str:
    """An amount as the page shows it."""
    return " ".join(brl(valor).split())


def torrada(pagina: Page, texto: str) -> None:
    """The notice after an action says so."""
    expect(pagina.locator("#torradas")).to_contain_text(texto)


def confirmar(pagina: Page, motivo: str | None = None, *, perigo: bool = False) -> None:
    """Answer the question of the dialog, with a reason when it asks for one; red only where something is taken away."""
    dialogo = pagina.locator("#confirmar")
    expect(dialogo).to_be_visible()
    if motivo is not None:
        dialogo.get_by_role("textbox").fill(motivo)
    botao = dialogo.locator("[value=sim]")
    expect(botao).to_have_class("btn btn-danger" if perigo else "btn btn-primary")
    botao.click()


def linha_de(pagina: Page, texto: str) -> Locator:
    """The row of a table that has the text."""
    return pagina.locator("tbody tr", has_text=texto)


def fotografar(pagina: Page, nome: str) -> None:
    """Keep a picture when asked (CRM_FOTOS)."""
    if FOTOS:
        pagina.screenshot(path=f"{FOTOS}/{nome}.png", full_page=True)
