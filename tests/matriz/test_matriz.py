"""Every route × (nobody, the six roles): what the declared table says, no 5xx, and no route without a rule.

A new screen or API fails here until ``tests/matriz/tabela.py`` says who may do what with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import BaseView, expose
from flask_appbuilder.api import BaseApi

from app.core.transacao import transacao
from tests import fabricas as f
from tests.conftest import fazer_app
from tests.matriz import tabela
from tests.matriz.mapa import NINGUEM, Rota, classe_da, rotas

PAPEIS = ("Admin", "Gerente", "Financeiro", "Atendente", "Tecnico", "Cliente")


@pytest.fixture
def sem_saidas(app: Flask, http: FlaskClient) -> FlaskClient:
    """A browser on an application that reaches nothing outside, whatever button is pressed."""
    app.config["EFEITOS_EXTERNOS"] = False
    yield http
    app.config["EFEITOS_EXTERNOS"] = True


def entrar(app: Flask, http: FlaskClient, papel: str) -> dict[str, str]:
    """Sign in with a fresh user of that role; the header of an API token for staff."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    corpo = http.post("/api/v1/security/login", json={"username": nome, "password": f.SENHA}).json
    http.entrar(nome)
    return {"Authorization": f"Bearer {corpo['access_token']}"} if "access_token" in corpo else {}


def pedir(http: FlaskClient, rota: Rota, cabecalhos: dict[str, str]) -> str:
    """The class of the answer; an API is asked with the token and a JSON body."""
    corpo = {"json": {}} if rota.api and rota.metodo in ("POST", "PUT", "PATCH") else {}
    resposta = http.open(rota.caminho, method=rota.metodo, headers=cabecalhos if rota.api else {}, **corpo)
    classe = classe_da(resposta)
    resposta.close()
    return classe


def comuns(app: Flask) -> Iterator[Rota]:
    """Routes the table of screens decides; the special ones have their own tests."""
    return (r for r in rotas(app) if r.endpoint not in tabela.ESPECIAIS and r.dona not in tabela.ESPECIAIS)


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    existentes = {r.dona for r in comuns(app)}
    faltam = sorted(existentes - set(tabela.TELAS))
    assert not faltam, f"say in tests/matriz/tabela.py who may reach: {', '.join(faltam)}"
    endpoints = {r.endpoint for r in rotas(app)} | {r.dona for r in rotas(app)}
    sobram = sorted((set(tabela.TELAS) | set(tabela.ESPECIAIS)) - endpoints)
    assert not sobram, f"rules without a route: {', '.join(sobram)}"


def test_a_new_screen_fails_until_somebody_says_who_may_reach_it(servidores, url_modelo) -> None:
    class NovaView(BaseView):
        route_base = "/nova"
        base_permissions = ["can_ver"]

        @expose("/")
        def ver(self) -> str:
            return ""

    app = fazer_app(url_modelo, servidores.redis_url)
    with app.app_context():
        app.appbuilder.add_view_no_menu(NovaView)
    with pytest.raises(AssertionError, match=r"who may reach: NovaView\b"):
        test_every_route_has_a_rule_and_every_rule_a_route(app)


def test_every_operation_of_the_table_exists(app: Flask) -> None:
    operacoes: dict[str, set[str]] = {}
    for rota in comuns(app):
        operacoes.setdefault(rota.dona, set()).add(rota.operacao)
    acoes = {type(v).__name__: set(getattr(v, "actions", {})) for v in app.appbuilder.baseviews}
    erradas = {dona: sorted(set(regra) - operacoes[dona] - acoes.get(dona, set())) for dona, regra in tabela.TELAS.items() if dona in operacoes}
    assert {d: o for d, o in erradas.items() if o} == {}


def _esperado(rota: Rota, papel: str) -> set[str]:
    if papel == "Cliente":
        return {"nada"}
    if rota.operacao in ("action", "action_post"):
        return {"nada", "proibido"}             # no such action: the real ones have a test of their own
    pode = papel in tabela.quem(rota.dona, rota.operacao)
    return {"chegou", "nada"} if pode else {"proibido"}


@pytest.mark.parametrize("papel", PAPEIS)
def test_a_role_reaches_what_the_table_says_and_nothing_else(app: Flask, sem_saidas: FlaskClient, papel: str) -> None:
    cabecalhos = entrar(app, sem_saidas, papel)
    erradas = []
    for rota in comuns(app):
        achado = pedir(sem_saidas, rota, cabecalhos)
        esperado = _esperado(rota, papel)
        if achado not in esperado:
            erradas.append(f"{rota}: {achado}, not {' or '.join(sorted(esperado))}")
    assert not erradas, "\n".join([f"{papel}:", *erradas])


def test_nobody_reaches_anything_without_signing_in(app: Flask, sem_saidas: FlaskClient) -> None:
    erradas = []
    for rota in comuns(app):
        achado = pedir(sem_saidas, rota, {})
        if achado not in ({"nada"} if rota.operacao in ("action", "action_post") else {"entrar"}):
            erradas.append(f"{rota}: {achado}")
    assert not erradas, "\n".join(erradas)


