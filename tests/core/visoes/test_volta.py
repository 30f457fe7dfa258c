"""Salvar, Cancelar, Voltar and the actions lead back to where the person came from, never to a page open in another tab."""

from __future__ import annotations

import html
import re

import pytest

CATALOGO, PESSOAS = "/pedidocatalogoview", "/pessoaview"


def de(endereco: str) -> dict[str, str]:
    """The header a browser sends when the person follows a link of that page."""
    return {"Referer": f"http://localhost{endereco}"}


def escondido(pagina: str) -> str:
    """The origin a form carries."""
    return html.unescape(re.search(r'name="voltar_para" value="([^"]*)"', pagina).group(1))


def ligacao(pagina: str, texto: str) -> str:
    """Address of the button with that text."""
    return html.unescape(re.search(rf'href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?{texto}</a>', pagina).group(1))


def abrir(cliente, endereco: str, origem: str | None) -> str:
    """The page as a browser opens it from a link of ``origem``."""
    return cliente.get(endereco, headers=de(origem) if origem else {}).text


def salvar(cliente, endereco: str, origem: str | None, **mudancas) -> str:
    """Open a form from ``origem``, look at another record in a second tab, save. Where it lands."""
    pagina = abrir(cliente, endereco, origem)
    cliente.get(f"{PESSOAS}/list/")
    dados = dict(re.findall(r'<input[^>]*name="(nome|documento)"[^>]*value="([^"]*)"', pagina)) | mudancas
    volta = escondido(pagina)
    assert ligacao(pagina, "Cancelar") == volta
    resposta = cliente.post(endereco, data={**dados, "voltar_para": volta}, headers=de(endereco))
    assert resposta.status_code == 302, resposta.text
    return resposta.location


def test_a_saved_record_returns_to_the_list_or_the_record_it_was_opened_from(admin, ids):
    endereco = f"{PESSOAS}/edit/{ids['Álvaro']}"
    lista, registro = f"{PESSOAS}/list/?q=alv&_oc_PessoaView=nome", f"{PESSOAS}/show/{ids['Álvaro']}"
    assert salvar(admin, endereco, lista, nome="Álvaro S.", documento="1") == lista
    assert salvar(admin, endereco, registro, nome="Álvaro T.", documento="1") == registro


@pytest.mark.parametrize("origem", [None, "/", "{add}", "{edit}", "{outro}", "/nada", "//outro.com.br/pessoaview/list/", "/login/"])
def test_without_an_origin_to_return_to_it_is_the_record_itself(admin, ids, origem):
    add, edit, outro = (f"{PESSOAS}/{x}" for x in ("add", f"edit/{ids['Álvaro']}", f"show/{ids['Beatriz']}"))
    origem = origem and origem.format(add=add, edit=edit, outro=outro)
    assert salvar(admin, edit, origem, nome="Álvaro", documento="1") == f"{PESSOAS}/show/{ids['Álvaro']}"


def test_a_new_record_returns_to_the_list_or_to_the_record_whose_tab_it_was_added_in(admin, ids):
    assert salvar(admin, f"{PESSOAS}/add", None, nome="Davi", documento="9") == f"{PESSOAS}/list/"
    assert salvar(admin, f"{PESSOAS}/add", f"{PESSOAS}/add", nome="Eva", documento="10") == f"{PESSOAS}/list/"
    registro = f"{CATALOGO}/show/{ids['P-1']}"
    assert salvar(admin, f"{PESSOAS}/add", registro, nome="Fábio", documento="11") == registro


def test_a_refused_form_keeps_its_origin(admin, ids):
    endereco, lista = f"{PESSOAS}/edit/{ids['Álvaro']}", f"{PESSOAS}/list/?q=alv"
    recusado = admin.post(endereco, data={"nome": "", "voltar_para": lista}, headers=de(endereco)).text
    assert escondido(recusado) == ligacao(recusado, "Cancelar") == lista


@pytest.mark.parametrize("forjado", [
    "https://outro.com.br/", "//outro.com.br/pessoaview/list/", "///outro.com.br", "/\\outro.com.br", "\\\\outro.com.br", "javascript:alert(1)",
    "http://localhost@outro.com.br/pessoaview/list/", "/\t/outro.com.br", "http://[", "data:text/html,x", "http:outro.com.br",
])
def test_a_forged_origin_never_leaves_the_site(admin, ids, forjado):
    endereco = f"{PESSOAS}/edit/{ids['Álvaro']}"
    resposta = admin.post(endereco, data={"nome": "Álvaro", "documento": "1", "voltar_para": forjado})
    assert resposta.location == f"{PESSOAS}/show/{ids['Álvaro']}"


def test_voltar_leads_to_the_page_before_and_without_one_to_the_list(admin, ids):
    registro, dono = f"{CATALOGO}/show/{ids['P-1']}", f"{PESSOAS}/show/{ids['Álvaro']}"
    assert ligacao(abrir(admin, registro, dono), "Voltar") == dono
    assert ligacao(abrir(admin, registro, f"{CATALOGO}/list/?page_PedidoCatalogoView=0"), "Voltar") == f"{CATALOGO}/list/?page_PedidoCatalogoView=0"
    for origem in (None, registro, f"{CATALOGO}/edit/{ids['P-1']}", f"{CATALOGO}/show/{ids['P-2']}"):
        assert ligacao(abrir(admin, registro, origem), "Voltar") == f"{CATALOGO}/list/"


def test_from_a_tab_one_comes_back_to_the_tab(admin, ids):
    dono = f"{PESSOAS}/show/{ids['Álvaro']}"
    assert ligacao(abrir(admin, f"/pedidoview/show/{ids['P-1']}", dono), "Voltar") == f"{dono}#PedidoView"


def test_an_action_stays_on_the_page_of_its_button(admin, ids):
    registro, lista = f"/pedidoview/show/{ids['P-1']}", "/pedidoview/list/?_flt_0_situacao=aberto"
    admin.get(f"{PESSOAS}/list/")
    assert admin.post(f"/pedidoview/action/fechar/{ids['P-1']}", headers=de(registro)).location == registro
    assert admin.post(f"/pedidoview/action/fechar/{ids['P-2']}").location == f"/pedidoview/show/{ids['P-2']}"
    assert admin.post("/pedidoview/action_post", data={"action": "fechar", "rowid": [ids["P-3"]]}, headers=de(lista)).location == lista


def test_deleting_returns_to_the_list_and_not_to_what_is_gone(admin, ids):
    lista = f"{CATALOGO}/list/?_flt_0_situacao=aberto"
    assert admin.post(f"{CATALOGO}/delete/{ids['P-1']}", headers=de(lista)).location == lista
    assert admin.post(f"{CATALOGO}/delete/{ids['P-2']}", headers=de(f"{CATALOGO}/show/{ids['P-2']}")).location == f"{CATALOGO}/list/"


def test_the_session_keeps_no_history(admin, ids):
    admin.get(f"{PESSOAS}/show/{ids['Álvaro']}")
    admin.get(f"{PESSOAS}/list/")
    with admin.session_transaction() as guardado:
        assert "page_history" not in guardado
