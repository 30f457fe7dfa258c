"""Error pages where not even the address can be believed, and forms that were open for too long."""

import re

import pytest
from werkzeug.routing import IntegerConverter

from app.core.transacao import transacao
from app.notificacoes.models import ModeloMensagem
from tests import fabricas as f
from tests.conftest import desligar, fazer_app


@pytest.fixture
def de_um_nome_so(servidores, url_modelo):
    """The application that answers to one name only, as in production: nothing propagates."""
    app = fazer_app(url_modelo, servidores.redis_url, TRUSTED_HOSTS=["crm.exemplo.com.br"])
    app.testing = False
    yield app.test_client()
    desligar(app)


def test_another_host_is_refused_in_plain_words(de_um_nome_so) -> None:
    resposta = de_um_nome_so.get("/login/", headers={"Host": "crm.exemplo.com.br.mau.com"})
    assert (resposta.status_code, resposta.mimetype, resposta.text) == (400, "text/plain", "Pedido inválido")


def test_the_name_it_answers_to_is_served(de_um_nome_so) -> None:
    assert de_um_nome_so.get("/healthz", headers={"Host": "crm.exemplo.com.br"}).status_code == 200


@pytest.mark.parametrize("sonda", ["/healthz", "/readyz"])
def test_a_probe_asks_by_address(de_um_nome_so, sonda: str) -> None:
    assert de_um_nome_so.get(sonda, headers={"Host": "10.0.0.5:8080"}).status_code in (200, 503)
    assert de_um_nome_so.get("/login/", headers={"Host": "10.0.0.5:8080"}).status_code == 400


@pytest.fixture
def navegando(app, http):
    """Somebody signed in, in an application that asks forms for their token."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    app.config["WTF_CSRF_ENABLED"] = True
    yield http
    app.config["WTF_CSRF_ENABLED"] = False


def test_whose_session_ended_signs_in_and_comes_back_to_the_form(navegando) -> None:
    navegando.delete_cookie("crm")
    for endereco, volta in (
        ("/planos/add?_flt_0_nome=x", "/planos/add"), ("/configuracoes/faturamento", "/configuracoes/faturamento"), ("/faturamento/action/reenviar/1", "/"),
    ):
        resposta = navegando.post(endereco, data={"nome": "Fibra"})
        assert resposta.status_code == 302 and resposta.location.startswith("/login/?next=") and f"next={volta}" in resposta.location
    assert "Sua sessão terminou antes do envio" in navegando.get(resposta.location).text


def test_what_is_no_page_is_not_come_back_to(navegando) -> None:
    """A button that deletes has no form to continue."""
    navegando.delete_cookie("crm")
    resposta = navegando.post("/feriados/delete/1")
    assert resposta.location.startswith("/login/?next=/") and "delete" not in resposta.location
    assert "Entre e repita o que ia fazer" in navegando.get(resposta.location).text


def test_an_address_that_deletes_is_opened_by_nobody(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome, pk = f.um_usuario(s, "Admin").username, f.um_plano(s).id
    http.entrar(nome)
    assert http.get(f"/planos/delete/{pk}").status_code == 405
    assert http.get(f"/planos/show/{pk}").status_code == 200
    assert http.post(f"/planos/delete/{pk}").status_code == 302 and http.get(f"/planos/show/{pk}").status_code == 404


def test_what_was_deleted_while_somebody_edited_it_is_said(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome, pk = f.um_usuario(s, "Admin").username, f.um_plano(s).id
    http.entrar(nome)
    assert http.post(f"/planos/delete/{pk}").status_code == 302
    pagina = http.post(f"/planos/edit/{pk}", data={"nome": "Fibra"})
    assert pagina.status_code == 404 and "alguém o excluiu enquanto você o editava" in pagina.text


def test_an_old_page_of_somebody_still_there_is_told_one_thing(navegando) -> None:
    volta = navegando.post("/planos/add?_flt_0_nome=x", data={"nome": "Fibra", "csrf_token": "velho"})
    assert volta.location == "/planos/add?_flt_0_nome=x&_digitado=1" and "ficou aberta por muito tempo e nada foi gravado" in navegando.get(volta.location).text
    resposta = navegando.post("/faturamento/action/reenviar/1", data={"csrf_token": "velho"})
    assert resposta.status_code == 400 and "ficou aberta por muito tempo e nada foi gravado" in resposta.text
    assert "não estão corretos" not in resposta.text and re.search(r"<h1[^>]*>", resposta.text)


@pytest.mark.parametrize("enorme", ["3000000000", "9" * 30])
def test_an_address_whose_number_is_larger_than_any_id_is_of_nothing(app, http, enorme: str) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    rotas = [r for r in app.url_map.iter_rules() if any(isinstance(c, IntegerConverter) for c in r._converters.values()) and "GET" in r.methods]
    assert len(rotas) > 20
    for rota in rotas:
        situacao = http.get(re.sub(r"<[^>]+>", enorme, rota.rule), follow_redirects=True).status_code
        if "POST" in rota.methods and not rota.rule.startswith("/api/"):
            assert http.post(re.sub(r"<[^>]+>", enorme, rota.rule)).status_code == 404, rota.rule
        assert situacao == 404 or (rota.rule.startswith("/api/") and situacao == 401), rota.rule      # programs sign in another way


@pytest.mark.parametrize("endereco", ["/contratos/novo?cliente={}", "/faturamento/avulsos/fatura?cliente={}", "/bloqueios/novo?contrato={}"])
def test_a_number_larger_than_any_id_in_the_arguments_is_no_choice(app, http, endereco: str) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    assert http.get(endereco.format("9" * 30)).status_code == 200


def test_a_key_that_no_column_holds_is_the_address_of_nothing_whoever_sends(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    for tela in ("clientes", "planos", "usuarios"):
        for pk in ("3000000000", "9" * 20):
            feitos = [http.get(f"/{tela}/show/{pk}"), http.get(f"/{tela}/edit/{pk}"), http.post(f"/{tela}/edit/{pk}"), http.post(f"/{tela}/delete/{pk}")]
            assert {r.status_code for r in feitos} <= {404, 405}, (tela, pk)


@pytest.mark.parametrize("chave", ["%D9%A1", "+1", "001", "1_0", "1%20", "1.0", "-1", "0", "abc"])
def test_a_key_that_is_no_plain_number_is_the_address_of_nothing(app, http, chave: str) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
        assert s.get(ModeloMensagem, 1) is not None
    http.entrar(nome)
    assert [http.get(f"/mensagens/modelos/{tela}/{chave}").status_code for tela in ("show", "edit")] == [404, 404]
    assert http.get("/mensagens/modelos/edit/1").status_code == 200
