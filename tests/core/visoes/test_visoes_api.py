"""The generated API: explicit columns, row rules, limits, and a clear refusal for every bad input."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.visoes import ApiBase, Interface
from app.extensions import db
from tests.core.visoes.aplicacao import SENHA, Pedido, Pessoa


class ClienteApi:
    """A program signed in with a JWT."""

    def __init__(self, app: Flask, usuario: str):
        self.http: FlaskClient = app.test_client()
        ficha = self.http.post("/api/v1/security/login", json={"username": usuario, "password": SENHA, "provider": "db"}).json["access_token"]
        self.cabecalhos = {"Authorization": f"Bearer {ficha}"}

    def __call__(self, metodo: str, caminho: str, **kw):
        return self.http.open(f"/api/v1{caminho}", method=metodo, headers=self.cabecalhos, **kw)


@pytest.fixture
def api(app_visoes):
    """The administrator's program."""
    return ClienteApi(app_visoes, "admin")


@pytest.fixture
def api_ana(app_visoes):
    """Ana's program: her own people only."""
    return ClienteApi(app_visoes, "ana")


def corpo(ids, **mudancas):
    """A valid order."""
    return {"numero": "A-1", "pessoa": ids["Álvaro"], "valor": "10.50", "situacao": "aberto", **mudancas}


def test_enums_travel_by_their_word_and_money_as_text(api):
    linha = next(p for p in api("GET", "/pedido/").json["result"] if p["numero"] == "P-1")
    assert (linha["situacao"], linha["valor"], linha["pessoa"]) == ("aberto", "1234.56", {"nome": "Álvaro Souza"})


def test_rows_of_others_do_not_exist(api_ana, ids):
    assert sorted(p["numero"] for p in api_ana("GET", "/pedido/").json["result"]) == ["P-1", "P-2"]
    assert api_ana("GET", f"/pedido/{ids['P-3']}").status_code == 404
    assert api_ana("PUT", f"/pedido/{ids['P-3']}", json={"valor": "1.00"}).status_code == 404
    assert api_ana("DELETE", f"/pedido/{ids['P-3']}").status_code == 404
    assert api_ana("POST", f"/pedido/{ids['P-3']}/fechar").status_code == 404


def test_a_row_is_added_and_changed_in_part(api, app_visoes, ids):
    criado = api("POST", "/pedido/", json=corpo(ids))
    assert criado.status_code == 201
    assert api("PUT", f"/pedido/{criado.json['id']}", json={"valor": 12.5}).status_code == 200
    with app_visoes.app_context():
        pedido = db.session.get(Pedido, int(criado.json["id"]))
        assert (pedido.valor, pedido.numero) == (Decimal("12.50"), "A-1")


def test_a_foreign_key_to_somebody_elses_row_is_refused(api_ana, app_visoes, ids):
    assert api_ana("POST", "/pedido/", json=corpo(ids, pessoa=ids["Caio"])).status_code == 422
    assert api_ana("PUT", f"/pedido/{ids['P-1']}", json={"pessoa": ids["Caio"]}).status_code == 422
    with app_visoes.app_context():
        assert db.session.get(Pedido, ids["P-1"]).pessoa_id == ids["Álvaro"]
        assert db.session.query(Pedido).count() == 3 and db.session.query(Pessoa).count() == 3
    assert api_ana("POST", "/pedido/", json=corpo(ids, pessoa=ids["Beatriz"])).status_code == 201


@pytest.mark.parametrize("mudanca", [
    {"valor": "NaN"}, {"valor": float("nan")}, {"valor": float("inf")}, {"valor": "abc"}, {"valor": "1.234"}, {"valor": None}, {"valor": []}, {"valor": 10**30},
    {"situacao": "inventada"}, {"situacao": "Aberto"}, {"dia": "ontem"}, {"pessoa": 999999}, {"pessoa": "abc"}, {"pessoa": None}, {"pessoa": {}},
    {"pessoa": [1]}, {"pessoa": True}, {"pessoa": 1.5},
    {"quando": "agora"}, {"quantidade": 10**30}, {"quantidade": "x"}, {"numero": "a\0b"}, {"numero": "x" * 500}, {"numero": None}, {"inventado": 1}, {"id": 1},
    {"pessoa": 10**30}, {"quando": "2026-12-01T10:00:00"}, {"valor": True},
])
def test_a_bad_value_is_refused_and_nothing_is_saved(api, app_visoes, ids, mudanca):
    resposta = api("POST", "/pedido/", json=corpo(ids, **mudanca))
    assert resposta.status_code in (400, 422), resposta.text
    with app_visoes.app_context():
        assert db.session.query(Pedido).count() == 3 and db.session.query(Pessoa).count() == 3


