"""Who saw whose data: asked for one customer at a time, and written down."""

from __future__ import annotations

import datetime as dt

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import ProgrammingError

from app.clientes.models import AcessoDadoPessoal, OQueViu
from app.core import sigilo
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from tests import fabricas as f
from tests.programas import programa

CPF, FORMATADO = "52998224725", "529.982.247-25"


@pytest.fixture
def cliente_id(app) -> int:
    """A customer with a known document."""
    with app.app_context(), transacao() as s:
        return f.um_cliente(s, cpf_cnpj=CPF).id


def entra(app, http, papel: str) -> int:
    """Sign in as a new person of that role."""
    with app.app_context(), transacao() as s:
        pessoa = f.um_usuario(s, papel)
        nome, chave = pessoa.username, pessoa.id
    http.entrar(nome)
    return chave


def vistos(app) -> list[tuple[int | None, int, OQueViu]]:
    """The log, oldest first."""
    with app.app_context(), transacao() as s:
        consulta = select(AcessoDadoPessoal.cliente_id, AcessoDadoPessoal.usuario_id, AcessoDadoPessoal.o_que).order_by(AcessoDadoPessoal.id)
        return [tuple(linha) for linha in s.execute(consulta)]


def test_opening_a_customer_is_noted_once_an_hour(app, http, cliente_id: int) -> None:
    quem = entra(app, http, "Atendente")
    for _vez in range(3):
        assert FORMATADO in http.get(f"/clientes/{cliente_id}").text
    assert vistos(app) == [(cliente_id, quem, OQueViu.pagina)]
    http.get("/clientes/list/")
    assert vistos(app)[1:] == [(cliente_id, quem, OQueViu.tela)]      # a list of one is a look at him


def test_every_export_of_the_list_is_noted(app, http, cliente_id: int) -> None:
    quem = entra(app, http, "Atendente")
    for _vez in range(2):
        assert FORMATADO in http.get("/clientes/exportar/csv").text
    assert vistos(app) == [(None, quem, OQueViu.exportacao)] * 2


def test_the_api_is_noted_too(app, http, cliente_id: int) -> None:
    chamar = programa(app, "Financeiro")
    for _vez in range(2):
        assert chamar("GET", f"/cliente/{cliente_id}").json["result"]["cpf_cnpj"] == CPF
    assert [(c, o) for c, _quem, o in vistos(app)] == [(cliente_id, OQueViu.api)]


def test_who_sees_masks_may_be_allowed_to_ask_and_that_is_audited(app, http, cliente_id: int) -> None:
    quem = entra(app, http, "Tecnico")
    pagina = http.get(f"/clientes/{cliente_id}").text
    assert FORMATADO not in pagina and "/mostrar" not in pagina
    assert http.post(f"/dados-pessoais/{cliente_id}/mostrar").status_code == 403
    with app.app_context(), transacao() as s:
        papel = s.scalars(select(Role).where(Role.name == "Tecnico")).one()
        sm = app.extensions["appbuilder_crm"].sm
        papel.permissions.append(sm.find_permission_view_menu(sigilo.REVELAR, sigilo.VISAO))
    assert f"/dados-pessoais/{cliente_id}/mostrar" in http.get(f"/clientes/{cliente_id}").text
    assert FORMATADO in http.post(f"/dados-pessoais/{cliente_id}/mostrar").text
    assert FORMATADO not in http.get(f"/clientes/{cliente_id}").text      # shown once
    assert vistos(app) == [(cliente_id, quem, OQueViu.pagina), (cliente_id, quem, OQueViu.documento)]      # he does see the telephone
    with app.app_context(), transacao() as s:
        visto = s.scalars(select(UserAuditLog).where(UserAuditLog.action == "ver_documento")).one()
        assert (visto.user_id, visto.resource, visto.resource_id) == (quem, "cliente", str(cliente_id))
    assert http.post("/dados-pessoais/999999999/mostrar").status_code == 404


@pytest.mark.parametrize("mudanca", [
    update(AcessoDadoPessoal).values(usuario_id=1), delete(AcessoDadoPessoal), text("TRUNCATE acesso_dado_pessoal"),
], ids=["update", "delete", "truncate"])
def test_the_log_only_grows(sessao, mudanca) -> None:
    agora = dt.datetime.now(dt.UTC)      # noqa: TID251
    sessao.add(AcessoDadoPessoal(usuario_id=7, hora=agora, o_que=OQueViu.pagina))
    sessao.flush()
    with pytest.raises(ProgrammingError), sessao.begin_nested():
        sessao.execute(mudanca)


def test_the_administrator_reads_the_log_and_nobody_else(app, http, cliente_id: int) -> None:
    entra(app, http, "Gerente")
    http.get(f"/clientes/{cliente_id}")
    assert http.get("/dados-pessoais/acessos/list/").status_code == 403
    http.post("/logout/")
    entra(app, http, "Admin")
    pagina = http.get(f"/dados-pessoais/acessos/list/?_flt_0_cliente={cliente_id}").text
    assert "Página do cliente" in pagina and "Gerente Teste" in pagina
