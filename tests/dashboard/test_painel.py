"""The first page: numbers, alerts, and nothing the person may not see."""

from __future__ import annotations

import datetime as dt
import html
import re
from decimal import Decimal

import pytest

from app.clientes.models import StatusCliente
from app.contratos.estados import StatusContrato
from app.contratos.models import ContratoItem
from app.core import relogio
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.dashboard import consultas
from app.extensions import db
from app.faturamento.estados import Metodo, StatusInvoice, StatusPagamento
from app.faturamento.models import ClienteEstacionado, ContratoCiclo, Pagamento
from app.notificacoes.models import Canal, Notificacao, StatusNotificacao
from app.planos.models import Adicional
from tests import fabricas as f
from tests.comandos import comandos, reais

HOJE = dt.date(2026, 11, 25)
REAIS = Decimal


def test_active_customers_are_those_with_an_active_contract(sessao) -> None:
    contrato = f.um_contrato(sessao)
    f.um_contrato(sessao, cliente_id=contrato.cliente_id)
    f.um_contrato(sessao, status=StatusContrato.suspenso)
    f.um_cliente(sessao)
    assert consultas.kpis(sessao, hoje=HOJE).clientes_ativos == 1


def test_mrr_counts_running_items_and_discounts_of_active_contracts_only(sessao) -> None:
    contrato = f.um_contrato(sessao, preco=REAIS("100"), desconto=REAIS("10"), desconto_ate=HOJE)
    f.um_contrato(sessao, preco=REAIS("50"), desconto=REAIS("5"), desconto_ate=HOJE - dt.timedelta(days=1))
    f.um_contrato(sessao, preco=REAIS("30"), desconto=REAIS("3"))
    f.um_contrato(sessao, preco=REAIS("999"), status=StatusContrato.cancelado)
    adicional = f.gravar(sessao, Adicional(nome="IP fixo", preco=REAIS("20")))
    for de, ate in ((HOJE, None), (HOJE + dt.timedelta(days=1), None), (dt.date(2026, 1, 1), HOJE - dt.timedelta(days=1))):
        f.gravar(sessao, ContratoItem(contrato_id=contrato.id, adicional_id=adicional.id, quantidade=2, preco=REAIS("20"), de=de, ate=ate))
    assert consultas.kpis(sessao, hoje=HOJE).mrr == REAIS("100") - 10 + 50 + 30 - 3 + 40


def test_billed_and_received_are_of_the_month_net_of_cancellations_and_reversals(sessao) -> None:
    contrato = f.um_contrato(sessao)
    novembro = f.uma_invoice(sessao, contrato=contrato, valor=REAIS("100"), vencimento=dt.date(2026, 12, 5), data_emissao=dt.date(2026, 11, 1))
    f.uma_invoice(sessao, contrato=contrato, valor=REAIS("70"), vencimento=dt.date(2026, 11, 10), data_emissao=dt.date(2026, 10, 31))
    f.uma_invoice(sessao, valor=REAIS("500"), vencimento=dt.date(2026, 12, 5), data_emissao=dt.date(2026, 11, 30), status=StatusInvoice.cancelada)
    for valor, dia, status in (("60", 1, StatusPagamento.confirmado), ("5", 30, StatusPagamento.confirmado), ("9", 3, StatusPagamento.estornado)):
        quanto = {"valor": REAIS(valor), "valor_principal": REAIS(valor), "metodo": Metodo.pix, "numero_referencia": f"r{dia}"}
        f.gravar(sessao, Pagamento(invoice_id=novembro.id, data_pagamento=dt.date(2026, 11, dia), status=status, **quanto))
    kpis = consultas.kpis(sessao, hoje=HOJE)
    assert (kpis.faturado_mes, kpis.recebido_mes) == (REAIS("100"), REAIS("65"))


def test_overdue_is_what_is_left_after_the_business_day_has_passed(sessao) -> None:
    sabado = dt.date(2026, 11, 21)
    contrato = f.um_contrato(sessao)
    f.uma_invoice(sessao, contrato=contrato, valor=REAIS("100"), valor_pago=REAIS("30"), vencimento=dt.date(2026, 10, 5))
    f.uma_invoice(sessao, contrato=contrato, valor=REAIS("50"), vencimento=sabado, status=StatusInvoice.vencida)
    f.uma_invoice(sessao, valor=REAIS("40"), vencimento=dt.date(2026, 10, 5), status=StatusInvoice.cancelada)
    na_segunda, na_terca = (consultas.kpis(sessao, hoje=sabado + dt.timedelta(days=n)) for n in (2, 3))
    assert (na_segunda.em_atraso, na_terca.em_atraso, na_terca.clientes_em_atraso) == (REAIS("70"), REAIS("120"), 1)


def test_blocked_customers_are_counted(sessao) -> None:
    f.um_cliente(sessao, status=StatusCliente.bloqueado)
    assert consultas.kpis(sessao, hoje=HOJE).bloqueados == 1


def test_an_empty_house_is_all_zeros(sessao) -> None:
    assert set(vars(consultas.kpis(sessao, hoje=HOJE)).values()) == {0}


