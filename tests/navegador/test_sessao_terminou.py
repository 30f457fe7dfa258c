"""A session that ends while a form is being filled in: after signing in what was typed is there again, and is sent as if nothing had been."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.clientes.models import Cliente
from app.core import relogio
from app.core.datas import UM_DIA
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.models import Pagamento
from tests import fabricas as f
from tests.navegador.base import MODOS, entrar, navegador, servir, visita

pytestmark = [pytest.mark.navegador, pytest.mark.lento]


def test_what_was_typed_comes_back_after_signing_in_again(app_real: Flask) -> None:
    with app_real.app_context():
        with transacao() as s:
            f.uma_empresa(s)
            f.um_usuario(s, "Admin", usuario="chefe")
            f.um_usuario(s, "Gerente", usuario="outra")
            invoice_id = f.uma_invoice(s).id
        db.session.remove()
    with servir(app_real) as url, navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "chefe", f.SENHA)
        pagina.goto(f"/faturamento/{invoice_id}/pagar")
        devido = pagina.get_by_label("Valor recebido").input_value()      # today's, for another day
        pagina.get_by_label("Data do recebimento").fill("2026-02-10")
        expect(pagina.get_by_label("Valor recebido")).not_to_have_value(devido)
        pagina.get_by_label("Valor recebido").fill(devido)
        _enviar_sem_sessao_e_entrar(pagina, "chefe")
        expect(pagina.get_by_text("O que você tinha digitado está de volta")).to_be_visible()
        pagina.wait_for_load_state("networkidle")
        expect(pagina.get_by_label("Valor recebido")).to_have_value(devido)
        pagina.goto(f"/faturamento/{invoice_id}/pagar")
        pagina.get_by_label("Valor recebido").fill("12,34")
        pagina.get_by_label("Referência do comprovante").fill("DOC 77")
        pagina.get_by_label("Forma").select_option("Boleto")
        _enviar_sem_sessao_e_entrar(pagina, "chefe")
        expect(pagina.get_by_text("O que você tinha digitado está de volta")).to_be_visible()
        expect(pagina.get_by_label("Valor recebido")).to_have_value("12,34")
        expect(pagina.get_by_label("Referência do comprovante")).to_have_value("DOC 77")
        assert pagina.url == f"{url}/faturamento/{invoice_id}/pagar"
        pagina.get_by_role("button", name="Registrar recebimento").click()
        expect(pagina.get_by_text("Recebimento de R$ 12,34 registrado.")).to_be_visible()
        pagina.goto(f"/faturamento/{invoice_id}/pagar")
        expect(pagina.get_by_label("Referência do comprovante")).to_have_value("")      # it came back once
        pagina.get_by_label("Referência do comprovante").fill("é de chefe")
        pagina.get_by_label("Forma").select_option("Boleto")
        _enviar_sem_sessao_e_entrar(pagina, "outra")
        expect(pagina.get_by_label("Referência do comprovante")).to_have_value("")      # nobody sees what another typed
    with app_real.app_context():
        assert [(str(p.valor), p.numero_referencia, p.metodo.name) for p in db.session.scalars(select(Pagamento))] == [("12.34", "DOC 77", "boleto")]


def test_somebody_elses_change_is_not_written_over_by_what_comes_back(app_real: Flask) -> None:
    with app_real.app_context():
        with transacao() as s:
            f.um_usuario(s, "Admin", usuario="chefe")
            cliente_id = f.um_cliente(s).id
        db.session.remove()
    with servir(app_real) as url, navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "chefe", f.SENHA)
        pagina.goto(f"/clientes/edit/{cliente_id}")
        pagina.get_by_label("Observações").fill("Prefere ligação à tarde")
        with app_real.app_context(), transacao() as s:
            s.get(Cliente, cliente_id).nome_fantasia = "Mudado por outra pessoa"
        _enviar_sem_sessao_e_entrar(pagina, "chefe", "Salvar")
        expect(pagina.get_by_label("Observações")).to_have_value("Prefere ligação à tarde")
        pagina.get_by_role("button", name="Salvar").click()
        expect(pagina.get_by_text("Outra pessoa alterou este registro")).to_be_visible()
    with app_real.app_context():
        assert db.session.get(Cliente, cliente_id).nome_fantasia == "Mudado por outra pessoa"


def test_all_lines_of_an_invoice_by_hand_come_back(app_real: Flask) -> None:
    with app_real.app_context():
        with transacao() as s:
            f.uma_empresa(s)
            f.um_usuario(s, "Admin", usuario="chefe")
            cliente_id = f.um_cliente(s).id
        db.session.remove()
    with servir(app_real) as url, navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "chefe", f.SENHA)
        pagina.goto(f"/faturamento/avulsos/fatura?cliente={cliente_id}")
        pagina.get_by_role("button", name="Mais itens").click()
        pagina.get_by_label("Vencimento").fill(f"{relogio.hoje() + 10 * UM_DIA}")
        for n in range(1, 7):
            pagina.get_by_label(f"Descrição do item {n}").fill(f"Cabo {n}")
            pagina.get_by_label(f"Valor unitário do item {n}").fill("10,00")
        _enviar_sem_sessao_e_entrar(pagina, "chefe", "Emitir fatura")
        expect(pagina.get_by_text("O que você tinha digitado está de volta")).to_be_visible()
        expect(pagina.get_by_label("Descrição do item 6")).to_have_value("Cabo 6")
        pagina.get_by_role("button", name="Emitir fatura").click()
        expect(pagina.get_by_role("heading", level=1)).to_contain_text("R$ 60,00")


def _enviar_sem_sessao_e_entrar(pagina: Page, nome: str, botao: str = "Registrar recebimento") -> None:
    """The session is gone when the form is sent; somebody signs in where that leads."""
    pagina.context.clear_cookies()
    pagina.get_by_role("button", name=botao).click()
    expect(pagina.get_by_text("Sua sessão terminou antes do envio: nada foi gravado.")).to_be_visible()
    pagina.get_by_label("Usuário ou e-mail").fill(nome)
    pagina.get_by_label("Senha").fill(f.SENHA)
    pagina.get_by_role("button", name="Entrar").click()
