"""The menu: an item and the page it leads to have one name."""

from __future__ import annotations

import html
import re

from app.core.transacao import transacao
from tests import fabricas as f


def test_the_page_of_a_menu_item_is_titled_as_the_item(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    menu = re.search(r'<nav class="lateral".*?</nav>', http.get("/").text, re.DOTALL).group()
    itens = re.findall(r'<a class="item" href="([^"]+)".*?(?:</svg>)?([^<>]+)</a>', menu)
    titulos = {rotulo: re.search(r"<h1[^>]*>\s*([^<]+)", http.get(html.unescape(url), follow_redirects=True).text).group(1).strip() for url, rotulo in itens}
    assert len(titulos) > 30 and {rotulo: titulo for rotulo, titulo in titulos.items() if rotulo != titulo} == {}
