"""What a reference of a payment means, and on which days a payment can have been made."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from sqlalchemy import func, select

from app.core import configuracao, relogio
from app.core.erros import Conflito, DominioError, ValorInvalido
from app.faturamento.estados import Metodo
from app.faturamento.models import Invoice, Pagamento
from app.faturamento.services import FaturamentoService, Recebido
from tests import fabricas as f

HOJE = dt.date(2026, 2, 9)


@pytest.fixture(autouse=True)
def _meio_dia():
    with relogio.mover_para(HOJE):
        yield


@pytest.fixture
def invoice(sessao) -> Invoice:
    """R$ 99,90 issued on 31 January, due on 10 February."""
    return f.uma_invoice(sessao)


def recebido(invoice: Invoice, **kw: object) -> Recebido:
    """R$ 50,00 by Pix today with the reference ABC."""
    return Recebido(invoice.id, D("50.00"), Metodo.pix, HOJE, "ABC")._replace(**kw)


def registrar(sessao, r: Recebido, *, em_lote: bool) -> Pagamento:
    """One by one or as a lot of one."""
    if not em_lote:
        return FaturamentoService(sessao).receber(r).pagamento
    (feito,) = FaturamentoService(sessao).registrar_pagamentos([r])
    if feito.erro:
        raise feito.erro
    return feito.pagamento


def quantos(sessao) -> int:
    return sessao.scalar(select(func.count()).select_from(Pagamento))


@pytest.mark.parametrize("em_lote", [False, True])
@pytest.mark.parametrize("muda", [{"valor": D("49.99")}, {"metodo": Metodo.dinheiro}, {"em": HOJE - dt.timedelta(days=1)}])
def test_the_same_reference_with_a_difference_is_refused_and_names_the_receipt(sessao, invoice: Invoice, muda: dict, em_lote: bool) -> None:
    primeiro = registrar(sessao, recebido(invoice), em_lote=em_lote)
    with pytest.raises(Conflito) as erro:
        registrar(sessao, recebido(invoice, **muda), em_lote=em_lote)
    assert erro.value.codigo == "referencia_repetida" and primeiro.recibo in erro.value.mensagem and "R$ 50,00" in erro.value.mensagem
    assert (quantos(sessao), invoice.valor_pago, erro.value.temporaria) == (1, D("50.00"), False)


@pytest.mark.parametrize("em_lote", [False, True])
@pytest.mark.parametrize("gateways", [("manual", "api"), ("api", "manual"), ("manual", "manual"), ("banco", "banco")])
def test_by_screen_and_by_program_one_reference_is_one_payment(sessao, invoice: Invoice, gateways: tuple[str, str], em_lote: bool) -> None:
    um, outro = (registrar(sessao, recebido(invoice, gateway=g), em_lote=em_lote) for g in gateways)
    assert um is outro and (quantos(sessao), invoice.valor_pago) == (1, D("50.00"))


def test_within_one_lot_too(sessao, invoice: Invoice) -> None:
    um, outro = FaturamentoService(sessao).registrar_pagamentos([recebido(invoice, gateway=g) for g in ("manual", "api")])
    assert um.pagamento is outro.pagamento and (um.repetido, outro.repetido) == (False, True)


def test_each_gateway_has_references_of_its_own(sessao, invoice: Invoice) -> None:
    for gateway in ("manual", "banco", "pix"):
        registrar(sessao, recebido(invoice, gateway=gateway, valor=D("10.00")), em_lote=False)
    assert (quantos(sessao), invoice.valor_pago) == (3, D("30.00"))


def test_a_repetition_says_that_it_is_one(sessao, invoice: Invoice) -> None:
    servico = FaturamentoService(sessao)
    assert [servico.receber(recebido(invoice)).repetido for _ in range(2)] == [False, True]


@pytest.mark.parametrize("em_lote", [False, True])
@pytest.mark.parametrize(("dia", "codigo"), [
    (dt.date(1, 1, 1), "antes_da_emissao"), (dt.date(1900, 1, 1), "antes_da_emissao"), (dt.date(2026, 1, 30), "antes_da_emissao"),
    (HOJE + dt.timedelta(days=1), "data_futura"), (dt.date(2026, 1, 31), None), (HOJE, None),
])
def test_a_payment_is_neither_from_before_its_invoice_nor_from_the_future(sessao, invoice: Invoice, dia: dt.date, codigo: str | None, em_lote: bool) -> None:
    try:
        registrar(sessao, recebido(invoice, em=dia), em_lote=em_lote)
        recusa = None
    except ValorInvalido as erro:
        recusa = erro.codigo
        assert erro.campo == "em"
    assert (recusa, quantos(sessao)) == (codigo, 0 if codigo else 1)


@pytest.mark.parametrize(("dias", "gateway", "aceita"), [(60, "manual", True), (61, "manual", False), (61, "api", False), (61, "banco", True)])
def test_what_is_typed_goes_back_only_so_many_days(sessao, dias: int, gateway: str, aceita: bool) -> None:
    """Otherwise any date until the due date would waive fine and interest. A bank's file says when it was."""
    antiga = f.uma_invoice(sessao, vencimento=HOJE - dt.timedelta(days=70))
    dia = HOJE - dt.timedelta(days=dias)
    try:
        registrar(sessao, recebido(antiga, em=dia, gateway=gateway), em_lote=False)
    except ValorInvalido as erro:
        assert erro.codigo == "retroativo"
    assert quantos(sessao) == aceita


def test_how_many_days_is_a_setting(sessao) -> None:
    antiga = f.uma_invoice(sessao, vencimento=HOJE - dt.timedelta(days=70))
    configuracao.gravar(sessao, "faturamento.pagamento_retroativo_dias", 3)
    with pytest.raises(DominioError):
        registrar(sessao, recebido(antiga, em=HOJE - dt.timedelta(days=4)), em_lote=False)
    assert registrar(sessao, recebido(antiga, em=HOJE - dt.timedelta(days=3)), em_lote=False).recibo
