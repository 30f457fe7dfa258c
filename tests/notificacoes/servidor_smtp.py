"""A mail server on loopback that speaks real SMTP (aiosmtpd) and answers as told, and one that says nothing at all."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Caixa:
    """What arrived, and what to answer: ``rcpt`` by address, ``dados`` for every message, ``entrada`` at MAIL FROM."""

    def __init__(self) -> None:
        self.mensagens: list[EmailMessage] = []
        self.rcpt: dict[str, str] = {}
        self.dados = ""
        self.entrada = ""
        self.conexoes = 0
        self.cair_depois_de_receber = False
        self.ao_receber: Callable[[], object] | None = None
        self.senha_certa = "segredo"
        self.url = ""

    async def handle_EHLO(self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]) -> list[str]:
        """Count connections."""
        session.host_name = hostname
        self.conexoes += 1
        return responses

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        """Accept the sender, or not."""
        if self.entrada:
            return self.entrada
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        """Accept the recipient, or not."""
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        if self.dados:
            return self.dados
        self.mensagens.append(email.message_from_bytes(envelope.content, policy=email.policy.SMTP))
        if self.ao_receber:
            self.ao_receber()
        if self.cair_depois_de_receber:
            server.transport.abort()
        return "250 OK"

    def autenticar(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, dados: object) -> AuthResult:
        """535 for another password than ``senha_certa``."""
        return AuthResult(success=dados.password.decode() == self.senha_certa, handled=False)

    def quem(self) -> list[str]:
        """Recipients in order."""
        return [str(m["To"]) for m in self.mensagens]


def porta_livre() -> int:
    """A TCP port nobody uses now."""
    with socket.socket() as tomada:
        tomada.bind(("127.0.0.1", 0))
        return tomada.getsockname()[1]


@contextlib.contextmanager
def servidor() -> Iterator[Caixa]:
    """A running server; ``url`` has the right password."""
    caixa, porta = Caixa(), porta_livre()
    controle = Controller(caixa, hostname="127.0.0.1", port=porta, authenticator=caixa.autenticar, auth_require_tls=False, auth_exclude_mechanism=["LOGIN"])
    controle.start()
    caixa.url = f"smtp://crm:{caixa.senha_certa}@127.0.0.1:{porta}"
    yield caixa
    controle.stop()


@contextlib.contextmanager
def buraco_negro(resposta: bytes = b"", intervalo: float = 0.05) -> Iterator[str]:
    """A server that accepts and is silent, or says ``resposta`` one byte at a time for ever. Yields its URL."""
    parar, escuta = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def conversar(tomada: socket.socket) -> None:
        with tomada, contextlib.suppress(OSError):
            while not parar.wait(intervalo):
                if resposta:
                    tomada.send(resposta[:1])

    def aceitar() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=conversar, args=(escuta.accept()[0],), daemon=True).start()

    atendente = threading.Thread(target=aceitar, daemon=True)
    atendente.start()
    yield f"smtp://127.0.0.1:{escuta.getsockname()[1]}"
    parar.set()
    escuta.shutdown(socket.SHUT_RDWR)
    escuta.close()
    atendente.join(5)
