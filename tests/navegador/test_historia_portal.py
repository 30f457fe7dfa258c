"""Story: a customer at the telephone sees the own invoice and takes its Pix code to the bank's application."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.brasil import brcode
from app.clientes.models import AcessoPortal
from app.core import relogio
from app.core.transacao import transacao
from app.faturamento.estados import Metodo, StatusInvoice, StatusPagamento
from app.faturamento.models import Pagamento
from tests import fabricas as f
from tests.navegador.base import MODOS, entrar, navegador, queixas, servir, visita
from tests.navegador.historia import fotografar, reais

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
VALOR, DE_OUTRO = Decimal("129.90"), Decimal("777.70")


@pytest.fixture
def url(app_real: Flask) -> Iterator[str]:
    """Two customers with an open invoice each; one may enter the portal."""
    with app_real.app_context(), transacao() as s:
        f.uma_empresa(s)
        for nome, valor in (("Maria da Silva", VALOR), ("Jorge de Souza", DE_OUTRO)):
            cliente = f.um_cliente(s, nome=nome)
            contrato = f.um_contrato(s, cliente_id=cliente.id)
            f.uma_invoice(s, contrato=contrato, valor=valor, vencimento=relogio.hoje() + dt.timedelta(days=7), txid_pix=f"FAT{contrato.id:09d}")
            if valor == VALOR:
                _uma_paga(s, contrato)
                f.gravar(s, AcessoPortal(usuario_id=f.um_usuario(s, "Cliente", usuario="maria").id, cliente_id=cliente.id))
    with servir(app_real) as endereco:
        yield endereco


def _uma_paga(s, contrato) -> None:
    ha_um_mes = relogio.hoje() - dt.timedelta(days=23)
    invoice = f.uma_invoice(s, contrato=contrato, vencimento=ha_um_mes, status=StatusInvoice.paga, valor_pago=Decimal("99.90"), data_pagamento=ha_um_mes)
    f.gravar(s, Pagamento(
        invoice_id=invoice.id, data_pagamento=ha_um_mes, valor=Decimal("99.90"), valor_principal=Decimal("99.90"), metodo=Metodo.pix, recibo="000000001",
        numero_referencia="e2e", status=StatusPagamento.confirmado))


@pytest.mark.parametrize("modo", [MODOS[2], MODOS[3]], ids=lambda m: m.nome)
def test_the_customer_sees_the_own_invoice_and_copies_its_pix_code(url: str, modo) -> None:
    with navegador() as chromium, visita(chromium, modo, url, permissions=["clipboard-read", "clipboard-write"]) as pagina:
        pagina.goto("/")
        entrar(pagina, "maria", f.SENHA)
        expect(pagina.get_by_role("heading", name="Olá, Maria")).to_be_visible()
        expect(pagina.locator(".valor")).to_have_text([reais(VALOR)])
        expect(pagina.locator("body")).not_to_contain_text("Jorge")
        expect(pagina.get_by_text("Conexão liberada")).to_be_visible()
        expect(pagina.get_by_role("list", name="Faturas pagas").get_by_role("link")).to_have_count(2)
        fotografar(pagina, f"portal-{modo.nome}")
        assert queixas(pagina) == []
        pagina.get_by_role("button", name="Copiar código Pix").click()
        expect(pagina.locator("#avisos")).to_contain_text("Código copiado")
        expect(pagina.get_by_role("button", name="Copiado")).to_be_visible()
        codigo = brcode.ler(pagina.evaluate("navigator.clipboard.readText()"))
        assert (codigo.valor, codigo.chave) == (VALOR, "financeiro@exemplo.com.br")
        fotografar(pagina, f"portal-copiado-{modo.nome}")
        assert queixas(pagina) == []


def test_where_the_browser_cannot_copy_the_code_is_shown_marked_to_be_copied_by_hand(url: str) -> None:
    with navegador() as chromium, visita(chromium, MODOS[2], url) as pagina:
        entrar(pagina, "maria", f.SENHA)
        pagina.evaluate("() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }); }")      # as on a page without TLS
        pagina.get_by_role("button", name="Copiar código Pix").click()
        expect(pagina.locator("#avisos")).to_contain_text("Segure o código para copiar")
        expect(pagina.locator("code.codigo")).to_be_visible()
        assert brcode.ler(pagina.evaluate("getSelection().toString()").strip()).valor == VALOR