def test_alerts_count_what_waits_and_forget_what_is_old(sessao) -> None:
    contrato = f.um_contrato(sessao)
    ciclo = sessao.query(ContratoCiclo).filter_by(contrato_id=contrato.id).one().ciclo_faturamento_id
    comum = {"ciclo_faturamento_id": ciclo, "cliente_id": contrato.cliente_id, "vencimento": HOJE, "motivo": "sem preço"}
    f.gravar(sessao, ClienteEstacionado(**comum))
    f.gravar(sessao, ClienteEstacionado(**comum, resolvido_em=relogio.agora()))
    velho = relogio.agora() - dt.timedelta(days=8)
    for quando in (relogio.agora(), velho):
        f.gravar(sessao, Tarefa(nome="x", estado=EstadoTarefa.morta, terminada_em=quando))
        mensagem = {"chave": f"n{quando}", "evento": "x", "canal": Canal.email, "destinatario": "a@b.c", "status": StatusNotificacao.falha}
        f.gravar(sessao, Notificacao(**mensagem, created_at=quando))
    assert consultas.alertas(sessao, em=relogio.agora()) == consultas.Alertas(1, 1, 1)


def entrar(app, http, papel: str) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, papel, usuario="ana")
    http.entrar("ana")


def test_the_page_needs_few_queries(app, http) -> None:
    entrar(app, http, "Admin")
    with app.app_context():
        motor = db.engine
    with comandos(motor) as feitos:
        assert http.get("/").status_code == 200
    assert len(reais(feitos)) <= 10, feitos


@pytest.mark.parametrize("papel", ["Admin", "Gerente", "Financeiro", "Atendente", "Tecnico"])
def test_everybody_of_the_staff_has_a_first_page(app, http, papel: str) -> None:
    entrar(app, http, papel)
    resposta = http.get("/")
    assert resposta.status_code == 200 and ("Primeiros passos" in resposta.text) is (papel == "Admin")


def test_who_may_not_see_invoices_sees_no_amount(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.uma_invoice(s, valor=REAIS("987.65"), data_emissao=relogio.hoje())
    entrar(app, http, "Tecnico")
    assert "987,65" not in http.get("/").text


def test_nobody_sees_it_without_signing_in(http) -> None:
    assert http.get("/").location == "/login/"


def test_the_overdue_card_leads_to_exactly_what_it_counts(app, http) -> None:
    hoje = relogio.hoje()
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s)
        velha = f.uma_invoice(s, contrato=contrato, vencimento=hoje - dt.timedelta(days=30)).numero_formatado
        futura = f.uma_invoice(s, contrato=contrato, vencimento=hoje + dt.timedelta(days=10)).numero_formatado
        paga = f.uma_invoice(s, contrato=contrato, vencimento=hoje - dt.timedelta(days=60), status=StatusInvoice.cancelada).numero_formatado
    entrar(app, http, "Financeiro")
    endereco = re.search(r'href="([^"]+)"><span class="rot">Em atraso', http.get("/").text).group(1)
    lista = http.get(html.unescape(endereco)).text
    assert velha in lista and futura not in lista and paga not in lista


@pytest.mark.parametrize("papel", ["Admin", "Gerente", "Financeiro", "Atendente", "Tecnico"])
def test_every_link_of_the_page_opens(app, http, papel: str) -> None:
    entrar(app, http, papel)
    principal = http.get("/").text.split("<main")[1].split("</main>")[0]
    for endereco in {html.unescape(e) for e in re.findall(r'<a [^>]*href="(/[^"]*)"', principal)}:
        assert http.get(endereco).status_code == 200 or http.get(endereco, follow_redirects=True).status_code == 200, endereco


@pytest.mark.parametrize(("papel", "ve"), [("Gerente", True), ("Financeiro", True), ("Atendente", False), ("Tecnico", False)])
def test_the_companys_money_is_for_those_who_bill(app, http, papel: str, ve: bool) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http.entrar(nome)
    pagina = http.get("/").text
    assert "Clientes ativos" in pagina and ("Receita mensal contratada" in pagina, "R$" in pagina) == (ve, ve)


def test_the_keys_of_the_help_lead_somewhere(app, http) -> None:
    """g p, g c, g k, g f on every page; n where something new can be made."""
    entrar(app, http, "Admin")
    ajuda = re.search(r"Ir para Painel.*?</dd>", http.get("/").text, re.DOTALL).group(0)
    teclas = re.findall(r"<kbd>(.)</kbd>", ajuda)[1:]
    assert teclas == ["p", "c", "k", "f"] and all(f'data-ir="{t}"' in http.get("/").text for t in teclas)
    for lista in ("/clientes/list/", "/contratos/list/", "/faturamento/list/", "/planos/list/"):
        assert http.get(lista).text.count("data-novo") == 1, lista


def test_a_message_that_failed_is_what_needs_attention_and_leads_to_its_reason(app, http) -> None:
    frase = "O modelo usa um campo que esta mensagem não tem: bobagem."
    with app.app_context(), transacao() as s:
        recado = {"chave": "x", "evento": "pagamento_recebido", "canal": Canal.email, "destinatario": "maria@exemplo.com.br", "erro": frase}
        numero = f.gravar(s, Notificacao(**recado, status=StatusNotificacao.falha)).id
    entrar(app, http, "Admin")
    endereco = re.search(r'1 mensagem não foi entregue[^<]*</span><a class="quando" href="([^"]+)"', http.get("/").text).group(1)
    assert f"/mensagens/show/{numero}" in http.get(html.unescape(endereco)).text and frase in http.get(f"/mensagens/show/{numero}").text
