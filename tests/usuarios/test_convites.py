"""Invitations: only an administrator makes one, its link serves once, and nothing else brings anybody into the staff."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Group, Role, User
from sqlalchemy import select

from app.core import confirmacao, relogio
from app.core.erros import DominioError
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.usuarios.convites import ConviteService
from app.usuarios.models import Convite, Perfil, SituacaoConvite
from tests import fabricas as f
from tests.usuarios.apoio import NOVA, caminho, mensagens, recusas, sem_o_redis

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
RITA = {"nome": "Rita", "sobrenome": "Souza", "email": "Rita@Exemplo.com.br"}


def papel(app: Flask, nome: str) -> int:
    with app.app_context(), transacao() as s:
        return s.scalar(select(Role.id).where(Role.name == nome))


def convidar(app: Flask, *papeis: str, email: str = "rita@exemplo.com.br") -> str:
    """An invitation made by the service; the path of its link."""
    with app.app_context(), transacao() as s:
        achados = s.scalars(select(Role).where(Role.name.in_(papeis or ("Financeiro",)))).all()
        return caminho(ConviteService(s).convidar(email=email, nome="Rita", sobrenome="Souza", papeis=achados)[1])


def aceitar(http, link: str, usuario: str = "rita", senha: str = NOVA, repetida: str | None = None):
    return http.post(link, data={"usuario": usuario, "senha": senha, "repetida": senha if repetida is None else repetida})


def link_na_pagina(texto: str) -> str:
    return caminho(re.search(r'<code id="link-convite"[^>]*>([^<]+)</code>', texto).group(1))


def test_an_administrator_invites_and_the_person_makes_the_account(app, http, admin) -> None:
    pagina = http.post("/convites/novo", data={**RITA, "papeis": [papel(app, "Financeiro"), papel(app, "Atendente")]})
    link = link_na_pagina(pagina.text)
    assert [(para, caminho(s["link"])) for para, s in mensagens(app, "convite_equipe")] == [("rita@exemplo.com.br", link)]
    outra = app.test_client()
    aberta = outra.get(link)
    ditos = ("Rita Souza", "rita@exemplo.com.br", "Financeiro", "Atendente", 'value="rita"', 'autocomplete="new-password"')
    assert [x for x in ditos if x not in aberta.text] == []
    assert aberta.headers["Referrer-Policy"] == "no-referrer" and "noindex" in aberta.headers["X-Robots-Tag"]
    assert aceitar(outra, link, "Rita.Souza").location == "/login/"
    assert "Conta criada" in outra.get("/login/").text and outra.entrar("rita.souza", NOVA).location == "/"
    assert outra.get("/").status_code == 200      # no password to change first
    with app.app_context(), transacao() as s:
        nova = s.scalars(select(User).where(User.username == "rita.souza")).one()
        assert {p.name for p in nova.roles} == {"Financeiro", "Atendente"} and nova.email == "rita@exemplo.com.br" and not s.get(Perfil, nova.id).trocar_senha
        convite = s.scalars(select(Convite)).one()
        assert (convite.situacao, convite.usuario_id) == (SituacaoConvite.aceito, nova.id)
        assert s.scalar(select(UserAuditLog.user_id).where(UserAuditLog.resource == "ab_user", UserAuditLog.action == "criar",
                                                          UserAuditLog.resource_id == str(nova.id))) == admin


def test_a_link_serves_once_and_only_its_hash_is_kept(app, http) -> None:
    link = convidar(app)
    token = link.removeprefix("/convite/")
    assert len(token) == 43      # 256 bits
    with app.app_context(), transacao() as s:
        assert token not in str(vars(s.scalars(select(Convite)).one()))
    assert aceitar(http, link).status_code == 302
    assert (http.get(link).status_code, aceitar(http, link, "outra").status_code) == (404, 404)


def test_two_who_open_the_link_at_once_make_one_account(app_real) -> None:
    link = convidar(app_real)
    app_real.config["WTF_CSRF_ENABLED"] = False
    with ThreadPoolExecutor(4) as juntos:
        codigos = sorted(juntos.map(lambda n: aceitar(app_real.test_client(), link, f"rita{n}").status_code, range(4)))
    with app_real.app_context(), transacao() as s:
        assert codigos == [302, 404, 404, 404] and len(s.scalars(select(User).where(User.username.like("rita%"))).all()) == 1


def test_a_refused_account_leaves_the_link_good(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="rita", email="outra@exemplo.com.br")
    link = convidar(app)
    assert 'value="rita2"' in http.get(link).text
    tentativas = [("rita", NOVA, None), ("a b", NOVA, None), ("rita2", "curta", None), ("rita2", "souza e mais nada", None), ("rita2", NOVA, "outra")]
    frases = ("Já existe um usuário", "sem espaços", "pelo menos 10", "não pode conter", "não são iguais")
    assert [frase in aceitar(http, link, *t).text for t, frase in zip(tentativas, frases, strict=True)] == [True] * 5
    assert aceitar(http, link, "rita2").status_code == 302


def test_a_link_dies_with_time_and_another_link_and_word_of_the_administrator(app, http, admin) -> None:
    with relogio.mover_para(AGORA):
        primeiro = convidar(app)
        with app.app_context(), transacao() as s:
            convite = s.scalar(select(Convite.id))
    with relogio.mover_para(AGORA + dt.timedelta(hours=71, minutes=59)):
        assert http.get(primeiro).status_code == 200
    with relogio.mover_para(AGORA + dt.timedelta(hours=72)):
        assert app.test_client().get(primeiro).status_code == 404
        with app.app_context(), transacao() as s:
            assert s.get(Convite, convite).situacao is SituacaoConvite.vencido
    segundo = link_na_pagina(http.post(f"/convites/action/reenviar/{convite}").text)
    http.post("/logout/")
    assert (http.get(primeiro).status_code, http.get(segundo).status_code) == (404, 200)
    http.entrar("chefe")
    http.post(f"/convites/action/revogar/{convite}")
    assert aceitar(app.test_client(), segundo).status_code == 404
    assert "Revogado" in http.get("/convites/list/").text
    assert "Só um convite aberto" in http.get(http.post(f"/convites/action/reenviar/{convite}").location).text


@pytest.mark.parametrize(("mudanca", "motivo"), [
    ({"email": "chefe@exemplo.com.br"}, "Já existe um usuário com este e-mail"), ({"email": "não é"}, "e-mail válido"), ({"papeis": []}, "Escolha um papel"),
    ({"papeis": ["999999"]}, "não existe mais"), ({"nome": ""}, "Informe o nome"), ({"email": "ja@exemplo.com.br"}, "Já há um convite aberto"),
])
def test_a_wrong_invitation_is_refused_with_what_was_typed(app, http, admin, mudanca: dict, motivo: str) -> None:
    convidar(app, email="ja@exemplo.com.br")
    resposta = http.post("/convites/novo", data={**RITA, "papeis": [papel(app, "Financeiro")], **mudanca})
    assert motivo in resposta.text and 'value="Souza"' in resposta.text and "link-convite" not in resposta.text


def test_nobody_is_invited_to_be_a_customer_or_the_public(app, http, admin) -> None:
    for nome in ("Cliente", "Public"):
        assert "não existe mais" in http.post("/convites/novo", data={**RITA, "papeis": [papel(app, nome)]}).text
        with app.app_context(), pytest.raises(DominioError), transacao() as s:
            papel_ = s.scalars(select(Role).where(Role.name == nome)).one()
            ConviteService(s).convidar(**RITA, papeis=[papel_], grupos=[])
    with app.app_context(), pytest.raises(DominioError), transacao() as s:
        grupo = Group(name="x", label="x", description="", roles=[s.scalars(select(Role).where(Role.name == "Cliente")).one()])
        ConviteService(s).convidar(**RITA, papeis=[], grupos=[grupo])


def test_groups_come_with_the_account(app, http) -> None:
    with app.app_context(), transacao() as s:
        grupo = f.gravar(s, Group(name="caixa", label="Caixa", description="", roles=[s.scalars(select(Role).where(Role.name == "Financeiro")).one()]))
        link = caminho(ConviteService(s).convidar(**RITA, papeis=[], grupos=[grupo])[1])
    assert "Financeiro" in http.get(link).text and aceitar(http, link).status_code == 302
    with app.app_context(), transacao() as s:
        nova = s.scalars(select(User).where(User.username == "rita")).one()
        assert ([g.name for g in nova.groups], nova.roles) == (["caixa"], [])


def test_only_an_administrator_invites_and_only_after_proving_who_it_is(app, http, admin, monkeypatch) -> None:
    gerente = app.test_client()
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="ana")
    gerente.entrar("ana")
    assert [r.status_code for r in (gerente.get("/convites/list/"), gerente.get("/convites/novo"), gerente.post("/convites/novo", data=RITA))] == [403] * 3
    monkeypatch.setattr(confirmacao, "_recente", lambda: False)
    link = convidar(app)
    with app.app_context(), transacao() as s:
        convite = s.scalar(select(Convite.id))
    respostas = [
        http.get("/convites/novo"), http.post("/convites/novo", data={**RITA, "papeis": [papel(app, "Admin")]}),
        http.post(f"/convites/action/reenviar/{convite}"),
    ]
    assert [(r.status_code, "/confirmar" in (r.location or "")) for r in respostas] == [(302, True)] * 3
    assert app.test_client().get(link).status_code == 200 and len(mensagens(app, "convite_equipe")) == 1


def test_somebody_signed_in_is_asked_to_leave_first(app, http, admin) -> None:
    link = convidar(app)
    assert "Saia para aceitá-lo" in http.get(link).text and aceitar(http, link).status_code == 403
    assert app.test_client().get(link).status_code == 200


def test_the_form_that_made_accounts_is_gone(app, http, admin) -> None:
    assert http.get("/usuarios/add").status_code == http.post("/usuarios/add", data={"username": "x"}).status_code == 404
    assert "/convites/novo" in http.get("/usuarios/list/").text


@pytest.mark.parametrize("sem_redis", [False, True])
def test_guessing_links_from_one_address_stops_and_recovers(app, http, monkeypatch, sem_redis: bool) -> None:
    if sem_redis:
        sem_o_redis(monkeypatch)
    link = convidar(app)

    def adivinhar() -> int:
        return aceitar(http, f"/convite/{'t' * 43}").status_code

    with relogio.mover_para(AGORA):
        assert recusas(adivinhar) == 20
    with relogio.mover_para(AGORA + dt.timedelta(minutes=2)):
        assert http.get(link).status_code == 200      # who has a good one gets through between two waits
