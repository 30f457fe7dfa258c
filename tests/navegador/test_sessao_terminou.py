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
from app.notificacoes.models import Canal, ModeloMensagem
from tests import fabricas as f
from tests.navegador.base import dentro

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
DE_VOLTA = "O que você tinha digitado está de volta"


@pytest.fixture
def ids(app_real: Flask) -> dict[str, int]:
    """Two people of the house, and what they work on."""
    with app_real.app_context(), transacao() as s:
        f.uma_empresa(s)
        f.um_usuario(s, "Admin", usuario="chefe")
        f.um_usuario(s, "Gerente", usuario="outra")
        invoice = f.uma_invoice(s)
        modelo = s.scalars(select(ModeloMensagem).where(ModeloMensagem.evento == "fatura_emitida", ModeloMensagem.canal == Canal.email)).first()
        return {"invoice": invoice.id, "cliente": invoice.cliente_id, "modelo": modelo.id}


def test_an_amount_that_the_page_would_reckon_again_comes_back_as_typed(app_real: Flask, ids: dict[str, int]) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/faturamento/{ids['invoice']}/pagar")
        devido = pagina.get_by_label("Valor recebido").input_value()      # today's, for another day
        pagina.get_by_label("Data do recebimento").fill("2026-02-10")
        expect(pagina.get_by_label("Valor recebido")).not_to_have_value(devido)
        pagina.get_by_label("Valor recebido").fill(devido)
        _enviar_sem_sessao_e_entrar(pagina, "chefe")
        expect(pagina.get_by_text(DE_VOLTA)).to_be_visible()
        pagina.wait_for_load_state("networkidle")
        expect(pagina.get_by_label("Valor recebido")).to_have_value(devido)


def test_what_was_typed_comes_back_once_and_is_sent(app_real: Flask, ids: dict[str, int]) -> None:
    endereco = f"/faturamento/{ids['invoice']}/pagar"
    with dentro(app_real) as pagina:
        pagina.goto(endereco)
        pagina.get_by_label("Valor recebido").fill("12,34")
        pagina.get_by_label("Referência do comprovante").fill("DOC 77")
        pagina.get_by_label("Forma").select_option("Boleto")
        _enviar_sem_sessao_e_entrar(pagina, "chefe")
        expect(pagina.get_by_text(DE_VOLTA)).to_be_visible()
        expect(pagina.get_by_label("Valor recebido")).to_have_value("12,34")
        expect(pagina.get_by_label("Referência do comprovante")).to_have_value("DOC 77")
        expect(pagina).to_have_url(endereco)
        pagina.get_by_role("button", name="Registrar recebimento").click()
        expect(pagina.get_by_text("Recebimento de R$ 12,34 registrado.")).to_be_visible()
        pagina.goto(endereco)
        expect(pagina.get_by_label("Referência do comprovante")).to_have_value("")
    with app_real.app_context():
        assert [(str(p.valor), p.numero_referencia, p.metodo.name) for p in db.session.scalars(select(Pagamento))] == [("12.34", "DOC 77", "boleto")]


def test_nobody_sees_what_another_typed(app_real: Flask, ids: dict[str, int]) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/faturamento/{ids['invoice']}/pagar")
        pagina.get_by_label("Referência do comprovante").fill("é de chefe")
        pagina.get_by_label("Forma").select_option("Boleto")
        _enviar_sem_sessao_e_entrar(pagina, "outra")
        expect(pagina.get_by_label("Referência do comprovante")).to_have_value("")


def test_somebody_elses_change_is_not_written_over_by_what_comes_back(app_real: Flask, ids: dict[str, int]) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/clientes/edit/{ids['cliente']}")
        pagina.get_by_label("Observações").fill("Prefere ligação à tarde")
        with app_real.app_context(), transacao() as s:
            s.get(Cliente, ids["cliente"]).nome_fantasia = "Mudado por outra pessoa"
        _enviar_sem_sessao_e_entrar(pagina, "chefe", "Salvar")
        expect(pagina.get_by_label("Observações")).to_have_value("Prefere ligação à tarde")
        pagina.get_by_role("button", name="Salvar").click()
        expect(pagina.get_by_text("Outra pessoa alterou este registro")).to_be_visible()
    with app_real.app_context():
        assert db.session.get(Cliente, ids["cliente"]).nome_fantasia == "Mudado por outra pessoa"


