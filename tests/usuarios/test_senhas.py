"""Rules of passwords, and the command that makes the first administrator."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.core.erros import ValorInvalido
from app.core.transacao import transacao
from app.usuarios import senhas
from app.usuarios.models import Perfil
from tests import fabricas as f

DADOS = ("maria.souza", "maria@exemplo.com.br", "Maria", "Souza")


@pytest.mark.parametrize("senha", [
    "", "123456789", "1234567890", "0987654321", "aaaaaaaaaaaa", "abababababab", "senha123456", "Password123!", "flamengo2026", "P@ssw0rd2026", "qwertyuiop",
    "eu sou a Maria", "souza-telecom-1", "x" * 201, "com nulo\0aqui",
])
def test_a_weak_password_is_refused(app, senha: str) -> None:
    with app.test_request_context(), pytest.raises(ValorInvalido) as recusa:
        senhas.conferir(senha, dados=DADOS)
    assert recusa.value.codigo == "senha_fraca"


@pytest.mark.parametrize("senha", ["uma frase bem longa", "k3n-2vb8-qwp", "çãéü-ñandú-88", "pão de queijo às 7"])
def test_a_phrase_is_accepted(app, senha: str) -> None:
    with app.test_request_context():
        senhas.conferir(senha, dados=DADOS)


def test_a_generated_password_obeys_the_rules_and_never_repeats(app) -> None:
    geradas = {senhas.gerar() for _n in range(200)}
    with app.test_request_context():
        for senha in geradas:
            senhas.conferir(senha)
    assert len(geradas) == 200


def _criar(app, *argumentos: str):
    return app.test_cli_runner().invoke(args=["crm", "criar-admin", *argumentos])


def test_the_first_administrator_is_announced_in_one_line_and_must_change_the_password(app, http) -> None:
    saida = _criar(app, "--inicial")
    achado = re.fullmatch(r"senha inicial do administrador: usuario=admin senha=(\S+)\n", saida.output)
    assert saida.exit_code == 0 and achado
    http.entrar("admin", achado.group(1))
    assert http.get("/").location == "/trocar-senha/"


def test_initial_says_nothing_when_somebody_administers(app) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin")
    saida = _criar(app, "--inicial")
    assert (saida.exit_code, saida.output) == (0, "")


def test_a_second_administrator_by_name_and_email(app, http) -> None:
    _criar(app, "--inicial")
    saida = _criar(app, "--usuario", "Rita", "--email", "Rita@exemplo.com.br")
    assert "usuario=rita senha=" in saida.output
    assert _criar(app, "--usuario", "rita", "--email", "outra@exemplo.com.br").exit_code == 1
    with app.app_context(), transacao() as s:
        assert all(s.scalars(select(Perfil.trocar_senha)))
