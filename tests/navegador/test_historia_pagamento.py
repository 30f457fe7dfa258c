"""Story: money at the counter. Part of a late invoice, the rest with fine and interest, too much of another, a mistake taken back; and all by keyboard."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from app.core import relogio
from app.core.transacao import transacao
from tests import fabricas as f
from tests.navegador.base import MODOS, Modo, entrar, navegador, queixas, servir, visita
from tests.navegador.historia import confirmar, dado, fotografar, linha_de, reais, textos, torrada

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
DEVEDOR, ADIANTADO = "Marcos Atrasado", "Paula Adiantada"
VALOR, PARTE = Decimal("200.00"), Decimal("80.00")
RESTO = VALOR - PARTE
FOCO = """() => { const e = document.activeElement, s = getComputedStyle(e);
  return [[e.innerText, e.ariaLabel, e.labels?.[0]?.innerText].join(' '), s.outlineStyle !== 'none' || s.boxShadow !== 'none']; }"""
QUARTA, MAIOR = 2, "Informe um valor maior que zero."


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for the module."""
    with navegador() as aberto:
        yield aberto


def vencida_em() -> dt.date:
    """A Wednesday about six weeks ago: no weekend moves it."""
    dia = relogio.hoje() - dt.timedelta(days=40)
    return dia - dt.timedelta(days=(dia.weekday() - QUARTA) % 7)


def encargos(principal: Decimal) -> tuple[Decimal, Decimal]:
    """(fine of 2 %, interest of 1 % a month by days) paid today, by plain arithmetic."""
    dias = (relogio.hoje() - vencida_em()).days
    centavo = Decimal("0.01")
    return (principal * 2 / 100).quantize(centavo), (principal * dias / 3000).quantize(centavo)


@pytest.fixture
def url(app_real: Flask) -> Iterator[str]:
    """A late invoice of one customer, one still to come of another, and somebody of finance."""
    with app_real.app_context(), transacao() as s:
        f.uma_empresa(s)
        f.uma_politica(s, multa_percentual=Decimal("2"), juros_mensal=Decimal("1"))
        f.um_usuario(s, "Financeiro", usuario="fernanda")
        taxas = {"multa_percentual": Decimal("2"), "juros_mensal": Decimal("1"), "valor": VALOR}
        devedor = f.um_contrato(s, cliente_id=f.um_cliente(s, nome=DEVEDOR).id)
        f.uma_invoice(s, contrato=devedor, vencimento=vencida_em(), **taxas)
        adiantado = f.um_contrato(s, cliente_id=f.um_cliente(s, nome=ADIANTADO).id)
        f.uma_invoice(s, contrato=adiantado, vencimento=relogio.hoje() + dt.timedelta(days=9), **taxas)
    with servir(app_real) as endereco:
        yield endereco


def abrir_recebimento(pagina: Page, cliente: str) -> None:
    """From the list to the page where money is received."""
    pagina.goto("/faturamento/list/")
    linha_de(pagina, cliente).get_by_role("link", name="Pagar").click()
    expect(pagina.get_by_role("button", name="Registrar recebimento")).to_be_visible()


def receber(pagina: Page, valor: str, forma: str = "Dinheiro") -> None:
    """Fill in and send."""
    pagina.fill("#valor", valor)
    pagina.select_option("#metodo", label=forma)
    pagina.get_by_role("button", name="Registrar recebimento").click()


def recusas_no_campo(pagina: Page) -> None:
    """Amounts and dates that cannot be are told at their field, and what was typed stays."""
    recusas = {"abc": "Informe um valor como 1.234,56.", "0": MAIOR, "-5": MAIOR, "": "Informe o valor.", "99999999999": "Valor grande demais."}
    for digitado, motivo in recusas.items():
        receber(pagina, digitado)
        expect(pagina.locator("#valor-erro")).to_have_text(motivo)
        expect(pagina.locator("#valor")).to_have_attribute("aria-invalid", "true")
        expect(pagina.locator("#valor")).to_have_value(digitado)
    fotografar(pagina, "pagamento-recusado")
    pagina.fill("#recebido_em", (relogio.hoje() + dt.timedelta(days=1)).isoformat())
    receber(pagina, "10,00")
    expect(pagina.locator("#recebido_em-erro")).to_contain_text("futuro")
    assert queixas(pagina) == []
    pagina.fill("#recebido_em", relogio.hoje().isoformat())


def a_divida_segue_a_data(pagina: Page, hoje: Decimal) -> None:
    """Money that came in time but is written down late owes no charges; the amount follows the date unless somebody typed another."""
    for dia, devido in ((vencida_em(), VALOR), (relogio.hoje(), hoje)):
        pagina.fill("#recebido_em", dia.isoformat())
        expect(dado(pagina, "Total")).to_have_text(reais(devido))
        expect(pagina.locator("#valor")).to_have_value(reais(devido).removeprefix("R$ "))
    pagina.fill("#valor", "50")
    pagina.fill("#recebido_em", vencida_em().isoformat())
    expect(dado(pagina, "Total")).to_have_text(reais(VALOR))
    expect(pagina.locator("#valor")).to_have_value("50")
    pagina.fill("#recebido_em", relogio.hoje().isoformat())


def conferir_recibo(pagina: Page, *valores: Decimal) -> None:
    """The receipt opened from the invoice's page has the customer and the amounts."""
    resposta = pagina.request.get(pagina.get_by_role("link", name="Recibo R").last.get_attribute("href"))
    texto = " ".join("\n".join(p.extract_text() for p in PdfReader(io.BytesIO(resposta.body())).pages).split())
    assert DEVEDOR in texto
    assert [v for v in valores if reais(v) not in texto] == []


