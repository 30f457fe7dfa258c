"""Cycles and policies that others are billed by: what may be changed in them, on the screen and by the API alike."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.erros import RegraViolada
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.models import Ciclo, PoliticaCobranca
from app.faturamento.services.catalogos import conferir_politica
from tests import fabricas as f
from tests.programas import programa

Mudar = Callable[..., Any]


def em_vigor(app) -> list[str]:
    with app.app_context(), transacao() as s:
        return list(s.scalars(select(PoliticaCobranca.nome).where(PoliticaCobranca.padrao)))


def politica_id(app, nome: str) -> int:
    with app.app_context(), transacao() as s:
        return s.scalars(select(PoliticaCobranca.id).where(PoliticaCobranca.nome == nome)).one()


@pytest.fixture
def api(app) -> Mudar:
    return programa(app)


def test_a_cycle_counted_in_months_needs_no_days_and_one_of_neither_is_refused(app, api: Mudar, http) -> None:
    assert api("POST", "/ciclo/", json={"nome": "Quadrimestral", "meses": 4}).status_code == 201
    recusado = api("POST", "/ciclo/", json={"nome": "Nenhum"})
    assert recusado.status_code == 400 and "em meses ou em dias" in str(recusado.json)
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    assert http.post("/faturamento/ciclos/add", data={"nome": "Bianual", "meses": "24", "ativo": "y"}).status_code == 302
    assert "em meses ou em dias" in http.post("/faturamento/ciclos/add", data={"nome": "Nada", "ativo": "y"}).text
    with app.app_context(), transacao() as s:
        feitos = s.execute(select(Ciclo.nome, Ciclo.meses, Ciclo.dias).where(Ciclo.nome.in_(["Quadrimestral", "Bianual", "Nenhum", "Nada"]))).all()
        assert sorted(map(tuple, feitos)) == [("Bianual", 24, 720), ("Quadrimestral", 4, 120)]


@pytest.mark.parametrize("mudanca", [{"meses": 12}, {"meses": None, "dias": 30}, {"meses": None}])
def test_a_cycle_in_use_keeps_its_length(app, api: Mudar, mudanca: dict[str, Any]) -> None:
    with app.app_context(), transacao() as s:
        f.um_contrato(s)
        mensal = s.scalars(select(Ciclo).where(Ciclo.nome == "Mensal")).one().id
        outro = s.scalars(select(Ciclo).where(Ciclo.nome == "Bimestral")).one().id
    recusado = api("PUT", f"/ciclo/{mensal}", json=mudanca)
    assert (recusado.status_code, recusado.json["codigo"]) == (422, "ciclo_em_uso") and "já cobra clientes" in recusado.json["message"]
    assert api("PUT", f"/ciclo/{mensal}", json={"dias": 31}).status_code == 200, "the months are its length"
    assert api("PUT", f"/ciclo/{mensal}", json={"nome": "Todo mês"}).status_code == 200
    assert api("PUT", f"/ciclo/{outro}", json=mudanca).status_code == 200
    with app.app_context(), transacao() as s:
        assert (s.get(Ciclo, mensal).meses, s.get(Ciclo, mensal).dias) == (1, 31)


def test_the_policy_in_force_gives_its_place_and_never_leaves_it_empty(app, api: Mudar) -> None:
    antiga, nova = politica_id(app, "Padrão do provedor"), politica_id(app, "Anatel RGC 765")
    for mudanca in ({"padrao": False}, {"ativo": False}):
        recusada = api("PUT", f"/politica_cobranca/{antiga}", json=mudanca)
        assert (recusada.status_code, recusada.json["codigo"]) == (422, "politica_em_vigor") and em_vigor(app) == ["Padrão do provedor"]
    assert api("PUT", f"/politica_cobranca/{nova}", json={"padrao": True}).status_code == 200 and em_vigor(app) == ["Anatel RGC 765"]
    assert api("PUT", f"/politica_cobranca/{antiga}", json={"ativo": False}).status_code == 200
    assert api("POST", "/politica_cobranca/", json={"nome": "Minha", "padrao": True}).status_code == 201 and em_vigor(app) == ["Minha"]


def test_the_screen_obeys_the_same_rules(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Admin").username
    http.entrar(nome)
    antiga, nova = politica_id(app, "Padrão do provedor"), politica_id(app, "Anatel RGC 765")
    campos = {"preset": "padrao", "multa_percentual": "2", "juros_mensal": "1", "tolerancia": "0,05", "desconto_pontual_percentual": "0", "dias_lembrete": "3",
              "dias_aviso": "1", "dias_bloqueio": "10", "dias_apos_aviso": "0", "divida_minima": "10", "limite_percentual_da_base": "10", "ativo": "y"}
    recusada = http.post(f"/faturamento/politicas/edit/{antiga}", data={**campos, "nome": "Padrão do provedor"}, follow_redirects=True)
    assert "Uma política precisa estar em vigor" in recusada.text and em_vigor(app) == ["Padrão do provedor"]
    http.post(f"/faturamento/politicas/edit/{nova}", data={**campos, "nome": "Anatel RGC 765", "padrao": "y"})
    assert em_vigor(app) == ["Anatel RGC 765"]


@pytest.mark.parametrize(("mudanca", "diz"), [
    ({"tolerancia": "999999"}, "centavos"), ({"desconto_pontual_percentual": "100"}, "menos de 100%"), ({"desconto_pontual_percentual": "-1"}, "menos de 100%"),
])
def test_a_policy_forgives_centavos_not_debts(app, api: Mudar, mudanca: dict[str, str], diz: str) -> None:
    chave = politica_id(app, "Padrão do provedor")
    recusada = api("PUT", f"/politica_cobranca/{chave}", json=mudanca)
    assert recusada.status_code in (400, 422) and diz in str(recusada.json)
    with app.app_context(), transacao() as s:
        assert s.get(PoliticaCobranca, chave).tolerancia == Decimal("0.05")


def test_one_person_puts_it_in_force_while_another_switches_it_off(app_real) -> None:
    """What a change leaves alone is read again under the lock, not as the form had it."""
    with app_real.app_context():
        with transacao() as s:
            chave = s.scalars(select(PoliticaCobranca.id).where(PoliticaCobranca.nome == "Anatel RGC 765")).one()
        with Session(db.engine) as lenta, lenta.no_autoflush:
            aberta = lenta.get_one(PoliticaCobranca, chave)
            aberta.ativo = False
            with transacao() as s:
                rapida = s.get_one(PoliticaCobranca, chave)
                rapida.padrao = True
                with s.no_autoflush:
                    conferir_politica(s, rapida)
            with pytest.raises(RegraViolada):
                conferir_politica(lenta, aberta)
            lenta.rollback()
        db.session.remove()
