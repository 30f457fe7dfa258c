"""The second factor: enrolment, codes that count once, codes on paper, trusted browsers, obligation by role, help, and proving again who one is."""

from __future__ import annotations

import datetime as dt
import re

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios.models import DispositivoConfiavel, Perfil, SessaoUsuario
from app.usuarios.services import FatorService, UsuarioService
from app.usuarios.services.fatores import novo_segredo, passo_do_codigo
from tests import fabricas as f
from tests.usuarios.test_sessoes import limitar

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
SEGREDO = "JBSWY3DPEHPK3PXP" * 2


def codigo(em: dt.datetime = AGORA) -> str:
    return pyotp.TOTP(SEGREDO).at(em)


@pytest.fixture
def ana(app: Flask) -> int:
    with app.app_context(), transacao() as s:
        return f.um_usuario(s, "Financeiro", usuario="ana").id


@pytest.fixture
def papel(app: Flask, ana: int) -> list[str]:
    """Ana's codes for paper, her second factor being on since yesterday."""
    ontem = AGORA - dt.timedelta(days=1)
    with relogio.mover_para(ontem), app.app_context(), transacao() as s:
        return FatorService(s).ligar(ana, SEGREDO, codigo(ontem))


def dentro(http) -> bool:
    return http.get("/perfil/").status_code == 200


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1: the last six digits of the eight it prints
    segredo = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for segundos, esperado in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        assert passo_do_codigo(segredo, esperado, dt.datetime.fromtimestamp(segundos, dt.UTC)) == segundos // 30
    assert len(novo_segredo()) == 32


def test_a_password_alone_opens_nothing_once_it_is_on(app, http, papel) -> None:
    with relogio.mover_para(AGORA):
        assert http.entrar("ana").location == "/login/codigo"
        assert not dentro(http)
        assert http.post("/login/codigo", data={"codigo": "000000"}).status_code == 200 and not dentro(http)
        assert http.post("/login/codigo", data={"codigo": codigo()}).location == "/"
        assert dentro(http)


def test_no_code_counts_twice(app, http, papel) -> None:
    outro = app.test_client()
    with relogio.mover_para(AGORA):
        for cliente in (http, outro):
            cliente.entrar("ana")
            cliente.post("/login/codigo", data={"codigo": codigo()})
        assert dentro(http) and not dentro(outro)
        outro.post("/login/codigo", data={"codigo": codigo(AGORA - dt.timedelta(seconds=30))})
        assert not dentro(outro), "nor one older than the last that counted"


@pytest.mark.parametrize(("segundos", "entra"), [(-30, True), (30, True), (-60, False), (60, False)])
def test_a_clock_half_a_minute_off_is_forgiven(app, http, papel, segundos: int, entra: bool) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        http.post("/login/codigo", data={"codigo": codigo(AGORA + dt.timedelta(seconds=segundos))})
        assert dentro(http) is entra


def test_a_code_on_paper_enters_once_as_it_is_printed_or_not(app, http, papel) -> None:
    with relogio.mover_para(AGORA):
        for texto, entra in ((papel[0], True), (papel[0], False), (papel[1].replace("-", "").upper(), True)):
            cliente = app.test_client()
            cliente.entrar("ana")
            cliente.post("/login/codigo", data={"codigo": texto})
            assert dentro(cliente) is entra
    with app.app_context():
        assert len(db.session.scalar(select(Perfil.codigos_recuperacao))) == 8


def test_guessing_codes_is_stopped_and_ends(app, http, papel) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        for n in range(5):
            http.post("/login/codigo", data={"codigo": f"00000{n}"})
        http.post("/login/codigo", data={"codigo": codigo()})
        assert not dentro(http), "the right one comes too late"
    depois = AGORA + dt.timedelta(minutes=2)
    with relogio.mover_para(depois):
        http.post("/login/codigo", data={"codigo": codigo(depois)})
        assert dentro(http)


def test_the_password_is_worth_five_minutes(app, http, papel) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
    with relogio.mover_para(tarde := AGORA + dt.timedelta(minutes=6)):
        assert http.post("/login/codigo", data={"codigo": codigo(tarde)}).location.endswith("/login/")
        assert not dentro(http)


def test_a_trusted_browser_is_not_asked_until_it_is_forgotten(app, http, papel) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        resposta = http.post("/login/codigo", data={"codigo": codigo(), "confiar": "1"})
        biscoito = next(c for c in resposta.headers.getlist("Set-Cookie") if c.startswith("crm_aparelho"))
        assert "HttpOnly" in biscoito and "SameSite=Lax" in biscoito and "Max-Age=2592000" in biscoito
        http.post("/logout/")
        assert http.entrar("ana").location == "/"
        assert app.test_client().entrar("ana").location == "/login/codigo"
        with app.app_context():
            aparelho = db.session.scalar(select(DispositivoConfiavel.id))
        http.post(f"/perfil/aparelhos/{aparelho}/esquecer")
        http.post("/logout/")
        assert http.entrar("ana").location == "/login/codigo"


