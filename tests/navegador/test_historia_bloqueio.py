"""Story: who does not pay is blocked by a person's word, is seen blocked everywhere and in the network, pays, and is free again at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core import relogio
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede
from tests import fabricas as f
from tests.jobs.conftest import Provedor
from tests.navegador.base import MODOS, Modo, entrar, navegador, queixas, visita
from tests.navegador.historia import ESPERA, confirmar, dado, fotografar, gravando, linha_de, no_ar, reais, torrada

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
DEVEDOR, EM_DIA, VALOR = "Marcos Atrasado", "Paula em Dia", Decimal("120.00")
TODO_DIA = {"bloqueia_sexta": True, "bloqueia_fim_de_semana": True, "bloqueia_vespera_de_feriado": True}


@pytest.fixture
def casa(servidores, url_modelo) -> Iterator[tuple[Provedor, str]]:
    """One customer six weeks late, another who pays; both workers, and a network that accepts everything."""
    with no_ar(servidores, url_modelo) as (provedor, url):
        with gravando(provedor) as s:
            f.uma_empresa(s)
            f.uma_politica(s, exige_aviso=False, dias_bloqueio=15, divida_minima=Decimal(0), **TODO_DIA)
            f.um_usuario(s, "Gerente", usuario="gil")
            for nome, dias in ((DEVEDOR, -42), (EM_DIA, 9)):
                contrato = f.um_contrato(s, cliente_id=f.um_cliente(s, nome=nome).id)
                f.uma_invoice(s, contrato=contrato, valor=VALOR, vencimento=relogio.hoje() + dt.timedelta(days=dias))
        provedor.iniciar("rapida", "longa")
        yield provedor, url


def acessos(provedor: Provedor) -> dict[str, tuple[EstadoAcesso, bool]]:
    """By login: what the network must be, and whether it already is."""
    linhas = provedor.perguntar(select(AcessoRede.login, AcessoRede.desejado, AcessoRede.versao == AcessoRede.versao_aplicada).order_by(AcessoRede.id))
    return {login: (desejado, feito) for login, desejado, feito in linhas}


def ir_para(pagina: Page, endereco: str, nome: str) -> None:
    """Through the menu, which a telephone keeps behind a button."""
    if (gaveta := pagina.locator("[data-abre]")).is_visible():
        gaveta.click()
    pagina.locator(f"a.item[href='{endereco}']").click()
    expect(pagina.locator("h1")).to_contain_text(nome)


def bloquear(pagina: Page, modo: Modo) -> None:
    """Preview, then the order."""
    ir_para(pagina, "/faturamento/bloqueio/", "Bloqueio por atraso")
    expect(dado(pagina, "A bloquear")).to_have_text("1")
    expect(dado(pagina, "Dívida somada")).to_have_text(reais(VALOR))
    expect(linha_de(pagina, DEVEDOR)).to_contain_text("42")
    expect(linha_de(pagina, EM_DIA)).to_have_count(0)
    fotografar(pagina, f"bloqueio-previa-{modo.nome}")
    assert queixas(pagina) == []
    pagina.get_by_role("button", name="Bloquear agora").click()
    confirmar(pagina, perigo=True)
    torrada(pagina, "O bloqueio começou")


def pagina_do_cliente(pagina: Page, nome: str) -> None:
    """The customer found by the global search."""
    pagina.goto("/")
    pagina.keyboard.press("Control+k")
    expect(pagina.locator("#paleta input")).to_be_focused()
    pagina.keyboard.type(nome)
    pagina.locator("#paleta [role=option]", has_text=nome).first.click()
    expect(pagina.locator("h1")).to_contain_text(nome)


@pytest.mark.parametrize("modo", [MODOS[0], MODOS[2]], ids=lambda m: m.nome)
def test_who_is_late_is_blocked_seen_blocked_pays_and_is_released(casa, modo: Modo) -> None:
    provedor, url = casa
    with navegador() as chromium, visita(chromium, modo, url) as pagina:
        entrar(pagina, "gil", f.SENHA)
        bloquear(pagina, modo)
        assert provedor.esperar(lambda: (EstadoAcesso.bloqueado, True) in acessos(provedor).values(), ESPERA / 1000)
        pagina_do_cliente(pagina, DEVEDOR)
        expect(pagina.locator("h1")).to_contain_text("Bloqueado")
        conexao = pagina.locator("section.cartao", has=pagina.get_by_role("heading", name="Conexão"))
        expect(conexao).to_contain_text("Bloqueado")
        expect(conexao).to_contain_text("Aplicado na rede em")
        expect(pagina.locator("#linha")).to_contain_text("Bloqueado por atraso")
        fotografar(pagina, f"cliente-bloqueado-{modo.nome}")
        assert queixas(pagina) == []
        ir_para(pagina, "/bloqueios/list/", "Bloqueios")
        expect(linha_de(pagina, DEVEDOR)).to_have_count(1)
        expect(linha_de(pagina, EM_DIA)).to_have_count(0)
        pagar(pagina)
        assert provedor.esperar(lambda: set(acessos(provedor).values()) == {(EstadoAcesso.liberado, True)}, ESPERA / 1000)
        pagina_do_cliente(pagina, DEVEDOR)
        expect(pagina.locator("h1")).to_contain_text("Ativo")
        expect(conexao).to_contain_text("Liberado")
        fotografar(pagina, f"cliente-liberado-{modo.nome}")
        assert queixas(pagina) == []


def pagar(pagina: Page) -> None:
    """The debt is received at the counter, from the customer's page."""
    pagina_do_cliente(pagina, DEVEDOR)
    pagina.get_by_role("link", name="Ver fatura").click()
    pagina.get_by_role("link", name="Pagar", exact=True).click()
    pagina.select_option("#metodo", label="Pix")
    pagina.get_by_role("button", name="Registrar recebimento").click()
    torrada(pagina, "registrado")
