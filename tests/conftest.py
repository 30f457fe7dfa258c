"""Real PostgreSQL and Valkey for every test. A test sees a rolled-back transaction (``sessao``, ``http``) or a database of its own (``app_real``)."""

from __future__ import annotations

import base64
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import make_url, update
from sqlalchemy.orm import Session

from app import create_app
from app.core import filas
from app.extensions import db
from config import Teste
from tests import servidores as servidores_de_teste
from tests.servidores import desta_maquina

_numeros = itertools.count(1)
SEGREDOS = {"SECRET_KEY": "so-para-os-testes-" * 3, "CHAVE_CIFRA": base64.urlsafe_b64encode(b"t" * 32).decode(), "PUBLIC_URL": "http://localhost"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes begin first, so that no process is left with one of them at the end."""
    items.sort(key=lambda item: "navegador" not in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def so_esta_maquina() -> Iterator[None]:
    """Nothing in this process speaks to another machine. What fails is the test: no ``except Exception`` of the product hides it."""
    with pytest.MonkeyPatch.context() as trocas:
        for nome in ("connect", "connect_ex", "sendto"):
            trocas.setattr(socket.socket, nome, _vigiado(getattr(socket.socket, nome)))
        trocas.setattr(socket, "getaddrinfo", _sem_perguntar(socket.getaddrinfo))
        yield


def _vigiado(falar: Callable[..., Any]) -> Callable[..., Any]:
    def falar_aqui(tomada: socket.socket, *partes: Any) -> Any:
        endereco = partes[-1]
        if tomada.family in (socket.AF_INET, socket.AF_INET6) and not desta_maquina(endereco[0]):
            tomada.close()
            pytest.fail(f"a test tried to connect to {endereco}")
        return falar(tomada, *partes)

    return falar_aqui


def _sem_perguntar(achar: Callable[..., Any]) -> Callable[..., Any]:
    def achar_aqui(nome: Any, *partes: Any, **mais: Any) -> Any:
        dito = nome.decode() if isinstance(nome, bytes) else nome
        if dito and dito.endswith(".invalid"):      # of nobody, by RFC 6761: the answer is known without asking
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if dito and not desta_maquina(dito):
            pytest.fail(f"a test tried to connect to {dito}")
        return achar(nome, *partes, **mais)

    return achar_aqui


@pytest.fixture(scope="session")
def servidores() -> Iterator[servidores_de_teste.ServidoresDeTeste]:
    """The session's private servers."""
    nossos = servidores_de_teste.iniciar()
    yield nossos
    nossos.parar()


def fazer_app(database_url: str, redis_url: str, **mudancas: object) -> Flask:
    """An application on the given servers; ``mudancas`` override its configuration."""
    configuracao = Teste({"DATABASE_URL": database_url, "REDIS_URL": redis_url, **SEGREDOS})
    for nome, valor in mudancas.items():
        setattr(configuracao, nome, valor)
    return create_app(configuracao)


@pytest.fixture(scope="session")
def url_modelo(servidores: servidores_de_teste.ServidoresDeTeste) -> str:
    """A migrated and prepared database that others are copied from; nobody stays connected to it."""
    url = servidores.novo_banco("modelo")
    app = fazer_app(url, servidores.redis_url)
    with app.app_context():
        upgrade(directory="migrations")
        preparar_banco()
        db.session.remove()
        db.engine.dispose()
    return url


def preparar_banco() -> None:
    """What ``flask crm preparar`` does. The second factor and short sessions have their own tests: in the others people sign in with a password, and
    the clock is moved."""
    from app.cli import preparar_tudo
    from app.core.transacao import transacao
    from app.usuarios.models import LimitePapel

    preparar_tudo()
    with transacao() as sessao:
        sessao.execute(update(LimitePapel).values(exige_2fa=False, sessao_horas=720, ociosa_minutos=7 * 24 * 60))


def copiar_banco(servidores: servidores_de_teste.ServidoresDeTeste, url_modelo: str, nome: str) -> str:
    """A new database with the template's content, in about a tenth of a second."""
    return servidores.novo_banco(nome, make_url(url_modelo).database)


@pytest.fixture(scope="session")
def _app_da_sessao(servidores, url_modelo) -> Iterator[Flask]:
    app = fazer_app(copiar_banco(servidores, url_modelo, "testes"), servidores.redis_url)
    yield app
    desligar(app)


def sem_limites(app: Flask) -> None:
    """Attempts that other tests counted in the session's Valkey are forgotten."""
    with app.app_context():
        conexao = filas.conexao()
        if chaves := [*conexao.scan_iter("limite*"), *conexao.scan_iter("chaves:*")]:
            conexao.delete(*chaves)


@pytest.fixture
def app(_app_da_sessao: Flask) -> Iterator[Flask]:
    """The application whose every session joins one transaction that is rolled back at the end. One thread only."""
    with _app_da_sessao.app_context():
        motor = db.engine
        motores = db._app_engines[_app_da_sessao]
    conexao = motor.connect()
    externa = conexao.begin()
    motores[None] = conexao
    sem_limites(_app_da_sessao)
    yield _app_da_sessao
    motores[None] = motor
    externa.rollback()
    conexao.close()


@pytest.fixture
def sessao(app: Flask) -> Iterator[Session]:
    """A session inside an application context, for tests of services. Not together with ``http``."""
    with app.app_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def app_real(servidores, url_modelo) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real: threads, processes, kills."""
    app = fazer_app(copiar_banco(servidores, url_modelo, f"real_{next(_numeros)}"), servidores.redis_url)
    sem_limites(app)
    yield app
    desligar(app)


def desligar(app: Flask) -> None:
    """Close every connection. Fails where a thread of the test keeps one, instead of in whatever test runs when it is collected."""
    with app.app_context():
        db.session.remove()
        motor = db.engine
        limite = time.monotonic() + 10
        while presas := motor.pool.checkedout():
            assert time.monotonic() < limite, f"{presas} connections of the test's database were never given back"
            time.sleep(0.05)
        motor.dispose()


class Navegador(FlaskClient):
    """A client that refuses to run inside a pushed application context: one user's ``g`` would serve another."""

    def open(self, *args: object, **kw: object):
        """A request, outside any context."""
        assert not has_app_context(), "requests never run inside a pushed application context"
        return super().open(*args, **kw)

    def entrar(self, usuario: str, senha: str = "senha-de-teste-1"):
        """Sign in through the login page, with its CSRF token off as in every test client."""
        return self.post("/login/", data={"username": usuario, "password": senha})


@pytest.fixture
def http(app: Flask) -> Navegador:
    """A browser without JavaScript on the rolled-back application. Prepare data with ``with app.app_context(), transacao() as s``."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Navegador
    return app.test_client()