@pytest.mark.parametrize("papel", PAPEIS[:-1])
def test_an_action_is_done_by_those_the_table_says(app: Flask, sem_saidas: FlaskClient, papel: str) -> None:
    entrar(app, sem_saidas, papel)
    erradas = []
    for visao in (v for v in app.appbuilder.baseviews if getattr(v, "actions", None) and type(v).__name__ not in tabela.ESPECIAIS):
        dona = type(visao).__name__
        for nome in visao.actions:
            na_linha, em_lote = f"{visao.route_base}/action/{nome}/{NINGUEM}", f"{visao.route_base}/action_post"
            for caminho, dados in ((na_linha, {}), (em_lote, {"action": nome, "rowid": NINGUEM})):
                achado = classe_da(sem_saidas.post(caminho, data=dados))
                # 404 for a row that does not exist, or an action that is not for that place
                if achado not in ({"nada"} if papel in tabela.quem(dona, nome) else {"proibido", "nada"}):
                    erradas.append(f"{dona}.{nome} at {caminho}: {achado}")
            individual = classe_da(sem_saidas.post(na_linha))
            if visao.actions[nome].single and papel not in tabela.quem(dona, nome) and individual != "proibido":
                erradas.append(f"{dona}.{nome}: {individual}, not proibido")
    assert not erradas, "\n".join([f"{papel}:", *erradas])


@pytest.mark.parametrize("papel", ["", *PAPEIS])
def test_special_routes_answer_each_as_declared(app: Flask, sem_saidas: FlaskClient, papel: str) -> None:
    cabecalhos = entrar(app, sem_saidas, papel) if papel else {}
    erradas = []
    for rota in rotas(app):
        regra = tabela.ESPECIAIS.get(rota.endpoint) or tabela.ESPECIAIS.get(rota.dona)
        if regra is None or (rota.endpoint, rota.metodo) in tabela.COM_TESTE_PROPRIO:
            continue
        achado = pedir(sem_saidas, rota, cabecalhos)
        esperado = regra.para(papel)
        if achado not in esperado:
            erradas.append(f"{rota}: {achado}, not {' or '.join(sorted(esperado))}")
    assert not erradas, "\n".join([f"{papel or 'nobody'}:", *erradas])


def test_an_api_never_accepts_the_session_of_the_browser(app: Flask, sem_saidas: FlaskClient) -> None:
    """Its routes are exempt from CSRF: a cookie alone must not be enough."""
    entrar(app, sem_saidas, "Admin")
    erradas = [str(r) for r in comuns(app) if r.api and pedir(sem_saidas, r, {}) != "entrar"]
    assert not erradas, "\n".join(erradas)


LIXO = ["page=abc&page_{v}=abc", "psize_{v}=-1", "_flt_0_{v}=1&_flt_99_id=x", "_oc_{v}=password&_od_{v}=drop", "q=%00%F0%9F%98%80", "q=((!page:x))"]


@pytest.mark.parametrize("consulta", LIXO)
def test_no_address_makes_an_error(app: Flask, sem_saidas: FlaskClient, consulta: str) -> None:
    cabecalhos = entrar(app, sem_saidas, "Admin")
    erradas = []
    for rota in (r for r in comuns(app) if r.metodo == "GET"):
        resposta = sem_saidas.get(f"{rota.caminho}?{consulta.format(v=rota.dona)}", headers=cabecalhos if rota.api else {})
        if resposta.status_code >= 500:
            erradas.append(str(rota))
        resposta.close()
    assert not erradas, "\n".join(erradas)


def test_every_view_with_row_rules_has_somebody_elses_row_in_the_table(app: Flask) -> None:
    com_regra = {type(v).__name__ for v in app.appbuilder.baseviews if getattr(v, "base_filters", None) and not isinstance(v, BaseApi)}
    com_regra |= {type(v).__name__ for v in app.appbuilder.baseviews if isinstance(v, BaseApi) and getattr(v, "base_filters", None)}
    assert com_regra == set(tabela.DE_OUTROS), "declare in DE_OUTROS who must not see which row"


@pytest.mark.parametrize("dona", sorted(tabela.DE_OUTROS))
def test_somebody_elses_row_does_not_exist(app: Flask, sem_saidas: FlaskClient, dona: str) -> None:
    papel, fazer = tabela.DE_OUTROS[dona]
    with app.app_context(), transacao() as s:
        chave = fazer(s)
    cabecalhos = entrar(app, sem_saidas, papel)
    visao = next(v for v in app.appbuilder.baseviews if type(v).__name__ == dona)
    erradas = []
    for rota in (r for r in rotas(app) if r.dona == dona and str(NINGUEM) in r.caminho and r.operacao not in ("action", "action_post")):
        achado = pedir(sem_saidas, Rota(rota.caminho.replace(str(NINGUEM), str(chave)), rota.metodo, rota.endpoint, dona, rota.operacao, rota.api), cabecalhos)
        if achado not in ("nada", "proibido"):
            erradas.append(f"{rota}: {achado}")
    for nome in getattr(visao, "actions", {}):
        if classe_da(sem_saidas.post(f"{visao.route_base}/action/{nome}/{chave}")) == "chegou":
            erradas.append(nome)
    assert not erradas, "\n".join(erradas)
