"""WhatsApp and SMS by a provider's HTTP API: one request a message, every wait bounded, and what was answered turned into what to do next."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from flask_babel import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from app.brasil.documentos import normalizar_telefone, tipo_telefone
from app.core import relogio
from app.core.erros import DominioError
from app.notificacoes.canais.base import CanalMensagem, Mensagem, ResultadoEnvio, configuracao, permanente, temporaria
from app.notificacoes.canais.provedor import Pedido, ProvedorHttp
from app.notificacoes.models import ResultadoTentativa
from app.notificacoes.sigilo import ocultar

CONEXAO, LEITURA, TEMPO_TOTAL = 5.0, 15.0, 25.0
RESPOSTA_MAXIMA, DITO_MAXIMO = 64 * 1024, 300      # bytes read, characters kept
ESPERA_MAXIMA = dt.timedelta(hours=1)
PAIS = "55"
_NOSSOS = {"User-Agent": "CRM-Provedor", "Accept": "*/*", "Accept-Encoding": "identity"}
_PARA_TODOS = {429, 502, 503, 504}      # says something about the provider, not about the message
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)      # its debug lines have the whole address, and addresses may carry a token


def e164(telefone: str) -> str:
    """Digits with the country's 55; empty for what is no Brazilian number with DDD."""
    numero = normalizar_telefone(telefone)
    return f"{PAIS}{numero}" if tipo_telefone(numero) else ""


class _Corte:
    """The present connection, and ending it from another thread: a server that says one byte now and then defeats time-outs of single reads."""

    def __init__(self) -> None:
        self.cortado = False
        self._tomada: socket.socket | None = None

    def vigiar(self, tomada: socket.socket) -> None:
        """A connection was opened. Our own handle on it: TLS takes the first one away."""
        self.soltar()
        self._tomada = tomada.dup()
        if self.cortado:      # connecting alone took it all
            self.cortar()

    def cortar(self) -> None:
        """End it; what reads from it fails at once."""
        self.cortado = True
        if self._tomada is not None:
            with contextlib.suppress(OSError):
                self._tomada.shutdown(socket.SHUT_RDWR)

    def soltar(self) -> None:
        """Forget it."""
        tomada, self._tomada = self._tomada, None
        if tomada is not None:
            tomada.close()


def _adaptador(corte: _Corte) -> HTTPAdapter:
    """Connections that tell ``corte`` of themselves; nothing is tried twice."""

    class _Vigiada:
        def _new_conn(self) -> socket.socket:
            tomada = super()._new_conn()
            corte.vigiar(tomada)
            return tomada

    http = type("Http", (HTTPConnectionPool,), {"ConnectionCls": type("HttpVigiada", (_Vigiada, HTTPConnection), {})})
    https = type("Https", (HTTPSConnectionPool,), {"ConnectionCls": type("HttpsVigiada", (_Vigiada, HTTPSConnection), {})})
    adaptador = HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
    adaptador.poolmanager.pool_classes_by_scheme = {"http": http, "https": https}
    return adaptador


