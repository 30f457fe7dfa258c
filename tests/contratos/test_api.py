"""The API of contracts: read as nouns, changed by verbs that call the service."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.contratos.models import ContratoItem
from app.core import relogio
from app.core.models import Evento
from app.core.transacao import transacao
from app.faturamento.models import Invoice
from app.faturamento.services import FaturamentoService
from app.planos.models import Adicional
from tests import fabricas as f
from tests.programas import caminhos_da_api


@pytest.fixture
def ids(app) -> dict[str, int]:
    """A customer, a plan, and an additional service."""
    with app.app_context(), transacao() as s:
        cliente = f.um_cliente(s)
        return {"cliente_id": cliente.id, "endereco": cliente.enderecos[0].id, "alheio": f.um_cliente(s).enderecos[0].id,
                "plano_id": f.um_plano(s, preco=Decimal("99.90")).id, "adicional": f.gravar(s, Adicional(nome="IP fixo", preco=Decimal("25.00"))).id}


def corpo(ids, **mudancas) -> dict:
    return {"cliente_id": ids["cliente_id"], "plano_id": ids["plano_id"], "data_inicio": "2026-11-25", **mudancas}


def test_a_contract_is_created_listed_filtered_and_got(api, ids) -> None:
    criado = api("POST", "/contrato/criar", json=corpo(ids, preco="89.90", endereco_instalacao_id=ids["endereco"], login_pppoe="ana"))
    assert criado.status_code == 201, criado.json
    assert (criado.json["result"]["preco"], criado.json["result"]["status"], criado.json["result"]["numero"]) == ("89.90", "rascunho", "2026-00001")
    lista = api("GET", f"/contrato/?q=(filters:!((col:cliente_id,opr:eq,value:{ids['cliente_id']}),(col:status,opr:eq,value:rascunho)))").json["result"]
    assert [c["login_pppoe"] for c in lista] == ["ana"]
    assert api("GET", f"/contrato/{criado.json['id']}").json["result"]["cliente"]["nome"].startswith("Cliente")


def test_the_password_never_leaves_through_the_api(api, ids) -> None:
    numero = api("POST", "/contrato/criar", json=corpo(ids)).json["id"]
    assert "senha" not in api("GET", f"/contrato/{numero}").text
    assert api("GET", "/contrato/?q=(filters:!((col:senha_pppoe,opr:sw,value:a)))").status_code == 400


@pytest.mark.parametrize(("mudanca", "status"), [
    ({"plano_id": 999_999}, 404), ({"cliente_id": 999_999}, 404), ({"preco": "NaN"}, 400), ({"preco": "-1"}, 400), ({"desconto": "100.00"}, 400),
    ({"data_inicio": "ontem"}, 400), ({"data_inicio": None}, 400), ({"cobranca": "nunca"}, 400), ({"status": "ativo"}, 400), ({"login_pppoe": "a b"}, 400),
    ({"plano_id": 2**70}, 400), ({"desconto": "5.00", "desconto_ate": "2026-05-01"}, 400), ({"preco": "99.999"}, 400),
])
def test_a_wrong_contract_is_refused(api, ids, mudanca, status) -> None:
    recusa = api("POST", "/contrato/criar", json=corpo(ids, **mudanca))
    assert (recusa.status_code, bool(recusa.json["message"])) == (status, True), recusa.json


def test_somebody_elses_address_and_a_taken_login_are_refused(api, ids) -> None:
    assert api("POST", "/contrato/criar", json=corpo(ids, endereco_instalacao_id=ids["alheio"])).status_code == 400
    assert api("POST", "/contrato/criar", json=corpo(ids, login_pppoe="ana")).status_code == 201
    assert api("POST", "/contrato/criar", json=corpo(ids, login_pppoe="ana")).status_code == 409


def test_contracts_are_made_ended_and_repriced_by_verbs_only(api, ids) -> None:
    numero = api("POST", "/contrato/criar", json=corpo(ids)).json["id"]
    recusas = [api("PUT", f"/contrato/{numero}", json={"preco": "1.00"}), api("DELETE", f"/contrato/{numero}"), api("POST", "/contrato/", json=corpo(ids))]
    assert [r.status_code for r in recusas] == [422, 405, 405]


def test_additional_services_are_added_and_ended_by_a_date(api, ids) -> None:
    contrato = api("POST", "/contrato/criar", json=corpo(ids)).json["id"]
    dados = {"contrato": contrato, "adicional": ids["adicional"], "quantidade": 1, "preco": "25.00", "de": "2026-12-01"}
    item = api("POST", "/contrato_item/", json=dados).json["id"]
    assert api("PUT", f"/contrato_item/{item}", json={"ate": "2027-01-31"}).status_code == 200
    assert api("GET", f"/contrato_item/{item}").json["result"]["ate"] == "2027-01-31"
    assert api("PUT", f"/contrato_item/{item}", json={"ate": "2026-01-01"}).status_code == 400
    assert api("DELETE", f"/contrato_item/{item}").status_code == 405
    assert [i["id"] for i in api("GET", f"/contrato_item/?q=(filters:!((col:contrato_id,opr:eq,value:{contrato})))").json["result"]] == [item]


def test_an_end_inside_a_billed_period_gives_back_once(app, api) -> None:
    with app.app_context(), transacao() as s:
        hoje = relogio.hoje()
        contrato = f.um_contrato(s, dia=hoje.day, inicio=hoje, preco=Decimal("28.00"))
        adicional = f.gravar(s, Adicional(nome="Telefone", preco=Decimal("28.00")))
        item = f.gravar(s, ContratoItem(contrato_id=contrato.id, adicional_id=adicional.id, preco=Decimal("28.00"), de=hoje)).id
        FaturamentoService(s).gerar_invoices_automaticas(hoje=hoje, cliente_id=contrato.cliente_id)
    for _vez in range(2):
        assert api("PUT", f"/contrato_item/{item}", json={"ate": hoje.isoformat()}).status_code == 200
    with app.app_context(), transacao() as s:
        assert s.scalars(select(Invoice.valor_creditado).where(Invoice.cliente_id == s.get(ContratoItem, item).contrato.cliente_id)).one() > 0
        assert s.scalar(select(func.count()).where(Evento.tipo == "adicional_encerrado")) == 1


def test_the_history_is_read_only(app, api, ids) -> None:
    contrato = api("POST", "/contrato/criar", json=corpo(ids)).json["id"]
    linhas = api("GET", f"/contrato_historico/?q=(filters:!((col:contrato_id,opr:eq,value:{contrato})))").json["result"]
    assert [(x["versao"], x["preco"], x["plano_id"]) for x in linhas] == [(1, "99.90", ids["plano_id"])]
    assert api("GET", f"/contrato_historico/{linhas[0]['id']}").status_code == 200
    assert api("PUT", f"/contrato_historico/{linhas[0]['id']}", json={"preco": "1.00"}).status_code == 405


@pytest.mark.parametrize(("papel", "cria"), [("Gerente", 201), ("Atendente", 201), ("Financeiro", 403), ("Tecnico", 403)])
def test_roles(chamar, ids, papel, cria) -> None:
    programa = chamar(papel)
    assert programa("GET", "/contrato/").status_code == 200
    assert programa("POST", "/contrato/criar", json=corpo(ids)).status_code == cria


def test_every_noun_and_verb_is_in_the_document(app) -> None:
    assert {"/api/v1/contrato/", "/api/v1/contrato/criar", "/api/v1/contrato_item/", "/api/v1/contrato_historico/"} <= caminhos_da_api(app)


def test_a_date_in_the_past_is_a_contract_of_that_year(api, ids) -> None:
    assert api("POST", "/contrato/criar", json=corpo(ids, data_inicio=dt.date(2020, 2, 29).isoformat())).json["result"]["numero"] == "2020-00001"


@pytest.mark.parametrize(("mudanca", "status"), [
    ({"bloqueio_automatico": "N"}, 200), ({"beneficio_fidelidade": "120.00"}, 200), ({"beneficio_fidelidade": "-5.00"}, 400),
    ({"beneficio_fidelidade": "99999999.00"}, 400), ({"nao_bloquear_ate": "2090-12-31"}, 400), ({"nao_bloquear_ate": "1901-01-01"}, 400),
    ({"data_renovacao": "1901-01-01"}, 400), ({"data_renovacao": "2190-12-31"}, 400), ({"status": "cancelado"}, 422), ({"data_renovacao": "9999-12-31"}, 422),
])
def test_a_contract_takes_only_what_can_be_meant(api, ids, mudanca, status) -> None:
    numero = api("POST", "/contrato/criar", json=corpo(ids)).json["id"]
    assert api("PUT", f"/contrato/{numero}", json=mudanca).status_code == status
