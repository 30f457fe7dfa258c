"""Keys of programs: scopes that are enforced, an end, revocation, a last use that costs the request no write; and the count of requests."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import execucao, relogio
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios import escopos
from app.usuarios.models import ChaveApi
from app.usuarios.services import ChaveApiService, UsuarioService
from jobs.acesso import guardar_uso_chaves
from tests import fabricas as f
from tests.comandos import comandos, reais


@pytest.fixture
def robo(app: Flask) -> int:
    with app.app_context(), transacao() as s:
        return f.um_usuario(s, "Gerente", usuario="robo").id


def chave(app: Flask, usuario_id: int, *nomes: str, dias: int | None = None) -> dict[str, str]:
    with app.app_context(), transacao() as s:
        return {"Authorization": f"Bearer {ChaveApiService(s).criar(usuario_id, nome='Site', escopos_dados=nomes, dias=dias)[1]}"}


def test_a_key_opens_its_scopes_and_nothing_else(app, http, robo) -> None:
    de_ler = chave(app, robo, "cliente:ler")
    assert http.get("/api/v1/cliente/", headers=de_ler).status_code == 200
    assert http.get("/api/v1/cliente/_info", headers=de_ler).status_code == 200
    assert http.post("/api/v1/cliente/", headers=de_ler, json={"nome": "A", "cpf_cnpj": "52998224725"}).status_code == 403
    assert http.get("/api/v1/plano/", headers=de_ler).status_code == 403
    assert http.get("/api/v1/_openapi", headers=de_ler).status_code == 403
    de_criar = chave(app, robo, "cliente:criar")
    assert http.post("/api/v1/cliente/", headers=de_criar, json={"nome": "A", "cpf_cnpj": "52998224725"}).status_code == 201
    assert http.get("/api/v1/cliente/", headers=de_criar).status_code == 403


def test_every_api_has_scopes_and_each_opens_a_right_that_exists(app) -> None:
    with app.app_context():
        todos, direitos = escopos.todos(), escopos.direitos(escopos.todos())
        apis = [v for v in app.appbuilder.baseviews if v.__class__.__name__.endswith("Api") and getattr(v, "datamodel", None)]
        esperados = {(p, v.class_permission_name) for v in apis for p in v.base_permissions}
    assert direitos >= esperados and "invoice:pagar" in todos and "cliente:ler" in todos


def test_a_key_is_never_more_than_its_person(app, http) -> None:
    with app.app_context(), transacao() as s:
        tecnico = f.um_usuario(s, "Tecnico").id
    dele = chave(app, tecnico, "cliente:ler", "invoice:ler")
    assert [http.get(f"/api/v1/{nome}/", headers=dele).status_code for nome in ("cliente", "invoice")] == [200, 403]


def test_a_key_is_for_the_api_only(app, http, robo) -> None:
    dele = chave(app, robo, *["cliente:ler"])
    assert http.get("/clientes/list/", headers=dele).status_code == 302
    assert http.get("/perfil/", headers=dele).status_code == 302


def test_a_key_ends_by_its_day_by_a_word_and_with_its_person(app, http, robo) -> None:
    por_dia, por_palavra, com_a_pessoa = (chave(app, robo, "cliente:ler", dias=n) for n in (30, None, None))
    with relogio.mover_para(relogio.agora() + dt.timedelta(days=31)):
        assert http.get("/api/v1/cliente/", headers=por_dia).status_code == 401
    with app.app_context(), transacao() as s:
        ChaveApiService(s).revogar(s.scalars(select(ChaveApi.id).order_by(ChaveApi.id)).all()[1])
    assert http.get("/api/v1/cliente/", headers=por_palavra).status_code == 401
    assert http.get("/api/v1/cliente/", headers=com_a_pessoa).status_code == 200
    with app.app_context(), transacao() as s:
        UsuarioService(s).desativar(robo)
    assert http.get("/api/v1/cliente/", headers=com_a_pessoa).status_code == 401
    with app.app_context():
        assert all(db.session.scalars(select(ChaveApi.revogada_em)))


@pytest.mark.parametrize("texto", ["crm_", "crm_00000000_nada", "crm_" + "x" * 5000, "crm_\xe9"])
def test_what_is_no_key_is_401(app, http, robo, texto: str) -> None:
    assert http.get("/api/v1/cliente/", headers={"Authorization": f"Bearer {texto}".encode("latin-1").decode("latin-1")}).status_code in (401, 422)


def test_using_a_key_writes_nothing_and_a_job_keeps_the_last_use(app, http, robo) -> None:
    dele = chave(app, robo, "cliente:ler")
    with app.app_context():
        motor = db.engine
    with comandos(motor) as feitos:
        for _n in range(5):
            http.get("/api/v1/cliente/", headers=dele)
    assert not [c for c in reais(feitos) if not c.startswith("SELECT")]
    for _vez in range(2):
        with app.app_context(), transacao() as s:
            assert guardar_uso_chaves(s) == {"chaves": 1}
    with app.app_context():
        usada, ip = db.session.execute(select(ChaveApi.ultimo_uso_em, ChaveApi.ultimo_ip)).one()
    assert relogio.agora() - usada < dt.timedelta(minutes=1) and ip == "127.0.0.1"
    assert execucao.manipulador("guardar_uso_chaves") is not None


def test_the_text_of_a_key_is_not_in_the_database(app, robo) -> None:
    segredo = chave(app, robo, "cliente:ler")["Authorization"].split("_", 2)[2]
    with app.app_context():
        tudo = str(db.session.execute(text("SELECT * FROM chave_api")).all()) + str(db.session.execute(text("SELECT * FROM user_audit_log")).all())
    assert segredo not in tudo


def test_a_program_that_asks_too_often_is_told_when_to_come_back(app, http, robo) -> None:
    dele = chave(app, robo, "cliente:ler")
    with app.app_context(), transacao() as s:
        from app.core import configuracao

        configuracao.gravar(s, "acesso.api_por_minuto", 10)
    agora = relogio.agora().replace(second=1)
    with relogio.mover_para(agora):
        codigos = [http.get("/api/v1/cliente/", headers=dele).status_code for _n in range(12)]
        assert codigos == [200] * 10 + [429, 429]
        assert 0 < int(http.get("/api/v1/cliente/", headers=dele).headers["Retry-After"]) <= 60
        assert http.get("/api/v1/cliente/", headers=chave(app, robo, "cliente:ler")).status_code == 200, "another program is counted by itself"
    with relogio.mover_para(agora + dt.timedelta(minutes=1)):
        assert http.get("/api/v1/cliente/", headers=dele).status_code == 200


# ---- the screens

@pytest.fixture
def chefe(app: Flask, http) -> int:
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, "Admin", usuario="chefe").id
    http.entrar("chefe")
    return quem


def test_a_key_is_made_on_screen_shown_once_and_works(app, http, chefe, robo) -> None:
    pagina = http.post("/chaves-api/nova", data={"nome": "ERP", "usuario": robo, "prazo": "90", "escopo": ["cliente:ler"]}).text
    texto = re.search(r'id="chave-nova"[^>]*>(crm_\w+[\w-]*)<', pagina)[1]
    assert http.get("/api/v1/cliente/", headers={"Authorization": f"Bearer {texto}"}).status_code == 200
    lista = http.get("/chaves-api/list/").text
    assert "ERP" in lista and texto[:12] in lista and texto not in lista


def test_a_key_without_scopes_or_for_a_customer_is_refused_with_what_was_typed(app, http, chefe, robo) -> None:
    with app.app_context(), transacao() as s:
        cliente = f.um_usuario(s, "Cliente").id
    sem = http.post("/chaves-api/nova", data={"nome": "ERP", "usuario": robo, "prazo": "90"}).text
    assert "Escolha ao menos uma permissão." in sem and 'value="ERP"' in sem
    assert "Escolha uma pessoa ativa da equipe." in http.post(
        "/chaves-api/nova", data={"nome": "ERP", "usuario": cliente, "prazo": "90", "escopo": ["cliente:ler"]}).text
    assert "Permissão desconhecida" in http.post("/chaves-api/nova", data={"nome": "E", "usuario": robo, "prazo": "0", "escopo": ["tudo:tudo"]}).text


def test_an_old_proof_is_asked_for_before_a_key_is_made(app, http, chefe) -> None:
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=11)):
        assert http.get("/chaves-api/nova").location == "/confirmar/?next=/chaves-api/nova"


def test_an_administrator_sees_who_waits_and_lets_them_try(app, http, chefe, robo) -> None:
    estranho = app.test_client()
    for _n in range(5):
        estranho.entrar("robo", "senha-errada-1")
    pagina = http.get("/esperas/").text
    assert "robo" in pagina and "Senha errada nesta conta" in pagina
    http.post("/esperas/liberar", data={"limite": "entrada_conta", "chave": str(robo)})
    assert "Ninguém espera" in http.get("/esperas/").text and estranho.entrar("robo").status_code == 302


def test_an_administrator_sees_and_ends_sessions(app, http, chefe, robo) -> None:
    robo_entrou = app.test_client()
    robo_entrou.entrar("robo")
    with app.app_context():
        chave_ = db.session.scalar(text("SELECT id FROM sessao_usuario WHERE usuario_id = :u").bindparams(u=robo))
    assert "robo" in http.get("/sessoes/list/").text.lower()
    http.post(f"/sessoes/action/encerrar/{chave_}")
    assert robo_entrou.get("/").status_code == 302
    abertas = http.get("/sessoes/list/?" + re.search(r'\?(_flt_\d_encerrada_em=sim)', http.get("/sessoes/list/").text)[1])
    assert abertas.status_code == 200


def test_who_acts_by_a_key_is_told_with_the_key(app, http, robo) -> None:
    dele = chave(app, robo, "cliente:criar")
    assert http.post("/api/v1/cliente/", headers=dele, json={"nome": "A", "cpf_cnpj": "52998224725"}).status_code == 201
    with app.app_context():
        feita = db.session.execute(text("SELECT user_id, rota FROM user_audit_log WHERE action = 'criar' AND resource = 'cliente'")).one()
        assert feita == (robo, f"ClienteApi.post:chave {db.session.scalar(select(ChaveApi.id))}")


def test_the_count_of_requests_is_not_evaded_by_how_the_header_is_written(app, http, robo) -> None:
    texto = chave(app, robo, "cliente:ler")["Authorization"].split()[1]
    assert http.get("/api/v1/cliente/", headers={"Authorization": f"x1, Bearer {texto}"}).status_code == 400
    with app.app_context(), transacao() as s:
        from app.core import configuracao

        configuracao.gravar(s, "acesso.api_por_minuto", 10)
    with relogio.mover_para(relogio.agora().replace(second=1)):
        codigos = [http.get("/api/v1/cliente/", headers={"Authorization": f"{forma} {texto}"}).status_code for forma in ("Bearer", "bearer", "BEARER") * 4]
    assert codigos == [200] * 10 + [429] * 2