class CanalHttp(CanalMensagem):
    """Messages to a provider. ``conexao`` and ``leitura`` bound each wait, ``tempo_total`` a whole message (seconds). Redirects are not followed."""

    nome = "http"

    def __init__(self, provedor: ProvedorHttp, *, conexao: float = CONEXAO, leitura: float = LEITURA, tempo_total: float = TEMPO_TOTAL) -> None:
        self.provedor, self.esperas, self.tempo_total = provedor, (conexao, leitura), tempo_total
        self._sessao: requests.Session | None = None
        self._corte = _Corte()

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Ask the provider once."""
        telefone = e164(mensagem.destinatario)
        if not telefone:
            return permanente(_("O telefone não é válido: informe DDD e número."))
        try:
            pedido = self.provedor.pedido(telefone=telefone, texto=mensagem.texto, id=mensagem.message_id)
        except DominioError as erro:
            return permanente(_("O pedido ao provedor não pôde ser montado: %(erro)s", erro=erro))
        with self._prazo():
            try:
                status, cabecalhos, corpo = self._pedir(pedido)
            except (OSError, HTTPError, ValueError) as erro:      # requests' own are OSError, its complaints about an address ValueError too
                self.fechar()
                return _sem_resposta(erro, cortado=self._corte.cortado)
        return self._entender(status, cabecalhos, corpo, mensagem)

    def fechar(self) -> None:
        """Let go of the kept connection."""
        sessao, self._sessao = self._sessao, None
        if sessao is not None:
            sessao.close()
        self._corte.soltar()

    def _pedir(self, pedido: Pedido) -> tuple[int, Any, str]:
        """(status, headers, at most RESPOSTA_MAXIMA bytes as text). Once the status is known the answer counts, even if the rest of it is lost."""
        resposta = self._aberta().request(
            pedido.metodo, pedido.url, headers=dict(pedido.cabecalhos), data=pedido.corpo, timeout=self.esperas, allow_redirects=False, stream=True)
        pedacos: list[bytes] = []
        inteira = False
        with contextlib.suppress(OSError, HTTPError):
            for pedaco in resposta.iter_content(8192):
                pedacos.append(pedaco)
                if sum(map(len, pedacos)) >= RESPOSTA_MAXIMA:
                    break
            else:
                inteira = True
        if not inteira:      # what is left of it must not be read as the next answer
            self.fechar()
        return resposta.status_code, resposta.headers, b"".join(pedacos)[:RESPOSTA_MAXIMA].decode("utf-8", "replace")

    def _aberta(self) -> requests.Session:
        if self._sessao is None:
            self._sessao = requests.Session()
            self._sessao.trust_env = False      # a .netrc would replace our Authorization
            self._sessao.headers = requests.structures.CaseInsensitiveDict(_NOSSOS)
            for esquema in ("http://", "https://"):
                self._sessao.mount(esquema, _adaptador(self._corte))
        return self._sessao

    @contextmanager
    def _prazo(self) -> Iterator[None]:
        self._corte.cortado = False
        relogio_de_corte = threading.Timer(self.tempo_total, self._corte.cortar)
        relogio_de_corte.daemon = True
        relogio_de_corte.start()
        try:
            yield
        finally:
            relogio_de_corte.cancel()

    def _entender(self, status: int, cabecalhos: Any, corpo: str, mensagem: Mensagem) -> ResultadoEnvio:
        dito = self._dito(status, corpo, mensagem)
        if self.provedor.recusou(status, corpo):
            return permanente(dito, endereco_recusado=True)
        if 200 <= status < 300:
            return ResultadoEnvio(ResultadoTentativa.enviada, dito, id_no_provedor=self.provedor.id_de(corpo))
        if status in (401, 403):
            return configuracao(dito)
        if 300 <= status < 400:
            return configuracao(_("O provedor mandou procurar em outro endereço (%(status)d): confira o endereço.", status=status))
        if status in (408, 425, 429) or status >= 500:
            return ResultadoEnvio(ResultadoTentativa.temporaria, dito, conexao=status in _PARA_TODOS, espere=_espere(cabecalhos.get("Retry-After")))
        return permanente(dito)

    def _dito(self, status: int, corpo: str, mensagem: Mensagem) -> str:
        """Status and first characters of the answer; of a message with a link or a code the status alone: the answer may quote it."""
        if mensagem.sigilosa:
            return str(status)
        segredo = self.provedor.segredo
        texto = ocultar(corpo, (segredo, base64.b64encode(segredo.encode()).decode()) if segredo else ())
        return " ".join([str(status), *"".join(c if c.isprintable() else " " for c in texto[: DITO_MAXIMO * 4]).split()])[:DITO_MAXIMO]


def _sem_resposta(erro: Exception, *, cortado: bool) -> ResultadoEnvio:
    """Why there is no answer, in words of our own: a library's have the whole address in them."""
    if cortado or isinstance(erro, requests.exceptions.Timeout):
        return temporaria(_("O provedor não respondeu a tempo."), conexao=True)
    if isinstance(erro, requests.exceptions.SSLError):
        sem_aval = "CERTIFICATE_VERIFY_FAILED" in str(erro)
        if sem_aval:
            return configuracao(_("O certificado do provedor não é válido."))
        return temporaria(_("A conexão segura com o provedor falhou."), conexao=True)
    if isinstance(erro, requests.exceptions.ConnectionError) or not isinstance(erro, ValueError):
        falta = "NameResolution" in repr(erro)
        dito = _("O servidor do provedor não existe: confira o endereço.") if falta else _("A conexão com o provedor falhou.")
        return temporaria(dito, conexao=True)
    return configuracao(_("O endereço ou os cabeçalhos do provedor não são válidos."))


def _espere(valor: str | None) -> dt.timedelta | None:
    """``Retry-After`` (RFC 9110 §10.2.3), in seconds or as a date; an hour at most, None for what makes no sense."""
    if not valor:
        return None
    try:
        espera = dt.timedelta(seconds=int(valor)) if valor.strip().isdigit() else parsedate_to_datetime(valor) - relogio.agora()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(espera, ESPERA_MAXIMA) if espera > dt.timedelta() else None
