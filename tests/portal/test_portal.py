"""The customer's home: the own open invoices and connection, and nobody else's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from flask import Flask

from app.brasil import brcode
from app.clientes.models import AcessoPortal
from app.core import configuracao
from app.core.relogio import hoje
from app.core.transacao import transacao
from app.faturamento.estados import Metodo, StatusInvoice, StatusPagamento
from app.faturamento.models import Pagamento
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede
from tests import fabricas as f


def um_assinante(s, nome: str, **kw: object) -> tuple[int, int, int]:
    """(customer, contract, invoice due in ten days) with portal access for the user ``nome``."""
    f.uma_empresa(s)
    cliente = f.um_cliente(s, nome=f"{nome.capitalize()} da Silva")
    contrato = f.um_contrato(s, cliente_id=cliente.id)
    invoice = f.uma_invoice(s, contrato=contrato, **{"vencimento": hoje() + dt.timedelta(days=10), **kw})
    usuario = f.um_usuario(s, "Cliente", usuario=nome)
    f.gravar(s, AcessoPortal(usuario_id=usuario.id, cliente_id=cliente.id))
    return cliente.id, contrato.id, invoice.id


@pytest.fixture
def dois(app: Flask) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Two customers with one open invoice each."""
    with app.app_context(), transacao() as s:
        return um_assinante(s, "maria", valor=Decimal("123.45")), um_assinante(s, "jorge", valor=Decimal("678.90"))


def test_the_home_shows_the_own_invoice_with_a_valid_pix_code_for_its_balance(app, http, dois) -> None:
    http.entrar("maria")
    pagina = http.get("/portal/").text
    assert "Olá, Maria" in pagina and "123,45" in pagina and "678,90" not in pagina and "Jorge" not in pagina
    codigo = brcode.ler(pagina.split(f'id="pix-{dois[0][2]}">')[1].split("</code>")[0])
    assert (codigo.valor, codigo.chave) == (Decimal("123.45"), "financeiro@exemplo.com.br")
    assert "<svg" in pagina and "Conexão liberada" in pagina


@pytest.mark.parametrize("status", [StatusInvoice.paga, StatusInvoice.cancelada, StatusInvoice.draft])
def test_only_open_invoices_are_shown(app, http, status: StatusInvoice) -> None:
    pagos = {"valor_pago": Decimal("99.90")} if status is StatusInvoice.paga else {}
    with app.app_context(), transacao() as s:
        um_assinante(s, "maria", status=status, **pagos)
    http.entrar("maria")
    assert "Nenhuma fatura em aberto" in http.get("/portal/").text


def test_what_is_late_says_where_fine_and_interest_will_be(app, http) -> None:
    with app.app_context(), transacao() as s:
        um_assinante(s, "maria", valor=Decimal("100.00"), vencimento=hoje() - dt.timedelta(days=30))
    http.entrar("maria")
    assert "Multa e juros até hoje, R$\xa03,00, vêm na próxima fatura: o código Pix cobra o valor original." in http.get("/portal/").text
    with app.app_context(), transacao() as s:
        configuracao.gravar(s, "faturamento.encargos_na_proxima", False)
    assert "Multa e juros" not in http.get("/portal/").text


def test_the_pdf_of_the_own_invoice_and_of_no_other(http, dois) -> None:
    http.entrar("maria")
    minha = http.get(f"/portal/faturas/{dois[0][2]}.pdf")
    assert minha.data.startswith(b"%PDF") and minha.mimetype == "application/pdf"
    assert http.get(f"/portal/faturas/{dois[1][2]}.pdf").status_code == 404
    assert http.get("/portal/faturas/999999.pdf").status_code == 404


def test_a_draft_has_no_pdf(app, http) -> None:
    with app.app_context(), transacao() as s:
        _c, _k, rascunho = um_assinante(s, "maria", status=StatusInvoice.draft)
    http.entrar("maria")
    assert http.get(f"/portal/faturas/{rascunho}.pdf").status_code == 404


