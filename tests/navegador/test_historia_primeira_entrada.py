"""Story: the provider's first administrator enters with the generated password and sets the house up, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.core import relogio
from app.core.models import Empresa
from app.core.transacao import transacao
from app.faturamento.models import PoliticaCobranca
from app.planos.models import Plano
from tests.core.test_telas import png
from tests.navegador.base import MODOS, entrar, navegador, queixas, servir, visita
from tests.navegador.historia import fotografar
from tests.notificacoes.servidor_smtp import Caixa, servidor
from tests.usuarios.test_sessoes import limitar

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
PASSOS = ["Empresa e logotipo", "Chave Pix", "E-mail", "Política de cobrança", "Primeiro plano", "Equipe"]
MINHA_SENHA = "chuva fina no telhado"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for the module."""
    with navegador() as aberto:
        yield aberto


@pytest.fixture
def senha(app_real: Flask) -> str:
    """The administrator's generated password, as the command prints it once."""
    resposta = app_real.test_cli_runner().invoke(args=["crm", "criar-admin"])
    return re.search(r"usuario=admin senha=(\S+)", resposta.output).group(1)


def trocar(pagina: Page, atual: str, nova: str, repetida: str | None = None) -> None:
    """Fill in the page of the first entry and send it."""
    pagina.fill("#atual", atual)
    pagina.fill("#nova", nova)
    pagina.fill("#repetida", nova if repetida is None else repetida)
    pagina.get_by_role("button", name="Trocar senha").click()


@pytest.fixture
def com_duas_etapas(app_real: Flask) -> None:
    """The house's own rule, which the other tests do without."""
    limitar(app_real, "Admin", exige_2fa=True)


def ligar_duas_etapas(pagina: Page) -> str:
    """Enrol a telephone and go to the panel; the secret."""
    pagina.get_by_text("Não consigo ler o QR Code").click()
    segredo = pagina.locator("#segredo-fator").inner_text()
    pagina.fill("#codigo", pyotp.TOTP(segredo).at(relogio.agora()))
    pagina.get_by_role("button", name="Ligar").click()
    pagina.get_by_role("link", name="Guardei os códigos").click()
    pagina.goto("/")
    return segredo


@pytest.mark.usefixtures("com_duas_etapas")
def test_the_first_entry_asks_for_a_password_of_ones_own_and_says_why_one_is_refused(chromium: Browser, app_real: Flask, senha: str) -> None:
    with servir(app_real) as url, visita(chromium, MODOS[0], url) as pagina:
        pagina.goto("/")
        expect(pagina).to_have_url(re.compile("/login/"))
        pagina.fill("#username", "admin")
        pagina.fill("#password", "errada-errada")
        pagina.click("button[type=submit]")
        expect(pagina.get_by_text("Usuário ou senha incorretos")).to_be_visible()
        expect(pagina.locator("#username")).to_have_value("admin")
        entrar(pagina, "admin", senha)
        expect(pagina.get_by_text("primeiro acesso")).to_be_visible()
        pagina.goto("/clientes/list/")
        expect(pagina).to_have_url(re.compile("/trocar-senha/"))      # held here until the password is changed
        recusas = (
            ("não é esta", MINHA_SENHA, None, "#atual-erro", "não está correta"), (senha, "curta", None, "#nova-erro", "pelo menos 10 caracteres"),
            (senha, "1234567890", None, "#nova-erro", "muito comum"), (senha, "o admin sou eu, 77", None, "#nova-erro", "não pode conter seu nome"),
            (senha, MINHA_SENHA, "outra coisa qualquer", "#repetida-erro", "não são iguais"),
        )
        for atual, nova, repetida, onde, motivo in recusas:
            trocar(pagina, atual, nova, repetida)
            expect(pagina.locator(onde)).to_contain_text(motivo)
        fotografar(pagina, "primeira-senha")
        assert queixas(pagina) == []
        trocar(pagina, senha, MINHA_SENHA)
        expect(pagina).to_have_url(re.compile("/perfil/segundo-fator"))      # an administrator's password alone is not enough
        segredo = ligar_duas_etapas(pagina)
        expect(pagina.get_by_role("heading", name="Primeiros passos")).to_be_visible()
        expect(pagina.get_by_text("0 de 6 prontos")).to_be_visible()
        fotografar(pagina, "primeiro-painel")
        assert queixas(pagina) == []
    with servir(app_real) as url, visita(chromium, MODOS[0], url) as outra:
        outra.goto("/login/")
        preencher(outra, username="admin", password=MINHA_SENHA)
        outra.click("button[type=submit]")
        outra.fill("#codigo", pyotp.TOTP(segredo).at(relogio.agora(), 1))
        outra.get_by_role("button", name="Entrar").click()
        expect(outra.get_by_role("heading", name="Primeiros passos")).to_be_visible()      # not asked again


def preencher(pagina: Page, **campos: str) -> None:
    """Fill fields by their id."""
    for nome, valor in campos.items():
        pagina.fill(f"#{nome}", valor)


def salvar(pagina: Page, botao: str = "Salvar e continuar") -> None:
    """Send the step."""
    pagina.get_by_role("button", name=botao).click()


