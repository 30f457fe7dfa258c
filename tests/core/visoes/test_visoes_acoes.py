"""Actions: POST only, under the row rules, with the service's refusals told row by row."""

from __future__ import annotations

import pytest

from app.extensions import db
from tests.core.visoes.aplicacao import Pedido, Situacao
from tests.core.visoes.conftest import entrar


def situacoes(app) -> dict[str, str]:
    """State of every order by number."""
    with app.app_context():
        return {p.numero: p.situacao.name for p in db.session.query(Pedido)}


def test_an_action_runs_the_service_on_the_row(ana, app_visoes, ids):
    resposta = ana.post(f"/pedidoview/action/fechar/{ids['P-1']}", follow_redirects=True)
    assert situacoes(app_visoes)["P-1"] == "fechado" and "Feito em 1 registro." in resposta.text


def test_an_action_on_somebody_elses_row_does_not_exist(ana, app_visoes, ids):
    assert ana.post(f"/pedidoview/action/fechar/{ids['P-3']}").status_code == 404
    assert ana.post("/pedidoview/action_post", data={"action": "fechar", "rowid": [ids["P-3"]]}).status_code == 404
    assert situacoes(app_visoes)["P-3"] == "aberto"


def test_rows_of_others_are_left_out_of_a_bulk_action(ana, app_visoes, ids):
    resposta = ana.post("/pedidoview/action_post", data={"action": "fechar", "rowid": [ids["P-1"], ids["P-3"]]}, follow_redirects=True)
    assert situacoes(app_visoes) == {"P-1": "fechado", "P-2": "aberto", "P-3": "aberto"}
    assert "1 registro não está mais disponível." in resposta.text


def test_an_action_is_never_run_by_get(admin, ids):
    assert admin.get(f"/pedidoview/action/fechar/{ids['P-1']}").status_code == 405


@pytest.mark.parametrize("nome", ["inventada", "", "list", "__init__"])
def test_an_unknown_action_does_not_exist(admin, ids, nome):
    assert admin.post(f"/pedidoview/action/{nome}/{ids['P-1']}").status_code == 404
    assert admin.post("/pedidoview/action_post", data={"action": nome, "rowid": [ids["P-1"]]}).status_code == 404


def test_an_action_needs_its_permission(app_visoes, ids):
    assert entrar(app_visoes, "zeca").post(f"/pedidoview/action/fechar/{ids['P-1']}").status_code == 403
    assert app_visoes.test_client().post(f"/pedidoview/action/fechar/{ids['P-1']}").status_code == 401
    assert set(situacoes(app_visoes).values()) == {"aberto"}


def test_what_one_row_refuses_does_not_stop_the_others(admin, app_visoes, ids):
    admin.post(f"/pedidoview/action/fechar/{ids['P-1']}")
    resposta = admin.post("/pedidoview/action_post", data={"action": "fechar", "rowid": [ids["P-1"], ids["P-2"]]}, follow_redirects=True)
    assert "P-1: O pedido já está fechado." in resposta.text and situacoes(app_visoes)["P-2"] == Situacao.fechado.name


def test_an_action_that_asks_for_a_reason_refuses_without_one(admin, app_visoes, ids):
    semelhante = f"/pedidoview/action/fechar_com_motivo/{ids['P-1']}"
    assert admin.post(semelhante).status_code == 400
    assert situacoes(app_visoes)["P-1"] == "aberto"
    admin.post(semelhante, data={"motivo": "a pedido"})
    with app_visoes.app_context():
        assert db.session.get(Pedido, ids["P-1"]).segredo == "a pedido"


def test_a_read_only_view_has_no_add_edit_or_delete(admin, ids):
    for caminho in ("add", f"edit/{ids['P-1']}", f"delete/{ids['P-1']}"):
        assert admin.get(f"/pedidoview/{caminho}").status_code == 404
        assert admin.post(f"/pedidoview/{caminho}").status_code == 404


def test_marking_too_many_rows_is_refused_kindly(admin, app_visoes):
    resposta = admin.post("/pedidoview/action_post", data={"action": "fechar", "rowid": list(range(1, 600))}, follow_redirects=True)
    assert "Escolha no máximo 500 linhas por vez." in resposta.text and set(situacoes(app_visoes).values()) == {"aberto"}
