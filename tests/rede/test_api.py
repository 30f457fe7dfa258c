"""The network's API: nouns are listed, filtered and got, verbs call the services, secrets do not come back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core.transacao import transacao
from app.extensions import db
from app.rede.models import AcessoRede, Servidor
from tests import fabricas as f
from tests.programas import caminhos_da_api


def test_sites_are_created_listed_filtered_changed_and_deleted(api) -> None:
    criado = api("POST", "/pop/", json={"nome": "Centro", "municipio": "Campinas", "uf": "SP"})
    assert criado.status_code == 201, criado.json
    numero = criado.json["id"]
    assert [p["nome"] for p in api("GET", "/pop/?q=(filters:!((col:municipio,opr:eq,value:Campinas)))").json["result"]] == ["Centro"]
    assert api("PUT", f"/pop/{numero}", json={"nome": "Centro 1"}).status_code == 200
    assert api("GET", f"/pop/{numero}").json["result"]["nome"] == "Centro 1"
    assert api("DELETE", f"/pop/{numero}").status_code == 200 and api("GET", f"/pop/{numero}").status_code == 404


def test_a_servers_secret_goes_in_and_never_comes_out(app, api) -> None:
    criado = api("POST", "/servidor/", json={"nome": "BRAS", "ip": "10.0.0.1", "tipo": "simulado"})
    assert criado.status_code == 201, criado.json
    numero = criado.json["id"]
    gravado = api("POST", f"/servidor/{numero}/segredo", json={"segredo": "s3gredo"})
    assert gravado.status_code == 200 and "s3gredo" not in gravado.text
    assert "s3gredo" not in api("GET", f"/servidor/{numero}").text + api("GET", "/servidor/").text
    assert api("GET", "/servidor/?q=(filters:!((col:segredo,opr:sw,value:s)))").status_code == 400
    with app.app_context():
        assert db.session.get(Servidor, numero).segredo == "s3gredo"
    assert api("POST", f"/servidor/{numero}/segredo", json={}).status_code == 400
    assert api("POST", "/servidor/999999/segredo", json={"segredo": "x"}).status_code == 404


@pytest.mark.parametrize(("mudanca", "palavra"), [({"tipo": "radius"}, "disponível"), ({"tipo": "routeros"}, "disponível"), ({"ip": "x"}, "IP")])
def test_a_server_that_cannot_be_driven_is_refused(api, mudanca, palavra) -> None:
    recusa = api("POST", "/servidor/", json={"nome": "BRAS", "ip": "10.0.0.1", "tipo": "simulado", **mudanca})
    assert recusa.status_code == 400 and palavra in recusa.json["message"]


def test_accesses_are_read_and_asked_for_again(app, api) -> None:
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s, faturar=False)
        numero, contrato_id = s.scalar(select(AcessoRede.id).where(AcessoRede.contrato_id == contrato.id)), contrato.id
    lista = api("GET", f"/acesso_rede/?q=(filters:!((col:contrato_id,opr:eq,value:{contrato_id}),(col:versao,opr:pendente,value:sim)))").json["result"]
    assert [a["id"] for a in lista] == [numero]
    feito = api("POST", f"/acesso_rede/{numero}/reaplicar")
    assert feito.status_code == 200 and feito.json["result"]["versao"] == 2
    assert api("POST", "/acesso_rede/999999/reaplicar").status_code == 404
    assert api("PUT", f"/acesso_rede/{numero}", json={"desejado": "liberado"}).status_code in (404, 405)


def test_an_outage_is_opened_and_closed(api) -> None:
    assert api("POST", "/incidente/", json={"titulo": "Queda"}).status_code == 400
    criado = api("POST", "/incidente/", json={"titulo": "Queda", "municipio": "Campinas"})
    assert criado.status_code == 201, criado.json
    numero = criado.json["id"]
    encerrado = api("POST", f"/incidente/{numero}/encerrar").json["result"]
    assert (encerrado["situacao"], bool(encerrado["fim"])) == ("encerrado", True)
    assert api("GET", "/incidente/?q=(filters:!((col:situacao,opr:eq,value:aberto)))").json["result"] == []


def test_a_technician_reads_accesses_and_no_servers(chamar) -> None:
    tecnico = chamar("Tecnico")
    assert tecnico("GET", "/acesso_rede/").status_code == 200
    assert tecnico("GET", "/servidor/").status_code == 403
    assert tecnico("POST", "/incidente/", json={"titulo": "x", "municipio": "y"}).status_code == 403


def test_every_path_is_in_the_document(app) -> None:
    caminhos = caminhos_da_api(app)
    for recurso in ("pop", "servidor", "acesso_rede", "incidente"):
        assert {f"/api/v1/{recurso}/", f"/api/v1/{recurso}/{{pk}}"} <= caminhos
    assert {"/api/v1/acesso_rede/{pk}/reaplicar", "/api/v1/incidente/{pk}/encerrar", "/api/v1/servidor/{pk}/segredo"} <= caminhos