def test_a_late_invoice_is_paid_in_part_and_then_the_rest_with_fine_and_interest(chromium: Browser, url: str) -> None:
    with visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "fernanda", f.SENHA)
        abrir_recebimento(pagina, DEVEDOR)
        multa, juros = encargos(VALOR)
        for rotulo, valor in (("Saldo", VALOR), ("Multa", multa), ("Juros", juros), ("Total", VALOR + multa + juros)):
            expect(dado(pagina, rotulo)).to_have_text(reais(valor))
        fotografar(pagina, "pagamento-atrasado")
        a_divida_segue_a_data(pagina, VALOR + multa + juros)
        recusas_no_campo(pagina)
        receber(pagina, "80")
        torrada(pagina, f"Recebimento de {reais(PARTE)} registrado. Recibo R")
        expect(dado(pagina, "Saldo")).to_have_text(reais(RESTO))
        abrir_recebimento(pagina, DEVEDOR)
        multa, juros = encargos(RESTO)
        total = RESTO + multa + juros
        expect(dado(pagina, "Total")).to_have_text(reais(total))
        expect(pagina.locator("#valor")).to_have_value(reais(total).removeprefix("R$ "))
        pagina.select_option("#metodo", label="Pix")
        pagina.get_by_role("button", name="Registrar recebimento").click()
        expect(pagina.locator("h1")).to_contain_text("Paga")
        expect(pagina.get_by_role("link", name="Pagar", exact=True)).to_have_count(0)
        assert [v for v in textos(pagina.locator("td[data-rot=Valor]")) if v.startswith("R$")] == [reais(PARTE), reais(total)]
        fotografar(pagina, "fatura-paga")
        conferir_recibo(pagina, total)
        assert queixas(pagina) == []


def test_paying_too_much_gives_credit_and_a_reversal_with_a_reason_takes_it_back(chromium: Browser, url: str) -> None:
    with visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "fernanda", f.SENHA)
        abrir_recebimento(pagina, ADIANTADO)
        receber(pagina, "250,50", "Transferência")
        expect(pagina.locator("h1")).to_contain_text("Paga")
        pagina.get_by_role("complementary").get_by_role("link", name=ADIANTADO).click()
        expect(pagina.locator(".kpi", has_text="Crédito")).to_contain_text(reais(Decimal("50.50")))
        fotografar(pagina, "cliente-com-credito")
        pagina.go_back()
        pagina.locator("th a.principal", has_text="R2").click()
        expect(dado(pagina, "Virou crédito")).to_have_text(reais(Decimal("50.50")))
        pagina.get_by_role("button", name="Estornar").click()
        pagina.locator("#confirmar [value=sim]").click()
        expect(pagina.locator("#confirmar-motivo:invalid")).to_be_visible()      # not without a reason
        confirmar(pagina, "depósito de outro cliente", perigo=True)
        torrada(pagina, "Feito")
        expect(dado(pagina, "Motivo do estorno")).to_have_text("depósito de outro cliente")
        fotografar(pagina, "pagamento-estornado")
        assert queixas(pagina) == []
        pagina.goto("/faturamento/list/")
        expect(linha_de(pagina, ADIANTADO)).to_contain_text("Em aberto")
        linha_de(pagina, ADIANTADO).get_by_role("link", name="Ver").click()
        expect(linha_de(pagina, "R2")).to_contain_text("Estornado")
        pagina.get_by_role("complementary").get_by_role("link", name=ADIANTADO).click()
        expect(pagina.locator(".kpi", has_text="Em aberto")).to_contain_text(reais(VALOR))
        expect(pagina.locator(".kpi", has_text="Crédito")).to_have_count(0)


def ir_ate(pagina: Page, nome: str, *, vezes: int = 60) -> None:
    """Press Tab until the focus, which must be seen, is on what has that name."""
    for _vez in range(vezes):
        pagina.keyboard.press("Tab")
        chamado, visivel = pagina.evaluate(FOCO)
        if nome in chamado:
            assert visivel, f"the focus on {nome} cannot be seen"
            return
    raise AssertionError(f"{nome} is not reached by Tab")


@pytest.mark.parametrize("modo", [MODOS[0], MODOS[2]], ids=lambda m: m.nome)
def test_an_invoice_is_paid_with_the_keyboard_alone(chromium: Browser, url: str, modo: Modo) -> None:
    with visita(chromium, modo, url) as pagina:
        entrar(pagina, "fernanda", f.SENHA)
        pagina.goto("/faturamento/list/?_flt_0_status=emitida&q=paula")
        expect(pagina.locator("tbody tr")).to_have_count(1)
        ir_ate(pagina, "Pular para o conteúdo", vezes=1)
        pagina.keyboard.press("Enter")
        ir_ate(pagina, "Pagar")
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#valor")).to_be_visible()
        ir_ate(pagina, "Valor recebido", vezes=90)
        pagina.keyboard.press("Control+a")
        pagina.keyboard.type("0")
        pagina.keyboard.press("Enter")
        expect(pagina.locator(".resumo-erros")).to_be_focused()
        ir_ate(pagina, "Valor recebido", vezes=2)      # its link in the summary
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#valor")).to_be_focused()
        pagina.keyboard.press("Control+a")
        pagina.keyboard.type("200,00")
        ir_ate(pagina, "Forma", vezes=6)
        pagina.keyboard.type("Din")
        ir_ate(pagina, "Registrar recebimento", vezes=4)
        pagina.keyboard.press("Enter")
        torrada(pagina, "Recebimento de R$ 200,00 registrado")
        expect(pagina.locator("h1")).to_contain_text("Paga")
        expect(linha_de(pagina, "R2")).to_contain_text("Dinheiro")
        fotografar(pagina, f"pago-pelo-teclado-{modo.nome}")
