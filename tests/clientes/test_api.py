"""The API of customers: every noun listed, filtered, got, written where it may be, and refused with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.brasil.documentos import formatar_documento, gerar_cpf
from app.core.models import Evento
from app.core.transacao import transacao
from tests import fabricas as f
from tests.programas import caminhos_da_api

CPF = gerar_cpf(51)


@pytest.fixture
def cliente_id(app) -> int:
    with app.app_context(), transacao() as s:
        return f.um_cliente(s, nome="Zuleica").id


CORPOS = {
    "endereco": {"tipo": "cobranca", "cep": "13010000", "logradouro": "Rua B", "numero": "2", "municipio": "Campinas", "uf": "sp"},
    "contato": {"nome": "Bia", "papel": "Sócia", "email": "BIA@exemplo.com.br", "telefone": "(19) 98765-4321"},
    "consentimento": {"canal": "whatsapp", "finalidade": "Ofertas", "concedido": True, "origem": "Loja"},
}


def test_a_customer_is_registered_listed_filtered_got_and_changed(api) -> None:
    criado = api("POST", "/cliente/", json={"nome": "Ana Lima", "cpf_cnpj": formatar_documento(CPF), "telefone": "19 98765-4321"})
    assert criado.status_code == 201, criado.json
    numero = criado.json["id"]
    lista = api("GET", f"/cliente/?q=(filters:!((col:cpf_cnpj,opr:eq,value:'{CPF}')))").json
    assert [(c["id"], c["tipo_pessoa"], c["telefone"], c["status"]) for c in lista["result"]] == [(numero, "PF", "19987654321", "prospecto")]
    assert api("PUT", f"/cliente/{numero}", json={"email": "ANA@exemplo.com.br"}).status_code == 200
    assert api("GET", f"/cliente/{numero}").json["result"]["email"] == "ana@exemplo.com.br"


def test_a_customer_made_by_a_program_is_on_the_timeline_too(app, api) -> None:
    numero = api("POST", "/cliente/", json={"nome": "Ana", "cpf_cnpj": CPF}).json["id"]
    with app.app_context(), transacao() as s:
        assert s.scalars(select(Evento.tipo).where(Evento.cliente_id == numero)).all() == ["cliente_cadastrado"]


@pytest.mark.parametrize(("dados", "status"), [
    ({"cpf_cnpj": "11111111111"}, 400), ({"cpf_cnpj": None}, 422), ({"telefone": "123"}, 400), ({"email": "ana"}, 400), ({"nome": ""}, 422),
    ({"status": "ativo"}, 422), ({"nome": "\0"}, 422), ({"cpf_cnpj": 7}, 422),
])
def test_a_wrong_customer_is_refused(api, dados, status) -> None:
    recusa = api("POST", "/cliente/", json={"nome": "Ana", "cpf_cnpj": CPF, **dados})
    assert (recusa.status_code, bool(recusa.json["message"])) == (status, True)


def test_a_repeated_document_is_a_conflict_with_its_code(api) -> None:
    api("POST", "/cliente/", json={"nome": "Ana", "cpf_cnpj": CPF})
    recusa = api("POST", "/cliente/", json={"nome": "Outra", "cpf_cnpj": formatar_documento(CPF)})
    assert recusa.status_code in (409, 422) and "existe" in str(recusa.json["message"])


def test_nobody_deletes_a_customer_through_the_api(api, cliente_id) -> None:
    assert api("DELETE", f"/cliente/{cliente_id}").status_code in (404, 405)


def test_a_note_is_a_verb(api, cliente_id) -> None:
    assert api("POST", f"/cliente/{cliente_id}/anotar", json={"texto": "Ligou"}).status_code == 201
    assert api("POST", f"/cliente/{cliente_id}/anotar", json={}).status_code == 400
    assert api("POST", "/cliente/999999/anotar", json={"texto": "x"}).status_code == 404


@pytest.mark.parametrize("recurso", CORPOS)
def test_what_belongs_to_a_customer_is_added_filtered_and_got(api, cliente_id, recurso) -> None:
    criado = api("POST", f"/{recurso}/", json={"cliente": cliente_id, **CORPOS[recurso]})
    assert criado.status_code == 201, criado.json
    lista = api("GET", f"/{recurso}/?q=(filters:!((col:cliente_id,opr:eq,value:{cliente_id})))").json["result"]
    assert criado.json["id"] in [x["id"] for x in lista] and {x["cliente_id"] for x in lista} == {cliente_id}
    assert api("GET", f"/{recurso}/{criado.json['id']}").json["result"]["cliente_id"] == cliente_id
    assert api("POST", f"/{recurso}/", json={"cliente": 999_999, **CORPOS[recurso]}).status_code == 422


def test_addresses_and_contacts_are_kept_normalised_and_can_be_changed(api, cliente_id) -> None:
    endereco = api("POST", "/endereco/", json={"cliente": cliente_id, **CORPOS["endereco"]}).json["id"]
    assert [api("GET", f"/endereco/{endereco}").json["result"][c] for c in ("cep", "uf")] == ["13010000", "SP"]
    assert api("PUT", f"/endereco/{endereco}", json={"numero": "3"}).status_code == 200
    contato = api("POST", "/contato/", json={"cliente": cliente_id, **CORPOS["contato"]}).json["id"]
    assert [api("GET", f"/contato/{contato}").json["result"][c] for c in ("email", "telefone")] == ["bia@exemplo.com.br", "19987654321"]
    assert api("DELETE", f"/contato/{contato}").status_code == 200


@pytest.mark.parametrize(("recurso", "dados"), [
    ("endereco", {"cep": "1"}), ("endereco", {"uf": "XX"}), ("contato", {"telefone": "1"}), ("contato", {"email": "bia"}),
])
def test_a_wrong_address_or_contact_is_refused(api, cliente_id, recurso, dados) -> None:
    assert api("POST", f"/{recurso}/", json={"cliente": cliente_id, **CORPOS[recurso], **dados}).status_code == 400


def test_a_consent_is_never_rewritten(api, cliente_id) -> None:
    numero = api("POST", "/consentimento/", json={"cliente": cliente_id, **CORPOS["consentimento"]}).json["id"]
    assert [api(m, f"/consentimento/{numero}", json={"concedido": False}).status_code for m in ("PUT", "DELETE")] == [405, 405]


@pytest.mark.parametrize(("papel", "le", "escreve"), [("Gerente", 200, 201), ("Atendente", 200, 201), ("Financeiro", 200, 403), ("Tecnico", 200, 403)])
def test_roles(chamar, papel, le, escreve) -> None:
    programa = chamar(papel)
    assert programa("GET", "/cliente/").status_code == le
    assert programa("POST", "/cliente/", json={"nome": "Ana", "cpf_cnpj": CPF}).status_code == escreve


def test_every_noun_and_verb_is_in_the_document(app) -> None:
    caminhos = caminhos_da_api(app)
    esperados = {f"/api/v1/{r}/" for r in ("cliente", "endereco", "contato", "consentimento")} | {"/api/v1/cliente/{pk}/anotar"}
    assert esperados <= caminhos


def test_titles_and_labels_are_the_screens(chamar) -> None:
    corpo = chamar("Gerente")("GET", "/cliente/").json
    assert corpo["list_title"] == "Clientes" and (corpo["label_columns"]["cpf_cnpj"], corpo["label_columns"]["id"]) == ("CPF/CNPJ", "Número")
    info = chamar("Gerente")("GET", "/cliente/_info").json
    assert (info["add_title"], info["edit_title"]) == ("Novo cliente", "Editar cliente")
    assert {c["name"]: c["label"] for c in info["add_columns"]}["cpf_cnpj"] == "CPF/CNPJ"
    contrato = chamar("Gerente")("GET", "/contrato/").json["label_columns"]
    assert contrato["plano.nome"] == "Plano: Nome"
