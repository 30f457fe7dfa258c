"""Screens of what is billed outside the cycles: an invoice by hand, a charge in instalments, a discount, credit given."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.clientes.models import Cliente, Contato
from app.core.erros import ValorInvalido
from app.core.relogio import hoje, mover_para
from app.core.transacao import transacao
from app.core.uma_vez import uma_vez
from app.faturamento.estados import TipoItem, TipoLancamento
from app.faturamento.models import Credito, Invoice, Lancamento
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import Notificacao
from tests import fabricas as f

DEPOIS = hoje() + dt.timedelta(days=10)


@pytest.fixture
def cliente(app) -> int:
    """A customer of a provider."""
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
        return f.um_cliente(s, nome="Maria da Silva").id


@pytest.fixture(params=["Gerente", "Financeiro"])
def equipe(request, app, http):
    """Somebody who may, signed in."""
    return entrar(app, http, request.param)


def entrar(app, http, papel: str):
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http.entrar(nome)
    return http


def ler(app, modelo: type, *colunas: str) -> list[tuple]:
    with app.app_context(), transacao() as s:
        return [tuple(getattr(linha, c) for c in colunas) for linha in s.scalars(select(modelo).order_by(modelo.id))]


ITENS = {"descricao_1": "Cabo de rede", "tipo_1": "produto", "quantidade_1": "3", "valor_1": "10,50", "descricao_2": "Visita", "tipo_2": "servico",
         "quantidade_2": "", "valor_2": "1.000,00", "descricao_3": "Cortesia", "tipo_3": "desconto", "valor_3": "31,50"}


def test_an_invoice_by_hand_has_its_lines_and_due_day(app, equipe, cliente) -> None:
    assert "Emitir fatura" in equipe.get(f"/faturamento/avulsos/fatura?cliente={cliente}").text
    feita = equipe.post(f"/faturamento/avulsos/fatura?cliente={cliente}", data={"vencimento": DEPOIS.isoformat(), "linhas": "3", **ITENS})
    with app.app_context(), transacao() as s:
        invoice = s.scalars(select(Invoice).where(Invoice.cliente_id == cliente)).one()
        assert feita.location == f"/faturamento/{invoice.id}"
        assert (invoice.valor_total, invoice.data_vencimento) == (Decimal("1000.00"), DEPOIS)
        assert [(i.descricao, i.quantidade, i.valor_total, i.tipo) for i in invoice.itens] == [
            ("Cabo de rede", 3, Decimal("31.50"), TipoItem.produto), ("Visita", 1, Decimal("1000.00"), TipoItem.servico),
            ("Cortesia", 1, Decimal("-31.50"), TipoItem.desconto),
        ]


@pytest.mark.parametrize(("mudanca", "campo"), [
    ({"vencimento": ""}, "vencimento"), ({"vencimento": "2020-01-01"}, "vencimento"), ({"valor_1": ""}, "valor_1"), ({"valor_1": "0"}, "valor_1"),
    ({"valor_1": "abc"}, "valor_1"), ({"valor_1": "99999999999"}, "valor_1"), ({"descricao_1": ""}, "descricao_1"), ({"quantidade_1": "-1"}, "quantidade_1"),
    ({"valor_1": "", "descricao_1": ""}, "descricao_1"), ({"tipo_1": "multa"}, "tipo_1"),
])
def test_what_is_wrong_with_an_invoice_is_said_at_the_field(app, http, cliente, mudanca, campo) -> None:
    dados = {"vencimento": DEPOIS.isoformat(), "linhas": "1", "descricao_1": "Visita", "tipo_1": "servico", "valor_1": "50,00", **mudanca}
    pagina = entrar(app, http, "Financeiro").post(f"/faturamento/avulsos/fatura?cliente={cliente}", data=dados)
    assert pagina.status_code == 200 and f'id="{campo}-erro"' in pagina.text and ler(app, Invoice, "id") == []


def test_what_is_wrong_with_the_whole_invoice_is_said_above_the_form(app, http, cliente) -> None:
    dados = {"vencimento": DEPOIS.isoformat(), "linhas": "1", "descricao_1": "Visita", "tipo_1": "desconto", "valor_1": "50,00"}
    pagina = entrar(app, http, "Financeiro").post(f"/faturamento/avulsos/fatura?cliente={cliente}", data=dados).text
    acima = pagina.split('class="resumo-erros"')[1].split("</div>")[0]
    assert "O total da fatura seria de -R$ 50,00" in acima and 'vencimento-erro"' not in pagina and ler(app, Invoice, "id") == []


def test_more_lines_keep_what_was_typed(app, http, cliente) -> None:
    pagina = entrar(app, http, "Financeiro").post(f"/faturamento/avulsos/fatura?cliente={cliente}", data={"mais": "1", "linhas": "3", **ITENS}).text
    assert 'id="descricao_6"' in pagina and "Cabo de rede" in pagina and "resumo-erros" not in pagina and ler(app, Invoice, "id") == []


def test_a_charge_in_instalments_waits_for_the_next_invoices(app, equipe, cliente) -> None:
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s, cliente_id=cliente).id
    dados = {"tipo": "acrescimo", "descricao": "Roteador", "valor": "100,00", "parcelas": "3", "a_partir_de": "2026-12-31", "contrato_id": contrato}
    with mover_para(dt.date(2026, 12, 1)):
        assert equipe.post(f"/faturamento/avulsos/lancamento?cliente={cliente}", data=dados).location == f"/clientes/{cliente}"
    assert ler(app, Lancamento, "tipo", "valor", "parcela", "a_partir_de", "contrato_id") == [
        (TipoLancamento.acrescimo, Decimal("33.33"), 1, dt.date(2026, 12, 31), contrato),
        (TipoLancamento.acrescimo, Decimal("33.34"), 2, dt.date(2027, 1, 31), contrato),
        (TipoLancamento.acrescimo, Decimal("33.33"), 3, dt.date(2027, 2, 28), contrato),
    ]


@pytest.mark.parametrize(("mudanca", "campo"), [
    ({"descricao": ""}, "descricao"), ({"valor": "-5"}, "valor"), ({"parcelas": "0"}, "parcelas"), ({"parcelas": "49"}, "parcelas"),
    ({"a_partir_de": ""}, "a_partir_de"), ({"tipo": ""}, "tipo"), ({"contrato_id": "999999999"}, "contrato_id"), ({"valor": "0,02", "parcelas": "3"}, "valor"),
    ({"a_partir_de": "2019-01-01"}, "a_partir_de"),
])
def test_what_is_wrong_with_a_charge_is_said_at_the_field(app, http, cliente, mudanca, campo) -> None:
    with app.app_context(), transacao() as s:
        f.um_contrato(s, cliente_id=cliente)
    dados = {"tipo": "desconto", "descricao": "Cortesia", "valor": "10,00", "parcelas": "1", "a_partir_de": DEPOIS.isoformat(), "contrato_id": "0", **mudanca}
    pagina = entrar(app, http, "Gerente").post(f"/faturamento/avulsos/lancamento?cliente={cliente}", data=dados)
    assert pagina.status_code == 200 and f'id="{campo}-erro"' in pagina.text and ler(app, Lancamento, "id") == []


def test_credit_given_is_the_customers_with_its_reason(app, equipe, cliente) -> None:
    for errado in ({"valor": "25,00"}, {"motivo": "Queda de três dias"}, {"valor": "0", "motivo": "x"}):
        assert "resumo-erros" in equipe.post(f"/faturamento/avulsos/credito?cliente={cliente}", data=errado).text
    feito = equipe.post(f"/faturamento/avulsos/credito?cliente={cliente}", data={"valor": "25,00", "motivo": "Queda de três dias"})
    assert feito.location == f"/clientes/{cliente}"
    assert ler(app, Credito, "cliente_id", "valor", "saldo", "motivo") == [(cliente, Decimal("25.00"), Decimal("25.00"), "Queda de três dias")]


@pytest.mark.parametrize("rota", ["fatura", "lancamento", "credito"])
def test_each_page_is_reached_from_the_customers_page_and_its_list_and_first_asks_whose(app, http, cliente, rota) -> None:
    entrar(app, http, "Financeiro")
    assert f"/faturamento/avulsos/{rota}?cliente={cliente}" in http.get(f"/clientes/{cliente}").text
    lista = {"fatura": "/faturamento/list/", "lancamento": "/faturamento/lancamentos/list/", "credito": "/faturamento/creditos/list/"}[rota]
    assert f'href="/faturamento/avulsos/{rota}"' in http.get(lista).text
    assert http.post(f"/faturamento/avulsos/{rota}", data={"cliente": cliente}).location == f"/faturamento/avulsos/{rota}?cliente={cliente}"
    assert http.get(f"/faturamento/avulsos/{rota}?cliente=999999999").status_code == 404


@pytest.mark.parametrize("papel", ["Atendente", "Tecnico"])
def test_who_may_not_finds_no_link(app, http, cliente, papel) -> None:
    assert "/faturamento/avulsos/" not in entrar(app, http, papel).get(f"/clientes/{cliente}").text
    assert http.get(f"/faturamento/avulsos/credito?cliente={cliente}").status_code == 403


# ---- twice, and using credit up

FORMULARIOS = {
    "fatura": ({"vencimento": DEPOIS.isoformat(), "linhas": "3", **ITENS}, Invoice),
    "lancamento": (
        {"tipo": "acrescimo", "descricao": "Roteador", "valor": "90,00", "parcelas": "3", "a_partir_de": DEPOIS.isoformat(), "contrato_id": "0"}, Lancamento),
    "credito": ({"valor": "25,00", "motivo": "Queda de três dias"}, Credito),
}


@pytest.mark.parametrize("rota", FORMULARIOS)
def test_a_form_sent_twice_does_its_work_once_and_another_opening_does_it_again(app, http, cliente, rota) -> None:
    with app.app_context(), transacao() as s:
        f.um_contrato(s, cliente_id=cliente)
    entrar(app, http, "Financeiro")
    dados, modelo = FORMULARIOS[rota]
    endereco = f"/faturamento/avulsos/{rota}?cliente={cliente}"
    chaves = [re.search(r'name="chave" type="hidden" value="([^"]+)"', http.get(endereco).text).group(1) for _n in range(2)]
    primeira, repetida = (http.post(endereco, data={**dados, "chave": chaves[0]}) for _n in range(2))
    assert primeira.location == repetida.location
    uma = len(ler(app, modelo, "id"))
    assert uma == (3 if rota == "lancamento" else 1)
    assert "já estava" in http.get(repetida.location).text
    http.post(endereco, data={**dados, "chave": chaves[1]})
    assert len(ler(app, modelo, "id")) == 2 * uma


def test_a_form_sent_twice_at_once_waits_and_does_its_work_once(app_real) -> None:
    with app_real.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s).id

    def dar(_n: int) -> tuple[int, bool]:
        with app_real.app_context(), transacao() as s:
            return uma_vez(s, "teste", "a mesma", lambda: FaturamentoService(s).creditar(cliente_id, valor=Decimal(10), motivo="x de teste").id)

    with ThreadPoolExecutor(4) as fios:
        feitos = list(fios.map(dar, range(8)))
    assert len({credito for credito, _repetido in feitos}) == 1 and sorted(r for _credito, r in feitos) == [False] + [True] * 7
    assert len(ler(app_real, Credito, "id")) == 1


def test_what_failed_is_not_taken_for_done(sessao) -> None:
    def falhar() -> int:
        raise ValorInvalido("não")

    with pytest.raises(ValorInvalido), sessao.begin_nested():
        uma_vez(sessao, "teste", "k", falhar)
    assert [uma_vez(sessao, "teste", "k", lambda: 7) for _n in range(2)] == [(7, False), (7, True)]


@pytest.fixture
def devedor(app, cliente) -> tuple[int, int]:
    """The customer owes 99.90 and has 30.00 in hand: ids of invoice and credit."""
    with app.app_context(), transacao() as s:
        invoice = f.uma_invoice(s, contrato=f.um_contrato(s, cliente_id=cliente))
        return invoice.id, FaturamentoService(s).creditar(cliente, valor=Decimal("30.00"), motivo="Queda de três dias").id


def test_credit_is_used_on_an_open_invoice_from_its_page(app, equipe, devedor) -> None:
    invoice, credito = devedor
    assert re.search(r"Usar crédito de R\$\s30,00", equipe.get(f"/faturamento/{invoice}").text)
    equipe.post(f"/faturamento/action/usar_credito/{invoice}")
    assert ler(app, Invoice, "valor_abatido") == [(Decimal("30.00"),)] and ler(app, Credito, "saldo") == [(0,)]
    pagina = equipe.get(f"/faturamento/{invoice}").text
    assert "Usar crédito" not in pagina
    assert "Não há crédito" in equipe.post(f"/faturamento/action/usar_credito/{invoice}", follow_redirects=True).text


def _no_menu(pagina: str) -> str:
    """Where the highlighted item of the side menu leads."""
    return re.search(r'class="item" href="([^"?]+)[^>]*aria-current="page"', pagina)[1]


def test_credit_is_paid_back_from_its_page_with_reference_and_reason(app, equipe, devedor) -> None:
    credito = devedor[1]
    endereco = f"/faturamento/avulsos/credito/{credito}/devolver"
    assert endereco in equipe.get(f"/faturamento/creditos/show/{credito}").text and "30,00" in equipe.get(endereco).text
    assert _no_menu(equipe.get(endereco).text) == "/faturamento/creditos/list/"
    assert 'id="referencia-erro"' in equipe.post(endereco, data={"motivo": "Saiu da base"}).text and ler(app, Credito, "saldo") == [(Decimal("30.00"),)]
    assert equipe.post(endereco, data={"motivo": "Saiu da base", "referencia": "Pix E123"}).location == f"/faturamento/creditos/show/{credito}"
    assert ler(app, Credito, "saldo") == [(0,)]
    pagina = equipe.get(f"/faturamento/creditos/show/{credito}").text
    assert endereco not in pagina and "Devolução registrada" in pagina
    assert equipe.get(endereco).location == f"/faturamento/creditos/show/{credito}"
    assert "já foi usado ou devolvido" in equipe.post(endereco, data={"motivo": "De novo", "referencia": "Pix E124"}).text


def test_who_may_not_neither_uses_nor_gives_back(app, http, devedor) -> None:
    invoice, credito = devedor
    entrar(app, http, "Atendente")
    assert "Usar crédito" not in http.get(f"/faturamento/{invoice}").text
    assert http.get(f"/faturamento/avulsos/credito/{credito}/devolver").status_code == 403
    http.post(f"/faturamento/action/usar_credito/{invoice}")
    assert ler(app, Credito, "saldo") == [(Decimal("30.00"),)]


def test_an_invoice_sent_again_goes_to_the_contacts_who_get_it_too(app, http, devedor) -> None:
    with app.app_context(), transacao() as s:
        invoice = s.get_one(Invoice, devedor[0])
        s.add_all([Contato(cliente_id=invoice.cliente_id, nome="Contador", email="contador@exemplo.com.br", recebe_faturas=True),
                   Contato(cliente_id=invoice.cliente_id, nome="Vizinha", email="vizinha@exemplo.com.br", recebe_faturas=False)])
        s.get_one(Cliente, invoice.cliente_id).email = None
    entrar(app, http, "Financeiro").post(f"/faturamento/action/reenviar/{devedor[0]}")
    assert ler(app, Notificacao, "destinatario") == [("contador@exemplo.com.br",)]
