"""Story: a role that asks for the second factor, from the first entry by the QR code to a trusted telephone; and a session about to end says so."""

from __future__ import annotations

import re

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core import relogio
from app.core.transacao import transacao
from tests import fabricas as f
from tests.navegador.base import MODOS, dentro, navegador, queixas, servir, visita
from tests.usuarios.test_sessoes import limitar

pytestmark = [pytest.mark.navegador, pytest.mark.lento]


def _entrar(pagina: Page) -> None:
    pagina.goto("/login/")
    pagina.fill("#username", "ana")
    pagina.fill("#password", f.SENHA)
    pagina.click("button[type=submit]")


def _sair(pagina: Page) -> None:
    pagina.goto("/logout/")
    pagina.get_by_role("button", name="Sair").click()
    expect(pagina).to_have_url(re.compile("/login/"))


def test_from_the_qr_code_to_a_trusted_telephone(app_real: Flask) -> None:
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="ana")
    limitar(app_real, "Gerente", exige_2fa=True)
    with servir(app_real) as url, navegador() as chromium, visita(chromium, MODOS[2], url) as pagina:
        _entrar(pagina)
        expect(pagina.get_by_text("O seu papel exige a verificação em duas etapas")).to_be_visible()
        pagina.goto("/clientes/list/")
        expect(pagina).to_have_url(re.compile("/perfil/segundo-fator"))
        expect(pagina.locator(".qr-fator svg")).to_be_visible()
        pagina.get_by_text("Não consigo ler o QR Code").click()
        segredo = pagina.locator("#segredo-fator").inner_text()
        assert queixas(pagina) == []
        pagina.fill("#codigo", "000000")
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_text("Código incorreto")).to_be_visible()
        pagina.fill("#codigo", pyotp.TOTP(segredo).at(relogio.agora(), -1))
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_role("heading", name="Códigos de recuperação")).to_be_visible()
        papel = pagina.locator("#codigos-papel").inner_text().split()
        assert len(papel) == 10 and queixas(pagina) == []
        pagina.get_by_role("link", name="Guardei os códigos").click()
        expect(pagina.get_by_text("Restam 10 códigos de recuperação")).to_be_visible()
        _sair(pagina)

        _entrar(pagina)
        expect(pagina.locator("#codigo")).to_be_focused()
        assert queixas(pagina) == []
        pagina.fill("#codigo", pyotp.TOTP(segredo).at(relogio.agora()))
        pagina.get_by_label("Não pedir o código neste aparelho").check()
        pagina.get_by_role("button", name="Entrar").click()
        expect(pagina).to_have_url(re.compile("/$"))
        _sair(pagina)

        _entrar(pagina)
        expect(pagina).to_have_url(re.compile("/$"))      # trusted: one page
        pagina.goto("/perfil/seguranca")
        pagina.get_by_role("button", name="Esquecer").click()
        _sair(pagina)

        _entrar(pagina)
        pagina.fill("#codigo", papel[0])
        pagina.get_by_role("button", name="Entrar").click()
        expect(pagina).to_have_url(re.compile("/$"))


def test_a_session_about_to_end_says_so_and_goes_on_at_a_word(app_real: Flask) -> None:
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="chefe")
    with dentro(app_real) as pagina:
        pagina.clock.install()
        restam = [100]
        pedidos: list[str | None] = []

        def responder(rota, pedido) -> None:
            pedidos.append(pedido.headers.get("hx-request"))
            rota.fulfill(json={"segundos": restam[0]})

        pagina.route("**/perfil/sessao", responder)
        pagina.goto("/perfil/")
        espera = int(pagina.locator("#sessao-fim").get_attribute("data-segundos")) - 120
        pagina.clock.fast_forward((espera + 1) * 1000)
        expect(pagina.get_by_role("heading", name="A sua sessão está para terminar")).to_be_visible()
        assert pedidos == ["true"], "looking is no click"
        assert queixas(pagina) == []
        restam[0] = 7200
        pagina.get_by_role("button", name="Continuar conectado").click()
        expect(pagina.locator("#sessao-fim")).not_to_be_visible()
        assert pedidos == ["true", None]
