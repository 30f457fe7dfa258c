"""How words and buttons fit: no word broken inside, no button in two lines or out of line with its neighbour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.transacao import transacao
from app.extensions import db
from tests import fabricas as f
from tests.navegador.base import MODOS, Modo, entrar, navegador, palavras_partidas, servir, visita

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
CELULAR, LARGA = Modo("celular", 390, 844, toque=True), MODOS[0]
BOTOES = """() => [...document.querySelectorAll('main tbody .uma-linha')].map(linha => [...linha.querySelectorAll('.btn')].map(b => {
  const r = b.getBoundingClientRect(); return [Math.round(r.top + r.height / 2), Math.round(r.height)]; }))"""


@pytest.fixture
def gerentes(app_real: Flask) -> Iterator[int]:
    """An administrator to look, and the role whose rights he looks at."""
    from flask_appbuilder.security.sqla.models import Role

    with app_real.app_context():
        with transacao() as s:
            f.um_usuario(s, "Admin", usuario="chefe")
            papel = s.scalar(select(Role.id).where(Role.name == "Gerente"))
        db.session.remove()
    yield papel


def test_names_of_rights_keep_their_words_whole_on_a_telephone_and_buttons_of_the_agenda_stand_in_line(app_real: Flask, gerentes: int) -> None:
    with servir(app_real) as url, navegador() as chromium:
        with visita(chromium, CELULAR, url) as pagina:
            entrar(pagina, "chefe", f.SENHA)
            pagina.goto(f"/permissoes/{gerentes}")
            assert pagina.locator("main tbody label").count() > 20
            assert palavras_partidas(pagina, "main tbody label") == []
        with visita(chromium, LARGA, url) as pagina:
            entrar(pagina, "chefe", f.SENHA)
            pagina.goto("/agenda-de-tarefas/")
            linhas = [linha for linha in pagina.evaluate(BOTOES) if len(linha) == 2]
            assert linhas and {abs(a[0] - b[0]) for a, b in linhas} <= {0, 1} and max(b[1] for linha in linhas for b in linha) < 40
