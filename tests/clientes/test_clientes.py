"""Customers: registering, screens, notes, roles and the API."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.clientes.models import Cliente, StatusCliente, TipoPessoa
from app.clientes.services import ClienteService, travar_cliente
from app.core import relogio
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.core.models import Evento
from app.core.transacao import transacao
from app.extensions import db
from tests import fabricas as f
from tests.programas import programa

CPF = "529.982.247-25"


def test_the_document_is_kept_without_punctuation_and_decides_the_kind(sessao) -> None:
    pessoa = ClienteService(sessao).cadastrar(nome=" João ", cpf_cnpj=CPF)
    empresa = ClienteService(sessao).cadastrar(nome="Padaria", cpf_cnpj="12.abc.345/01de-35")
    assert (pessoa.nome, pessoa.cpf_cnpj, pessoa.tipo_pessoa) == ("João", "52998224725", TipoPessoa.PF)
    assert (empresa.cpf_cnpj, empresa.tipo_pessoa) == ("12ABC34501DE35", TipoPessoa.PJ)


def test_an_invalid_document_is_refused(sessao) -> None:
    with pytest.raises(ValorInvalido):
        ClienteService(sessao).cadastrar(nome="X", cpf_cnpj="111.111.111-11")


def test_a_document_belongs_to_one_customer(sessao) -> None:
    ClienteService(sessao).cadastrar(nome="João", cpf_cnpj=CPF)
    with pytest.raises(Conflito) as erro:
        ClienteService(sessao).cadastrar(nome="Outro", cpf_cnpj="52998224725")
    assert erro.value.codigo == "documento_repetido"


def test_locking_nobody_is_not_found(sessao) -> None:
    with pytest.raises(NaoEncontrado):
        travar_cliente(sessao, 999_999)


@pytest.mark.parametrize("texto", ["jose", "JOSÉ arau", "araujo jose", "529982", "529.982.247-25", "98765", "(19) 98765-4321", "jose@exe"])
def test_a_customer_is_found_by_prefixes_of_any_word(sessao, texto: str) -> None:
    from app.core.busca import condicao_busca

    f.um_cliente(sessao, nome="José da Conceição Araújo", cpf_cnpj="52998224725", telefone="19987654321", email="jose@exemplo.com.br")
    f.um_cliente(sessao, nome="Maria", email="maria@exemplo.com.br", telefone="11912345678")
    achados = sessao.scalars(select(Cliente.nome).where(condicao_busca(Cliente.busca, texto))).all()
    assert achados == ["José da Conceição Araújo"]


def test_names_sort_without_minding_accents_and_case(sessao) -> None:
    for nome in ("Érica", "ana", "Zélia", "Bruno", "Édson"):
        f.um_cliente(sessao, nome=nome)
    assert sessao.scalars(select(Cliente.nome).order_by(Cliente.ordem)).all() == ["ana", "Bruno", "Édson", "Érica", "Zélia"]


# ---- screens


def entrar(app, http, papel: str) -> None:
    """Sign in as a new user of a role."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    assert http.entrar(nome).status_code == 302


def test_the_form_saves_what_was_typed_with_punctuation(app, http) -> None:
    entrar(app, http, "Atendente")
    resposta = http.post("/clientes/add", data={"nome": "Maria", "cpf_cnpj": CPF, "telefone": "(19) 98765-4321", "email": "M@X.com.br"})
    assert resposta.status_code == 302
    with app.app_context():
        cliente = db.session.scalars(select(Cliente)).one()
        assert resposta.location == f"/clientes/{cliente.id}"
        assert (cliente.cpf_cnpj, cliente.telefone, cliente.email, cliente.status) == ("52998224725", "19987654321", "m@x.com.br", StatusCliente.prospecto)


@pytest.mark.parametrize(("campo", "valor", "frase"), [
    ("cpf_cnpj", "111.111.111-11", "CPF ou CNPJ inválido"), ("telefone", "123", "Telefone inválido"), ("email", "não é", "e-mail válido"),
    ("nome", " ", "Informe o nome"), ("data_nascimento", "25/11/2126", "Confira a data de nascimento"),
    ("data_nascimento", "31/12/1899", "Confira a data de nascimento"),
])
def test_a_wrong_field_says_so_and_keeps_what_was_typed(app, http, campo: str, valor: str, frase: str) -> None:
    entrar(app, http, "Atendente")
    dados = {"nome": "Maria das Dores", "cpf_cnpj": CPF, "observacoes": "liga depois das 18h", campo: valor}
    pagina = http.post("/clientes/add", data=dados).text
    assert frase in pagina and "liga depois das 18h" in pagina
    with app.app_context():
        assert db.session.scalars(select(Cliente)).all() == []


