"""Any answer that shows a document in full is noted before it leaves, whatever screen it comes from."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.clientes.models import AcessoDadoPessoal, OQueViu, StatusCliente
from app.core import sigilo
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from tests import fabricas as f
from tests.clientes.test_dados_pessoais import entra
from tests.comandos import comandos
from tests.conftest import Navegador
from tests.programas import programa

CPF, FORMATADO = "52998224725", "529.982.247-25"
_V = OQueViu


@pytest.fixture
def fatura(app) -> tuple[int, int]:
    """(invoice, customer), of a customer with a known document."""
    with app.app_context(), transacao() as s:
        cliente = f.um_cliente(s, cpf_cnpj=CPF, status=StatusCliente.ativo)
        invoice = f.uma_invoice(s, contrato=f.um_contrato(s, cliente_id=cliente.id))
        return invoice.id, invoice.cliente_id


def muitos(app) -> None:
    """More customers than are noted one by one."""
    with app.app_context(), transacao() as s:
        for _n in range(sigilo.POUCOS + 1):
            f.um_cliente(s)


def vistos(app) -> list[tuple[int | None, OQueViu, str]]:
    """The log, oldest first."""
    with app.app_context(), transacao() as s:
        consulta = select(AcessoDadoPessoal.cliente_id, AcessoDadoPessoal.o_que, AcessoDadoPessoal.rota).order_by(AcessoDadoPessoal.id)
        return [tuple(linha) for linha in s.execute(consulta)]


def auditados(app) -> list[tuple[str | None, dict]]:
    """What the trail says of documents seen."""
    with app.app_context(), transacao() as s:
        consulta = select(UserAuditLog.resource_id, UserAuditLog.depois).where(UserAuditLog.action == "ver_documento").order_by(UserAuditLog.id)
        return [tuple(linha) for linha in s.execute(consulta)]


def test_another_records_page_is_noted_once_an_hour(app, http, fatura) -> None:
    invoice, cliente = fatura
    entra(app, http, "Financeiro")
    for _vez in range(3):
        assert FORMATADO in http.get(f"/faturamento/{invoice}").text
    assert vistos(app) == [(cliente, _V.tela, f"/faturamento/{invoice}")]
    assert auditados(app) == [(str(cliente), {"como": "tela", "onde": f"/faturamento/{invoice}"})]


@pytest.mark.parametrize("caminho", ["/busca/?q=52998224725", "/opcoes/cliente?q=52998224725", "/privacidade/cliente/{}", "/acessos-do-portal/{}/dar"])
def test_search_selects_and_pages_of_other_modules_are_noted(app, http, fatura, caminho: str) -> None:
    _invoice, cliente = fatura
    entra(app, http, "Gerente")
    caminho = caminho.format(cliente)
    resposta = http.get(caminho)
    assert resposta.status_code == 200 and (FORMATADO in resposta.text or CPF in resposta.text)
    assert vistos(app) == [(cliente, _V.tela, caminho.partition("?")[0])]


@pytest.fixture
def endereco(app, fatura) -> int:
    """An address of somebody else in whose text that customer's document stands."""
    with app.app_context(), transacao() as s:
        cliente = f.um_cliente(s)
        cliente.enderecos[0].logradouro = f"Rua de {FORMATADO}"
        return cliente.enderecos[0].id


def test_a_text_with_a_document_in_it_is_noted(app, http, fatura, endereco: int) -> None:
    entra(app, http, "Gerente")
    assert FORMATADO in http.get(f"/clientes/enderecos/show/{endereco}").text
    assert vistos(app) == [(fatura[1], _V.tela, f"/clientes/enderecos/show/{endereco}")]


def test_the_paper_with_the_document_is_noted(app_real) -> None:
    """Also of who sees masks on screens."""
    with app_real.app_context(), transacao() as s:
        invoice = f.uma_invoice(s)
        numero, cliente = invoice.id, invoice.cliente_id
    app_real.config["WTF_CSRF_ENABLED"] = False
    app_real.test_client_class = Navegador
    http = app_real.test_client()
    entra(app_real, http, "Financeiro")
    assert http.get(f"/faturamento/{numero}/pdf").data.startswith(b"%PDF")
    assert vistos(app_real) == [(cliente, _V.tela, f"/faturamento/{numero}/pdf")]


def test_a_list_is_one_line_for_the_route(app, http, fatura) -> None:
    muitos(app)
    entra(app, http, "Atendente")
    for pagina in range(3):
        assert http.get(f"/clientes/list/?psize_ClienteView={50 + pagina}").status_code == 200
    assert vistos(app) == [(None, _V.lista, "/clientes/list/")]
    assert auditados(app) == [(None, {"como": "lista", "onde": "/clientes/list/"})]


