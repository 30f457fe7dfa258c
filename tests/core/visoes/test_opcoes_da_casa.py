"""Every source of a remote select and every description of the API, as the house has them."""

from __future__ import annotations

import pytest
from flask_appbuilder.api import BaseApi

from app.core.transacao import transacao
from app.core.visoes import relacoes
from tests import fabricas as f
from tests.programas import programa


def test_every_source_answers_with_and_without_a_search(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        f.um_contrato(s)
        nomes = {*relacoes._fontes, *(v.fonte for v in app.appbuilder.baseviews if getattr(v, "fonte", None))}
    http.entrar("chefe")
    ruins = [(nome, texto) for nome in sorted(nomes) for texto in ("", "?q=", "?q=a", "?q=%25_%27", "?pagina=2")
             if http.get(f"/opcoes/{nome}{texto}").status_code != 200]
    assert ruins == [] and nomes >= {"cliente", "contrato", "plano", "usuario"}


def test_what_the_api_tells_of_its_columns_is_no_header_of_a_catalogue(app) -> None:
    chamar = programa(app)
    apis = [v.resource_name for v in app.appbuilder.baseviews if isinstance(v, BaseApi) and getattr(v, "datamodel", None)]
    ditos = {nome: chamar("GET", f"/{nome}/_info").text for nome in apis}
    assert len(ditos) > 20 and [nome for nome, texto in ditos.items() if "Content-Type" in texto or "Project-Id" in texto] == []


@pytest.mark.parametrize("texto", ["", "nada"])
def test_a_source_that_does_not_exist_is_not_found(app, http, texto: str) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
    http.entrar("chefe")
    assert http.get(f"/opcoes/inventada?q={texto}").status_code == 404
