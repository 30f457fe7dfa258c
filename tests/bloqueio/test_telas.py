"""Blocks on screen and through the API: by a person's word, with a reason, under the roles."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.core import relogio
from app.core.transacao import transacao
from app.extensions import db
from app.rede.estados import EstadoAcesso as E
from app.rede.models import AcessoRede
from tests import fabricas as f
from tests.programas import caminhos_da_api


@pytest.fixture
def contrato(app) -> int:
    """An active contract."""
    with app.app_context(), transacao() as s:
        return f.um_contrato(s, faturar=False).id


def entrar(app, http, papel: str):
    """Somebody of that role, signed in."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http.entrar(nome)
    return http


def acesso(app, contrato_id: int) -> E:
    """What the access must be."""
    with app.app_context():
        return db.session.scalar(select(AcessoRede.desejado).where(AcessoRede.contrato_id == contrato_id))


def bloqueio(app, contrato_id: int) -> Bloqueio | None:
    """The contract's last block."""
    with app.app_context():
        return db.session.scalar(select(Bloqueio).where(Bloqueio.contrato_id == contrato_id).order_by(Bloqueio.id.desc()))


def formulario(contrato_id: int, **mudancas) -> dict:
    return {"contrato": str(contrato_id), "motivo": "manual", "tipo": "total", "explicacao": "uso indevido", **mudancas}


def test_a_person_blocks_and_releases_with_a_reason(app, http, contrato) -> None:
    gerente = entrar(app, http, "Gerente")
    assert gerente.get(f"/bloqueios/novo?contrato={contrato}").status_code == 200
    assert gerente.post("/bloqueios/novo", data=formulario(contrato)).status_code == 302
    aberto = bloqueio(app, contrato)
    assert (acesso(app, contrato), aberto.origem, aberto.explicacao, aberto.autor_id is not None) == (E.bloqueado, "tela", "uso indevido", True)
    assert "uso indevido" in gerente.get(f"/bloqueios/show/{aberto.id}").text
    gerente.post("/bloqueios/action_post", data={"action": "desbloquear", "rowid": [aberto.id]})
    assert bloqueio(app, contrato).fim is None, "a release needs a reason"
    gerente.post("/bloqueios/action_post", data={"action": "desbloquear", "rowid": [aberto.id], "motivo": "engano"})
    fechado = bloqueio(app, contrato)
    assert (acesso(app, contrato), fechado.motivo_desbloqueio, fechado.desbloqueado_por_id) == (E.liberado, "engano", aberto.autor_id)


@pytest.mark.parametrize("mudanca", [{"explicacao": ""}, {"motivo": "inadimplencia"}, {"contrato": "999999"}, {"tipo": "parcial"}])
def test_a_block_without_reason_or_for_debt_is_refused(app, http, contrato, mudanca) -> None:
    resposta = entrar(app, http, "Gerente").post("/bloqueios/novo", data=formulario(contrato, **mudanca))
    assert resposta.status_code == 200 and bloqueio(app, contrato) is None


def test_a_contract_that_is_not_active_is_refused_in_the_form(app, http) -> None:
    with app.app_context(), transacao() as s:
        rascunho = f.um_contrato(s, faturar=False, status="rascunho").id
    resposta = entrar(app, http, "Gerente").post("/bloqueios/novo", data=formulario(rascunho))
    assert "Só um contrato ativo" in resposta.text and "uso indevido" in resposta.text


def test_open_blocks_have_a_list_and_the_contract_a_tab(app, http, contrato) -> None:
    with app.app_context(), transacao() as s:
        servico, agora = BloqueioService(s), relogio.agora()
        servico.bloquear(contrato, MotivoBloqueio.manual, em=agora, explicacao="em vigor")
        outro = f.um_contrato(s, faturar=False, login_pppoe="fechado99").id
        servico.bloquear(outro, MotivoBloqueio.manual, em=agora)
        servico.desbloquear(outro, em=agora)
    gerente = entrar(app, http, "Gerente")
    abertos, fechados = (gerente.get(f"/bloqueios/list/?_flt_6_fim={v}").text for v in ("sim", "nao"))
    aberto, fechado = bloqueio(app, contrato), bloqueio(app, outro)
    assert f"/bloqueios/show/{aberto.id}" in abertos and f"/bloqueios/show/{fechado.id}" not in abertos
    assert f"/bloqueios/show/{fechado.id}" in fechados and f"/bloqueios/show/{aberto.id}" not in fechados
    assert "Bloqueios" in gerente.get(f"/contratos/show/{contrato}").text
    assert f"/bloqueios/show/{fechado.id}" in gerente.get("/bloqueios/list/?q=fechado99").text


def test_an_attendant_reads_blocks_and_does_not_make_them(app, http, contrato) -> None:
    atendente = entrar(app, http, "Atendente")
    assert atendente.get("/bloqueios/list/").status_code == 200
    atendente.post("/bloqueios/novo", data=formulario(contrato))
    assert bloqueio(app, contrato) is None


def test_the_api_blocks_reads_and_releases(app, api, contrato) -> None:
    criado = api("POST", "/bloqueio/bloquear", json={"contrato_id": contrato, "explicacao": "fraude", "motivo": "seguranca"})
    assert criado.status_code == 201, criado.json
    numero = criado.json["id"]
    assert api("POST", "/bloqueio/bloquear", json={"contrato_id": contrato, "explicacao": "de novo", "motivo": "seguranca"}).json["id"] == numero
    lista = api("GET", f"/bloqueio/?q=(filters:!((col:contrato_id,opr:eq,value:{contrato}),(col:fim,opr:nulo,value:sim)))").json["result"]
    assert [b["motivo"] for b in lista] == ["seguranca"]
    solto = api("POST", f"/bloqueio/{numero}/desbloquear", json={"explicacao": "resolvido"})
    assert solto.status_code == 200 and solto.json["result"]["motivo_desbloqueio"] == "resolvido"
    assert acesso(app, contrato) is E.liberado


@pytest.mark.parametrize(("corpo", "status"), [
    ({"explicacao": "x"}, 400), ({"contrato_id": 999_999, "explicacao": "x"}, 404), ({"contrato_id": 2**70, "explicacao": "x"}, 400),
    ({"contrato_id": 1, "explicacao": "x", "motivo": "inadimplencia"}, 400), ({"contrato_id": 1}, 400),
])
def test_the_api_refuses_what_makes_no_sense(api, corpo, status) -> None:
    assert api("POST", "/bloqueio/bloquear", json=corpo).status_code == status


def test_every_path_is_in_the_document(app) -> None:
    assert {"/api/v1/bloqueio/", "/api/v1/bloqueio/{pk}", "/api/v1/bloqueio/bloquear", "/api/v1/bloqueio/{pk}/desbloquear"} <= caminhos_da_api(app)


def test_the_page_of_an_automatic_block_says_who_and_by_which_channel_in_words(app, http, contrato) -> None:
    with app.app_context(), transacao() as s:
        feito = BloqueioService(s).bloquear(contrato, MotivoBloqueio.manual, em=relogio.agora())
        feito.autor_id, feito.aviso_canal = None, "email"
        chave = feito.id
    pagina = entrar(app, http, "Gerente").get(f"/bloqueios/show/{chave}").text
    campos = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", pagina))
    assert (campos["Bloqueado por"], campos["Canal do aviso"]) == ("Sistema", "E-mail")