def test_a_blocked_customer_is_told_first_and_how_to_come_back(app, http) -> None:
    with app.app_context(), transacao() as s:
        _cliente, contrato, invoice = um_assinante(s, "maria")
        s.query(AcessoRede).filter_by(contrato_id=contrato).one().desejado = EstadoAcesso.bloqueado
        f.uma_invoice(s, contrato=s.get(type(f.um_contrato(s)), contrato), vencimento=hoje() - dt.timedelta(days=40))
    http.entrar("maria")
    pagina = http.get("/portal/").text
    assert pagina.index("Sua internet está parada") < pagina.index("1 fatura vencida") and "Pague com Pix" in pagina and "Vencida" in pagina


@pytest.mark.parametrize("acesso", [EstadoAcesso.bloqueado, EstadoAcesso.liberado])
def test_the_card_of_the_plan_says_one_thing(app, http, acesso: EstadoAcesso) -> None:
    with app.app_context(), transacao() as s:
        _cliente, contrato, _invoice = um_assinante(s, "maria")
        s.query(AcessoRede).filter_by(contrato_id=contrato).one().desejado = acesso
    http.entrar("maria")
    cartao = http.get("/portal/").text.split(f'id="c{contrato}"')[1].split("</section>")[0]
    ditos = ("Ativo", "Conexão liberada") if acesso is EstadoAcesso.liberado else ("Bloqueado", "Conexão parada")
    assert [d for d in ("Ativo", "Conexão liberada", "Bloqueado", "Conexão parada") if d in cartao] == list(ditos)


def test_what_was_paid_is_listed_with_its_pdf_and_receipts_and_nobody_elses(app, http) -> None:
    recibos = []
    with app.app_context(), transacao() as s:
        for nome in ("maria", "jorge"):
            _cliente, _contrato, invoice = um_assinante(
                s, nome, status=StatusInvoice.paga, valor=Decimal("50.00"), valor_pago=Decimal("50.00"), data_pagamento=hoje())
            for status in (StatusPagamento.estornado, StatusPagamento.confirmado):
                recibos.append(f.gravar(s, Pagamento(
                    invoice_id=invoice, data_pagamento=hoje(), valor=Decimal(50), valor_principal=Decimal(50), metodo=Metodo.pix, status=status,
                    numero_referencia=f"{nome}-{status.name}")).id)
    http.entrar("maria")
    pagina = http.get("/portal/").text
    assert "Faturas pagas" in pagina and f"/portal/recibos/{recibos[1]}.pdf" in pagina and f"/portal/recibos/{recibos[0]}.pdf" not in pagina
    assert http.get(f"/portal/recibos/{recibos[1]}.pdf").data.startswith(b"%PDF")
    assert {http.get(f"/portal/recibos/{n}.pdf").status_code for n in (recibos[0], *recibos[2:], 999_999)} == {404}


def test_somebody_with_two_companies_sees_both_and_one_without_access_nothing(app, http, dois) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Cliente", usuario="solto")
        maria = s.query(AcessoPortal).filter_by(cliente_id=dois[0][0]).one().usuario_id
        f.gravar(s, AcessoPortal(usuario_id=maria, cliente_id=dois[1][0]))
    http.entrar("maria")
    assert all(valor in http.get("/portal/").text for valor in ("123,45", "678,90"))
    outro = app.test_client()
    outro.entrar("solto")
    assert "ainda não está ligado" in outro.get("/portal/").text


def test_without_a_pix_key_the_page_still_opens(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.uma_empresa(s, chave_pix=None)
        um_assinante(s, "maria")
    http.entrar("maria")
    pagina = http.get("/portal/")
    assert pagina.status_code == 200 and "pix-" not in pagina.text


def test_entry_leads_a_customer_to_the_portal_and_back_to_it(app, http, dois) -> None:
    assert http.get("/portal/").location == "/login/?next=/portal/"
    assert http.entrar("maria").location == "/portal/"


def test_the_service_worker_is_served_to_anybody_for_the_portal_only(http) -> None:
    resposta = http.get("/sw.js")
    assert resposta.status_code == 200 and resposta.mimetype == "text/javascript" and resposta.headers["Service-Worker-Allowed"] == "/portal/"
    resposta.close()
