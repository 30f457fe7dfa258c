"""Waits after too many attempts: told on the page that asked, with what was typed; shown to the administrator by names he knows."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select

from app.core import limites, relogio
from app.core.transacao import transacao
from app.portal.cadastro import CADASTRO_ENDERECO, CODIGO_ENDERECO
from app.usuarios.links import LINK_ENDERECO
from app.usuarios.models import SessaoUsuario
from app.usuarios.recuperacao import RECUPERAR_ENDERECO
from app.usuarios.services import POR_CONTA, EntradaService
from tests import fabricas as f

CPF, OUTRO = "529.982.247-25", "111.444.777-35"


@pytest.fixture
def chefe(app, http):
    """An administrator, signed in."""
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
    http.entrar("chefe")
    return http


def gastar(app, limite: limites.Limite, chave: str | int) -> None:
    """All free attempts of a limit, and the first that waits."""
    with app.app_context():
        for _vez in range(limite.livres):
            limites.tentar(limite, chave)


def quem_espera(http) -> list[str]:
    """First cell of each line of the page."""
    return re.findall(r'<th scope="row">(.*?)</th>', http.get("/esperas/").text)


PAGINAS = [
    (RECUPERAR_ENDERECO, "/recuperar/", {"conta": "ana@exemplo.com.br"}, 'value="ana@exemplo.com.br"'),
    (CADASTRO_ENDERECO, "/cadastrar/", {"documento": CPF, "canal": "email"}, f'value="{CPF}"'),
]


@pytest.mark.parametrize(("limite", "caminho", "dados", "digitado"), PAGINAS, ids=["password", "registration"])
def test_the_page_says_how_long_to_wait_and_keeps_what_was_typed(app, http, limite, caminho, dados, digitado) -> None:
    gastar(app, limite, "127.0.0.1")
    recusada = http.post(caminho, data=dados)
    assert recusada.status_code == 429 and 55 <= int(recusada.headers["Retry-After"]) <= 60
    assert "Tentativas demais deste endereço. Espere 1 minuto e tente de novo." in recusada.text and digitado in recusada.text
    with relogio.mover_para(relogio.agora() + dt.timedelta(seconds=61)):
        assert http.post(caminho, data=dados).status_code in (200, 302)


def test_wrong_codes_wait_on_their_own_page(app, http) -> None:
    assert http.post("/cadastrar/", data={"documento": CPF, "canal": "email"}).status_code == 302
    gastar(app, CODIGO_ENDERECO, "127.0.0.1")
    recusada = http.post("/cadastrar/codigo", data={"codigo": "123456", "senha": "chuva fina no telhado", "repetida": "chuva fina no telhado"})
    assert recusada.status_code == 429 and "Espere 1 minuto" in recusada.text and 'value="123456"' in recusada.text


def test_a_link_asked_for_too_often_says_how_long_to_wait(app, http) -> None:
    gastar(app, LINK_ENDERECO, "127.0.0.1")
    recusada = http.get("/recuperar/nenhum")
    assert recusada.status_code == 429 and "Espere 1 minuto e tente de novo." in recusada.text and recusada.headers["Retry-After"]


def test_the_administrator_reads_names_and_masks_and_no_hash(app, chefe) -> None:
    with app.app_context(), transacao() as s:
        ana = f.um_usuario(s, "Atendente", usuario="ana").id
    gastar(app, POR_CONTA, ana)
    gastar(app, POR_CONTA, f"{ana}.7")
    for _vez in range(5):
        app.test_client().post("/recuperar/", data={"conta": "ninguem@exemplo.com.br"})
        app.test_client().post("/cadastrar/", data={"documento": OUTRO, "canal": "email"})
    vistos = quem_espera(chefe)
    assert sorted(vistos) == sorted(["ana", "ana, num aparelho conhecido", "Conta que não existe", "•••.444.777-••"])
    documento = re.search(r'name="chave" value="(•••\.444\.777-•• [0-9a-f]{16})"', chefe.get("/esperas/").text)[1]
    chefe.post("/esperas/liberar", data={"limite": "cadastro_documento", "chave": documento})
    assert "•••.444.777-••" not in quem_espera(chefe)


def test_the_name_of_a_customer_is_his_document_and_is_masked_for_who_may_not_see_it(app, http) -> None:
    with app.app_context(), transacao() as s:
        maria = f.um_usuario(s, "Cliente", usuario="52998224725").id
        f.um_usuario(s, "Tecnico", usuario="vigia")
        sm = app.appbuilder.sm
        papel = sm.find_role("Tecnico")
        papel.permissions.append(sm.find_permission_view_menu("can_list", "TravasView"))
    gastar(app, POR_CONTA, maria)
    http.entrar("vigia")
    assert quem_espera(http) == ["•••.982.247-••"]


def test_open_sessions_are_those_that_serve_and_the_menu_leads_to_them(app, chefe) -> None:
    agora = relogio.agora()
    with app.app_context(), transacao() as s:
        ana = f.um_usuario(s, "Atendente", usuario="ana").id
        comum = {"usuario_id": ana, "vista_em": agora, "expira_em": agora + dt.timedelta(hours=1)}
        for nome, mudanca in {"Aberta": {}, "Vencida": {"expira_em": agora - dt.timedelta(seconds=1)},
                              "Ociosa": {"vista_em": agora - dt.timedelta(hours=3)}, "Encerrada": {"encerrada_em": agora, "motivo": "saida"}}.items():
            s.add(SessaoUsuario(resumo=nome, agente=f"Programa{nome}", **(comum | mudanca)))
    caminho = re.search(r'href="(/sessoes/list/\?[^"]+)"', chefe.get("/").text)[1].replace("&amp;", "&")
    abertas, todas = chefe.get(caminho).text, chefe.get("/sessoes/list/").text
    assert [n for n in ("Aberta", "Vencida", "Ociosa", "Encerrada") if f"Programa{n}" in abertas] == ["Aberta"]
    assert all(f"Programa{n}" in todas for n in ("Aberta", "Vencida", "Ociosa", "Encerrada"))
    assert all(fim in todas for fim in ("Tempo máximo", "Falta de uso", "Saiu"))
    with app.app_context(), transacao() as s:
        assert s.scalars(select(SessaoUsuario.resumo).where(SessaoUsuario.usuario_id == ana, SessaoUsuario.serve())).all() == ["Aberta"]


def test_what_an_administrator_frees_is_free_in_every_browser(app, chefe) -> None:
    with app.app_context(), transacao() as s:
        ana = f.um_usuario(s, "Atendente", usuario="ana").id
    gastar(app, POR_CONTA, ana)
    gastar(app, POR_CONTA, f"{ana}.0123456789abcdef")
    assert len(quem_espera(chefe)) == 2
    with app.app_context(), transacao() as s:
        EntradaService(s).liberar(ana)
    assert quem_espera(chefe) == []
