"""Messages in a real browser: nothing on the pages is wrong, the text of a message is drawn, a template is previewed before it is saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core import registro, relogio
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.modelos_prontos import PRONTOS
from app.notificacoes.models import Canal, EnvioMensagem, ModeloMensagem, Notificacao, OptOut, ResultadoTentativa, StatusNotificacao
from app.notificacoes.services import CanalService
from tests import fabricas as f
from tests.navegador.base import EXTREMOS, dentro, examinar, queixas
from tests.notificacoes.apoio import FATURA

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
FOTOS = os.environ.get("CRM_FOTOS")


@pytest.fixture
def casa(app_real: Flask) -> Iterator[dict[str, int]]:
    """Messages of every kind, and an administrator with something in the bell."""
    registro.fazedor_de_pdf("teste", lambda _n: b"%PDF")
    with app_real.app_context():
        with transacao() as s:
            f.uma_empresa(s)
            chefe = f.um_usuario(s, "Admin", usuario="chefe").id
            falhou, enviada = (f.gravar(s, _mensagem(chave, **kw)).id for chave, kw in (
                ("a", {"status": StatusNotificacao.falha, "erro": "550 5.1.1 caixa postal inexistente"}),
                ("b", {
                    "status": StatusNotificacao.enviada, "enviada_em": relogio.agora(), "assunto": "Sua fatura vence amanhã",
                    "corpo": "Olá, João & Açucena.\n\nVeja.",
                }),
            ))
            f.gravar(s, _mensagem("c", canal=Canal.interno, usuario_id=chefe, status=StatusNotificacao.enviada, enviada_em=relogio.agora(),
                                  assunto="O envio de e-mails parou", corpo="O servidor respondeu 535."))
            tentativa = {"por": "smtp", "resultado": ResultadoTentativa.permanente, "resposta": "550 5.1.1 não existe"}
            f.gravar(s, EnvioMensagem(notificacao_id=falhou, canal=Canal.email, **tentativa))
            f.gravar(s, OptOut(canal=Canal.email, destinatario="x@exemplo.com.br", motivo="550 5.1.1 não existe"))
            CanalService(s).parar(Canal.email, "535 5.7.8 usuário ou senha inválidos", em=relogio.agora())
            CanalService(s).configurar_provedor(Canal.whatsapp, replace(PRONTOS["meta_modelo"].provedor, segredo="token-de-teste"))
            CanalService(s).parar(Canal.whatsapp, "401 token vencido", em=relogio.agora())
            sms = s.scalar(select(ModeloMensagem.id).where(ModeloMensagem.evento == "lembrete_vencimento", ModeloMensagem.canal == Canal.sms))
            modelo = s.scalar(select(ModeloMensagem.id).where(ModeloMensagem.evento == "lembrete_vencimento", ModeloMensagem.canal == Canal.email))
        db.session.remove()
    yield {"falhou": falhou, "enviada": enviada, "modelo": modelo, "sms": sms}
    registro._pdfs.pop("teste")


def _mensagem(chave: str, **kw: object) -> Notificacao:
    padrao = {"evento": "lembrete_vencimento", "canal": Canal.email, "destinatario": "maria@exemplo.com.br", "dados": FATURA, "quando": relogio.agora(),
              "anexos": [{"pdf": "teste", "id": 7, "nome": "fatura-000000007.pdf"}], "cliente_id": 1}
    return Notificacao(chave=chave, **{**padrao, **kw})


def fotografar(pagina: Page, nome: str) -> None:
    """Keep a picture when asked (CRM_FOTOS)."""
    if FOTOS:
        pagina.screenshot(path=f"{FOTOS}/{nome}.png", full_page=True)


@pytest.mark.parametrize("modo", EXTREMOS, ids=lambda m: m.nome)
def test_the_pages_of_messages_have_nothing_wrong(app_real: Flask, casa: dict, modo) -> None:
    caminhos = {
        "lista": "/mensagens/list/", "falhou": f"/mensagens/show/{casa['falhou']}", "enviada": f"/mensagens/show/{casa['enviada']}",
        "modelos": "/mensagens/modelos/list/", "modelo": f"/mensagens/modelos/show/{casa['modelo']}", "editar": f"/mensagens/modelos/edit/{casa['modelo']}",
        "recusas": "/mensagens/recusas/list/", "recusar": "/mensagens/recusas/add", "correio": "/mensagens/email/", "sino": "/notificacoes/sino",
        "canais": "/mensagens/canais/", "canal": "/mensagens/canais/whatsapp", "pronto": "/mensagens/canais/sms?modelo=twilio_sms",
        "sms": f"/mensagens/modelos/edit/{casa['sms']}", "texto-novo": "/mensagens/modelos/add",
    }
    with dentro(app_real, modo=modo) as pagina:
        achados = []
        for nome, caminho in caminhos.items():
            achados += examinar(pagina, caminho)
            fotografar(pagina, f"{nome}-{modo.nome}")
    assert achados == []


def test_a_text_is_seen_before_it_is_saved_and_the_bell_opens(app_real: Flask, casa: dict) -> None:
    with dentro(app_real) as pagina:
        pagina.goto(f"/mensagens/show/{casa['enviada']}")
        expect(pagina.frame_locator("iframe").get_by_text("Olá, João & Açucena.")).to_be_visible()
        pagina.goto(f"/mensagens/modelos/edit/{casa['modelo']}")
        pagina.fill("#corpo", "Bom dia, {{ nome }}: {{ vencimento }}")
        pagina.click("text=Ver prévia")
        expect(pagina.frame_locator("iframe").get_by_text("Bom dia, Maria da Silva: 10/12/2026")).to_be_visible()
        pagina.click("main form .btn-primary")
        pagina.wait_for_url(lambda endereco: "/edit/" not in endereco)
        pagina.click("button[aria-label*='aviso não lido']")
        expect(pagina.locator(".dropdown-menu.show").get_by_text("O envio de e-mails parou")).to_be_visible()
        fotografar(pagina, "sino-aberto")
        assert queixas(pagina) == []
