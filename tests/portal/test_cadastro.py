"""A customer's own registration: the same answer for every document, and an account only for who reads at the address on file."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.brasil.documentos import gerar_cnpj, gerar_cpf
from app.clientes.models import AcessoPortal, Cliente, StatusCliente, TipoPessoa
from app.core import relogio
from app.core.transacao import transacao
from app.notificacoes.models import Canal, CanalEnvio, Notificacao
from app.portal.cadastro import ENVIAR_CODIGO
from app.usuarios import senhas
from app.usuarios.models import CodigoConfirmacao
from tests import fabricas as f
from tests.usuarios.apoio import NOVA, comandos, mensagens, recusas, sem_o_redis, trabalhar

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
PROMESSA = "Se este CPF ou CNPJ for de um cliente com e-mail no cadastro, enviamos um código. Ele vale 15 minutos."


def cliente(app: Flask, **kw: Any) -> str:
    """A customer; the document."""
    with app.app_context(), transacao() as s:
        return f.um_cliente(s, **kw).cpf_cnpj


def pedir(app: Flask, http, documento: str, canal: str = "email") -> str:
    """Ask for a code and let the task run; the newest code, or nothing."""
    resposta = http.post("/cadastrar/", data={"documento": documento, "canal": canal})
    assert resposta.location == "/cadastrar/codigo", resposta.text
    antes = len(mensagens(app, "codigo_confirmacao"))
    trabalhar(app, ENVIAR_CODIGO)
    enviados = mensagens(app, "codigo_confirmacao")
    return enviados[-1][1]["codigo"] if len(enviados) > antes else ""


def concluir(http, codigo: str, senha: str = NOVA, repetida: str | None = None):
    return http.post("/cadastrar/codigo", data={"codigo": codigo, "senha": senha, "repetida": senha if repetida is None else repetida})


def errado(codigo: str) -> str:
    return f"{(int(codigo) + 1) % 10**6:06}"


def test_a_customer_makes_the_account_with_the_code_of_the_mail(app, http) -> None:
    documento = cliente(app, nome="Maria Souza", email="maria@exemplo.com.br")
    codigo = pedir(app, http, f"{documento[:3]}.{documento[3:6]}.{documento[6:9]}-{documento[9:]}")
    pagina = http.get("/cadastrar/codigo")
    assert PROMESSA in pagina.text and 'autocomplete="one-time-code"' in pagina.text and 'inputmode="numeric"' in pagina.text
    assert mensagens(app, "codigo_confirmacao")[0][0] == "maria@exemplo.com.br"
    assert concluir(http, f" {codigo[:3]} {codigo[3:]} ").location == "/login/"      # as people type and paste it
    assert "Acesso criado" in http.get("/login/").text and http.entrar(documento, NOVA).location == "/portal/"
    assert http.get("/portal/").status_code == 200 and http.get("/perfil/").status_code == 404
    with app.app_context(), transacao() as s:
        pessoa = s.scalars(select(User).where(User.username == documento)).one()
        assert ([p.name for p in pessoa.roles], pessoa.email) == (["Cliente"], "maria@exemplo.com.br")
        assert s.scalar(select(AcessoPortal.usuario_id).join(Cliente).where(Cliente.cpf_cnpj == documento)) == pessoa.id
        assert s.scalars(select(CodigoConfirmacao)).one().usado_em is not None


@pytest.mark.parametrize("quem", ["ninguem", "sem_email", "inativo"])
def test_who_is_no_customer_gets_the_same_page_and_no_code(app, http, quem: str) -> None:
    documento = {
        "ninguem": lambda: gerar_cpf(1), "sem_email": lambda: cliente(app, email=None), "inativo": lambda: cliente(app, status=StatusCliente.inativo),
    }[quem]()
    assert pedir(app, http, documento) == ""
    deste, codigo = http.get("/cadastrar/codigo").text, pedir(app, outro := app.test_client(), cliente(app))
    tapar = lambda texto: texto.split("<form")[0]
    assert tapar(deste) == tapar(outro.get("/cadastrar/codigo").text)
    assert "Código errado ou vencido" in concluir(http, codigo).text


def test_known_and_unknown_documents_cost_both_pages_the_same_work(app, http, monkeypatch) -> None:
    resumos: list[str] = []
    original = senhas.resumir
    monkeypatch.setattr(senhas, "resumir", lambda senha: resumos.append(senha) or original(senha))
    feitos = []
    for documento in (cliente(app), gerar_cpf(2)):
        with comandos(app) as vistos:
            http.post("/cadastrar/", data={"documento": documento, "canal": "email"})
            concluir(http, "000000" if feitos else "999999")
        feitos.append([*vistos])
    assert feitos[0] == feitos[1] and len(feitos[0]) >= 4 and resumos == []


def test_a_customer_inactive_but_with_a_contract_may_see_what_is_owed(app, http) -> None:
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s)
        dono = s.get(Cliente, contrato.cliente_id)
        dono.status = StatusCliente.inativo
        documento = dono.cpf_cnpj
    assert pedir(app, http, documento)


def test_who_has_an_account_is_told_by_mail_and_nowhere_else(app, http) -> None:
    documento = cliente(app, cpf_cnpj=gerar_cnpj(7), tipo_pessoa=TipoPessoa.PJ, email="empresa@exemplo.com.br")
    concluir(http, pedir(app, http, documento))
    segundo = app.test_client()
    assert pedir(app, segundo, documento) == "" and PROMESSA in segundo.get("/cadastrar/codigo").text
    with app.app_context(), transacao() as s:
        aviso = s.scalars(select(Notificacao).where(Notificacao.evento == "portal_ja_existe")).one()
        assert aviso.destinatario == "empresa@exemplo.com.br" and documento not in str(aviso.dados)
        assert (aviso.dados["entrar"], aviso.dados["recuperar"]) == ("http://localhost/login/", "http://localhost/recuperar/")


def test_two_codes_of_one_company_make_one_account(app, http) -> None:
    """The second was sent before the first person finished."""
    documento = cliente(app)
    primeiro, segundo = http, app.test_client()
    pedir(app, primeiro, documento)
    codigo = pedir(app, segundo, documento)
    assert concluir(primeiro, codigo).status_code == 302
    assert "Código errado ou vencido" in concluir(segundo, codigo).text
    with app.app_context(), transacao() as s:
        assert len(s.scalars(select(User).where(User.username == documento)).all()) == 1


def test_a_telephone_on_file_serves_when_the_channel_has_a_provider(app, http) -> None:
    documento = cliente(app, email=None, telefone="19987654321")
    assert 'name="canal"' in http.get("/cadastrar/").text and "SMS" not in http.get("/cadastrar/").text
    assert http.post("/cadastrar/", data={"documento": documento, "canal": "sms"}).status_code == 200      # no such choice
    with app.app_context(), transacao() as s:
        s.add(CanalEnvio(canal=Canal.sms, url="https://sms.exemplo.com.br/enviar"))
    codigo = pedir(app, http, documento, "sms")
    assert mensagens(app, "codigo_confirmacao")[0][0] == "19987654321" and "com telefone no cadastro" in http.get("/cadastrar/codigo").text
    assert concluir(http, codigo).status_code == 302
    with app.app_context(), transacao() as s:
        assert s.scalar(select(User.email).where(User.username == documento)) == f"{documento}@portal.invalid"


def test_a_couple_with_one_mailbox_has_two_accounts(app, http) -> None:
    ele, ela = cliente(app, email="casal@exemplo.com.br"), cliente(app, email="casal@exemplo.com.br")
    for documento in (ele, ela):
        assert concluir(http, pedir(app, http, documento)).status_code == 302
    with app.app_context(), transacao() as s:
        assert s.scalars(select(User.email).where(User.username.in_([ele, ela])).order_by(User.id)).all() == ["casal@exemplo.com.br", f"{ela}@portal.invalid"]


def test_refusals_stand_at_their_fields_and_cost_no_try(app, http) -> None:
    assert "CPF ou CNPJ inválido" in http.post("/cadastrar/", data={"documento": "111.111.111-11", "canal": "email"}).text
    documento = cliente(app, nome="João Conceição", data_nascimento=dt.date(1985, 3, 15), telefone="19987654321")
    codigo = pedir(app, http, documento)
    fracas = ("curta", "senha123456", f"cpf {documento} meu", "nasci em 15/03/1985", "fone 8765-4321 sim", "joao de sempre")
    for senha in fracas:
        assert 'id="senha-erro"' in concluir(http, codigo, senha).text
    assert "não são iguais" in concluir(http, codigo, NOVA, "outra").text
    assert concluir(http, codigo).status_code == 302


def test_after_five_errors_the_code_is_dead_and_another_helps(app, http) -> None:
    documento = cliente(app)
    codigo = pedir(app, http, documento)
    for _n in range(5):
        assert "Código errado ou vencido" in concluir(http, errado(codigo)).text
    assert "Código errado ou vencido" in concluir(http, codigo).text
    assert concluir(http, pedir(app, http, documento)).status_code == 302


def test_the_second_page_alone_leads_to_the_first(http) -> None:
    assert http.get("/cadastrar/codigo").location == "/cadastrar/"


@pytest.mark.parametrize("sem_redis", [False, True])
def test_asking_and_guessing_stop_and_recover(app, http, monkeypatch, sem_redis: bool) -> None:
    if sem_redis:
        sem_o_redis(monkeypatch)
    documento = cliente(app)
    with relogio.mover_para(AGORA):
        enviados = [pedir(app, http, documento) != "" for _n in range(6)]
        assert enviados == [True] * 4 + [False] * 2      # the answer stays the same
        assert recusas(lambda: http.post("/cadastrar/", data={"documento": gerar_cpf(3), "canal": "email"}).status_code) == 4
        assert recusas(lambda: concluir(http, "123456").status_code) == 10
    with relogio.mover_para(AGORA + dt.timedelta(minutes=6)):
        codigo = pedir(app, http, documento)
        assert codigo and concluir(http, codigo).status_code == 302
