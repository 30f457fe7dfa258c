"""Entry: by user name or e-mail, lock-outs that end, sessions that end, first entry, exit by POST."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.usuarios import consultas
from app.usuarios.models import Perfil
from app.usuarios.services import EntradaService, UsuarioService, espera
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
        assert "plantado" not in s and s.permanent and s["sv"] == 1


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


@pytest.mark.parametrize(("falhas", "minutos"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (500, 60)])
def test_the_wait_doubles_and_has_an_end(falhas: int, minutos: int) -> None:
    assert espera(falhas) == dt.timedelta(minutes=minutos)


def _tentar(sessao, certa: bool) -> bool:
    """One attempt; whether it was let in."""
    conta = EntradaService(sessao).tentar("ana")
    return EntradaService(sessao).concluir(conta, certa and conta.resumo is not None) is not None


def test_an_account_locks_after_five_failures_and_opens_by_itself(sessao) -> None:
    f.um_usuario(sessao, usuario="ana")
    with relogio.mover_para(AGORA):
        assert not any(_tentar(sessao, False) for _n in range(5))
        assert not _tentar(sessao, True), "locked: the right password does not help"
    with relogio.mover_para(AGORA + dt.timedelta(minutes=1, seconds=1)):
        assert _tentar(sessao, True)
        assert sessao.scalar(select(Perfil.falhas)) == 0


def test_attempts_during_the_lock_do_not_prolong_it(sessao) -> None:
    f.um_usuario(sessao, usuario="ana")
    with relogio.mover_para(AGORA):
        for _n in range(50):
            _tentar(sessao, False)
    with relogio.mover_para(AGORA + dt.timedelta(minutes=1, seconds=1)):
        assert _tentar(sessao, True)


def test_failures_of_yesterday_are_forgotten(sessao) -> None:
    f.um_usuario(sessao, usuario="ana")
    with relogio.mover_para(AGORA):
        for _n in range(4):
            _tentar(sessao, False)
    with relogio.mover_para(AGORA + dt.timedelta(hours=25)):
        _tentar(sessao, False)
        assert sessao.scalar(select(Perfil.falhas)) == 1


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
        consultas.carregar(s, quem)[0].active = False
    assert http.get("/").status_code == 302


# ---- the API

def _tokens(http, nome: str = "ana", senha: str = f.SENHA) -> dict:
    return http.post("/api/v1/security/login", json={"username": nome, "password": senha, "refresh": True}).json


def _com(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_dies_with_the_password_it_was_made_for(app, http) -> None:
    quem = usuario(app, usuario="ana")
    tokens = _tokens(http)
    assert http.post("/api/v1/security/refresh", headers=_com(tokens["refresh_token"])).status_code == 200
    provisoria(app, quem)
    assert http.post("/api/v1/security/refresh", headers=_com(tokens["refresh_token"])).status_code == 401


def test_who_must_change_the_password_gets_no_token(app, http) -> None:
    senha = provisoria(app, usuario(app, usuario="ana"))
    resposta = http.post("/api/v1/security/login", json={"username": "ana", "password": senha})
    assert resposta.status_code == 403 and "troque a senha" in resposta.json["message"].lower()


def test_customers_have_no_tokens(app, http) -> None:
    usuario(app, "Cliente", usuario="ana")
    assert http.post("/api/v1/security/login", json={"username": "ana", "password": f.SENHA}).status_code == 401


@pytest.mark.parametrize("corpo", [None, [], {}, {"username": "ana"}, {"username": 1, "password": 2}, {"username": "a\0", "password": "b"}])
def test_nonsense_at_the_api_login_is_a_clear_refusal(app, http, corpo: object) -> None:
    assert http.post("/api/v1/security/login", json=corpo).status_code in (400, 401)


# ---- limits

@pytest.fixture
def limitado(servidores, url_modelo):
    """A browser of an application that counts attempts, given the address of Redis."""
    apps = []

    def fazer(redis_url: str) -> Navegador:
        banco = copiar_banco(servidores, url_modelo, f"limites_{len(redis_url)}")
        apps.append(fazer_app(banco, redis_url, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False))
        apps[-1].test_client_class = Navegador
        return apps[-1].test_client()

    yield fazer
    for app in apps:
        desligar(app)


def test_entry_is_limited_by_address_on_the_page_and_on_the_api(limitado, servidores) -> None:
    http = limitado(servidores.redis_url)
    assert [http.entrar("ninguem", "x").status_code for _n in range(21)] == [200] * 20 + [429]
    codigos = [http.post("/api/v1/security/login", json={"username": "x", "password": "y"}).status_code for _n in range(21)]
    assert codigos == [401] * 20 + [429]


def test_limits_fall_back_to_memory_when_redis_is_away(limitado) -> None:
    http = limitado("unix:///tmp/crm-nao-existe.sock")
    assert [http.entrar("ninguem", "x").status_code for _n in range(21)][-2:] == [200, 429]


def test_who_has_not_signed_in_is_invited_and_not_refused(http) -> None:
    assert http.get("/clientes/list/").location.startswith("/login/?next=") and http.get("/planos/list/").status_code == 302
    pagina = http.get("/login/").text
    assert pagina.count("Entre para continuar.") == 1 and "Acesso Negado" not in pagina
    assert '<div class="aviso info" role="alert">' in pagina