@pytest.mark.parametrize("dados", ["", "[", "[]", "1", "null", '"x"', "{"])
def test_a_body_that_is_no_object_is_a_bad_request(api, dados):
    assert api("POST", "/pedido/", data=dados, content_type="application/json").status_code == 400


def test_a_duplicate_is_a_conflict_told_without_sql(api, ids):
    resposta = api("POST", "/pedido/", json=corpo(ids, numero="P-1"))
    assert resposta.status_code == 409
    assert resposta.json == {"message": "Já existe um registro com este valor.", "codigo": "duplicado", "campos": ["numero"]}


def test_a_broken_check_says_its_own_sentence(api, ids):
    resposta = api("POST", "/pedido/", json=corpo(ids, valor="-1.00"))
    assert (resposta.status_code, resposta.json["message"]) == (422, "O valor não pode ser negativo.")


@pytest.mark.parametrize("q", [
    "(order_column:segredo,order_direction:asc)", "(order_column:inexistente,order_direction:asc)", "(filters:!((col:segredo,opr:eq,value:x)))",
    "(filters:!((col:valor,opr:eq,value:abc)))", "(filters:!((col:situacao,opr:eq,value:inventada)))", "(filters:!((col:numero,opr:inventado,value:x)))",
    "(filters:!((col:pessoa,opr:rel_o_m,value:abc)))", "(filters:!((col:dia,opr:eq,value:ontem)))", "(filters:!((opr:eq)))", "(((",
    "(filters:!((col:quantidade,opr:eq,value:99999999999999999999999)))",
])
def test_a_senseless_question_is_a_bad_request(api, q):
    assert api("GET", "/pedido/", query_string={"q": q}).status_code == 400


@pytest.mark.parametrize("q", ["(page:-1)", "(page_size:1000000)", "(page_size:-1)", "(page:99999999)"])
def test_pages_are_clamped(api, q):
    assert api("GET", "/pedido/", query_string={"q": q}).status_code == 200


@pytest.mark.parametrize(("q", "esperado"), [
    ("(filters:!((col:situacao,opr:eq,value:aberto)))", 3), ("(filters:!((col:valor,opr:gt,value:2000)))", 2),
    ("(filters:!((col:dia,opr:eq,value:'2026-12-01')))", 1), ("(filters:!((col:numero,opr:in,value:!('P-1','P-3'))))", 2),
])
def test_filters_of_the_api(api, q, esperado):
    assert api("GET", "/pedido/", query_string={"q": q}).json["count"] == esperado


def test_info_tells_nothing_about_other_tables_rows(api):
    texto = api("GET", "/pedido/_info").text
    assert "numero" in texto and "Caio" not in texto


def test_a_verb_answers_the_row_and_the_domains_refusal(api, ids):
    primeira, segunda = (api("POST", f"/pedido/{ids['P-1']}/fechar") for _n in range(2))
    assert (primeira.status_code, primeira.json["result"]["situacao"]) == (200, "fechado")
    assert (segunda.status_code, segunda.json["codigo"]) == (422, "ja_fechado")


def test_a_read_only_api_has_no_writing(api, ids):
    assert api("GET", "/pessoa/").json["count"] == 3
    assert api("POST", "/pessoa/", json={"nome": "x"}).status_code == 405
    assert api("PUT", f"/pessoa/{ids['Caio']}", json={"nome": "x"}).status_code == 405
    assert api("GET", "/pessoa/_info").status_code == 200


def test_a_session_cookie_is_no_key_to_the_api(admin):
    assert admin.get("/api/v1/pedido/").status_code == 401


def test_an_api_without_declared_columns_does_not_start():
    class Esquecida(ApiBase):
        datamodel = Interface(Pedido)
        list_columns = ["id"]

    with pytest.raises(TypeError, match="must declare show_columns"):
        Esquecida()


def test_a_relation_shown_whole_does_not_start(app_visoes):
    class Faladora(ApiBase):
        datamodel = Interface(Pedido)
        list_columns = show_columns = ["id", "pessoa"]
        search_columns = order_columns = add_columns = edit_columns = ["numero"]

    with app_visoes.app_context(), pytest.raises(TypeError, match="name its columns"):
        Faladora().create_blueprint(app_visoes.appbuilder)
