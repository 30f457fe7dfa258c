"""The administrator unticks one box; the attendant who is signed in meets a 403 at the next click, and the menu entry is gone."""

from __future__ import annotations

from flask import Flask
from flask_appbuilder.security.sqla.models import Role
from playwright.sync_api import expect
from sqlalchemy import select

from app.core.transacao import transacao
from tests import fabricas as f
from tests.navegador.base import MODOS, entrar, examinar, navegador, servir, visita


def test_one_box_closes_a_screen_for_somebody_who_is_signed_in(app_real: Flask) -> None:
    app_real.testing = False      # the application's own pages of refusal
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        f.um_usuario(s, "Atendente", usuario="ana")
        atendente = s.scalar(select(Role.id).where(Role.name == "Atendente"))
    with servir(app_real) as url, navegador() as chromium, visita(chromium, MODOS[2], url) as chefe, visita(chromium, MODOS[0], url) as ana:
        entrar(ana, "ana", f.SENHA)
        ana.get_by_role("navigation").get_by_role("link", name="Contratos", exact=True).click()
        expect(ana.get_by_role("heading", level=1)).to_contain_text("Contratos")
        entrar(chefe, "chefe", f.SENHA)
        assert examinar(chefe, f"/permissoes/{atendente}") == []
        chefe.get_by_label("Procurar tela ou ação").fill("contratos")
        expect(chefe.get_by_role("checkbox", name="Ver: Clientes", exact=True)).to_be_hidden()
        for marcada in (False, True):      # the whole row, by keyboard
            chefe.get_by_role("checkbox", name="Tudo de Contratos", exact=True).press("Space")
            expect(chefe.get_by_role("checkbox", name="Ver: Contratos", exact=True)).to_be_checked(checked=marcada)
        chefe.get_by_role("checkbox", name="Ver: Contratos", exact=True).uncheck()
        chefe.get_by_role("button", name="Salvar").click()
        expect(chefe.get_by_text("Permissões salvas.")).to_be_visible()
        ana.get_by_role("navigation").get_by_role("link", name="Contratos", exact=True).click()
        expect(ana.get_by_role("heading", level=1)).to_have_text("Sem permissão")
        ana.goto(f"{url}/")
        expect(ana.get_by_role("navigation").get_by_role("link", name="Clientes", exact=True)).to_be_visible()
        expect(ana.get_by_role("navigation").get_by_role("link", name="Contratos", exact=True)).to_have_count(0)
        assert examinar(chefe, f"/permissoes/{atendente}") == []
