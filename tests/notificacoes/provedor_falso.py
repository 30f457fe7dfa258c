"""A provider of WhatsApp or SMS on loopback: a real HTTP server that keeps what it was asked and answers as told, however badly."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

CHAVE = "Bearer s3gr&do/+="


class Recebido(NamedTuple):
    """One request as it came over the wire."""

    metodo: str
    caminho: str
    cabecalhos: dict[str, str]
    corpo: bytes

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        assert self.cabecalhos["Content-Type"] == "application/json"
        return json.loads(self.corpo)


class Provedor:
    """``status``, ``corpo`` and ``cabecalhos`` of the answer; ``modo`` for those that are none. Who does not bring ``chave`` gets 401."""

    def __init__(self) -> None:
        self.recebidos: list[Recebido] = []
        self.status, self.corpo, self.cabecalhos = 200, b'{"messages": [{"id": "wamid.1"}]}', {}
        self.modo = ""
        self.chave: str | None = CHAVE
        self.ao_receber: Callable[[], object] | None = None
        self.parar = threading.Event()
        self.url = ""


class _Atende(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def _atender(self) -> None:
        nosso: Provedor = self.server.provedor
        corpo = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        nosso.recebidos.append(Recebido(self.command, self.path, dict(self.headers), corpo))
        if nosso.ao_receber:
            nosso.ao_receber()
        with contextlib.suppress(OSError):
            getattr(self, f"_{nosso.modo or 'normal'}")(nosso)

    do_GET = do_POST = do_PUT = _atender

    def _normal(self, nosso: Provedor) -> None:
        status = nosso.status if nosso.chave is None or self.headers.get("Authorization") == nosso.chave else 401
        self.send_response(status)
        for nome, valor in nosso.cabecalhos.items():
            self.send_header(nome, valor)
        self.send_header("Content-Length", str(len(nosso.corpo)))
        self.end_headers()
        self.wfile.write(nosso.corpo)

    def _mudo(self, nosso: Provedor) -> None:
        nosso.parar.wait(20)
        self.close_connection = True

    def _gotas(self, nosso: Provedor, comeco: bytes = b"H") -> None:
        """One byte now and then, for ever."""
        self.wfile.write(comeco)
        while not nosso.parar.wait(0.05):
            self.wfile.write(b"a")

    def _gotas_depois(self, nosso: Provedor) -> None:
        """The same after it said that all is well."""
        self._gotas(nosso, b"HTTP/1.1 200 OK\r\nX-A: ")

    def _imensa(self, nosso: Provedor) -> None:
        """An answer without an end."""
        self.send_response(200)
        self.end_headers()
        while not nosso.parar.is_set():
            self.wfile.write(b"x" * 65536)

    def _lixo(self, _nosso: Provedor) -> None:
        self.wfile.write(b"\x00\xff\x16\x03 isto nao e HTTP\r\n\r\n")
        self.close_connection = True

    def _desliga(self, _nosso: Provedor) -> None:
        self.close_connection = True

    def log_message(self, *_a: object) -> None:
        """Silent."""


class _Servidor(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_a: object) -> None:
        """A client that went away is what these tests are about."""


@contextlib.contextmanager
def provedor() -> Iterator[Provedor]:
    """A running provider; ``url`` is its address."""
    nosso = Provedor()
    servidor = _Servidor(("127.0.0.1", 0), _Atende)
    servidor.provedor = nosso
    linha = threading.Thread(target=servidor.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    linha.start()
    nosso.url = f"http://127.0.0.1:{servidor.server_address[1]}"
    yield nosso
    nosso.parar.set()
    servidor.shutdown()
    servidor.server_close()
    linha.join(5)
