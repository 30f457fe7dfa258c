"""The gate: customers reach the portal and nothing else; staff everything but the portal."""

from __future__ import annotations

import pytest
from flask_appbuilder.security.sqla.models import Group, Role
from sqlalchemy import select

from app.core.transacao import transacao
from app.usuarios import portao
from tests import fabricas as f


def entrar(app, http, papel: str, *, mais: str = "") -> None:
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, papel, usuario="ana")
        if mais:
            quem.roles.append(s.scalars(select(Role).where(Role.name == mais)).one())
    http.entrar("ana")


FECHADOS = ["/usuarios/list/", "/perfil/", "/opcoes/usuario", "/busca/", "/api/v1/security/login", "/configuracoes/", "/nada", "/portalx/"]


@pytest.mark.parametrize("caminho", FECHADOS)
def test_a_customer_finds_nothing_but_the_portal(app, http, caminho: str) -> None:
    entrar(app, http, "Cliente")
    assert http.get(caminho).status_code == 404


def test_a_customer_who_is_also_staff_is_still_a_customer(app, http) -> None:
    entrar(app, http, "Cliente", mais="Admin")
    assert http.get("/usuarios/list/").status_code == 404


def test_the_role_counts_when_it_comes_by_a_group(app, http) -> None:
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, "Gerente", usuario="ana")
        s.add(Group(name="clientes", label="Clientes", description="", roles=[s.scalars(select(Role).where(Role.name == "Cliente")).one()], users=[quem]))
    http.entrar("ana")
    assert http.get("/feriados/list/").status_code == 404


def test_the_home_page_takes_a_customer_to_the_portal(app, http) -> None:
    entrar(app, http, "Cliente")
    assert http.get("/").location == "/portal/"
    assert http.get("/trocar-senha/").status_code == 200


@pytest.mark.parametrize("papel", ["Admin", "Gerente", "Tecnico"])
def test_staff_find_no_portal(app, http, papel: str) -> None:
    entrar(app, http, papel)
    assert http.get("/portal/").status_code == 404


def test_prefixes_are_whole_path_parts(app) -> None:
    with app.test_request_context("/staticos"):
        assert not portao._sob(("/static",))
    with app.test_request_context("/static/x.css"):
        assert portao._sob(("/static",))