@pytest.mark.parametrize("fragmento", ["", "#descricao_1"])
def test_all_lines_of_an_invoice_by_hand_come_back(app_real: Flask, ids: dict[str, int], fragmento: str) -> None:
    """Even after a link to a field with a mistake."""
    with dentro(app_real) as pagina:
        pagina.goto(f"/faturamento/avulsos/fatura?cliente={ids['cliente']}")
        pagina.get_by_role("button", name="Mais itens").click()
        pagina.evaluate("f => { if (f) location.hash = f }", fragmento)
        pagina.get_by_label("Vencimento").fill(f"{relogio.hoje() + 10 * UM_DIA}")
        for n in range(1, 7):
            pagina.get_by_label(f"Descrição do item {n}").fill(f"Cabo {n}")
            pagina.get_by_label(f"Valor unitário do item {n}").fill("10,00")
        _enviar_sem_sessao_e_entrar(pagina, "chefe", "Emitir fatura")
        expect(pagina.get_by_text(DE_VOLTA)).to_be_visible()
        expect(pagina.get_by_label("Descrição do item 6")).to_have_value("Cabo 6")
        pagina.get_by_role("button", name="Emitir fatura").click()
        expect(pagina.get_by_role("heading", level=1)).to_contain_text("R$ 60,00")


def test_a_long_text_comes_back_and_a_preview_of_it_does_not_stop_the_form(app_real: Flask, ids: dict[str, int]) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/mensagens/modelos/edit/{ids['modelo']}")
        pagina.fill("#corpo", "Bom dia, {{ nome }}")
        pagina.get_by_role("button", name="Ver prévia").click()
        expect(pagina.frame_locator("iframe").get_by_text("Bom dia, Maria da Silva")).to_be_visible()
        _enviar_sem_sessao_e_entrar(pagina, "chefe", "Salvar")
        expect(pagina.get_by_text(DE_VOLTA)).to_be_visible()
        expect(pagina.locator("#corpo")).to_have_value("Bom dia, {{ nome }}")
        pagina.get_by_role("button", name="Salvar").click()
        pagina.wait_for_url(lambda endereco: "/edit/" not in endereco)
    with app_real.app_context():
        assert db.session.get(ModeloMensagem, ids["modelo"]).corpo == "Bom dia, {{ nome }}"


def test_a_note_of_a_page_comes_back_to_the_page(app_real: Flask, ids: dict[str, int]) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/clientes/{ids['cliente']}")
        pagina.get_by_label("Anotação interna").fill("Quer mudar de plano em março")
        _enviar_sem_sessao_e_entrar(pagina, "chefe", "Anotar")
        expect(pagina.get_by_label("Anotação interna")).to_have_value("Quer mudar de plano em março")
        pagina.get_by_role("button", name="Anotar").click()
        expect(pagina.get_by_text("Quer mudar de plano em março")).to_be_visible()


def test_what_finds_no_place_any_more_is_said(app_real: Flask, ids: dict[str, int]) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/faturamento/{ids['invoice']}/pagar")
        pagina.evaluate("""document.querySelector("main form [name=valor]").insertAdjacentHTML("afterend", "<input name=sumiu aria-label=Sumiu>")""")
        pagina.get_by_label("Sumiu").fill("algo")
        pagina.get_by_label("Forma").select_option("Boleto")
        _enviar_sem_sessao_e_entrar(pagina, "chefe")
        expect(pagina.get_by_text("Só uma parte do que você tinha digitado pôde voltar")).to_be_visible()


def _enviar_sem_sessao_e_entrar(pagina: Page, nome: str, botao: str = "Registrar recebimento") -> None:
    """The session is gone when the form is sent; somebody signs in where that leads."""
    pagina.context.clear_cookies()
    pagina.get_by_role("button", name=botao).click()
    expect(pagina.get_by_text("Sua sessão terminou antes do envio: nada foi gravado.")).to_be_visible()
    pagina.get_by_label("Usuário ou e-mail").fill(nome)
    pagina.get_by_label("Senha").fill(f.SENHA)
    pagina.get_by_role("button", name="Entrar").click()
