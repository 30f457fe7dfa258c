"""Entry: by user name or e-mail, lock-outs that end, sessions that end, first entry, exit by POST."""

from __future__ import annotations

import datetime as dt

import jwt
import pytest
from flask import Flask
from flask_jwt_extended import create_access_token
from sqlalchemy import select

from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.usuarios import consultas, senhas
from app.usuarios.services import POR_CONTA, FatorService, UsuarioService
from tests import fabricas as f
from tests.conftest import Navegador, copiar_banco, desligar, fazer_app

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def usuario(app: Flask, papel: str = "Gerente", **kw: object) -> int:
    with app.app_context(), transacao() as s:
        return f.um_usuario(s, papel, **kw).id


def provisoria(app: Flask, usuario_id: int) -> str:
    with app.app_context(), transacao() as s:
        return UsuarioService(s).redefinir_senha(usuario_id)


@pytest.mark.parametrize("com", ["ana", "ANA", "ana@exemplo.com.br", "Ana@Exemplo.com.br"])
def test_entry_by_user_name_or_email_in_any_case(app, http, com: str) -> None:
    usuario(app, usuario="ana")
    assert http.entrar(com).location == "/"
    assert http.get("/").status_code == 200


@pytest.mark.parametrize(("nome", "com"), [
    ("52998224725", "529.982.247-25"), ("11222333000181", "11.222.333/0001-81"), ("12abc34501de35", "12.ABC.345/01DE-35"),
])
def test_entry_by_a_document_as_it_is_printed(app, http, nome: str, com: str) -> None:
    usuario(app, usuario=nome.upper())
    assert http.entrar(com).location == "/"


def test_a_refusal_keeps_the_name_and_says_the_same_for_every_reason(app, http) -> None:
    usuario(app, usuario="ana")
    usuario(app, usuario="saiu", active=False)
    paginas = [http.entrar(nome, "senha-errada-1").text for nome in ("ana", "ninguem", "saiu")]
    assert all(f'value="{nome}"' in p for nome, p in zip(("ana", "ninguem", "saiu"), paginas, strict=True))
    assert len({p.split("</form>")[0].split("alert-circle")[1].split("<form")[0] for p in paginas}) == 1


def test_the_session_is_new_at_entry_and_has_the_configured_life(app, http) -> None:
    usuario(app, usuario="ana")
    with http.session_transaction() as s:
        s["plantado"] = "por outro"
    http.entrar("ana")
    with http.session_transaction() as s:
        assert "plantado" not in s and s.permanent and len(s["sid"]) == 43


@pytest.mark.parametrize("destino", ["//evil.example", "http://evil.example/x", "javascript:alert(1)", "/portal/"])
def test_entry_never_leads_elsewhere(app, http, destino: str) -> None:
    usuario(app, usuario="ana")
    resposta = http.post("/login/", query_string={"next": destino}, data={"username": "ana", "password": f.SENHA})
    assert resposta.location == "/"


def test_exit_is_a_post_and_ends_the_session(app, http) -> None:
    usuario(app, usuario="ana")
    http.entrar("ana")
    assert "Sair do sistema?" in http.get("/logout/").text and http.get("/").status_code == 200
    assert http.post("/logout/").location.startswith("/login/")
    assert http.get("/").status_code == 302


@pytest.mark.parametrize(("tentativa", "minutos"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (500, 60)])
def test_the_wait_doubles_and_has_an_end(tentativa: int, minutos: int) -> None:
    assert POR_CONTA.duracao(tentativa) == dt.timedelta(minutes=minutos)


def test_an_account_locks_after_five_failures_and_opens_by_itself(app, http) -> None:
    usuario(app, usuario="ana")
    with relogio.mover_para(AGORA):
        assert [http.entrar("ana", "senha-errada-1").status_code for _n in range(5)] == [200] * 5
        assert http.entrar("ana").status_code == 200, "locked: the right password does not help"
    with relogio.mover_para(AGORA + dt.timedelta(minutes=1, seconds=1)):
        assert http.entrar("ana").status_code == 302


def test_attempts_during_the_lock_do_not_prolong_it(app, http) -> None:
    usuario(app, usuario="ana")
    with relogio.mover_para(AGORA):
        for _n in range(25):
            http.entrar("ana", "senha-errada-1")
    with relogio.mover_para(AGORA + dt.timedelta(minutes=1, seconds=1)):
        assert http.entrar("ana").status_code == 302


def test_failures_of_yesterday_are_forgotten(app, http) -> None:
    usuario(app, usuario="ana")
    with relogio.mover_para(AGORA):
        for _n in range(4):
            http.entrar("ana", "senha-errada-1")
    with relogio.mover_para(AGORA + dt.timedelta(hours=25)):
        for _n in range(4):
            http.entrar("ana", "senha-errada-1")
        assert http.entrar("ana").status_code == 302


