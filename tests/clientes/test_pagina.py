"""The customer's page, the lists and the forms around it: what each role sees, how many queries it costs, nothing overwritten."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from app.clientes.models import CanalContato, Cliente, Consentimento, Contato
from app.clientes.services import ClienteService
from app.contratos.models import Contrato
from app.core import eventos
from app.core.transacao import transacao
from app.extensions import db
from tests import fabricas as f
from tests.comandos import comandos, reais

CPF = "52998224725"


@pytest.fixture
def cliente_id(app) -> int:
    """A customer with everything the page can show."""
    with app.app_context(), transacao() as s:
        cliente = ClienteService(s).cadastrar(nome="Lucas Moreira", cpf_cnpj=CPF, telefone="19985883119", whatsapp="19985883119", email="l@exemplo.com.br")
        f.um_contrato(s, cliente_id=cliente.id, faturar=False, numero="2026-00077", status="ativo")
        for sim in (True, False):
            f.gravar(s, Consentimento(cliente_id=cliente.id, canal=CanalContato.email, finalidade="Ofertas", concedido=sim, origem="Loja"))
        return cliente.id


def entrar(app, http, papel: str) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http.entrar(nome)


def test_one_page_tells_everything_about_a_customer(app, http, cliente_id) -> None:
    entrar(app, http, "Atendente")
    pagina = http.get(f"/clientes/{cliente_id}").text
    for texto in ("529.982.247-25", "(19) 98588-3119", "https://wa.me/5519985883119", "2026-00077", "Cliente cadastrado", "Ofertas"):
        assert texto in pagina


def test_of_each_consent_only_the_newest_counts(app, http, cliente_id) -> None:
    entrar(app, http, "Atendente")
    pagina = http.get(f"/clientes/{cliente_id}").text
    assert (pagina.count("Ofertas"), "Negado" in pagina) == (1, True)


@pytest.mark.parametrize(("papel", "edita", "anota", "consentimentos"), [
    ("Gerente", True, True, True), ("Atendente", True, True, True), ("Financeiro", False, True, True), ("Tecnico", False, False, False),
])
def test_the_page_shows_what_the_role_may_do(app, http, cliente_id, papel, edita, anota, consentimentos) -> None:
    entrar(app, http, papel)
    pagina = http.get(f"/clientes/{cliente_id}").text
    assert (f"/clientes/edit/{cliente_id}" in pagina, "/anotar" in pagina, "Consentimentos" in pagina) == (edita, anota, consentimentos)


@pytest.mark.parametrize(("filtro", "tem"), [("tudo", True), ("anotacoes", False), ("nao-existe", True)])
def test_the_timeline_is_filtered(app, http, cliente_id, filtro, tem) -> None:
    entrar(app, http, "Gerente")
    assert ("Cliente cadastrado" in http.get(f"/clientes/{cliente_id}?linha={filtro}").text) is tem


@pytest.mark.parametrize("caminho", ["/clientes/999999", "/clientes/99999999999999999999", "/contratos/show/999999"])
def test_who_does_not_exist_is_not_found(app, http, caminho) -> None:
    entrar(app, http, "Gerente")
    assert http.get(caminho).status_code == 404


def test_a_customer_changed_meanwhile_is_not_overwritten(app, http, cliente_id) -> None:
    entrar(app, http, "Atendente")
    formulario = http.get(f"/clientes/edit/{cliente_id}").text
    versao = re.search(r'name="versao_registro" value="([^"]+)"', formulario).group(1)
    with app.app_context(), transacao() as s:
        s.get(Cliente, cliente_id).nome = "Outra pessoa mudou"
    dados = {"nome": "Eu mudei", "cpf_cnpj": CPF, "versao_registro": versao}
    resposta = http.post(f"/clientes/edit/{cliente_id}", data=dados).text
    assert "Outra pessoa alterou" in resposta and 'value="Eu mudei"' in resposta
    with app.app_context():
        assert db.session.get(Cliente, cliente_id).nome == "Outra pessoa mudou"


def test_a_document_taken_by_another_links_to_who_has_it(app, http, cliente_id) -> None:
    entrar(app, http, "Atendente")
    pagina = http.post("/clientes/add", data={"nome": "<b>Outra</b>", "cpf_cnpj": "529.982.247-25"}).text
    assert f'<a href="/clientes/{cliente_id}">Lucas Moreira</a>' in pagina and "<b>Outra" not in pagina


def test_a_consent_is_added_from_the_customers_page(app, http, cliente_id) -> None:
    entrar(app, http, "Atendente")
    dados = {"canal": "whatsapp", "finalidade": "Avisos", "concedido": "y", "origem": "Telefone"}
    assert http.post(f"/clientes/consentimentos/add?_flt_0_cliente={cliente_id}", data=dados).status_code == 302
    assert "Avisos" in http.get(f"/clientes/{cliente_id}").text
    assert http.post(f"/clientes/consentimentos/add?_flt_0_cliente={cliente_id}", data={**dados, "finalidade": ""}).status_code == 200


@pytest.mark.parametrize("caminho", ["/clientes/list/", "/clientes/list/?q=cli", "/contratos/list/", "/contratos/list/?_flt_0_status=ativo"])
def test_a_list_costs_few_queries_whatever_its_length(app, http, caminho) -> None:
    entrar(app, http, "Gerente")
    with app.app_context(), transacao() as s:
        for _n in range(30):
            f.um_contrato(s, faturar=False)
    http.get(caminho)
    with app.app_context():
        motor = db.engine
    with comandos(motor) as feitos:
        assert http.get(caminho).status_code == 200
    assert len(reais(feitos)) <= 10, feitos


def test_a_contract_is_named_and_its_password_shown_on_request(app, http, cliente_id) -> None:
    with app.app_context(), transacao() as s:
        contrato = s.query(Contrato).filter_by(cliente_id=cliente_id).one()
        contrato.senha_pppoe = "s&gredo"
        pk = contrato.id
    entrar(app, http, "Tecnico")
    pagina = http.get(f"/contratos/show/{pk}").text
    assert "Contrato 2026-00077" in pagina and f'href="/clientes/{cliente_id}"' in pagina and "s&amp;gredo" not in pagina
    assert http.post(f"/contratos/{pk}/senha", headers={"HX-Request": "true"}).text == '<code class="mono">s&amp;gredo</code>'


def test_finance_does_not_see_the_button_of_the_password(app, http, cliente_id) -> None:
    with app.app_context(), transacao() as s:
        pk = s.query(Contrato).filter_by(cliente_id=cliente_id).one().id
        s.get(Contrato, pk).senha_pppoe = "x"
    entrar(app, http, "Financeiro")
    assert "Ver senha" not in http.get(f"/contratos/show/{pk}").text


@pytest.mark.parametrize(("papel", "ve"), [("Gerente", True), ("Financeiro", True), ("Atendente", True), ("Tecnico", False)])
def test_facts_about_money_are_for_those_who_may_see_invoices(app, http, cliente_id, papel, ve) -> None:
    with app.app_context(), transacao() as s:
        for tipo in ("invoice_emitida", "pagamento_recebido", "contrato_ativado"):
            eventos.registrar(s, tipo, cliente_id=cliente_id, numero="000123")
    entrar(app, http, papel)
    pagina = http.get(f"/clientes/{cliente_id}").text
    assert "Contrato 000123 ativado" in pagina
    assert ("Fatura 000123 emitida" in pagina, "Pagamento recebido" in pagina, "linha=financeiro" in pagina) == (ve, ve, ve)
    assert ("Fatura 000123 emitida" in http.get(f"/clientes/{cliente_id}?linha=financeiro").text) == ve


def test_the_tab_of_customers_without_email_shows_them_and_nobody_else(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_cliente(s, nome="Com Correio", email="c@exemplo.com.br")
        f.um_cliente(s, nome="Sem Correio", email=None)
        quem = f.um_usuario(s, "Atendente").username
    http.entrar(quem)
    aba = re.search(r'href="([^"]+)"[^>]*>Sem e-mail<', http.get("/clientes/list/").text).group(1)
    pagina = http.get(html.unescape(aba) if aba.startswith("/") else f"/clientes/list/{html.unescape(aba)}").text
    assert "Sem Correio" in pagina and "Com Correio" not in pagina


def test_what_is_added_or_changed_from_the_page_returns_to_the_page(app, http, cliente_id) -> None:
    entrar(app, http, "Gerente")
    pagina, de_la = f"/clientes/{cliente_id}", {"Referer": f"http://localhost/clientes/{cliente_id}"}
    formularios = {
        f"/clientes/contatos/add?_flt_0_cliente={cliente_id}": {"nome": "Marta", "telefone": "19987654321"},
        f"/clientes/edit/{cliente_id}": {"nome": "Lucas", "cpf_cnpj": CPF},
    }
    for endereco, dados in formularios.items():
        volta = re.search(r'name="voltar_para" value="([^"]*)"', http.get(endereco, headers=de_la).text).group(1)
        http.get("/contratos/list/")
        resposta = http.post(endereco, data={**dados, "voltar_para": volta}, headers={"Referer": f"http://localhost{endereco}"})
        assert resposta.status_code == 302, resposta.text
        assert resposta.location.partition("#")[0] == pagina


def test_the_same_of_another_customer_of_the_same_name_is_other_work(app, http) -> None:
    with app.app_context(), transacao() as s:
        ids = [f.um_cliente(s, nome="José da Silva").id for _n in range(2)]
    entrar(app, http, "Gerente")
    chave = re.search(r'name="chave_do_formulario" value="([^"]+)"', http.get("/clientes/contatos/add").text)[1]
    for cliente_id in ids:
        assert http.post("/clientes/contatos/add", data={"cliente": cliente_id, "nome": "Marta", "chave_do_formulario": chave}).status_code == 302
    with app.app_context(), transacao() as s:
        assert sorted(s.scalars(select(Contato.cliente_id))) == ids
