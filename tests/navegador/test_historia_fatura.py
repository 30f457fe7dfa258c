"""Story: an invoice as the staff finds it in the list, as it is printed, and as the customer gets it by mail."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from app.brasil import brcode
from app.core import relogio
from app.faturamento.estados import StatusInvoice
from tests import fabricas as f
from tests.jobs.conftest import Provedor
from tests.navegador.base import MODOS, entrar, navegador, queixas, visita
from tests.navegador.historia import ESPERA, confirmar, fotografar, gravando, linha_de, no_ar, reais, textos, torrada

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
COLUNAS = ["Número", "Cliente", "Emissão", "Vencimento", "Valor", "Status", "Ações"]
CLIENTE, VALOR, TXID = "Conceição Araújo", Decimal("1234.56"), "FAT000000777A1B2"


@pytest.fixture
def casa(servidores, url_modelo) -> Iterator[tuple[Provedor, str, str]]:
    """An open invoice of a customer, a paid one and a cancelled one. Yields the installation, its address and the open one's number."""
    vence = relogio.hoje() + dt.timedelta(days=9)
    with no_ar(servidores, url_modelo) as (provedor, url):
        with gravando(provedor) as s:
            f.uma_empresa(s)
            f.um_usuario(s, "Financeiro", usuario="fernanda")
            contrato = f.um_contrato(s, cliente_id=f.um_cliente(s, nome=CLIENTE, email="conceicao@exemplo.com.br").id)
            numero = f.uma_invoice(s, contrato=contrato, valor=VALOR, vencimento=vence, txid_pix=TXID).numero_formatado
            f.uma_invoice(s, status=StatusInvoice.paga, valor_pago=Decimal("99.90"), data_pagamento=relogio.hoje())
            f.uma_invoice(s, status=StatusInvoice.cancelada, motivo_cancelamento="emitida em dobro")
        yield provedor, url, numero


def baixar(pagina: Page, link: str, pasta: Path) -> Path:
    """Follow a link and keep the file it gives. By key: a click right after scrolling beside a frame can be given to the frame."""
    with pagina.expect_download(timeout=ESPERA) as descida:
        pagina.get_by_role("link", name=link).first.press("Enter")
    destino = pasta / descida.value.suggested_filename
    descida.value.save_as(destino)
    return destino


def conferir_pdf(arquivo: Path, numero: str) -> None:
    """What is printed, and what a telephone reads from the printed code."""
    texto = " ".join("\n".join(p.extract_text() for p in PdfReader(arquivo).pages).split())
    assert numero in texto and CLIENTE in texto and reais(VALOR) in texto
    subprocess.run(["pdftoppm", "-r", "150", "-png", arquivo.name, "folha"], cwd=arquivo.parent, check=True)
    folhas = [p.name for p in sorted(arquivo.parent.glob("folha*.png"))]
    lido = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", *folhas], cwd=arquivo.parent, capture_output=True, text=True, check=True)
    codigo = brcode.ler(lido.stdout.strip())
    assert (codigo.valor, codigo.txid, codigo.chave) == (VALOR, TXID, "financeiro@exemplo.com.br")
    assert lido.stdout.strip()[:40] in texto.replace(" ", "")      # the same code, to be copied


def test_the_list_has_these_columns_and_on_each_row_to_see_to_print_and_to_pay_but_never_to_edit_or_delete(casa) -> None:
    _provedor, url, numero = casa
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "fernanda", f.SENHA)
        pagina.get_by_role("link", name="Faturas", exact=True).first.click()
        expect(pagina.locator("tbody tr")).to_have_count(3)
        assert [t for t in textos(pagina.locator("thead th")) if t] == COLUNAS
        for linha in pagina.locator("tbody tr").all():
            deste = linha.locator("th").inner_text()
            assert textos(linha.locator("td.acoes").locator("a, button")) == [f"{acao} {deste}" for acao in ("Ver", "PDF", "Pagar")]
        assert pagina.locator("[data-excluir], [data-editar]").count() == 0
        assert pagina.locator("[data-novo]").get_attribute("href") == "/faturamento/avulsos/fatura"
        fotografar(pagina, "faturas-lista")
        assert queixas(pagina) == []
        linha_de(pagina, numero).get_by_role("link", name="Ver").click()
        expect(pagina.locator("h1")).to_contain_text(reais(VALOR))
        fotografar(pagina, "fatura")
        assert queixas(pagina) == []
        assert pagina.get_by_role("link", name=re.compile("Editar|Excluir")).count() == 0


def test_the_printed_invoice_is_downloaded_and_has_number_customer_amount_and_a_pix_that_a_telephone_reads(casa, tmp_path) -> None:
    _provedor, url, numero = casa
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "fernanda", f.SENHA)
        pagina.goto("/faturamento/list/")
        with pagina.expect_response(re.compile(r"/pdf$")) as vista:      # from the list it is looked at, in the browser
            linha_de(pagina, numero).get_by_role("link", name="PDF").click()
        assert vista.value.headers["content-type"] == "application/pdf" and "attachment" not in vista.value.headers["content-disposition"]
        fotografar(pagina, "fatura-pdf-vista")
        pagina.goto("/faturamento/list/")
        linha_de(pagina, numero).get_by_role("link", name="Ver").click()
        arquivo = baixar(pagina, "Baixar PDF", tmp_path)
    assert arquivo.name == f"fatura-{numero}.pdf"
    conferir_pdf(arquivo, numero)


def test_the_mail_is_sent_by_a_worker_and_read_in_the_journal_as_the_customer_sees_it(casa, tmp_path) -> None:
    provedor, url, numero = casa
    provedor.iniciar("rapida")
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "fernanda", f.SENHA)
        pagina.goto("/faturamento/list/")
        linha_de(pagina, numero).get_by_role("link", name="Ver").click()
        pagina.get_by_role("button", name="Reenviar").click()
        confirmar(pagina)
        torrada(pagina, "Feito")
        fotografar(pagina, "fatura-reenviada")
        assert provedor.esperar(lambda: enviada(pagina), ESPERA / 1000)
        linha_de(pagina, "conceicao@exemplo.com.br").get_by_role("link").first.click()
        carta = pagina.frame_locator("iframe.previa").locator("body")
        for parte in (CLIENTE, numero, reais(VALOR)):
            expect(carta).to_contain_text(parte)
        expect(pagina.get_by_text("Registro (nada saiu)")).to_be_visible()
        fotografar(pagina, "fatura-email")
        conferir_pdf(baixar(pagina, f"fatura-{numero}.pdf", tmp_path), numero)
        assert queixas(pagina) == []


def enviada(pagina: Page) -> bool:
    """Whether the list of messages shows it as handled: without a mail server it only goes to the journal."""
    pagina.goto("/mensagens/list/")
    return linha_de(pagina, "conceicao@exemplo.com.br").get_by_text("Só registrada").count() > 0
