"""Forgotten passwords: the same answer and the same work for everybody, a link that serves once, and what a new password ends."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.usuarios import recuperacao
from app.usuarios.models import DispositivoConfiavel, Perfil, TokenRecuperacao
from app.usuarios.services.usuarios import garantir_perfil
from tests import fabricas as f
from tests.usuarios.apoio import NOVA, caminho, comandos, mensagens, recusas, sem_o_redis, trabalhar

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
PROMESSA = "Se houver uma conta com estes dados, enviamos um link"


def usuario(app: Flask, papel: str = "Gerente", **kw: object) -> int:
    with app.app_context(), transacao() as s:
        return f.um_usuario(s, papel, **kw).id


def pedir(app: Flask, http, conta: str = "ana") -> str | None:
    """Ask on the page and let the task run; the path of the newest link."""
    resposta = http.post("/recuperar/", data={"conta": conta})
    assert resposta.status_code == 200 and PROMESSA in resposta.text
    trabalhar(app, recuperacao.ENVIAR)
    links = mensagens(app, "recuperar_senha")
    return caminho(links[-1][1]["link"]) if links else None


def trocar(http, link: str, senha: str = NOVA, repetida: str | None = None):
    return http.post(link, data={"senha": senha, "repetida": senha if repetida is None else repetida})


def test_a_link_sets_a_new_password_once(app, http) -> None:
    quem = usuario(app, usuario="ana", email="ana@exemplo.com.br")
    link = pedir(app, http)
    assert mensagens(app, "recuperar_senha")[0][0] == "ana@exemplo.com.br"
    abertas = [http.get(link) for _vez in range(3)]      # scanners of mail open it first
    assert [r.status_code for r in abertas] == [200] * 3
    assert (abertas[0].headers["Referrer-Policy"], abertas[0].headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "noindex" in abertas[0].headers["X-Robots-Tag"]
    assert trocar(http, link).location == "/login/"
    assert "Senha trocada" in http.get("/login/").text and http.entrar("ana", NOVA).location == "/"
    assert (http.get(link).status_code, trocar(http, link, "outra frase qualquer").status_code) == (404, 404)
    assert mensagens(app, "senha_trocada")[0][0] == "ana@exemplo.com.br"
    with app.app_context(), transacao() as s:
        assert s.scalar(select(UserAuditLog.user_id).where(UserAuditLog.action == "recuperar_senha")) == quem


def test_only_a_hash_of_the_link_is_kept(app, http) -> None:
    usuario(app, usuario="ana")
    token = pedir(app, http).removeprefix("/recuperar/")
    assert len(token) == 43      # 256 bits
    with app.app_context(), transacao() as s:
        linha = s.scalars(select(TokenRecuperacao)).one()
        assert len(linha.resumo) == 64 and token not in str(vars(linha))


@pytest.mark.parametrize("conta", ["ana", "ANA", "Ana@Exemplo.com.br", "529.982.247-25"])
def test_user_name_email_or_document_find_the_account(app, http, conta: str) -> None:
    usuario(app, usuario="52998224725" if conta[0] == "5" else "ana", email="ana@exemplo.com.br")
    assert pedir(app, http, conta)


@pytest.mark.parametrize("conta", ["ninguem", "ninguem@exemplo.com.br", "111.444.777-35", "saiu", "nulo\0aqui"])
def test_who_has_no_account_gets_the_same_answer_and_no_mail(app, http, conta: str) -> None:
    usuario(app, usuario="saiu", active=False)
    usuario(app, usuario="ana")
    assert pedir(app, http, conta) is None
    assert http.post("/recuperar/", data={"conta": conta}).text == http.post("/recuperar/", data={"conta": "ana"}).text


def test_known_and_unknown_accounts_cost_the_page_the_same_work(app, http, monkeypatch) -> None:
    usuario(app, usuario="ana")
    contados: list[str] = []
    original = recuperacao.limites.tentar
    monkeypatch.setattr(recuperacao.limites, "tentar", lambda limite, chave: contados.append(limite.nome) or original(limite, chave))
    feitos = []
    for conta in ("ana", "ninguem"):
        contados.clear()
        with comandos(app) as vistos:
            http.post("/recuperar/", data={"conta": conta})
        feitos.append(([*vistos], [*contados]))
    assert feitos[0] == feitos[1] and len(feitos[0][0]) >= 2 and feitos[0][1] == ["recuperar_endereco", "recuperar_conta"]


def test_a_link_dies_after_half_an_hour_and_when_another_is_asked_for(app, http) -> None:
    usuario(app, usuario="ana")
    with relogio.mover_para(AGORA):
        primeiro = pedir(app, http)
        segundo = pedir(app, http)
        assert (http.get(primeiro).status_code, http.get(segundo).status_code) == (404, 200)
    with relogio.mover_para(AGORA + dt.timedelta(minutes=29, seconds=59)):
        assert http.get(segundo).status_code == 200
    with relogio.mover_para(AGORA + dt.timedelta(minutes=30)):
        assert trocar(http, segundo).status_code == 404


def test_a_link_dies_when_the_password_changes_and_when_the_account_ends(app, http) -> None:
    quem = usuario(app, usuario="ana")
    link = pedir(app, http)
    http.entrar("ana")
    http.post("/trocar-senha/", data={"atual": f.SENHA, "nova": NOVA, "repetida": NOVA})
    assert http.get(link).status_code == 404
    outro = pedir(app, app.test_client())
    with app.app_context(), transacao() as s:
        s.get(User, quem).active = False
    assert (http.get(outro).status_code, trocar(app.test_client(), outro).status_code) == (404, 404)


def test_a_weak_password_is_refused_at_its_field_and_the_link_still_serves(app, http) -> None:
    usuario(app, usuario="ana", email="ana.braga@exemplo.com.br")
    link = pedir(app, http)
    recusadas = [trocar(http, link, "curta"), trocar(http, link, "password2026!!"), trocar(http, link, "minha braga-99"), trocar(http, link, NOVA, "outra")]
    frases = ("pelo menos 10 caracteres", "muito comum", "não pode conter", "não são iguais")
    assert [frase in r.text for r, frase in zip(recusadas, frases, strict=True)] == [True] * 4
    assert 'autocomplete="new-password"' in recusadas[0].text and 'id="senha-erro"' in recusadas[0].text
    assert trocar(http, link).status_code == 302


def test_a_new_password_ends_sessions_and_remembered_devices_and_leaves_the_second_factor(app, http) -> None:
    quem = usuario(app, usuario="ana")
    velha = app.test_client()
    velha.entrar("ana")
    with app.app_context(), transacao() as s:
        s.add(DispositivoConfiavel(usuario_id=quem, resumo="d" * 64, nome="Firefox", expira_em=relogio.agora() + dt.timedelta(days=30)))
        garantir_perfil(s, quem).totp_secret = "JBSWY3DPEHPK3PXP"
    trocar(http, pedir(app, http))
    assert velha.get("/").status_code == 302
    with app.app_context(), transacao() as s:
        assert s.scalars(select(DispositivoConfiavel)).all() == []
        assert s.get(Perfil, quem).totp_secret == "JBSWY3DPEHPK3PXP"


def test_who_locked_the_account_by_trying_enters_with_the_new_password(app, http) -> None:
    usuario(app, usuario="ana")
    for _n in range(6):
        http.entrar("ana", "senha-errada-1")
    assert http.entrar("ana").status_code == 200
    trocar(http, pedir(app, http))
    assert http.entrar("ana", NOVA).status_code == 302


def test_links_point_to_the_configured_address_whatever_the_request_says(app, http) -> None:
    usuario(app, usuario="ana")
    http.post("/recuperar/", data={"conta": "ana"}, headers={"X-Forwarded-Host": "mau.exemplo"}, base_url="http://localhost")
    trabalhar(app, recuperacao.ENVIAR)
    assert mensagens(app, "recuperar_senha")[0][1]["link"].startswith("http://localhost/recuperar/")


def test_an_account_gets_a_few_links_and_the_answer_does_not_tell(app, http) -> None:
    usuario(app, usuario="ana")
    with relogio.mover_para(AGORA):
        for _n in range(6):
            pedir(app, http)
        assert len(mensagens(app, "recuperar_senha")) == 4
    with relogio.mover_para(AGORA + dt.timedelta(minutes=6)):
        pedir(app, http)
        assert len(mensagens(app, "recuperar_senha")) == 5


@pytest.mark.parametrize("sem_redis", [False, True])
def test_asking_and_guessing_from_one_address_stop_and_recover(app, http, monkeypatch, sem_redis: bool) -> None:
    if sem_redis:
        sem_o_redis(monkeypatch)
    pedidos = iter(range(100))
    for tentar, livres in (
        (lambda: http.post("/recuperar/", data={"conta": f"x{next(pedidos)}"}).status_code, 10), (lambda: http.get(f"/recuperar/{'t' * 43}").status_code, 20),
    ):
        with relogio.mover_para(AGORA):
            assert recusas(tentar) == livres
        with relogio.mover_para(AGORA + dt.timedelta(seconds=61)):
            assert tentar() != 429 and tentar() == 429      # one more, and a longer wait
        with relogio.mover_para(AGORA + dt.timedelta(days=2)):
            assert [tentar() != 429 for _n in range(5)] == [True] * 5


def test_a_customer_without_a_mailbox_is_reached_at_the_contact_on_file(app, http) -> None:
    with app.app_context(), transacao() as s:
        from app.clientes.models import AcessoPortal
        cliente = f.um_cliente(s, email="casal@exemplo.com.br")
        pessoa = f.um_usuario(s, "Cliente", usuario=cliente.cpf_cnpj, email=f"{cliente.cpf_cnpj}@portal.invalid")
        s.add(AcessoPortal(usuario_id=pessoa.id, cliente_id=cliente.id))
        documento = cliente.cpf_cnpj
    link = pedir(app, http, documento)
    assert mensagens(app, "recuperar_senha")[0][0] == "casal@exemplo.com.br"
    assert "não pode conter" in trocar(http, link, f"cpf {documento[:3]}.{documento[3:]} é meu").text      # what the register knows is no password
    assert trocar(http, link).status_code == 302 and mensagens(app, "senha_trocada")[0][0] == "casal@exemplo.com.br"
