"""The session's cookie, as a real entry sets it."""

from __future__ import annotations

import re
from http.cookies import Morsel, SimpleCookie

import pytest

from app import create_app
from app.core.transacao import transacao
from config import Producao
from tests import fabricas as f
from tests.conftest import SEGREDOS, Navegador, copiar_banco, desligar

PUBLICO = "https://crm.exemplo.com.br"


def da_sessao(resposta) -> Morsel:
    """The one cookie of the session."""
    (cookie,) = (c for c in resposta.headers.getlist("Set-Cookie") if c.startswith("crm="))
    return SimpleCookie(cookie)["crm"]


@pytest.fixture
def producao(servidores, url_modelo):
    """The application as a platform runs it, with the user ana."""
    banco = copiar_banco(servidores, url_modelo, "cookie_em_producao")
    app = create_app(Producao({"DATABASE_URL": banco, "REDIS_URL": servidores.redis_a_parte(8), **SEGREDOS, "PUBLIC_URL": PUBLICO}))
    with app.app_context(), transacao() as s:
        f.um_usuario(s, usuario="ana")
    yield app
    desligar(app)


def test_scripts_and_other_sites_do_not_get_the_session(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, usuario="ana")
    cookie = da_sessao(http.entrar("ana"))
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


def test_in_production_it_travels_encrypted_only(producao) -> None:
    http = Navegador(producao)
    pagina = http.get("/login/", base_url=PUBLICO)
    dados = {"username": "ana", "password": f.SENHA, "csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', pagina.text)[1]}
    entrada = http.post("/login/", base_url=PUBLICO, data=dados, headers={"Referer": f"{PUBLICO}/login/"})
    assert (entrada.status_code, entrada.location) == (302, "/")
    for cookie in map(da_sessao, (pagina, entrada)):
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