def test_strangers_lock_nobody_out_of_a_browser_the_account_trusts(app, http) -> None:
    quem = usuario(app, usuario="ana")
    with app.app_context(), transacao() as s:
        _id, cartao, _prazo = FatorService(s).confiar(quem, nome="Firefox", ip=None)
    estranho = app.test_client()
    for _n in range(6):
        estranho.entrar("ana", "senha-errada-1")
    assert estranho.entrar("ana").status_code == 200
    http.set_cookie("crm_aparelho", cartao)
    assert http.entrar("ana").status_code == 302


def test_the_lock_holds_on_the_page_and_on_the_api(app, http) -> None:
    usuario(app, usuario="ana")
    for _n in range(5):
        http.entrar("ana", "senha-errada-1")
    assert "incorretos" in http.entrar("ana").text
    assert http.post("/api/v1/security/login", json={"username": "ana", "password": f.SENHA}).status_code == 401


def test_entries_failures_and_exits_are_audited(app, http) -> None:
    quem = usuario(app, usuario="ana")
    http.entrar("ana", "senha-errada-1")
    http.entrar("ana")
    http.post("/logout/")
    with app.app_context(), transacao() as s:
        do_usuario = select(UserAuditLog.action).where(UserAuditLog.resource == "ab_user", UserAuditLog.resource_id == str(quem))
        acoes = s.scalars(do_usuario.order_by(UserAuditLog.id))
        assert [a for a in acoes if a not in ("criar", "alterar")] == ["falha_entrada", "entrada", "saida"]


def test_an_unknown_name_is_a_failure_in_the_trail_without_what_was_typed(app, http) -> None:
    http.entrar("minha senha no campo errado")
    with app.app_context(), transacao() as s:
        linha = s.scalars(select(UserAuditLog).where(UserAuditLog.action == "falha_entrada")).one()
        assert (linha.user_id, linha.resource_id, linha.ip_address) == (None, None, "127.0.0.1")
        assert "campo errado" not in str([getattr(linha, c.name) for c in UserAuditLog.__table__.columns])


def test_a_change_of_password_ends_the_other_sessions_only(app, http) -> None:
    usuario(app, usuario="ana")
    outro = app.test_client()
    http.entrar("ana")
    outro.entrar("ana")
    resposta = http.post("/trocar-senha/", data={"atual": f.SENHA, "nova": "uma frase bem longa", "repetida": "uma frase bem longa"})
    assert (resposta.status_code, http.get("/").status_code, outro.get("/").status_code) == (302, 200, 302)
    assert outro.entrar("ana").status_code == 200 and outro.entrar("ana", "uma frase bem longa").status_code == 302


@pytest.mark.parametrize(("atual", "nova", "motivo"), [
    ("errada", "uma frase bem longa", "A senha atual não está correta."),
    (f.SENHA, "curta", "pelo menos 10"),
    (f.SENHA, f.SENHA, "diferente da atual"),
    (f.SENHA, "anamariasouza", "não pode conter"),
])
def test_a_refused_change_says_why_at_the_field(app, http, atual: str, nova: str, motivo: str) -> None:
    usuario(app, usuario="anamaria")
    http.entrar("anamaria")
    resposta = http.post("/trocar-senha/", data={"atual": atual, "nova": nova, "repetida": nova})
    assert resposta.status_code == 200 and motivo in resposta.text
    assert http.post("/logout/") and http.entrar("anamaria").status_code == 302


def test_a_first_entry_reaches_nothing_before_the_password_is_changed(app, http) -> None:
    quem = usuario(app, usuario="ana")
    senha = provisoria(app, quem)
    http.entrar("ana", senha)
    assert http.get("/").location == "/trocar-senha/" == http.get("/usuarios/list/").location
    assert http.get("/api/v1/security/qualquer").status_code == 403
    assert http.post("/api/v1/security/login", json={"username": "ana", "password": senha}).status_code in (401, 403)
    http.post("/trocar-senha/", data={"atual": senha, "nova": "uma frase bem longa", "repetida": "uma frase bem longa"})
    assert http.get("/").status_code == 200


def test_an_inactive_person_is_out_at_the_next_click(app, http) -> None:
    quem = usuario(app, usuario="ana")
    http.entrar("ana")
    with app.app_context(), transacao() as s:
        consultas.por_id(s, quem)[0].active = False
    assert http.get("/").status_code == 302


# ---- the API

def _tokens(http, nome: str = "ana", senha: str = f.SENHA) -> dict:
    return http.post("/api/v1/security/login", json={"username": nome, "password": senha, "refresh": True}).json


