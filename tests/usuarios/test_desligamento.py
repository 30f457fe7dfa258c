"""Somebody leaves the team: told at the next click, keys are dead, and the work is offered to others in the same transaction."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.core import registro, relogio
from app.core.ator import agindo_como
from app.core.models import FiltroSalvo, UserAuditLog
from app.core.registro import Trabalho
from app.core.transacao import transacao
from app.usuarios.models import ChaveApi, Convite
from app.usuarios.services import ChaveApiService
from tests import fabricas as f


@pytest.fixture
def casa(app, http) -> dict[str, int]:
    """An administrator, signed in; Ana, who leaves with two saved views, an invitation and a key; Beto, who stays and has a view of the same name."""
    with app.app_context(), transacao() as s:
        ids = {nome: f.um_usuario(s, papel, usuario=nome, first_name=nome.title()).id
               for nome, papel in (("chefe", "Admin"), ("ana", "Atendente"), ("beto", "Atendente"), ("fregues", "Cliente"))}
        for quem, nome in (("ana", "Meus"), ("ana", "Atrasados"), ("beto", "Meus")):
            s.add(FiltroSalvo(visao="ClienteView", nome=nome, consulta="q=x", usuario_id=ids[quem]))
        with agindo_como(ids["ana"]):
            s.add(Convite(email="novo@exemplo.com.br", nome="Novo", sobrenome="Dele", resumo="a" * 64, expira_em=relogio.agora() + dt.timedelta(days=1)))
            s.flush()
    http.entrar("chefe")
    return ids


def uma_chave(app, usuario_id: int) -> str:
    with app.app_context(), transacao() as s, agindo_como(usuario_id):
        return ChaveApiService(s).criar(usuario_id, nome="integração", escopos_dados=["cliente:ler"], dias=None)[1]


def test_what_the_person_holds_is_listed_and_goes_to_whom_was_chosen(app, http, casa) -> None:
    pagina = http.get(f"/desligar/{casa['ana']}").text
    assert "Visões de listas salvas: <strong>2</strong>" in pagina and "ainda valem: <strong>1</strong>" in pagina and "fregues" not in pagina
    dados = {"para_tudo": casa["beto"], "para_convites": casa["chefe"], "para_visoes": 0}
    assert http.post(f"/desligar/{casa['ana']}", data=dados).status_code == 302
    with app.app_context(), transacao() as s:
        nomes = s.execute(select(FiltroSalvo.nome, FiltroSalvo.usuario_id).where(FiltroSalvo.visao == "ClienteView")).all()
        assert set(nomes) == {("Meus", casa["beto"]), ("Meus (Ana)", casa["beto"]), ("Atrasados", casa["beto"])}
        assert s.scalar(select(Convite.criado_por_id)) == casa["chefe"]
        linha = s.scalars(select(UserAuditLog).where(UserAuditLog.action == "repassar_trabalho")).one()
        assert (linha.user_id, linha.resource_id) == (casa["chefe"], str(casa["ana"])) and linha.depois["visoes"] == {"para": casa["beto"], "quantos": 2}


def test_who_left_is_told_so_at_the_next_click_and_keys_are_dead(app, http, casa) -> None:
    chave, ana = uma_chave(app, casa["ana"]), app.test_client()
    ana.entrar("ana")
    cabecalho = {"Authorization": f"Bearer {chave}"}
    assert (ana.get("/clientes/list/").status_code, app.test_client().get("/api/v1/cliente/", headers=cabecalho).status_code) == (200, 200)
    http.post(f"/desligar/{casa['ana']}", data={"para_tudo": 0, "para_convites": 0, "para_visoes": 0})
    clique = ana.get("/clientes/list/")
    assert clique.status_code == 302 and "Este acesso foi desativado. Fale com o administrador." in ana.get(clique.location).text
    assert app.test_client().get("/api/v1/cliente/", headers=cabecalho).status_code == 401
    with app.app_context(), transacao() as s:
        assert s.scalar(select(ChaveApi.revogada_em)) is not None
        assert s.scalars(select(FiltroSalvo.usuario_id).where(FiltroSalvo.nome == "Atrasados")).all() == [casa["ana"]]      # nobody was chosen


def test_a_kind_of_work_that_fails_leaves_everything_as_it_was(app, http, casa, monkeypatch) -> None:
    def estragar(*_a: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setitem(registro._trabalhos, "quebrado", Trabalho("quebrado", "Quebrado", lambda _s, _u: 1, estragar))
    with pytest.raises(ZeroDivisionError):
        http.post(f"/desligar/{casa['ana']}", data={"para_tudo": casa["beto"], "para_convites": 0, "para_visoes": 0, "para_quebrado": 0})
    with app.app_context(), transacao() as s:
        assert s.get(User, casa["ana"]).active
        assert s.scalars(select(FiltroSalvo.usuario_id).where(FiltroSalvo.nome == "Atrasados")).all() == [casa["ana"]]


def test_unticking_active_leads_to_the_work_that_is_left(app, http, casa) -> None:
    pagina = http.get(f"/usuarios/edit/{casa['ana']}").text
    papel = re.search(r'<option selected value="(\d+)">Atendente', pagina) or re.search(r'value="(\d+)"[^>]*selected[^>]*>Atendente', pagina)
    dados = {"first_name": "Ana", "last_name": "Teste", "username": "ana", "email": "ana@exemplo.com.br", "roles": [papel[1]]}
    resposta = http.post(f"/usuarios/edit/{casa['ana']}", data=dados)
    assert resposta.location == f"/desligar/{casa['ana']}" and "Passar adiante o trabalho de Ana" in http.get(resposta.location).text
    assert http.post(resposta.location, data={"para_tudo": casa["beto"], "para_convites": 0, "para_visoes": 0}).status_code == 302
    assert "Nada está em nome desta pessoa." in http.get(resposta.location).text


@pytest.mark.parametrize(("quem", "para", "dito"), [
    ("chefe", "beto", "Você não pode tirar o próprio acesso."), ("ana", "ana", "Not a valid choice|não é uma opção|válid"),
    ("ana", "fregues", "Not a valid choice|não é uma opção|válid"),
])
def test_a_wrong_leaving_is_refused_and_nothing_happens(app, http, casa, quem: str, para: str, dito: str) -> None:
    resposta = http.post(f"/desligar/{casa[quem]}", data={"para_tudo": casa[para], "para_convites": 0, "para_visoes": 0})
    assert resposta.status_code == 200 and re.search(dito, resposta.text)
    with app.app_context(), transacao() as s:
        assert s.get(User, casa[quem]).active


def test_a_customers_account_is_nobody_of_the_team(http, casa) -> None:
    assert http.get(f"/desligar/{casa['fregues']}").status_code == 404
