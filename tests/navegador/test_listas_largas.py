"""Lists with a column of text at an office's width: the text takes two lines at most, and the list does not scroll sideways."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator

import pytest
from flask import Flask

from app.core import relogio
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.models import Canal, Notificacao, StatusNotificacao
from app.rede.models import Incidente, Pop, Servidor
from tests import fabricas as f
from tests.navegador.base import dentro
from tests.notificacoes.apoio import FATURA

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
FOTOS = os.environ.get("CRM_FOTOS")
ASSUNTO, TITULO = "Sua fatura 000000258 vence em 10/12/2026", "Manutenção programada – Concentrador de Araraquara"
# lines that the text takes in its cell, and how much of the list is out of sight
_MEDIR = """texto => {
  const celula = [...document.querySelectorAll('.tabela tbody :is(td, th)')].find(c => c.textContent.includes(texto));
  const trecho = document.createRange(); trecho.selectNodeContents(celula.querySelector('.texto') || celula);
  const linhas = new Set([...trecho.getClientRects()].filter(r => r.width > 1).map(r => Math.round(r.top / 4))).size;
  const rolagem = document.querySelector('.rolagem');
  return [linhas, rolagem.scrollWidth - rolagem.clientWidth];
}"""


@pytest.fixture
def casa(app_real: Flask) -> Iterator[Flask]:
    """A message to a long address and an outage with everything filled in."""
    with app_real.app_context():
        with transacao() as s:
            f.um_usuario(s, "Admin", usuario="chefe")
            agora = relogio.agora()
            f.gravar(s, Notificacao(
                chave="a", evento="aviso_vencida", canal=Canal.email, destinatario="fernanda.albuquerque.cavalcanti@exemplo.com.br", dados=FATURA, anexos=[],
                assunto=ASSUNTO, corpo="oi", status=StatusNotificacao.enviada, quando=agora, enviada_em=agora))
            pop = f.gravar(s, Pop(nome="POP Araraquara", municipio="Araraquara", uf="SP"))
            servidor = f.gravar(s, Servidor(nome="Concentrador Araraquara", ip="10.0.0.1", pop_id=pop.id))
            f.gravar(s, Incidente(
                titulo=TITULO, municipio="Araraquara", bairro="Jardim Primavera", inicio=agora, previsao=agora + dt.timedelta(hours=4), pop_id=pop.id,
                servidor_id=servidor.id))
        db.session.remove()
    yield app_real


def test_a_column_of_text_is_not_squeezed(casa: Flask) -> None:
    medidas = {}
    with dentro(casa) as pagina:
        for nome, caminho, texto in (("mensagens", "/mensagens/list/", ASSUNTO), ("incidentes", "/rede/incidentes/list/", TITULO)):
            pagina.goto(caminho)
            medidas[nome] = pagina.evaluate(_MEDIR, texto)
            if FOTOS:
                pagina.screenshot(path=f"{FOTOS}/larga-{nome}.png")
    assert all(linhas <= 2 and sobra <= 0 for linhas, sobra in medidas.values()), medidas