def test_a_telephone_imported_as_it_came_does_not_stop_other_changes(app) -> None:
    with app.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s, telefone="0800123").id
    chamar = programa(app)
    assert chamar("PUT", f"/cliente/{cliente_id}", json={"observacoes": "liga às 9h"}).status_code == 200
    assert chamar("PUT", f"/cliente/{cliente_id}", json={"telefone": "0800123", "observacoes": "liga às 10h"}).status_code == 200
    assert chamar("PUT", f"/cliente/{cliente_id}", json={"telefone": "0800124"}).status_code == 400


def test_a_birth_date_to_come_is_refused_by_the_api_too_and_on_editing(app) -> None:
    api = programa(app)
    corpo = {"nome": "Maria", "cpf_cnpj": "52998224725"}
    recusa = api("POST", "/cliente/", json={**corpo, "data_nascimento": "2126-01-01"})
    assert (recusa.status_code, "nascimento" in recusa.json["message"]) == (400, True)
    numero = api("POST", "/cliente/", json={**corpo, "data_nascimento": "1980-01-01"}).json["id"]
    assert api("PUT", f"/cliente/{numero}", json={"data_nascimento": "1899-12-31"}).status_code == 400


def test_the_search_offers_what_exists(app, http) -> None:
    entrar(app, http, "Atendente")
    pagina = http.get("/clientes/list/").text
    assert "Buscar cliente, contrato, fatura…" in pagina and "chamado…" not in pagina


def test_a_repeated_document_names_who_has_it(app, http) -> None:
    entrar(app, http, "Atendente")
    with app.app_context(), transacao() as s:
        f.um_cliente(s, nome="Dona do CPF", cpf_cnpj="52998224725")
    assert "Dona do CPF" in http.post("/clientes/add", data={"nome": "Outra", "cpf_cnpj": CPF}).text


def test_a_note_stays_on_the_timeline_with_its_author(app, http) -> None:
    entrar(app, http, "Financeiro")
    with app.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s).id
    assert http.post(f"/clientes/{cliente_id}/anotar", data={"texto": "<b>ligou</b>"}).status_code == 302
    pagina = http.get(f"/clientes/{cliente_id}").text
    assert "&lt;b&gt;ligou&lt;/b&gt;" in pagina and "Financeiro Teste" in pagina
    with app.app_context():
        assert db.session.scalars(select(Evento.tipo)).all() == ["anotacao"]


@pytest.mark.parametrize(("papel", "caminho", "codigo"), [
    ("Tecnico", "/clientes/list/", 200), ("Tecnico", "/clientes/add", 403), ("Cliente", "/clientes/list/", 404), ("Financeiro", "/clientes/add", 403),
    ("Gerente", "/clientes/add", 200),
])
def test_roles(app, http, papel: str, caminho: str, codigo: int) -> None:
    entrar(app, http, papel)
    assert http.get(caminho).status_code == codigo


def test_nobody_deletes_a_customer(app, http) -> None:
    entrar(app, http, "Admin")
    with app.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s).id
    assert http.post(f"/clientes/delete/{cliente_id}").status_code == 404


def test_an_address_is_added_from_the_customers_page(app, http) -> None:
    entrar(app, http, "Atendente")
    with app.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s).id
    dados = {"tipo": "cobranca", "logradouro": "Rua B", "numero": "2", "municipio": "Recife", "uf": "pe", "cep": "50030-230"}
    assert http.post(f"/clientes/enderecos/add?_flt_0_cliente={cliente_id}", data=dados).status_code == 302
    with app.app_context():
        novo = db.session.get(Cliente, cliente_id).enderecos[-1]
        assert (novo.uf, novo.cep, novo.tipo.name) == ("PE", "50030230", "cobranca")


@pytest.mark.parametrize(("filtro", "pede"), [("", True), ("?_flt_1_created_at=2001-01-01", True), ("?q=souza", False)])
def test_half_of_all_customers_in_a_file_asks_who_one_is_whatever_the_filter(app, http, filtro: str, pede: bool) -> None:
    with app.app_context(), transacao() as s:
        for nome in ("Ana Souza", "Bia Lima", "Caio Prado", "Davi Reis"):
            f.um_cliente(s, nome=nome)
    entrar(app, http, "Gerente")
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=11)):
        resposta = http.get(f"/clientes/exportar/csv{filtro}")
        assert (resposta.status_code == 302 and resposta.location.startswith("/confirmar/")) is pede