def test_trust_has_an_end_and_is_one_accounts(app, http, papel) -> None:
    with app.app_context(), transacao() as s:
        bia = f.um_usuario(s, "Financeiro", usuario="bia").id
        FatorService(s).ligar(bia, SEGREDO, pyotp.TOTP(SEGREDO).at(relogio.agora()))
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        http.post("/login/codigo", data={"codigo": codigo(), "confiar": "1"})
        http.post("/logout/")
        assert http.entrar("bia").location == "/login/codigo"
    with relogio.mover_para(AGORA + dt.timedelta(days=31)):
        assert http.entrar("ana").location == "/login/codigo"


def test_a_role_that_asks_for_it_opens_nothing_before_it_is_on(app, http, ana) -> None:
    limitar(app, "Financeiro", exige_2fa=True)
    http.entrar("ana")
    assert http.get("/").location == "/perfil/segundo-fator" == http.get("/clientes/list/").location
    assert http.get("/api/v1/cliente/", headers={"Accept": "application/json"}).status_code in (401, 403)
    assert http.post("/api/v1/security/login", json={"username": "ana", "password": f.SENHA}).status_code == 403
    pagina = http.get("/perfil/segundo-fator").text
    segredo = re.search(r'id="segredo-fator"[^>]*>(\w+)<', pagina)[1]
    assert "<svg" in pagina and "O seu papel exige" in pagina
    assert "Código incorreto" in http.post("/perfil/segundo-fator", data={"codigo": "000000"}).text
    codigos = http.post("/perfil/segundo-fator", data={"codigo": pyotp.TOTP(segredo).at(relogio.agora())}).text
    assert len(re.findall(r"\b\w{4}-\w{4}-\w{4}\b", codigos)) == 10
    assert http.get("/").status_code == 200
    assert "Desligar" not in http.get("/perfil/seguranca").text
    http.post("/perfil/segundo-fator/desligar")
    with app.app_context():
        assert db.session.get(Perfil, ana).totp_desde is not None


def test_switching_it_on_ends_the_sessions_that_had_only_the_password(app, http, ana) -> None:
    outro = app.test_client()
    http.entrar("ana")
    outro.entrar("ana")
    segredo = re.search(r'id="segredo-fator"[^>]*>(\w+)<', http.get("/perfil/segundo-fator").text)[1]
    http.post("/perfil/segundo-fator", data={"codigo": pyotp.TOTP(segredo).at(relogio.agora())})
    assert dentro(http) and not dentro(outro)


def test_secret_and_codes_are_not_in_the_database_in_clear(app, papel, ana) -> None:
    with app.app_context():
        linha = str(db.session.execute(text("SELECT * FROM perfil")).all())
        trilha = str(db.session.execute(text("SELECT antes, depois FROM user_audit_log")).all())
    for segredo in (SEGREDO, *(c.replace("-", "") for c in papel)):
        assert segredo not in linha and segredo not in trilha


def test_the_api_asks_for_the_code_too(app, http, papel) -> None:
    dados = {"username": "ana", "password": f.SENHA}
    with relogio.mover_para(AGORA):
        sem = http.post("/api/v1/security/login", json=dados)
        assert (sem.status_code, sem.json["codigo"]) == (401, "codigo_necessario")
        assert http.post("/api/v1/security/login", json={**dados, "code": "000000"}).json["codigo"] == "codigo_errado"
        assert "access_token" in http.post("/api/v1/security/login", json={**dados, "code": codigo()}).json
        assert http.post("/api/v1/security/login", json={**dados, "code": codigo()}).status_code == 401


def test_an_administrator_helps_who_lost_the_telephone(app, http, papel, ana) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
    ana_entrou = app.test_client()
    with relogio.mover_para(AGORA):
        ana_entrou.entrar("ana")
        ana_entrou.post("/login/codigo", data={"codigo": codigo()})
        http.entrar("chefe")
        assert http.post(f"/usuarios/action/redefinir_2fa/{ana}").status_code == 302
        assert not dentro(ana_entrou)
        assert ana_entrou.entrar("ana").location == "/"
    with app.app_context():
        acoes = db.session.scalars(select(UserAuditLog.action).where(UserAuditLog.resource == "ab_user", UserAuditLog.resource_id == str(ana))).all()
    assert "redefinir_2fa" in acoes


# ---- proving again who one is

def test_proof_is_asked_again_after_ten_minutes_and_lasts_ten(app, http, ana) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        assert http.get("/perfil/segundo-fator").status_code == 200
    depois = AGORA + dt.timedelta(minutes=11)
    with relogio.mover_para(depois):
        assert http.get("/perfil/segundo-fator").location == "/confirmar/?next=/perfil/segundo-fator"
        assert "incorreto" in http.post("/confirmar/?next=/perfil/segundo-fator", data={"prova": "errada"}).text
        assert http.post("/confirmar/?next=/perfil/segundo-fator", data={"prova": f.SENHA}).location == "/perfil/segundo-fator"
        assert http.get("/perfil/segundo-fator").status_code == 200
    with relogio.mover_para(depois + dt.timedelta(minutes=11)):
        assert http.get("/perfil/segundo-fator").status_code == 302


