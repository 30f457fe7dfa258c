"""The suite needs no network and reaches nobody: it speaks to this machine only."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests import servidores

LONGE = "203.0.113.7"      # kept for documentation: nobody has it


@pytest.mark.parametrize("chamar", [
    lambda: socket.create_connection((LONGE, 25), timeout=1), lambda: urllib.request.urlopen(f"http://{LONGE}/", timeout=1),
    lambda: socket.socket().connect_ex((LONGE, 80)), lambda: socket.socket(type=socket.SOCK_DGRAM).connect((LONGE, 1812)),
    lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::7", 443)), lambda: socket.socket().connect(("correio.exemplo", 25)),
    lambda: asyncio.run(asyncio.open_connection(LONGE, 25)), lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", (LONGE, 1812)),
    lambda: socket.create_connection(("correio.exemplo", 25), timeout=1), lambda: socket.getaddrinfo("correio.exemplo", 25),
], ids=["connection", "http", "connect_ex", "udp", "ipv6", "name", "asyncio", "sendto", "named connection", "question"])
def test_no_test_reaches_another_machine(chamar: Callable[[], Any]) -> None:
    with pytest.raises(pytest.fail.Exception, match="tried to connect to"):
        chamar()


@pytest.mark.parametrize("url", ["postgresql://crm@banco.exemplo/crm", "postgresql://crm@203.0.113.7/crm"])
def test_a_database_of_another_machine_is_not_for_tests(monkeypatch, url: str) -> None:
    """Databases of tests are dropped."""
    monkeypatch.setenv("DATABASE_URL_TESTE", url)
    with pytest.raises(ValueError, match="address of this machine"):
        servidores.iniciar()


@pytest.mark.parametrize("onde", ["127.0.0.1", "localhost"])
def test_this_machine_is_spoken_to_as_always(onde: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as servidor, socket.create_connection((onde, servidor.getsockname()[1]), timeout=5) as tomada:
        assert tomada.getpeername()[0] == "127.0.0.1"


def test_sockets_without_a_network_are_free(tmp_path) -> None:
    caminho = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as servidor, socket.socket(socket.AF_UNIX) as tomada:
        servidor.bind(caminho)
        servidor.listen()
        tomada.connect(caminho)
