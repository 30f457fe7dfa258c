"""Rules of passwords, and the command that makes the first administrator."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

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


def _lista() -> list[str]:
    linhas = [x for nome in senhas._LISTAS for x in Path(senhas.__file__).with_name(nome).read_text(encoding="utf-8").splitlines()]
    return [x for x in linhas if x and x != "#" and not x.startswith("# ")]


def test_every_password_of_the_list_is_refused_in_its_usual_disguises(app) -> None:
    """As it is, in capitals, with digits and marks around it, in leet, twice over: a list of at least 10,000."""
    lista = _lista()
    assert len(lista) >= 10_000
    leet = str.maketrans("aeios", "@3105")
    with app.test_request_context():
        for senha in lista:
            formas = (senha, senha.upper(), f"{senha}2026!", f"!!{senha.title()}123", senha.translate(leet), senha + senha)
            passaram = [forma for forma in formas if len(forma) >= senhas.MINIMO and not senhas._comum(forma)]
            assert passaram == [], senha


def test_the_list_names_its_source_and_licence() -> None:
    cabecalho = Path(senhas.__file__).with_name("senhas_mundo.txt").read_text(encoding="utf-8")[:2500]
    assert "Royce Williams" in cabecalho and "BSD-3-Clause" in cabecalho and "Redistributions of source code must retain" in cabecalho


DO_CLIENTE = ("52998224725", "87654321", *senhas.datas(dt.date(1985, 3, 15)), "João Conceição")


@pytest.mark.parametrize("senha", [
    "meu cpf 529.982.247-25", "fone-8765-4321 xyz", "nasci em 15/03/1985", "x15-03-85xyzw", "a joao de sempre", "a c0nc31cao de sempre", "CONCEIÇÃO de sempre",
])
def test_what_is_known_of_a_customer_is_no_password(app, senha: str) -> None:
    with app.test_request_context(), pytest.raises(ValorInvalido, match="não pode conter"):
        senhas.conferir(senha, dados=DO_CLIENTE)


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
