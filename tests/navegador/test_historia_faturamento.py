"""Story: somebody of finance looks at what would be billed, confirms, watches a real worker issue it, and finds the same figures everywhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.core import configuracao, relogio
from app.faturamento.models import CicloFaturamento, Invoice
from tests import fabricas as f
from tests.jobs.conftest import Provedor
from tests.navegador.base import MODOS, entrar, navegador, queixas, visita
from tests.navegador.historia import ESPERA, confirmar, dado, fotografar, gravando, linha_de, no_ar, reais, textos, torrada

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
PRECOS = [Decimal("99.90")] * 30 + [Decimal("149.90")] * 4
TOTAL = sum(PRECOS, Decimal(0))
ABSURDO = "Condomínio Preço Errado"


def preparar(provedor: Provedor) -> None:
    """Thirty-four customers due in six days, and one whose price cannot be right; small lots, so that the run has several."""
    vence = relogio.hoje() + dt.timedelta(days=6)
    with gravando(provedor) as s:
        f.uma_empresa(s)
        f.um_usuario(s, "Financeiro", usuario="fernanda")
        configuracao.gravar(s, "faturamento.tamanho_lote", 10)
        inicio = vence - dt.timedelta(days=400)
        plano = f.um_plano(s, nome="Fibra 500").id
        for preco in PRECOS:
            f.um_contrato(s, dia=vence.day, inicio=inicio, plano_id=plano, preco=preco)
        errado = f.um_cliente(s, nome=ABSURDO)
        f.um_contrato(s, dia=vence.day, inicio=inicio, plano_id=plano, preco=Decimal("100000000"), cliente_id=errado.id)
        for ciclo in s.scalars(select(CicloFaturamento)):
            ciclo.proximo_vencimento = vence


@pytest.fixture
def casa(servidores, url_modelo) -> Iterator[tuple[Provedor, str]]:
    """The installation, its worker not started yet."""
    with no_ar(servidores, url_modelo) as (provedor, url):
        preparar(provedor)
        yield provedor, url


def emitidas(provedor: Provedor) -> tuple[int, Decimal]:
    """(how many invoices exist, their sum)."""
    return provedor.perguntar(select(func.count(), func.coalesce(func.sum(Invoice.valor_total), 0)).select_from(Invoice))[0]


def ver_previa(pagina: Page) -> None:
    """Through the menu to the preview, with its figures and who is left aside."""
    pagina.get_by_role("link", name="Rodada de faturamento").first.click()
    expect(dado(pagina, "Faturas")).to_have_text(str(len(PRECOS)))
    expect(dado(pagina, "Valor previsto")).to_have_text(reais(TOTAL))
    expect(dado(pagina, "Com problema")).to_have_text("1")
    expect(linha_de(pagina, ABSURDO)).to_contain_text("O total da fatura")


def conferir_lista(pagina: Page) -> None:
    """The list of what the run issued has the run's number and sum."""
    pagina.get_by_role("link", name="Ver faturas geradas").click()
    expect(pagina.locator("h1 .conta")).to_have_text(str(len(PRECOS)))
    pagina.locator("select[data-vai]").select_option(label="100")
    expect(pagina.locator("tbody tr")).to_have_count(len(PRECOS))
    valores = textos(pagina.locator("td[data-rot=Valor]"))
    assert sum(Decimal(re.sub(r"[^\d,]", "", v).replace(",", ".")) for v in valores) == TOTAL


def test_from_the_preview_to_the_report_with_the_same_figures_and_nothing_twice(casa) -> None:
    provedor, url = casa
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina, visita(chromium, MODOS[0], url) as atrasada:
        entrar(pagina, "fernanda", f.SENHA)
        ver_previa(pagina)
        fotografar(pagina, "rodada-previa")
        assert queixas(pagina) == [] and emitidas(provedor)[0] == 0      # a preview saves nothing
        entrar(atrasada, "fernanda", f.SENHA)
        atrasada.goto("/faturamento/rodada/")
        pagina.get_by_role("button", name="Emitir faturas").click()
        confirmar(pagina)
        expect(pagina.get_by_text("Emitindo faturas…")).to_be_visible()
        expect(pagina.get_by_text(f"0 de {len(PRECOS)}", exact=True)).to_be_visible()
        fotografar(pagina, "rodada-correndo")
        atrasada.get_by_role("button", name="Emitir faturas").click()
        confirmar(atrasada)
        torrada(atrasada, "Já há uma rodada em andamento")
        pagina.evaluate("window.mesma = true")
        provedor.iniciar("longa")
        expect(pagina.get_by_text("Rodada concluída")).to_be_visible(timeout=ESPERA)
        assert pagina.evaluate("window.mesma"), "the progress moved by itself"
        expect(pagina.get_by_text(f"{len(PRECOS)} de {len(PRECOS)}", exact=True)).to_be_visible()
        quantas = str(len(PRECOS))
        numeros = {"Emitidas": quantas, "Esperadas": quantas, "Valor": reais(TOTAL), "Valor esperado": reais(TOTAL), "Estacionados": "1"}
        for rotulo, valor in numeros.items():
            expect(dado(pagina, rotulo)).to_have_text(valor)
        expect(linha_de(pagina, ABSURDO)).to_have_count(2)      # parked with the reason, and in service without an invoice
        fotografar(pagina, "rodada-relatorio")
        assert queixas(pagina) == []
        pagina.reload()
        expect(dado(pagina, "Emitidas")).to_have_text(str(len(PRECOS)))
        conferir_lista(pagina)
        fotografar(pagina, "rodada-lista")
        de_novo(atrasada)
    assert emitidas(provedor) == (len(PRECOS), TOTAL)


def de_novo(pagina: Page) -> None:
    """Confirming a second time finds nothing left: what was billed is not billed again."""
    pagina.goto("/faturamento/rodada/")
    expect(pagina.get_by_text("Nada a faturar até este dia")).to_be_visible()
    expect(pagina.get_by_role("button", name="Emitir faturas")).to_be_disabled()
    pagina.evaluate("document.querySelector('form[data-confirma] button').disabled = false")      # a page from before the run
    pagina.get_by_role("button", name="Emitir faturas").click()
    confirmar(pagina)
    expect(pagina.get_by_text("Rodada concluída")).to_be_visible(timeout=ESPERA)
    expect(dado(pagina, "Emitidas")).to_have_text("0")
