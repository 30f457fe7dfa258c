"""The language of the screens: chosen on the entry page or in the profile, kept for the next entry."""

from __future__ import annotations

import pytest

from app.core.transacao import transacao
from app.usuarios.models import Perfil
from tests import fabricas as f


@pytest.fixture
def chefe(app, http) -> int:
    """An administrator, signed in."""
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, "Admin", usuario="chefe").id
    http.entrar("chefe")
    return quem


def escolher(http, idioma: str) -> int:
    return http.post("/perfil/", data={"first_name": "Ana", "last_name": "Lima", "idioma": idioma}).status_code


@pytest.mark.parametrize(("idioma", "lang", "menu"), [("en", "en", "Customers"), ("es", "es", "Clientes"), ("pt_BR", "pt-BR", "Clientes")])
def test_the_profile_changes_the_language_of_the_next_page(http, chefe, idioma: str, lang: str, menu: str) -> None:
    assert escolher(http, idioma) == 302
    pagina = http.get("/clientes/list/").text
    assert f'<html lang="{lang}"' in pagina and f">{menu}<" in pagina


def test_the_message_after_the_change_is_in_the_new_language(http, chefe) -> None:
    escolher(http, "en")
    assert "Profile changed." in http.get("/perfil/").text


def test_the_choice_waits_for_the_next_entry(app, http, chefe) -> None:
    escolher(http, "en")
    outro = app.test_client()
    outro.entrar("chefe")
    assert '<html lang="en"' in outro.get("/perfil/").text
    assert '<option selected value="en">English</option>' in outro.get("/perfil/").text


def test_a_language_the_application_does_not_speak_is_refused(app, http, chefe) -> None:
    assert escolher(http, "xx") == 200
    with app.app_context(), transacao() as s:
        perfil = s.get(Perfil, chefe)
        assert perfil is None or perfil.idioma is None


def test_who_never_chose_keeps_the_language_of_the_entry_page(app, http, chefe) -> None:
    outro = app.test_client()
    assert "Entrar" in outro.get("/login/").text
    assert "Sign in" in outro.get("/lang/en", follow_redirects=True).text
    outro.entrar("chefe")
    assert '<html lang="en"' in outro.get("/perfil/").text


def test_the_entry_page_offers_the_other_languages(app) -> None:
    pagina = app.test_client().get("/login/").text
    assert 'href="/lang/en"' in pagina and 'href="/lang/es"' in pagina and 'href="/lang/pt_BR"' not in pagina
