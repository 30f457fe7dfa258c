"""Verbs describe themselves, read their bodies strictly, and do by API what the screens do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from flask_appbuilder.api import BaseApi
from sqlalchemy import func, select

from app.bloqueio.models import Bloqueio
from app.clientes.models import Cliente
from app.core import relogio
from app.core.execucao import rodar
from app.core.models import Tarefa
from app.core.transacao import transacao
from app.faturamento.models import CicloFaturamento, Invoice
from app.faturamento.services import FaturamentoService
from app.rede.models import Incidente
from tests import fabricas as f
from tests.programas import Programa, programa

DIA = dt.date(2026, 2, 25)      # a Wednesday, 15 days after the factory's due date


@pytest.fixture
def no_dia(app) -> Iterator[None]:
    with relogio.mover_para(relogio.instante(DIA, dt.time(14))):
        yield


@pytest.fixture
def chamar(app, no_dia: None) -> Programa:
    return programa(app, "Financeiro")


@pytest.fixture
def documento(app) -> dict[str, Any]:
    return programa(app)("GET", "/_openapi").json


# ---- the document


def test_every_verb_is_described_with_its_body_and_its_refusals(app, documento) -> None:
    verbos = [
        (api, nome) for api in app.extensions["appbuilder_crm"].baseviews if isinstance(api, BaseApi)
        for nome in dir(type(api)) if hasattr(getattr(type(api), nome), "verbo")]
    assert len(verbos) > 30
    for api, nome in verbos:
        verbo = getattr(type(api), nome).verbo
        caminho = f"{api.route_base}{verbo.caminho.replace('<int:pk>', '{pk}')}"
        dito = documento["paths"][caminho][verbo.metodo.lower()]
        assert dito["summary"] and {str(verbo.status), "401", "403"} <= set(dito["responses"])
        assert ("404" in dito["responses"]) or "{pk}" not in caminho
        assert [p["name"] for p in dito["parameters"]].count("pk") == caminho.count("{pk}")
        if verbo.corpo:
            referencia = dito["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert set(documento["components"]["schemas"][referencia]["properties"]) == set(verbo.corpo().fields), caminho


def test_amounts_are_strings_and_choices_are_those_that_are_taken(documento) -> None:
    esquemas = documento["components"]["schemas"]
    assert esquemas["CorpoPagar"]["properties"]["valor"] == {"type": "string", "example": "99.90"}
    assert esquemas["CorpoBloquear"]["properties"]["motivo"]["enum"] == ["manual", "pedido", "seguranca"]
    assert documento["paths"]["/api/v1/invoice/{pk}/pdf"]["get"]["responses"]["200"]["content"].keys() == {"application/pdf"}


def test_money_is_written_as_it_is_answered_and_limits_are_numbers(documento) -> None:
    assert documento["components"]["schemas"]["PlanoApi.get"]["properties"]["preco"] == {"type": "string", "example": "0.01"}

    def limites(parte: Any) -> Iterator[Any]:
        for nome, valor in parte.items() if isinstance(parte, dict) else enumerate(parte) if isinstance(parte, list) else ():
            if nome in ("minimum", "maximum"):
                yield valor
            yield from limites(valor)

    achados = list(limites(documento))
    assert achados and all(isinstance(n, int) for n in achados)


def test_nouns_say_what_they_may_refuse(documento) -> None:
    for operacoes in documento["paths"].values():
        for metodo, dito in operacoes.items():
            if dito["tags"] != ["OpenApi"] and "Api" in dito["tags"][0] and not dito["tags"][0].startswith(("Menu", "Security", "Seguranca")):
                assert "403" in dito["responses"] and dito["security"] == [{"jwt": []}]
                assert "409" in dito["responses"] or metodo not in ("post", "put") or "summary" in dito


# ---- the body


@pytest.mark.parametrize("corpo", [b"[" * 20_000, b'{"a":' * 5_000, b'{"a":' * 400 + b"1" + b"}" * 400])
def test_brackets_as_deep_as_one_likes_are_a_wrong_body(app, chamar: Programa, corpo: bytes) -> None:
    for metodo, caminho in (("POST", "/credito/dar"), ("POST", "/opt_out/"), ("POST", "/execucao_faturamento/previa"), ("POST", "/security/login")):
        assert chamar(metodo, caminho, data=corpo, content_type="application/json").status_code in (400, 422), caminho


@pytest.mark.parametrize("instante", [
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00", "1799-12-31T00:00:00-03:00", "3000-01-02T00:00:00-03:00",
])
def test_a_year_nobody_means_is_refused_and_nothing_is_kept(app, http, instante: str) -> None:
    chamar = programa(app)
    recusa = chamar("POST", "/incidente/", json={"titulo": "i", "municipio": "Campinas", "inicio": instante})
    assert recusa.status_code == 422 and recusa.json["message"].keys() == {"inicio"}
    assert chamar("POST", "/cliente/", json={"nome": "x", "cpf_cnpj": "52998224725", "data_nascimento": instante[:10]}).status_code == 422
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    assert 'id="inicio-erro"' in http.post("/rede/incidentes/add", data={"titulo": "i", "municipio": "Campinas", "inicio": instante}).text
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Incidente)) == 0


def test_an_instant_says_its_zone(app) -> None:
    chamar = programa(app)
    recusa = chamar("POST", "/incidente/", json={"titulo": "i", "municipio": "Campinas", "inicio": "2026-11-30T10:00:00"})
    assert recusa.status_code == 422 and "Diga o fuso" in recusa.json["message"]["inicio"][0]
    assert chamar("POST", "/incidente/", json={"titulo": "i", "municipio": "Campinas", "inicio": "2026-11-30T10:00:00-03:00"}).status_code == 201
    with app.app_context(), transacao() as s:
        assert s.scalars(select(Incidente.inicio)).one() == dt.datetime(2026, 11, 30, 13, tzinfo=dt.UTC)


def test_what_is_no_telephone_is_refused_and_the_stored_one_stays(app) -> None:
    with app.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s, telefone="19987654321").id
    recusa = programa(app)("PUT", f"/cliente/{cliente_id}", json={"telefone": "não tem"})
    assert recusa.status_code == 400 and "Telefone inválido" in recusa.json["message"]
    with app.app_context(), transacao() as s:
        assert s.get_one(Cliente, cliente_id).telefone == "19987654321"


@pytest.mark.parametrize(("caminho", "corpo", "dito"), [
    ("/cliente/", {"nome": "x", "cpf_cnpj": "52998224725", "email": "a@x..com"}, "e-mail válido"),
    ("/pop/", {"nome": "x", "latitude": "91"}, "De -90 a 90"), ("/pop/", {"nome": "x", "longitude": "-181"}, "De -180 a 180"),
    ("/pop/", {"nome": "x", "uf": "XX"}, "sigla do estado"),
])
def test_what_the_screen_refuses_the_api_does_too(app, caminho: str, corpo: dict[str, str], dito: str) -> None:
    recusa = programa(app)("POST", caminho, json=corpo)
    assert recusa.status_code == 400 and dito in recusa.json["message"]


def test_a_body_larger_than_is_taken_is_said_to_be(app) -> None:
    enorme = b'{"nome": "' + b"x" * app.config["MAX_CONTENT_LENGTH"] + b'"}'
    chamar = programa(app)
    for metodo, caminho in (("POST", "/plano/"), ("PUT", "/plano/1"), ("POST", "/credito/dar")):
        assert chamar(metodo, caminho, data=enorme, content_type="application/json").status_code == 413, caminho


def test_a_part_of_a_whole_number_is_refused(app) -> None:
    chamar = programa(app)
    for caminho, corpo, campo in (
        ("/ciclo/", {"nome": "x", "meses": 1.9, "ativo": True}, "meses"),
        ("/plano/", {"nome": "x", "preco": "1.00", "download_mbps": 1.9, "upload_mbps": 1}, "download_mbps"),
    ):
        recusa = chamar("POST", caminho, json=corpo)
        assert recusa.status_code == 422 and recusa.json["message"].keys() == {campo}


@pytest.mark.parametrize("caminho", ["/ciclo_faturamento/?q=(filters:!((col:dia_vencimento,opr:eq,value:40000)))",
                                     "/contrato_historico/?q=(filters:!((col:versao,opr:eq,value:40000)))"])
def test_a_filter_with_a_number_no_column_holds_is_a_wrong_question(app, caminho: str) -> None:
    assert programa(app)("GET", caminho).status_code == 400




@pytest.mark.parametrize("chave", [True, 1.5, "x", 0, -1, 2**63, None])
def test_a_key_is_a_whole_positive_number(chamar: Programa, chave: Any) -> None:
    recusa = chamar("POST", "/credito/dar", json={"cliente_id": chave, "valor": "5.00", "motivo": "cortesia"})
    assert recusa.status_code == 400 and recusa.json["campos"].keys() == {"cliente_id"}


@pytest.mark.parametrize("valor", ["0", "-1", "NaN", "Infinity", "1e30", "99.999", "abc", None, [], {}])
def test_an_amount_is_a_number_of_reais_in_its_range(chamar: Programa, valor: Any) -> None:
    recusa = chamar("POST", "/credito/dar", json={"cliente_id": 1, "valor": valor, "motivo": "cortesia"})
    assert recusa.status_code == 400 and recusa.json["campos"].keys() == {"valor"}


def test_the_row_is_asked_for_before_the_body(chamar: Programa) -> None:
    """Who may not see a row learns nothing of what a body should be."""
    assert chamar("POST", "/invoice/999999999/pagar", json={}).status_code == 404


# ---- blocking for debt


def bloqueados(app) -> int:
    with app.app_context(), transacao() as s:
        return s.scalar(select(func.count()).select_from(Bloqueio))


def atrasar(app, quantos: int, base: int) -> None:
    with app.app_context(), transacao() as s:
        f.uma_base_com_atrasados(s, quantos, base)


def test_the_preview_of_the_block_says_who_and_who_not_and_changes_nothing(app, chamar: Programa) -> None:
    atrasar(app, 2, 4)
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s, nao_bloquear_ate=DIA)
        poupado = contrato.id, f.uma_invoice(s, contrato=contrato).cliente_id
    previa = chamar("POST", "/bloqueio/previa", json={}).json["result"]
    assert (previa["data"], previa["percentual"], previa["disjuntor"], previa["impedimento"]) == ("2026-02-25", "40.00", False, "")
    assert [(e["divida"], e["dias"]) for e in previa["eleitos"]] == [("99.90", 15)] * 2 and previa["divida"] == "199.80"
    assert [(p["contrato_id"], p["cliente_id"], p["motivo"]) for p in previa["poupados"]] == [(*poupado, "não bloquear até uma data")]
    assert chamar("POST", "/bloqueio/previa", json={"data": "2026-02-15"}).json["result"]["eleitos"] == []
    assert chamar("POST", "/bloqueio/previa", json={"data": "2029-01-01"}).status_code == 400
    assert bloqueados(app) == 0


def test_the_block_is_a_task_and_a_second_request_in_its_minute_is_the_same(app, chamar: Programa) -> None:
    atrasar(app, 2, 4)
    pedido = chamar("POST", "/bloqueio/executar", json={})
    assert pedido.status_code == 202
    assert chamar("POST", "/bloqueio/executar", json={}).json["tarefa_id"] is None
    with app.app_context():
        assert rodar(pedido.json["tarefa_id"]) == "feita"
    assert bloqueados(app) == 2


def test_an_open_breaker_and_a_day_without_blocking_want_a_word(app, chamar: Programa) -> None:
    atrasar(app, 7, 7)
    recusa = chamar("POST", "/bloqueio/executar", json={})
    assert (recusa.status_code, recusa.json["codigo"]) == (422, "disjuntor") and "7 contratos" in recusa.json["message"]
    with relogio.mover_para(relogio.instante(dt.date(2026, 2, 28), dt.time(14))):
        assert programa(app, "Gerente")("POST", "/bloqueio/executar", json={}).json["codigo"] == "sem_bloqueio_hoje"
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Tarefa).where(Tarefa.nome == "bloquear_clientes_vencidos")) == 0
    confirmado = chamar("POST", "/bloqueio/executar", json={"confirmado": True})
    with app.app_context():
        assert rodar(confirmado.json["tarefa_id"]) == "feita"
    assert bloqueados(app) == 7


# ---- one cycle


def test_one_cycle_is_billed_once_and_another_is_left(app, chamar: Programa) -> None:
    with app.app_context(), transacao() as s:
        for _n in range(2):
            f.um_contrato(s, dia=1)
        ciclos = s.scalars(select(CicloFaturamento.id).order_by(CicloFaturamento.id)).all()
    (feita, *outras) = chamar("POST", f"/ciclo_faturamento/{ciclos[0]}/faturar", json={}).json["ids"]
    assert chamar("POST", f"/ciclo_faturamento/{ciclos[0]}/faturar", json={}).json["ids"] == []
    with app.app_context(), transacao() as s:
        todas = s.scalars(select(Invoice).order_by(Invoice.id)).all()
        assert [i.id for i in todas] == [feita, *outras] and {i.ciclo_faturamento_id for i in todas} == {ciclos[0]}
        assert len(FaturamentoService(s).gerar_invoices_automaticas(hoje=DIA)) == len(todas), "the other customer is the run's"


def test_a_parked_cycle_and_a_day_to_come_are_refused(app, chamar: Programa) -> None:
    with app.app_context(), transacao() as s:
        f.um_contrato(s, dia=1)
        ciclo_id = s.scalars(select(CicloFaturamento.id)).one()
    futuro = chamar("POST", f"/ciclo_faturamento/{ciclo_id}/faturar", json={"referencia": "2026-03-01"})
    assert (futuro.status_code, futuro.json["codigo"]) == (422, "emissao_futura")
    with app.app_context(), transacao() as s:
        ciclo = s.get_one(CicloFaturamento, ciclo_id)
        ciclo.estacionado_em, ciclo.estacionado_motivo = relogio.agora(), "sem endereço"
    parado = chamar("POST", f"/ciclo_faturamento/{ciclo_id}/faturar", json={})
    assert (parado.status_code, parado.json["codigo"], parado.json["message"]) == (422, "estacionado", "sem endereço")
    assert chamar("POST", "/ciclo_faturamento/999999999/faturar", json={}).status_code == 404
