"""Stories: who is invited, who forgot the password and a customer at the telephone each get in by themselves, by the mail that really arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.core import execucao
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.usuarios.models import LimitePapel
from tests import fabricas as f
from tests.navegador.base import MODOS, entrar, navegador, queixas, servir, trocar_tema, visita
from tests.navegador.historia import fotografar
from tests.notificacoes.servidor_smtp import Caixa, servidor

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
NOVA = "chuva fina no telhado"
COMPUTADOR, CELULAR = MODOS[0], MODOS[2]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for the module."""
    with navegador() as aberto:
        yield aberto


@contextmanager
def casa(app: Flask) -> Iterator[tuple[Caixa, str]]:
    """The application with a mail server, an administrator, an employee and a customer; the second factor is another story."""
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
        for limite in s.scalars(select(LimitePapel)):
            limite.exige_2fa = False
        f.um_usuario(s, "Admin", usuario="chefe")
        f.um_usuario(s, "Atendente", usuario="ana", email="ana@exemplo.com.br")
        f.um_cliente(s, nome="Maria Souza", cpf_cnpj="52998224725", email="maria@exemplo.com.br")
    with servidor() as caixa, servir(app) as url:
        app.config["SMTP_URL"] = caixa.url
        yield caixa, url


def correio(app: Flask, caixa: Caixa, para: str) -> str:
    """Let the workers do what waits; the newest mail to that address."""
    abertas = (EstadoTarefa.pendente, EstadoTarefa.publicada)
    with app.app_context():
        while True:
            with transacao() as s:
                ids = s.scalars(select(Tarefa.id).where(Tarefa.estado.in_(abertas)).order_by(Tarefa.id)).all()
            if not ids:
                break
            for tarefa_id in ids:
                execucao.rodar(tarefa_id)
    return [m for m in caixa.mensagens if str(m["To"]) == para][-1].get_body(("plain",)).get_content()


def link(texto: str) -> str:
    """The path of our address in a mail."""
    return re.search(r"http://localhost(/\S+)", texto).group(1)


def bem(pagina: Page, foto: str) -> None:
    """Nothing is wrong with the page in either theme."""
    fotografar(pagina, foto)
    assert queixas(pagina) == [], foto
    trocar_tema(pagina)
    assert queixas(pagina) == [], f"{foto} (other theme)"
    fotografar(pagina, f"{foto}-outro-tema")
    trocar_tema(pagina)


def duas_vezes(pagina: Page, senha: str) -> None:
    """A new password, as both fields ask."""
    pagina.fill("#senha", senha)
    pagina.fill("#repetida", senha)


def test_from_the_administrators_click_to_the_new_persons_first_page(chromium: Browser, app_real: Flask) -> None:
    with casa(app_real) as (caixa, url), visita(chromium, COMPUTADOR, url) as chefe:
        entrar(chefe, "chefe", f.SENHA)
        chefe.goto("/usuarios/list/")
        chefe.get_by_role("link", name="Convidar pessoa").click()
        chefe.get_by_role("button", name="Enviar convite").click()
        expect(chefe.locator("#email-erro")).to_contain_text("Informe o e-mail")
        for campo, valor in (("nome", "Rita"), ("sobrenome", "Souza"), ("email", "rita@exemplo.com.br")):
            chefe.fill(f"#{campo}", valor)
        chefe.select_option("#papeis", label="Financeiro", force=True)
        bem(chefe, "convite-novo")
        chefe.get_by_role("button", name="Enviar convite").click()
        mostrado = chefe.locator("#link-convite").inner_text()
        bem(chefe, "convite-feito")
        texto = correio(app_real, caixa, "rita@exemplo.com.br")
        assert link(texto) == mostrado.removeprefix("http://localhost")
        with visita(chromium, CELULAR, url) as rita:
            rita.goto(link(texto))
            expect(rita.get_by_text("Rita Souza")).to_be_visible()
            expect(rita.locator("#usuario")).to_have_value("rita")
            duas_vezes(rita, "1234567890")
            rita.keyboard.press("Enter")
            expect(rita.locator("#senha-erro")).to_contain_text("muito comum")
            bem(rita, "convite-aceitar")
            duas_vezes(rita, NOVA)
            rita.keyboard.press("Enter")
            expect(rita.get_by_text("Boas-vindas, Rita!")).to_be_visible()
            entrar(rita, "rita", NOVA)
            expect(rita.get_by_role("heading", name="Painel")).to_be_visible()
        chefe.goto("/convites/list/")
        expect(chefe.get_by_role("cell", name="Aceito")).to_be_visible()
        bem(chefe, "convites")


def test_from_forgotten_to_signed_in(chromium: Browser, app_real: Flask) -> None:
    with casa(app_real) as (caixa, url), visita(chromium, CELULAR, url) as pagina:
        pagina.goto("/login/")
        bem(pagina, "entrada")
        pagina.get_by_role("link", name="Esqueci a senha").click()
        bem(pagina, "recuperar")
        pagina.fill("#conta", "ana")
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_text("Se houver uma conta com estes dados")).to_be_visible()
        bem(pagina, "recuperar-enviado")
        caminho = link(correio(app_real, caixa, "ana@exemplo.com.br"))
        pagina.goto(caminho)
        expect(pagina.locator("#senha")).to_be_focused()
        duas_vezes(pagina, NOVA)
        bem(pagina, "nova-senha")
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_text("Senha trocada. Entre com a nova senha.")).to_be_visible()
        assert "foi trocada" in correio(app_real, caixa, "ana@exemplo.com.br")
        entrar(pagina, "ana", NOVA)
        expect(pagina.get_by_role("heading", name="Painel")).to_be_visible()
        pagina.goto(caminho)
        expect(pagina.get_by_role("heading", name="Este link não vale mais")).to_be_visible()
        bem(pagina, "link-invalido")
        pagina.goto("/perfil/")
        bem(pagina, "perfil")


def test_a_customer_registers_at_the_telephone(chromium: Browser, app_real: Flask) -> None:
    with casa(app_real) as (caixa, url), visita(chromium, CELULAR, url) as pagina:
        pagina.goto("/login/")
        pagina.get_by_role("link", name="Sou cliente: criar acesso").click()
        pagina.fill("#documento", "529.982.247-26")
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#documento-erro")).to_contain_text("CPF ou CNPJ inválido")
        bem(pagina, "cadastrar")
        pagina.fill("#documento", "529.982.247-25")
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_text("Se este CPF ou CNPJ for de um cliente")).to_be_visible()
        codigo = re.search(r"\b\d{6}\b", correio(app_real, caixa, "maria@exemplo.com.br")).group()
        pagina.fill("#codigo", "000000" if codigo != "000000" else "111111")
        duas_vezes(pagina, NOVA)
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#codigo-erro")).to_contain_text("Código errado ou vencido")
        bem(pagina, "cadastrar-codigo")
        pagina.fill("#codigo", codigo)
        duas_vezes(pagina, NOVA)
        pagina.keyboard.press("Enter")
        expect(pagina.get_by_text("Acesso criado.")).to_be_visible()
        entrar(pagina, "529.982.247-25", NOVA)
        expect(pagina).to_have_url(re.compile("/portal/"))