def _com(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_dies_with_the_password_it_was_made_for(app, http) -> None:
    quem = usuario(app, usuario="ana")
    tokens = _tokens(http)
    novos = http.post("/api/v1/security/refresh", headers=_com(tokens["refresh_token"])).json
    assert http.get("/api/v1/cliente/", headers=_com(novos["access_token"])).status_code == 200
    provisoria(app, quem)
    assert http.post("/api/v1/security/refresh", headers=_com(novos["refresh_token"])).status_code == 401
    assert http.get("/api/v1/cliente/", headers=_com(novos["access_token"])).status_code == 401


def test_a_refresh_token_that_comes_back_was_copied_and_ends_them_all(app, http) -> None:
    usuario(app, usuario="ana")
    velho = _tokens(http)["refresh_token"]
    novos = http.post("/api/v1/security/refresh", headers=_com(velho)).json
    assert http.post("/api/v1/security/refresh", headers=_com(velho)).status_code == 401
    assert http.get("/api/v1/cliente/", headers=_com(novos["access_token"])).status_code == 401
    assert http.post("/api/v1/security/refresh", headers=_com(novos["refresh_token"])).status_code == 401


def test_an_access_token_lasts_fifteen_minutes_and_ends_at_exit(app, http) -> None:
    usuario(app, usuario="ana")
    token = _tokens(http)["access_token"]
    dados = jwt.decode(token, options={"verify_signature": False})
    assert dados["exp"] - dados["iat"] == 15 * 60
    assert http.post("/api/v1/security/logout", headers=_com(token)).status_code == 200
    assert http.get("/api/v1/cliente/", headers=_com(token)).status_code == 401


def test_a_token_is_no_session_and_a_session_is_no_token(app, http) -> None:
    usuario(app, usuario="ana")
    http.entrar("ana")
    with http.session_transaction() as s:
        nome = s["sid"]
    with app.app_context():
        falso = create_access_token("1", additional_claims={"sid": nome})
    assert http.get("/api/v1/cliente/", headers=_com(falso)).status_code == 401


def test_who_must_change_the_password_gets_no_token(app, http) -> None:
    senha = provisoria(app, usuario(app, usuario="ana"))
    resposta = http.post("/api/v1/security/login", json={"username": "ana", "password": senha})
    assert resposta.status_code == 403 and "troque a senha" in resposta.json["message"].lower()


def test_customers_have_no_tokens(app, http) -> None:
    usuario(app, "Cliente", usuario="ana")
    assert http.post("/api/v1/security/login", json={"username": "ana", "password": f.SENHA}).status_code == 401


@pytest.mark.parametrize("corpo", [
    None, [], {}, {"username": "ana"}, {"username": 1, "password": 2}, {"username": "a\0", "password": "b"}, {"username": "\ud800", "password": "b"},
    {"username": "a", "password": "\ud800"},
])
def test_nonsense_at_the_api_login_is_a_clear_refusal(app, http, corpo: object) -> None:
    assert http.post("/api/v1/security/login", json=corpo).status_code in (400, 401)


# ---- limits

@pytest.fixture
def sem_redis(servidores, url_modelo):
    """A browser of an application whose Redis is away."""
    app = fazer_app(copiar_banco(servidores, url_modelo, "sem_redis"), "unix:///tmp/crm-nao-existe.sock", WTF_CSRF_ENABLED=False)
    app.test_client_class = Navegador
    yield app.test_client()
    desligar(app)


def _ate_a_espera(http, *, tentativas: int) -> list[int]:
    return [http.entrar(f"ninguem{n}", "x").status_code for n in range(tentativas)]


def test_an_address_that_only_fails_has_to_wait_and_is_told_how_long(app, http) -> None:
    assert _ate_a_espera(http, tentativas=31) == [200] * 30 + [429]
    resposta = http.entrar("ninguem", "x")
    assert "Espere 1 minuto" in resposta.text and 0 < int(resposta.headers["Retry-After"]) <= 60
    assert http.post("/api/v1/security/login", json={"username": "x", "password": "y"}).status_code == 429
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=2)):
        assert http.entrar("ninguem", "x").status_code == 200


def test_forty_people_behind_one_address_all_get_in(app, http, monkeypatch) -> None:
    monkeypatch.setattr(senhas, "confere", lambda resumo, senha: resumo is not None)      # forty hashes are eight seconds
    for n in range(40):
        usuario(app, usuario=f"pessoa{n}")
    assert [app.test_client().entrar(f"pessoa{n}").status_code for n in range(40)] == [302] * 40


def test_limits_fall_back_to_memory_when_redis_is_away(sem_redis) -> None:
    assert _ate_a_espera(sem_redis, tentativas=31)[-2:] == [200, 429]


def test_who_has_not_signed_in_is_invited_and_not_refused(http) -> None:
    assert http.get("/clientes/list/").location.startswith("/login/?next=") and http.get("/planos/list/").status_code == 302
    pagina = http.get("/login/").text
    assert pagina.count("Entre para continuar.") == 1 and "Acesso Negado" not in pagina
    assert '<div class="aviso info" role="alert">' in pagina
