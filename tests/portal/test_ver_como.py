"""An employee sees the portal as a customer does: that customer's data only, reading only, for a quarter of an hour, as himself in the audit."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.clientes.models import AcessoPortal, Cliente
from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from tests import fabricas as f


@pytest.fixture
def casa(app, http) -> dict[str, int]:
    """Maria without an account of the portal, Pedro with one, each with an invoice; and Ana, who attends and is signed in."""
    with app.app_context(), transacao() as s:
        faturas = {nome: f.uma_invoice(s, contrato=f.um_contrato(s, cliente_id=f.um_cliente(s, nome=f"{nome} da Silva").id)) for nome in ("Maria", "Pedro")}
        ids = {nome: i.cliente_id for nome, i in faturas.items()} | {f"fatura_{nome}": i.id for nome, i in faturas.items()}
        s.add(AcessoPortal(usuario_id=f.um_usuario(s, "Cliente", usuario="pedro").id, cliente_id=ids["Pedro"]))
        ids["ana"] = f.um_usuario(s, "Atendente", usuario="ana").id
        f.um_usuario(s, "Tecnico", usuario="rui")
    http.entrar("ana")
    return ids


def test_the_employee_sees_that_customer_and_no_other_with_a_banner_on_each_page(http, casa) -> None:
    assert http.get("/portal/").status_code == 404
    assert http.post(f"/ver-como/{casa['Maria']}").location == "/portal/"
    pagina = http.get("/portal/").text
    assert "Você está vendo como Maria da Silva" in pagina and "Olá, Maria" in pagina and "Pedro" not in pagina
    assert "ana@exemplo.com.br" not in pagina and 'action="/logout/"' not in pagina
    assert http.get(f"/portal/faturas/{casa['fatura_Maria']}.pdf").mimetype == "application/pdf"
    assert http.get(f"/portal/faturas/{casa['fatura_Pedro']}.pdf").status_code == 404
    assert http.get("/clientes/list/").status_code == 200 and "Você está vendo como" not in http.get("/clientes/list/").text


def test_nothing_can_be_changed_and_leaving_ends_it(http, casa) -> None:
    http.post(f"/ver-como/{casa['Maria']}")
    recusas = [http.open(caminho, method=metodo) for caminho in ("/portal/", f"/portal/faturas/{casa['fatura_Maria']}.pdf", "/portal/qualquer")
               for metodo in ("POST", "PUT", "PATCH", "DELETE")]
    assert {r.status_code for r in recusas} == {403} and "aqui nada pode ser mudado" in recusas[0].text
    assert http.post("/ver-como/sair").location == f"/clientes/{casa['Maria']}"
    assert http.get("/portal/").status_code == 404 and http.post("/ver-como/sair").location == "/"


def test_it_ends_by_itself_after_a_quarter_of_an_hour(http, casa) -> None:
    http.post(f"/ver-como/{casa['Maria']}")
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=14)):
        assert http.get("/portal/").status_code == 200
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=15, seconds=5)):
        fim = http.get("/portal/")
        assert fim.location == f"/clientes/{casa['Maria']}" and "acabou" in http.get(fim.location).text
        assert http.get("/portal/").status_code == 404


def test_it_ends_with_the_right_to_it(app, http, casa) -> None:
    from flask_appbuilder.security.sqla.models import Role

    http.post(f"/ver-como/{casa['Maria']}")
    with app.app_context(), transacao() as s:
        papel = s.scalars(select(Role).where(Role.name == "Atendente")).one()
        papel.permissions = [p for p in papel.permissions if p.permission.name != "can_ver_como"]
    assert http.get("/portal/").status_code == 404


def test_the_audit_says_who_saw_whom_and_when_it_ended(app, http, casa) -> None:
    http.post(f"/ver-como/{casa['Maria']}")
    http.post("/ver-como/sair")
    with app.app_context(), transacao() as s:
        linhas = s.scalars(select(UserAuditLog).where(UserAuditLog.action.like("%ver_como")).order_by(UserAuditLog.id)).all()
        assert [(x.action, x.user_id, x.resource_id) for x in linhas] == [(a, casa["ana"], str(casa["Maria"])) for a in ("ver_como", "fim_ver_como")]


def test_the_button_is_for_those_who_may_and_others_are_refused(app, http, casa) -> None:
    assert "Ver como o cliente" in http.get(f"/clientes/{casa['Maria']}").text
    rui, pedro = app.test_client(), app.test_client()
    rui.entrar("rui")
    pedro.entrar("pedro")
    assert "Ver como o cliente" not in rui.get(f"/clientes/{casa['Maria']}").text
    assert (rui.post(f"/ver-como/{casa['Maria']}").status_code, pedro.post(f"/ver-como/{casa['Maria']}").status_code) == (403, 404)
    assert http.post("/ver-como/999999999").status_code == 404
    assert "Pedro" in pedro.get("/portal/").text and "Você está vendo como" not in pedro.get("/portal/").text


def test_a_customer_without_anything_shows_an_empty_portal(app, http, casa) -> None:
    with app.app_context(), transacao() as s:
        sozinho = f.gravar(s, Cliente(nome="Sem nada", cpf_cnpj="52998224725", email="x@exemplo.com.br"))
        chave = sozinho.id
    http.post(f"/ver-como/{chave}")
    assert "Nenhuma fatura em aberto" in http.get("/portal/").text


def test_every_beginning_has_its_end_and_a_cookie_from_before_the_end_is_worth_nothing(app, http, casa) -> None:
    http.post(f"/ver-como/{casa['Maria']}")
    http.post(f"/ver-como/{casa['Pedro']}")
    copia = app.test_client()
    copia.set_cookie("crm", http.get_cookie("crm").value)
    http.post("/ver-como/sair")
    assert copia.get("/portal/").status_code in (302, 404) and http.get("/clientes/list/").status_code == 200
    http.post(f"/ver-como/{casa['Maria']}")
    http.post("/logout/")
    with app.app_context(), transacao() as s:
        feitos = s.execute(select(UserAuditLog.action, UserAuditLog.resource_id).where(UserAuditLog.action.in_(("ver_como", "fim_ver_como")))
                           .order_by(UserAuditLog.id)).all()
    maria, pedro = str(casa["Maria"]), str(casa["Pedro"])
    assert [tuple(f_) for f_ in feitos] == [("ver_como", maria), ("fim_ver_como", maria), ("ver_como", pedro), ("fim_ver_como", pedro),
                                            ("ver_como", maria), ("fim_ver_como", maria)]
