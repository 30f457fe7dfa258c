"""What is rendered once per list is put into each row without mixing rows or letting markup in."""

from __future__ import annotations

from app.core.transacao import transacao
from app.core.visoes.tabela import CHAVE, NOME, na_linha
from tests.core.visoes.aplicacao import Pessoa


def test_the_key_and_the_escaped_name_go_into_the_mould():
    assert na_linha(f'<a href="/show/{CHAVE}">{NOME}</a>', 7, "<b>") == '<a href="/show/7">&lt;b&gt;</a>'


def test_each_row_leads_to_its_own_record(admin, ids):
    pagina = admin.get("/pessoaview/list/").text
    for nome, inteiro in (("Álvaro", "Álvaro Souza"), ("Caio", "Caio Prado")):
        assert f'href="/pessoaview/show/{ids[nome]}">{inteiro}</a>' in pagina and f"/pessoaview/edit/{ids[nome]}" in pagina
    assert str(CHAVE) not in pagina and NOME not in pagina


def test_a_name_with_markup_is_shown_as_text(admin, app_visoes):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add(Pessoa(nome='<script>alert(1)</script>"', documento="xss", dono="ana"))
    pagina = admin.get("/pessoaview/list/").text
    assert "<script>alert" not in pagina and "&lt;script&gt;alert(1)&lt;/script&gt;" in pagina