def passo_da_empresa(pagina: Page) -> None:
    """Company and logo; a wrong CNPJ is told at its field and nothing typed is lost."""
    preencher(pagina, razao_social="Fibra Nova Telecom Ltda", nome_fantasia="Fibra Nova", cnpj="11.222.333/0001-82", municipio="Campinas", uf="SP")
    salvar(pagina)
    expect(pagina.locator("#cnpj-erro")).to_contain_text("CNPJ inválido")
    expect(pagina.locator("#razao_social")).to_have_value("Fibra Nova Telecom Ltda")
    pagina.fill("#cnpj", "11.222.333/0001-81")
    pagina.set_input_files("#logo", {"name": "logo.png", "mimeType": "image/png", "buffer": png(120, 10)})
    salvar(pagina)


def passo_do_pix(pagina: Page) -> None:
    """The key; what is no key is refused."""
    expect(pagina.get_by_role("heading", name="Chave Pix")).to_be_visible()
    pagina.fill("#chave_pix", "minha chave")
    salvar(pagina)
    expect(pagina.locator("#chave_pix-erro")).to_contain_text("Não é uma chave Pix")
    pagina.fill("#chave_pix", "financeiro@fibranova.com.br")
    salvar(pagina)


def passo_do_email(pagina: Page, caixa: Caixa) -> None:
    """The server with a wrong password, then the right one: the message really arrives."""
    expect(pagina.get_by_role("heading", name="E-mail", exact=True)).to_be_visible()
    porta = caixa.url.rpartition(":")[2]
    preencher(pagina, servidor="127.0.0.1", porta=porta, usuario="crm", senha="errada", remetente="financeiro@fibranova.com.br")
    pagina.fill("#destinatario", "eu@fibranova.com.br")
    pagina.select_option("#seguranca", "nenhuma")
    salvar(pagina, "Salvar e enviar teste")
    expect(pagina.locator(".resumo-erros")).to_contain_text("O usuário ou a senha não foram aceitos")
    fotografar(pagina, "passo-email-recusado")
    assert caixa.quem() == []
    pagina.fill("#senha", caixa.senha_certa)
    salvar(pagina, "Salvar e enviar teste")
    expect(pagina.get_by_role("heading", name="Política de cobrança")).to_be_visible()
    assert caixa.quem() == ["eu@fibranova.com.br"]


def passo_do_plano(pagina: Page) -> None:
    """What is sold, priced as people write it here."""
    expect(pagina.get_by_role("heading", name="Primeiro plano")).to_be_visible()
    preencher(pagina, nome="Fibra 500", download_mbps="500", upload_mbps="250", preco="1.099,90")
    salvar(pagina)


def passo_da_equipe(pagina: Page) -> str:
    """A colleague is invited. Returns the path of the link shown once."""
    expect(pagina.get_by_role("heading", name="Equipe")).to_be_visible()
    preencher(pagina, first_name="Rita", last_name="Souza", email="rita@fibranova.com.br")
    pagina.get_by_role("radio", name="Financeiro").check()
    salvar(pagina, "Enviar convite")
    link = pagina.locator("#link-convite").inner_text()
    fotografar(pagina, "passo-equipe")
    return link.removeprefix("http://localhost")


def test_the_first_week_is_gone_through_step_by_step(chromium: Browser, app_real: Flask, senha: str) -> None:
    with servidor() as caixa, servir(app_real) as url, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "admin", senha)
        trocar(pagina, senha, MINHA_SENHA)
        pagina.get_by_role("link", name="Continuar").click()
        expect(pagina.locator(".alertas strong")).to_have_text(PASSOS)
        pagina.get_by_role("link", name=PASSOS[0]).first.click()
        passo_da_empresa(pagina)
        passo_do_pix(pagina)
        passo_do_email(pagina, caixa)
        pagina.locator("input[name=politica]").last.check()
        fotografar(pagina, "passo-politica")
        salvar(pagina)
        passo_do_plano(pagina)
        convite = passo_da_equipe(pagina)
        assert queixas(pagina) == []
        pagina.get_by_role("link", name="Continuar", exact=True).click()
        expect(pagina.locator(".alertas .quando")).to_have_text(["Pronto"] * len(PASSOS))
        fotografar(pagina, "primeiros-passos-prontos")
        pagina.goto("/")
        expect(pagina.get_by_role("heading", name="Painel")).to_be_visible()
        expect(pagina.get_by_role("heading", name="Primeiros passos")).to_have_count(0)
        with visita(chromium, MODOS[2], url) as colega:
            colega.goto(convite)
            expect(colega.get_by_text("Rita Souza")).to_be_visible()
            assert queixas(colega) == []
    with app_real.app_context(), transacao() as s:
        empresa = s.scalars(select(Empresa)).one()
        assert (empresa.cnpj, empresa.chave_pix, empresa.logo_id is not None) == ("11222333000181", "financeiro@fibranova.com.br", True)
        assert str(s.scalars(select(Plano)).one().preco) == "1099.90"
        politicas = s.scalars(select(PoliticaCobranca).where(PoliticaCobranca.ativo).order_by(PoliticaCobranca.id)).all()
        assert [p.padrao for p in politicas] == [False] * (len(politicas) - 1) + [True]
