"""A browser in which the account has signed in before: strangers keep nobody out of it, and its cookie opens nothing and gives no free tries."""

from __future__ import annotations

import pytest

from app.core import limites
from app.core.transacao import transacao
from app.usuarios.services import POR_CONTA, UsuarioService
from tests import fabricas as f

OUTRA = "errada-de-todo"


@pytest.fixture
def maria(app, http) -> int:
    """A customer who has signed in here once, and out."""
    with app.app_context(), transacao() as s:
        chave = f.um_usuario(s, "Cliente", usuario="52998224725").id
    assert http.entrar("52998224725").status_code == 302
    http.post("/logout/")
    return chave


def errar(navegador, vezes: int, usuario: str = "52998224725") -> None:
    for _vez in range(vezes):
        assert navegador.entrar(usuario, OUTRA).status_code == 200


def test_strangers_keep_nobody_out_of_the_own_telephone(app, http, maria) -> None:
    errar(app.test_client(), 6)
    assert app.test_client().entrar("52998224725").status_code == 200, "who was never there waits"
    assert http.entrar("52998224725").status_code == 302


def test_the_cookie_gives_no_free_tries(app, http, maria) -> None:
    errar(http, 5)
    assert http.entrar("52998224725").status_code == 200, "the browser waits, too"
    ladrao = app.test_client()
    ladrao.set_cookie("crm_conhecido", http.get_cookie("crm_conhecido").value)
    assert ladrao.entrar("52998224725").status_code == 200, "and so does a copy of it"
    assert app.test_client().entrar("52998224725").status_code == 302, "nobody else does"


@pytest.mark.parametrize("mudar", [
    lambda c: c[:-1] + ("0" if c[-1] != "0" else "1"), lambda c: "0" * 16 + c[16:], lambda c: "x" * 400, lambda c: c + ".1-" + "0" * 32, lambda c: "",
], ids=["mark", "name", "nonsense", "more", "empty"])
def test_what_was_changed_counts_as_a_stranger(app, http, maria, mudar) -> None:
    cookie, estranho = http.get_cookie("crm_conhecido").value, app.test_client()
    errar(app.test_client(), 6)
    estranho.set_cookie("crm_conhecido", mudar(cookie))
    entrou = estranho.entrar("52998224725").status_code == 302
    assert entrou is mudar(cookie).startswith(cookie), "a mark more changes nothing of those there are"


def test_one_accounts_mark_is_nothing_to_another(app, http, maria) -> None:
    with app.app_context(), transacao() as s:
        outro = f.um_usuario(s, "Cliente", usuario="11144477735").id
    nome, marca = http.get_cookie("crm_conhecido").value.split(".")
    errar(app.test_client(), 6, "11144477735")
    ladrao = app.test_client()
    ladrao.set_cookie("crm_conhecido", f"{nome}.{outro}-{marca.split('-')[1]}")
    assert ladrao.entrar("11144477735").status_code == 200


def test_another_password_makes_the_browser_a_stranger(app, http, maria) -> None:
    with app.app_context(), transacao() as s:
        UsuarioService(s).gravar_senha(maria, "chuva fina no telhado")
    errar(app.test_client(), 6)
    assert http.entrar("52998224725", "chuva fina no telhado").status_code == 200


def test_several_people_of_one_browser_are_known_and_the_oldest_is_forgotten(app, http) -> None:
    nomes = [f"pessoa{n}" for n in range(6)]
    with app.app_context(), transacao() as s:
        chaves = [f.um_usuario(s, "Atendente", usuario=nome).id for nome in nomes]
    for nome in nomes:
        assert http.entrar(nome).status_code == 302
        http.post("/logout/")
    with app.app_context():
        for chave in chaves * POR_CONTA.livres:
            limites.tentar(POR_CONTA, chave)
    entraram = []
    for nome in nomes:
        copia = app.test_client()
        copia.set_cookie("crm_conhecido", http.get_cookie("crm_conhecido").value)
        entraram.append(copia.entrar(nome).status_code == 302)
    assert entraram == [False, True, True, True, True, True]


def test_who_is_signed_in_confirms_whatever_strangers_do(app, http, maria) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
    http.entrar("chefe")
    errar(app.test_client(), 6, "chefe")
    assert http.post("/confirmar/?next=/perfil/", data={"prova": f.SENHA}).location == "/perfil/"
    for _vez in range(5):
        http.post("/confirmar/", data={"prova": OUTRA})
    assert http.post("/confirmar/", data={"prova": f.SENHA}).status_code == 200, "but wrong ones of this session count"
