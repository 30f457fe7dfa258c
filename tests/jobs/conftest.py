"""Real workers and clocks for tests that kill them, an SMTP server that counts, and what they left in the database."""

from __future__ import annotations

import collections
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import make_url

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.core import filas, relogio, tarefas
from app.core.embutidos.processos import morre_com_o_pai
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.services import NotificacaoService
from tests.conftest import copiar_banco, desligar, fazer_app
from tests.fabricas import um_contrato

_bancos = itertools.count(1)
CURTO = {"TAREFA_ARRENDAMENTO": "4", "TAREFA_CARENCIA": "3"}


class CaixaDeEntrada:
    """aiosmtpd's handler: how often each Message-ID arrived."""

    def __init__(self) -> None:
        self.recebidas: collections.Counter[str] = collections.Counter()

    async def handle_DATA(self, _server: object, _session: object, envelope) -> str:
        """Count one message."""
        self.recebidas[envelope.rcpt_tos[0]] += 1
        return "250 OK"


class Provedor:
    """One installation under test: its database, its Redis, its processes."""

    def __init__(self, app: Flask, ambiente: dict[str, str]) -> None:
        self.app, self.ambiente = app, {**os.environ, **ambiente}
        self.processos: dict[str, subprocess.Popen] = {}

    def iniciar(self, *nomes: str) -> None:
        """Start ``rapida``, ``longa`` or ``relogio``; a number after the name allows several of one kind."""
        for nome in nomes:
            comando = [sys.executable, "-m", "tests.jobs.programa", nome.rstrip("0123456789")]
            self.processos[nome] = subprocess.Popen(
                comando, env=self.ambiente, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=morre_com_o_pai(signal.SIGKILL))

    def vigiar(self) -> None:
        """Start again what has died, as the supervisor does."""
        for nome, processo in list(self.processos.items()):
            if processo.poll() is not None:
                self.iniciar(nome)

    def matar(self, nome: str, *, filho: bool = True, pai: bool = True) -> None:
        """SIGKILL to the process, to the job it is running, or to both."""
        processo = self.processos[nome]
        with contextlib.suppress(psutil.NoSuchProcess):
            for cada in psutil.Process(processo.pid).children(recursive=True) if filho else ():
                cada.kill()
        if pai:
            processo.kill()
            processo.wait()

    def parar(self) -> None:
        """End everything."""
        for nome in self.processos:
            self.matar(nome)

    def perguntar(self, consulta: object) -> list:
        """Rows of a query, in a transaction that ends."""
        with self.app.app_context(), transacao() as sessao:
            return [tuple(linha) for linha in sessao.execute(consulta)]

    def agendar(self, nome: str, **kw: object) -> int:
        """One task, committed and published."""
        with self.app.app_context():
            with transacao() as sessao:
                tarefa_id = tarefas.agendar(sessao, nome, **kw)
            db.session.remove()
        return tarefa_id

    def redis_vazio(self) -> None:
        """Redis loses everything."""
        with self.app.app_context():
            filas.conexao().flushall()

    def mensagens(self, quantas: int) -> None:
        """Real messages that wait to be sent, walked by one task."""
        agora = relogio.agora()
        linhas = [
            {"chave": f"m{i}", "evento": "cliente_bloqueado", "destinatario": f"c{i}@exemplo.com.br", "dados": {"nome": f"Cliente {i}"}, "quando": agora}
            for i in range(quantas)
        ]
        with self.app.app_context(), transacao() as sessao:
            NotificacaoService(sessao).agendar_em_lote(linhas)

    def bloqueios(self, quantos: int) -> None:
        """Contracts blocked by the real service: what is desired waits to be applied."""
        with self.app.app_context(), transacao() as sessao:
            contratos = [um_contrato(sessao).id for _ in range(quantos)]
        for contrato_id in contratos:
            with self.app.app_context(), transacao() as sessao:
                BloqueioService(sessao).bloquear(contrato_id, MotivoBloqueio.inadimplencia, em=relogio.agora())

    def esperar(self, condicao: Callable[[], object], prazo: float, *, vigiar: bool = True) -> bool:
        """Wait for something to become true, restarting what died meanwhile."""
        fim = time.monotonic() + prazo
        while time.monotonic() < fim:
            if condicao():
                return True
            if vigiar:
                self.vigiar()
            time.sleep(0.2)
        return False


@pytest.fixture
def caixa() -> Iterator[CaixaDeEntrada]:
    """A real SMTP server on loopback."""
    entrada = CaixaDeEntrada()
    with socket.socket() as livre:
        livre.bind(("127.0.0.1", 0))
        porta = livre.getsockname()[1]
    servidor = Controller(entrada, hostname="127.0.0.1", port=porta)
    servidor.start()
    entrada.url = f"smtp://127.0.0.1:{porta}"
    yield entrada
    servidor.stop()


@pytest.fixture
def provedor(servidores, url_modelo, caixa) -> Iterator[Provedor]:
    """An installation of its own on the session's servers."""
    banco = copiar_banco(servidores, url_modelo, f"jobs_{next(_bancos)}")
    with montar(banco, servidores.redis_a_parte(9), caixa.url) as nosso:
        yield nosso


@contextlib.contextmanager
def montar(banco: str, redis_url: str, smtp_url: str, *, curto: bool = True) -> Iterator[Provedor]:
    """An installation. ``curto``: claims, publications and schedule of seconds; else as in production."""
    ambiente = {
        "DATABASE_URL": make_url(banco).render_as_string(hide_password=False), "REDIS_URL": redis_url, "SMTP_URL": smtp_url,
        "CURTO": "1" if curto else "0", "PYTHONWARNINGS": "ignore", **(CURTO if curto else {}),
    }
    app = fazer_app(banco, redis_url, **(CURTO if curto else {}))
    nosso = Provedor(app, ambiente)
    nosso.redis_vazio()     # a job killed with the last installation's worker would be given up aloud by the next worker
    try:
        yield nosso
    finally:
        nosso.parar()
        desligar(app)
