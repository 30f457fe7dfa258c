"""Story: Ana, who attends, sees the portal with Maria's eyes while she talks to her; nothing can be changed there, and the trail has both ends of it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.clientes.models import AcessoPortal
from app.core.transacao import transacao
from tests import fabricas as f
from tests.navegador.base import EXTREMOS, Modo, entrar, navegador, queixas, servir, visita
from tests.navegador.historia import linha_de

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
_MANDAR = """async () => { const token = document.querySelector("input[name=csrf_token]").value;
  const r = await fetch("/portal/", {method: "POST", body: new URLSearchParams({csrf_token: token})}); return [r.status, await r.text()]; }"""


def _faixa(pagina: Page):
    return pagina.get_by_role("complementary", name="Ver como o cliente")


@pytest.mark.parametrize("modo", EXTREMOS, ids=lambda m: m.nome)
def test_the_portal_with_a_customers_eyes_and_back(app_real: Flask, modo: Modo) -> None:
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        f.um_usuario(s, "Atendente", usuario="ana", first_name="Ana")
        invoice = f.uma_invoice(s, contrato=f.um_contrato(s, cliente_id=f.um_cliente(s, nome="Maria Prado").id))
        cliente, numero = invoice.cliente_id, invoice.numero_formatado
        s.add(AcessoPortal(usuario_id=f.um_usuario(s, "Cliente", usuario="maria").id, cliente_id=cliente))
    with servir(app_real) as url, navegador() as chromium, visita(chromium, modo, url) as ana, visita(chromium, modo, url) as maria:
        entrar(ana, "ana", f.SENHA)
        ana.goto(f"/clientes/{cliente}")
        ana.get_by_role("button", name="Ver como o cliente").click()
        expect(_faixa(ana)).to_contain_text("Você está vendo como Maria Prado")
        expect(_faixa(ana)).to_contain_text(re.compile(r"Só leitura, até \d\d:\d\d\."))
        assert queixas(ana) == []
        entrar(maria, "maria", f.SENHA)
        maria.goto("/portal/")
        expect(_faixa(maria)).to_have_count(0)
        for pagina in (ana, maria):
            expect(pagina.locator("main")).to_contain_text(numero)
            expect(pagina.get_by_role("heading", level=1)).to_contain_text("Maria")

        recusa, texto = ana.evaluate(_MANDAR)
        assert recusa == 403 and "aqui nada pode ser mudado" in texto
        ana.queixas.clear()
        ana.goto("/clientes/list/")      # the other pages go on as Ana's own
        expect(_faixa(ana)).to_have_count(0)
        ana.goto("/portal/")
        _faixa(ana).get_by_role("button", name="Voltar").click()
        expect(ana).to_have_url(f"{url}/clientes/{cliente}")
        expect(ana.get_by_text("Você voltou a ser você.")).to_be_visible()
        assert ana.goto("/portal/").status == 404

    with servir(app_real) as url, navegador() as chromium, visita(chromium, modo, url) as chefe:
        entrar(chefe, "chefe", f.SENHA)
        chefe.goto("/auditoria/list/")
        for acao in ("Início de “ver como”", "Fim de “ver como”"):
            expect(linha_de(chefe, acao).filter(has_text="ana").first).to_be_visible()
