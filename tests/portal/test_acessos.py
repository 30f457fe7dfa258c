"""The staff gives a customer his way into the portal, and takes it back: through the screens and from the command line."""

from __future__ import annotations

import re

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.clientes.models import AcessoPortal
from app.core.models import Evento, UserAuditLog
from app.core.transacao import transacao
from tests import fabricas as f

NOVA = "Capivara azul 42 no telhado"


@pytest.fixture
def cliente(app) -> tuple[int, str]:
    """A customer with one open invoice: id and CPF."""
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
        cliente = f.um_cliente(s, nome="Maria da Silva", email="maria@exemplo.com.br")
        f.uma_invoice(s, contrato=f.um_contrato(s, cliente_id=cliente.id))
        return cliente.id, cliente.cpf_cnpj


def entrar(app, papel: str):
    """A browser signed in with that role."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    navegador = app.test_client()
    navegador.entrar(nome)
    return navegador


def dar(navegador, cliente: tuple[int, str], **mudancas: str):
    return navegador.post(f"/acessos-do-portal/{cliente[0]}/dar", data={"usuario": cliente[1], "email": "maria@exemplo.com.br", **mudancas})


def senha_de(pagina: str) -> str:
    return re.search(r'<code id="senha-nova">([^<]+)</code>', pagina).group(1)


def acessos(app, cliente_id: int) -> list[int]:
    with app.app_context(), transacao() as s:
        return s.scalars(select(AcessoPortal.id).where(AcessoPortal.cliente_id == cliente_id)).all()


@pytest.mark.parametrize("papel", ["Gerente", "Atendente"])
def test_a_customer_given_access_signs_in_changes_the_password_and_sees_his_home(app, http, cliente, papel) -> None:
    equipe = entrar(app, papel)
    assert f"/acessos-do-portal/{cliente[0]}/dar" in equipe.get(f"/clientes/{cliente[0]}").text
    formulario = equipe.get(f"/acessos-do-portal/{cliente[0]}/dar").text
    assert cliente[1] in formulario and "maria@exemplo.com.br" in formulario
    senha = senha_de(dar(equipe, cliente).text)
    assert http.entrar(cliente[1], senha).status_code == 302
    assert http.get("/portal/").location == "/trocar-senha/"
    assert http.post("/trocar-senha/", data={"atual": senha, "nova": NOVA, "repetida": NOVA}).status_code == 302
    pagina = http.get("/portal/").text
    assert "Olá, Maria" in pagina and "99,90" in pagina
    assert "Acesso ao portal dado a" in equipe.get(f"/clientes/{cliente[0]}").text


def test_giving_access_is_on_the_timeline_and_in_the_audit(app, http, cliente) -> None:
    dar(entrar(app, "Atendente"), cliente)
    with app.app_context(), transacao() as s:
        assert s.scalar(select(Evento.dados["usuario"].astext).where(Evento.tipo == "portal_acesso_dado", Evento.cliente_id == cliente[0])) == cliente[1]
        assert s.scalar(select(UserAuditLog.action).where(UserAuditLog.resource == "acesso_portal")) == "criar"


def test_access_taken_back_shuts_the_account_and_given_again_opens_it_with_another_password(app, http, cliente) -> None:
    equipe = entrar(app, "Gerente")
    primeira = senha_de(dar(equipe, cliente).text)
    acesso = acessos(app, cliente[0])[0]
    assert equipe.post(f"/acessos-do-portal/{acesso}/retirar").location == f"/clientes/{cliente[0]}"
    assert acessos(app, cliente[0]) == [] and "Acesso ao portal retirado de" in equipe.get(f"/clientes/{cliente[0]}").text
    assert http.entrar(cliente[1], primeira).status_code == 200
    segunda = senha_de(dar(equipe, cliente).text)
    assert primeira != segunda and app.test_client().entrar(cliente[1], segunda).status_code == 302


def test_a_name_of_somebody_else_is_refused_at_the_field(app, http, cliente) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="chefe", email="chefe@exemplo.com.br")
    equipe = entrar(app, "Atendente")
    for mudanca in ({"usuario": "chefe"}, {"email": "chefe@exemplo.com.br"}, {"email": ""}, {"email": "nada"}, {"usuario": "a b"}):
        assert "resumo-erros" in dar(equipe, cliente, **mudanca).text, mudanca
    assert acessos(app, cliente[0]) == []
    assert app.test_client().entrar("chefe").status_code == 302      # his password is what it was


def test_an_administrator_links_an_existing_portal_user_and_nobody_of_the_staff(app, http, cliente) -> None:
    with app.app_context(), transacao() as s:
        da_casa, de_fora = f.um_usuario(s, "Tecnico").id, f.um_usuario(s, "Cliente", usuario="jorge").id
    caminho = f"/acessos-do-portal/{cliente[0]}/ligar"
    assert entrar(app, "Gerente").get(caminho).status_code == 403
    chefe = entrar(app, "Admin")
    assert "papel Cliente" in chefe.post(caminho, data={"usuario": da_casa}).text
    assert chefe.post(caminho, data={"usuario": 3_000_000_000}).status_code == 200 and acessos(app, cliente[0]) == []
    assert chefe.post(caminho, data={"usuario": de_fora}).status_code == 302
    http.entrar("jorge")
    assert "Olá, Maria" in http.get("/portal/").text


def test_the_command_gives_access_and_says_the_password_once(app, http, cliente) -> None:
    corredor = app.test_cli_runner()
    feito = corredor.invoke(args=["crm", "criar-acesso-portal", "--cliente", str(cliente[0])])
    assert feito.exit_code == 0, feito.output
    usuario, senha = re.search(r"usuario=(\S+) senha=(\S+)", feito.output).groups()
    assert usuario == cliente[1] and http.entrar(usuario, senha).status_code == 302
    assert "não encontrado" in corredor.invoke(args=["crm", "criar-acesso-portal", "--cliente", "999999999"]).output


def test_without_an_e_mail_the_command_says_so(app, http) -> None:
    with app.app_context(), transacao() as s:
        sem = f.um_cliente(s, email=None).id
    assert "Informe um e-mail" in app.test_cli_runner().invoke(args=["crm", "criar-acesso-portal", "--cliente", str(sem)]).output
    with app.app_context(), transacao() as s:
        assert s.scalar(select(User.id).where(User.username == "nada")) is None