def test_a_code_proves_it_as_well_and_the_session_gets_another_name(app, http, papel) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        http.post("/login/codigo", data={"codigo": codigo()})
    depois = AGORA + dt.timedelta(minutes=20)
    with app.app_context():
        antes = db.session.scalar(select(SessaoUsuario.resumo))
    with relogio.mover_para(depois):
        assert http.post("/confirmar/", data={"prova": codigo(depois)}).location == "/"
    with app.app_context():
        assert db.session.scalar(select(SessaoUsuario.resumo)) != antes


def test_guessing_the_proof_is_stopped(app, http, ana) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        for _n in range(5):
            http.post("/confirmar/", data={"prova": "errada"})
        assert "incorreto" in http.post("/confirmar/", data={"prova": f.SENHA}).text


@pytest.mark.parametrize("destino", ["//evil.example", "http://evil.example/x", "javascript:alert(1)"])
def test_the_proof_leads_nowhere_else(app, http, ana, destino: str) -> None:
    http.entrar("ana")
    assert http.post("/confirmar/", query_string={"next": destino}, data={"prova": f.SENHA}).location == "/"


def test_where_the_money_goes_changes_only_after_a_proof(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="chefe")
        empresa = f.uma_empresa(s, chave_pix="antes@exemplo.com.br")
        chave, dados = empresa.id, {"razao_social": empresa.razao_social, "cnpj": empresa.cnpj, "matiz": "255", "ativo": "y"}
    http.entrar("chefe")
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=11)):
        assert http.post(f"/empresas/edit/{chave}", data={**dados, "chave_pix": "antes@exemplo.com.br", "municipio": "Campinas"}).location != "/confirmar/"
        resposta = http.post(f"/empresas/edit/{chave}", data={**dados, "chave_pix": "ladrao@exemplo.com.br"})
        assert resposta.location.startswith("/confirmar/?next=/empresas/edit/") and "_digitado" in resposta.location
        with app.app_context():
            ficou = db.session.execute(text("SELECT chave_pix, municipio FROM empresa WHERE id = :i"), {"i": chave}).one()
            assert ficou == ("antes@exemplo.com.br", "Campinas")
        http.post("/confirmar/", data={"prova": f.SENHA})
        http.post(f"/empresas/edit/{chave}", data={**dados, "chave_pix": "nova@exemplo.com.br"})
        with app.app_context():
            assert db.session.scalar(text("SELECT chave_pix FROM empresa WHERE id = :i"), {"i": chave}) == "nova@exemplo.com.br"


@pytest.mark.parametrize("estranho", ["²²²²²²", "１２３４５６", "é²３", "\x00", "a" * 40])
def test_what_is_no_code_is_refused_and_breaks_nothing(app, http, papel, estranho: str) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        assert http.post("/login/codigo", data={"codigo": estranho}).status_code == 200
        dados = {"username": "ana", "password": f.SENHA, "code": estranho}
        assert http.post("/api/v1/security/login", json=dados).status_code == 401


def test_a_sign_in_half_done_does_not_end_after_the_password_was_changed(app, http, papel, ana) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        with app.app_context(), transacao() as s:
            UsuarioService(s).gravar_senha(ana, "outra frase bem comprida")
        http.post("/login/codigo", data={"codigo": codigo()})
        assert not dentro(http)


def test_another_telephone_makes_trusted_browsers_strangers(app, http, papel, ana) -> None:
    with app.app_context(), transacao() as s:
        FatorService(s).confiar(ana, nome="Firefox", ip=None)
        novo = novo_segredo()
        FatorService(s).ligar(ana, novo, pyotp.TOTP(novo).at(relogio.agora()))
        assert s.scalar(select(DispositivoConfiavel.id)) is None


def test_a_copy_of_the_cookie_has_not_proved_what_its_owner_proved(app, http, ana) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        copia = app.test_client()
        copia.set_cookie("crm", http.get_cookie("crm").value)
    with relogio.mover_para(AGORA + dt.timedelta(minutes=20)):
        assert http.post("/confirmar/", data={"prova": f.SENHA}).status_code == 302
        assert http.get("/perfil/segundo-fator").status_code == 200
        assert copia.get("/perfil/segundo-fator").status_code == 302 and not dentro(copia)


def test_a_copy_of_the_cookie_dies_with_the_password(app, http, ana) -> None:
    http.entrar("ana")
    copia = app.test_client()
    copia.set_cookie("crm", http.get_cookie("crm").value)
    http.post("/trocar-senha/", data={"atual": f.SENHA, "nova": "outra frase bem comprida", "repetida": "outra frase bem comprida"})
    assert dentro(http) and not dentro(copia)
