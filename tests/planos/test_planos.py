"""Plans and additional services: catalogues with prices, on screen and through the API."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core.transacao import transacao
from app.planos.models import Plano
from tests import fabricas as f
from tests.programas import caminhos_da_api

PLANO = {"nome": "Fibra 600", "tecnologia": "fibra", "download_mbps": 600, "upload_mbps": 300, "preco": "119.90", "fidelidade_meses": 12}
FORMULARIO = {**PLANO, "preco": "1.119,90", "fiscal_scm": "80", "fiscal_sva": "20", "fiscal_locacao": "0", "ativo": "y"}


@pytest.fixture
def gerente(app, http):
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="gil")
    http.entrar("gil")
    return http


def test_a_plan_is_typed_in_portuguese(app, gerente) -> None:
    assert gerente.post("/planos/add", data=FORMULARIO).status_code == 302
    with app.app_context(), transacao() as s:
        plano = s.scalars(select(Plano).where(Plano.nome == "Fibra 600")).one()
        assert (plano.preco, plano.fiscal_scm, plano.ativo, plano.grupo) == (Decimal("1119.90"), Decimal("80.00"), True, f"plano-{plano.id}")
    assert "R$\xa01.119,90" in gerente.get("/planos/list/").text


@pytest.mark.parametrize(("campo", "valor"), [
    ("nome", ""), ("preco", "-1"), ("preco", "NaN"), ("preco", "1,999"), ("preco", "1e3"), ("preco", "9.999.999,01"), ("preco", "1,234.56"),
    ("download_mbps", "0"), ("fidelidade_meses", "13"), ("fiscal_sva", "30"),
])
def test_a_wrong_plan_keeps_what_was_typed(gerente, campo, valor) -> None:
    resposta = gerente.post("/planos/add", data={**FORMULARIO, campo: valor})
    assert resposta.status_code == 200 and "resumo-erros" in resposta.text and 'value="300"' in resposta.text


def test_two_plans_cannot_have_one_name(app, gerente) -> None:
    with app.app_context(), transacao() as s:
        f.um_plano(s, nome="Fibra 600")
    assert "Já existe" in gerente.post("/planos/add", data=FORMULARIO).text


def test_a_plan_in_use_is_not_deleted(app, gerente) -> None:
    with app.app_context(), transacao() as s:
        plano_id = f.um_contrato(s, faturar=False).plano_id
    gerente.post(f"/planos/delete/{plano_id}")
    with app.app_context(), transacao() as s:
        assert s.get(Plano, plano_id) is not None


@pytest.mark.parametrize(("papel", "lista", "inclui"), [("Atendente", 200, 403), ("Financeiro", 200, 403), ("Tecnico", 200, 403), ("Cliente", 404, 404)])
def test_roles(app, http, papel, lista, inclui) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, papel, usuario="alguem")
    http.entrar("alguem")
    for base in ("/planos", "/planos/adicionais"):
        assert (http.get(f"{base}/list/").status_code, http.get(f"{base}/add").status_code) == (lista, inclui)


@pytest.mark.parametrize(("recurso", "dados"), [("plano", PLANO), ("adicional", {"nome": "IP fixo", "preco": "25.00"})])
def test_the_api_adds_lists_filters_gets_changes_and_deletes(api, recurso, dados) -> None:
    criado = api("POST", f"/{recurso}/", json=dados)
    assert criado.status_code == 201, criado.json
    numero = criado.json["id"]
    assert [x["id"] for x in api("GET", f"/{recurso}/?q=(filters:!((col:nome,opr:sw,value:'{dados['nome']}')))").json["result"]] == [numero]
    assert api("PUT", f"/{recurso}/{numero}", json={"preco": "30.00"}).status_code == 200
    assert api("GET", f"/{recurso}/{numero}").json["result"]["preco"] == "30.00"
    assert api("DELETE", f"/{recurso}/{numero}").status_code == 200


@pytest.mark.parametrize("dados", [{"preco": "-1.00"}, {"preco": "1.999"}, {"preco": True}, {"preco": "9999999.01"},
                                   {"fiscal_scm": "50.00"}, {"tecnologia": "pombo"}])
def test_the_api_refuses_a_wrong_plan(api, dados) -> None:
    assert api("POST", "/plano/", json={**PLANO, **dados}).status_code == 422


@pytest.mark.parametrize("papel", ["Atendente", "Financeiro", "Tecnico"])
def test_programs_of_other_roles_only_read(chamar, papel) -> None:
    programa = chamar(papel)
    assert (programa("GET", "/plano/").status_code, programa("POST", "/plano/", json=PLANO).status_code) == (200, 403)


def test_every_noun_is_in_the_document(app) -> None:
    assert {"/api/v1/plano/", "/api/v1/adicional/"} <= caminhos_da_api(app)


def campo(pagina: str, nome: str) -> str:
    """A field of the form as HTML."""
    return re.search(rf'<(?:input|select)[^>]*name="{nome}"[^>]*>', pagina).group(0)


def test_a_new_plan_starts_as_the_model_would_write_it(gerente) -> None:
    pagina = gerente.get("/planos/add").text
    assert "checked" in campo(pagina, "ativo")
    assert [re.search(r'value="([^"]*)"', campo(pagina, n)).group(1) for n in ("fiscal_scm", "fiscal_sva", "fiscal_locacao", "fidelidade_meses")] \
        == ["100,00", "0,00", "0,00", "0"]
    assert '<option selected value="fibra">' in pagina
    assert "checked" in campo(gerente.get("/planos/adicionais/add").text, "ativo")


def test_a_plan_no_longer_sold_stays_so_in_its_form_and_a_search_starts_empty(app, gerente) -> None:
    with app.app_context(), transacao() as s:
        plano = f.um_plano(s, ativo=False, fidelidade_meses=12).id
    pagina = gerente.get(f"/planos/edit/{plano}").text
    assert "checked" not in campo(pagina, "ativo") and 'value="12"' in campo(pagina, "fidelidade_meses")
    assert 'selected value=\\"fibra\\"' not in gerente.get("/planos/list/").text


def test_the_page_of_a_plan_bears_its_name_and_leads_to_the_list(app, gerente) -> None:
    with app.app_context(), transacao() as s:
        plano = f.um_plano(s, nome="Fibra 700").id
    pagina = gerente.get(f"/planos/show/{plano}").text
    assert "<title>Fibra 700 · " in pagina and "<h1>Fibra 700</h1>" in pagina
    assert '<a href="/planos/list/">Planos</a>' in pagina.partition("migalhas")[2].partition("</nav>")[0]
