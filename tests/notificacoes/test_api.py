"""The API of messages: every noun is listed, filtered, got and acted on, and is in the document."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.core import relogio
from app.core.transacao import transacao
from app.notificacoes.models import Canal, ModeloMensagem, Notificacao, StatusNotificacao
from tests import fabricas as f
from tests.notificacoes.apoio import FATURA
from tests.programas import caminhos_da_api, programa

S = StatusNotificacao


@pytest.fixture
def api(app):
    """The administrator's program."""
    return programa(app)


@pytest.fixture
def numero(app) -> int:
    """A message that failed."""
    with app.app_context(), transacao() as s:
        valores = {"evento": "lembrete_vencimento", "chave": "k", "canal": Canal.email, "destinatario": "maria@exemplo.com.br", "dados": FATURA,
                   "status": S.falha, "quando": relogio.agora(), "anexos": [], "cliente_id": 9}
        return f.gravar(s, Notificacao(**valores)).id


def test_messages_are_listed_filtered_and_got(api, numero) -> None:
    achadas = api("GET", "/notificacao/?q=(filters:!((col:status,opr:eq,value:falha),(col:cliente_id,opr:eq,value:9)))").json["result"]
    assert [n["id"] for n in achadas] == [numero]
    assert api("GET", "/notificacao/?q=(filters:!((col:status,opr:eq,value:enviada)))").json["result"] == []
    assert api("GET", f"/notificacao/{numero}").json["result"]["chave"] == "k"
    assert api("POST", "/notificacao/", json={}).status_code in (404, 405)


def test_a_message_is_sent_again_and_cancelled(api, numero) -> None:
    assert api("POST", f"/notificacao/{numero}/reenviar").json["result"]["status"] == "pendente"
    assert api("POST", f"/notificacao/{numero}/cancelar", json={}).status_code == 400
    assert api("POST", f"/notificacao/{numero}/cancelar", json={"motivo": "engano"}).json["result"]["erro"] == "engano"
    assert api("POST", "/notificacao/999999/reenviar").status_code == 404 == api("POST", "/notificacao/999999/cancelar", json={"motivo": "x"}).status_code


def test_a_refused_address_is_not_written_to_by_the_api_either(api, numero) -> None:
    criado = api("POST", "/opt_out/", json={"canal": "email", "destinatario": "Maria@exemplo.com.br", "motivo": "pediu"})
    assert criado.status_code == 201, criado.json
    recusa = api("POST", f"/notificacao/{numero}/reenviar")
    assert (recusa.status_code, recusa.json["codigo"]) == (422, "recusado")
    assert [o["destinatario"] for o in api("GET", "/opt_out/?q=(filters:!((col:canal,opr:eq,value:email)))").json["result"]] == ["maria@exemplo.com.br"]
    assert api("DELETE", f"/opt_out/{criado.json['id']}").status_code == 200 and api("GET", f"/opt_out/{criado.json['id']}").status_code == 404
    assert api("POST", f"/notificacao/{numero}/reenviar").status_code == 200


def test_texts_are_got_and_changed_without_mistakes(app, api) -> None:
    with app.app_context(), transacao() as s:
        modelo = s.scalar(select(ModeloMensagem.id).where(ModeloMensagem.evento == "fatura_emitida", ModeloMensagem.canal == Canal.email))
    assert len(api("GET", "/modelo_mensagem/?q=(filters:!((col:evento,opr:eq,value:fatura_emitida),(col:canal,opr:eq,value:email)))").json["result"]) == 1
    assert api("PUT", f"/modelo_mensagem/{modelo}", json={"corpo": "Oi {{ nome }}"}).status_code == 200
    assert api("GET", f"/modelo_mensagem/{modelo}").json["result"]["corpo"] == "Oi {{ nome }}"
    recusa = api("PUT", f"/modelo_mensagem/{modelo}", json={"corpo": "{{ cpf }}"})
    assert (recusa.status_code, recusa.json["codigo"]) == (422, "modelo_invalido") and "cpf" in recusa.json["message"]


def test_messages_to_people_of_the_house_are_hidden_from_a_managers_program(app, numero) -> None:
    with app.app_context(), transacao() as s:
        s.get(Notificacao, numero).usuario_id = 1
    gerente = programa(app, "Gerente")
    assert gerente("GET", f"/notificacao/{numero}").status_code == 404 == gerente("POST", f"/notificacao/{numero}/reenviar").status_code
    assert gerente("GET", "/notificacao/").json["result"] == []
    assert programa(app, "Tecnico")("GET", "/notificacao/").status_code == 403


def test_every_path_is_in_the_document(app) -> None:
    caminhos = caminhos_da_api(app)
    for recurso in ("notificacao", "modelo_mensagem", "opt_out"):
        assert {f"/api/v1/{recurso}/", f"/api/v1/{recurso}/{{pk}}"} <= caminhos
    assert {"/api/v1/notificacao/{pk}/reenviar", "/api/v1/notificacao/{pk}/cancelar"} <= caminhos