def test_the_api_is_noted_by_record_and_by_list(app, fatura) -> None:
    invoice, cliente = fatura
    muitos(app)
    chamar = programa(app, "Financeiro")
    for _vez in range(2):
        assert chamar("GET", f"/invoice/{invoice}").json["result"]["pagador_documento"] == CPF
        assert chamar("GET", "/cliente/").status_code == 200
        assert chamar("GET", f"/cliente/{cliente}").status_code == 200      # noted above, by the same kind
    assert vistos(app) == [(cliente, _V.api, f"/api/v1/invoice/{invoice}"), (None, _V.lista, "/api/v1/cliente/")]


def test_what_the_page_noted_itself_is_not_noted_again(app, http, fatura) -> None:
    _invoice, cliente = fatura
    muitos(app)
    entra(app, http, "Gerente")
    assert FORMATADO in http.get(f"/clientes/{cliente}").text
    assert FORMATADO in http.get("/clientes/exportar/csv").text
    assert [(c, o) for c, o, _rota in vistos(app)] == [(cliente, _V.pagina), (None, _V.exportacao)]


@pytest.mark.parametrize("formato", ["csv", "xlsx"])
def test_the_file_of_any_list_is_noted(app_real, formato: str) -> None:
    """Made while it is sent, from a session of its own: on a real pool, whose connections all come back."""
    with app_real.app_context(), transacao() as s:
        dono, outro = f.um_cliente(s, cpf_cnpj=CPF), f.um_cliente(s)
        outro.enderecos[0].logradouro = f"Rua de {FORMATADO}"
        numero = dono.id
    app_real.config["WTF_CSRF_ENABLED"] = False
    app_real.test_client_class = Navegador
    http = app_real.test_client()
    entra(app_real, http, "Gerente")
    arquivo = http.get(f"/clientes/enderecos/exportar/{formato}")
    assert arquivo.status_code == 200 and (formato == "xlsx" or FORMATADO in arquivo.text)
    assert [v[:2] for v in vistos(app_real)] == [(numero, _V.tela)]
    assert [depois["onde"] for _quem, depois in auditados(app_real)] == [f"/clientes/enderecos/exportar/{formato}"]


@pytest.mark.parametrize("papel", ["Tecnico", "Cliente"])
def test_masks_are_not_noted(app, http, fatura, papel: str) -> None:
    muitos(app)
    entra(app, http, papel)
    for caminho in ("/clientes/list/", "/busca/?q=cliente", "/opcoes/cliente", "/portal/"):
        assert FORMATADO not in http.get(caminho).text
    assert [v for v in vistos(app) if v[1] in (_V.tela, _V.lista)] == []


def test_documents_of_no_customer_leave_no_line(app, http) -> None:
    with app.app_context(), transacao() as s:
        cliente = f.um_cliente(s)
        cliente.enderecos[0].logradouro = "Rua de 111.444.777-35"
        numero = cliente.enderecos[0].id
    entra(app, http, "Gerente")
    assert "111.444.777-35" in http.get(f"/clientes/enderecos/show/{numero}").text
    assert vistos(app) == [] and auditados(app) == []


def test_the_line_costs_one_statement(app, http, fatura) -> None:
    invoice, _cliente = fatura
    muitos(app)
    entra(app, http, "Gerente")
    for caminho in (f"/faturamento/{invoice}", "/clientes/list/"):
        for _vez in range(7):      # the driver prepares what is asked often
            http.get(caminho)
        with app.app_context():
            motor = db.engine
        with comandos(motor) as feitos:
            http.get(caminho)
        dela = [c for c in feitos if "acesso_dado_pessoal" in c]
        assert len(dela) == 1 and dela[0].startswith("INSERT") and not [c for c in feitos if "user_audit_log" in c]


@pytest.fixture
def sem_registro(app) -> None:
    """A database that takes no line of the log."""
    with app.app_context(), transacao() as s:
        s.execute(text("ALTER TABLE acesso_dado_pessoal ADD CONSTRAINT nada CHECK (usuario_id < 0) NOT VALID"))


@pytest.mark.usefixtures("sem_registro")
def test_what_cannot_be_noted_is_not_shown(app, http, fatura) -> None:
    invoice, _cliente = fatura
    muitos(app)
    entra(app, http, "Financeiro")
    programa_ = programa(app, "Financeiro")
    for resposta in (http.get(f"/faturamento/{invoice}"), http.get("/clientes/list/"), programa_("GET", f"/invoice/{invoice}")):
        assert resposta.status_code == 500 and FORMATADO not in resposta.text and CPF not in resposta.text
        assert "default-src" in resposta.headers["Content-Security-Policy"]
    assert http.get("/faturamento/list/").status_code == 200      # without documents as ever
