"""The throwaway application on a database of its own, and clients signed in as its people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.relogio import instante
from app.core.transacao import transacao
from app.extensions import db
from tests.conftest import copiar_banco, desligar
from tests.core.visoes import aplicacao
from tests.core.visoes.aplicacao import SENHA, Base, Pedido, Pessoa, Situacao


@pytest.fixture(scope="session")
def _app_de_visoes(servidores, url_modelo) -> Iterator[Flask]:
    app = aplicacao.criar(copiar_banco(servidores, url_modelo, "visoes"), WTF_CSRF_ENABLED=False)
    aplicacao.criar_tabelas(app)
    yield app
    desligar(app)


@pytest.fixture
def app_visoes(_app_de_visoes: Flask) -> Iterator[Flask]:
    """The application with two people of Ana's and one of Bia's, and one order each. Emptied afterwards."""
    with _app_de_visoes.app_context():
        _povoar()
    yield _app_de_visoes
    with _app_de_visoes.app_context(), transacao() as sessao:
        for tabela in reversed(Base.metadata.sorted_tables):
            sessao.execute(tabela.delete())


def _povoar() -> None:
    with transacao() as sessao:
        for n, (nome, dono) in enumerate((("Álvaro Souza", "ana"), ("Beatriz Lima", "ana"), ("Caio Prado", "bia")), 1):
            pessoa = Pessoa(nome=nome, documento=f"0000000000{n}", dono=dono)
            pedido = Pedido(numero=f"P-{n}", pessoa=pessoa, valor=Decimal("1234.56") * n, dia=dt.date(2026, 12, n), situacao=Situacao.aberto,
                            quando=instante(dt.date(2026, 12, n), dt.time(22, 30)), quantidade=n, segredo=str(n))
            sessao.add_all([pessoa, pedido])


def entrar(app: Flask, usuario: str) -> FlaskClient:
    """A client signed in through the login page."""
    cliente = app.test_client()
    resposta = cliente.post("/login/", data={"username": usuario, "password": SENHA})
    assert resposta.status_code == 302
    return cliente


@pytest.fixture
def admin(app_visoes: Flask) -> FlaskClient:
    """Signed in as the administrator."""
    return entrar(app_visoes, "admin")


@pytest.fixture
def ana(app_visoes: Flask) -> FlaskClient:
    """Signed in as Ana, who may see her own people only."""
    return entrar(app_visoes, "ana")


@pytest.fixture
def ids(app_visoes: Flask) -> dict[str, int]:
    """Keys of the orders by number and of the people by first name."""
    with app_visoes.app_context():
        pedidos = {p.numero: p.id for p in db.session.query(Pedido)}
        pessoas = {p.nome.split()[0]: p.id for p in db.session.query(Pessoa)}
    return pedidos | pessoas


@contextmanager
def sem_permissao(app: Flask, permissao: str, visao: str) -> Iterator[None]:
    """The role Operador without a right, given back at the end."""
    def mudar(verbo: str) -> None:
        with app.app_context():
            sm = app.appbuilder.sm
            getattr(sm, verbo)(sm.find_role("Operador"), sm.find_permission_view_menu(permissao, visao))

    mudar("del_permission_role")
    try:
        yield
    finally:
        mudar("add_permission_role")
