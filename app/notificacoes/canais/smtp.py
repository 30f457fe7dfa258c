"""Mail by SMTP: one connection for many messages, every wait bounded, and what the server answered turned into what to do next."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import relogio
from app.core.erros import ValorInvalido
from app.notificacoes.canais.base import CanalMensagem, Mensagem, ResultadoEnvio, configuracao, enviada, permanente, temporaria

POR_CONEXAO = 50
ESPERA = 15.0
TEMPO_TOTAL = 30.0
_AUTENTICACAO = {530, 534, 535, 538}
_SEM_CAIXA = {550, 551, 553}
_DE_REDE = (OSError, smtplib.SMTPServerDisconnected)
_DICAS = (
    (re.compile(r"^53[0458]\b"), _l("O usuário ou a senha não foram aceitos: confira os dois.")),
    (re.compile(r"Errno 111|Errno 61|refused"), _l("Nenhum servidor de e-mail atende nesse endereço e porta.")),
    (re.compile(r"Errno -[235]\b|Errno 8\b|getaddrinfo"), _l("Esse endereço de servidor não existe: confira o nome.")),
    (re.compile(r"timed out"), _l("O servidor não respondeu a tempo: confira o endereço, a porta e a segurança.")),
    (re.compile(r"SSL|STARTTLS"), _l("A segurança escolhida não é a deste servidor: confira a porta e a segurança.")),
)


@dataclass(frozen=True)
class ServidorSmtp:
    """Where to hand mail over."""

    host: str
    porta: int
    usuario: str = ""
    senha: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = False

    @classmethod
    def de_url(cls, url: str) -> ServidorSmtp:
        """``smtp://usuario:senha@host:587?starttls=1`` or ``smtps://…``; STARTTLS is on by default on port 587. Raises ValorInvalido."""
        try:
            partes = urlsplit(url)
            porta = partes.port
        except ValueError as erro:
            raise ValorInvalido(_("O endereço do servidor de e-mail não é válido."), campo="url") from erro
        if partes.scheme not in ("smtp", "smtps") or not partes.hostname:
            raise ValorInvalido(_("Use smtp://usuario:senha@servidor:587?starttls=1 ou smtps://usuario:senha@servidor:465."), campo="url")
        tls = partes.scheme == "smtps"
        pedido = parse_qs(partes.query).get("starttls", ["1" if porta == 587 else "0"])[0] == "1"
        padrao = 465 if tls else 25
        return cls(partes.hostname, porta or padrao, unquote(partes.username or ""), unquote(partes.password or ""), tls, pedido and not tls)


def montar(m: Mensagem) -> EmailMessage:
    """The message as it travels: text and HTML, attachments. Raises ValueError for line breaks in a header or an address that is none."""
    correio = EmailMessage(policy=SMTP)
    correio["From"] = Address(m.nome_remetente, addr_spec=m.remetente)
    correio["To"] = Address(addr_spec=m.destinatario)
    correio["Subject"] = m.assunto
    correio["Date"] = format_datetime(relogio.local(m.data or relogio.agora()))
    correio["Message-ID"] = m.message_id
    correio["Auto-Submitted"] = "auto-generated"
    if m.responder_a:
        correio["Reply-To"] = Address(addr_spec=m.responder_a)
    correio.set_content(m.texto, cte="quoted-printable")
    correio.add_alternative(m.html, subtype="html", cte="quoted-printable")
    for anexo in m.anexos:
        tipo, _barra, subtipo = anexo.tipo.partition("/")
        correio.add_attachment(anexo.dados, maintype=tipo, subtype=subtipo, filename=anexo.nome)
    return correio


class CanalEmail(CanalMensagem):
    """Messages to an SMTP server. ``espera`` bounds each wait, ``tempo_total`` a whole message, connecting included (seconds)."""

    nome = "smtp"

    def __init__(self, servidor: ServidorSmtp, *, apresentacao: str | None = None, espera: float = ESPERA, tempo_total: float = TEMPO_TOTAL) -> None:
        self.servidor, self.apresentacao, self.espera, self.tempo_total = servidor, apresentacao, espera, tempo_total
        self._smtp: smtplib.SMTP | None = None
        self._quantas = 0
        self._cortado = False

    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Hand one message over; a kept connection that died in the meantime is opened again before anything was said."""
        try:
            correio = montar(mensagem)
        except (ValueError, IndexError) as erro:      # the header parser answers some hostile addresses with IndexError
            return permanente(_("Mensagem inválida: %(erro)s", erro=erro))
        with self._prazo():
            falha = self._conectar()
            if self._cortado and not falha:      # connecting alone took it all: what follows would have no bound
                self.fechar()
                falha = temporaria(_("O servidor demorou demais para responder."), conexao=True)
            return falha or self._entregar(correio)

    def fechar(self) -> None:
        """QUIT, if the server still listens."""
        smtp, self._smtp, self._quantas = self._smtp, None, 0
        if smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    # ---- connection

    def _conectar(self) -> ResultadoEnvio | None:
        """None when there is a living connection, else why not."""
        if self._smtp is not None and (self._quantas >= POR_CONEXAO or not self._viva()):
            self.fechar()
        if self._smtp is not None:
            return None
        try:
            self._abrir()
        except (OSError, smtplib.SMTPException, ValueError) as erro:
            self.fechar()
            return classificar_conexao(erro)
        return None

    def _viva(self) -> bool:
        try:
            return self._smtp.noop()[0] == 250
        except _DE_REDE:
            return False

    def _abrir(self) -> None:
        contexto = ssl.create_default_context()
        onde = self.servidor
        opcoes = {"timeout": self.espera, "local_hostname": self.apresentacao}
        self._smtp = smtplib.SMTP_SSL(context=contexto, **opcoes) if onde.tls else smtplib.SMTP(**opcoes)
        self._smtp._host = onde.host      # what STARTTLS and SMTP_SSL check the certificate against; only the constructor that connects sets it
        codigo, dito = self._smtp.connect(onde.host, onde.porta)
        if codigo != 220:
            raise smtplib.SMTPConnectError(codigo, dito)
        if onde.starttls:
            self._smtp.starttls(context=contexto)
        if onde.usuario:
            self._smtp.login(onde.usuario, onde.senha)

    @contextmanager
    def _prazo(self) -> Iterator[None]:
        """Cut the connection when the whole takes too long: a server that says one byte now and then defeats time-outs of single reads."""
        self._cortado = False
        relogio_de_corte = threading.Timer(self.tempo_total, self._cortar)
        relogio_de_corte.daemon = True
        relogio_de_corte.start()
        try:
            yield
        finally:
            relogio_de_corte.cancel()

    def _cortar(self) -> None:
        self._cortado = True
        tomada = getattr(self._smtp, "sock", None)
        if tomada is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(tomada, socket.SHUT_RDWR)      # not SSLSocket's own: it would pull TLS from under the reading thread

    # ---- delivery

    def _entregar(self, correio: EmailMessage) -> ResultadoEnvio:
        try:
            self._smtp.send_message(correio)
        except (OSError, smtplib.SMTPException, ValueError) as erro:
            self.fechar()
            return classificar_entrega(erro)
        self._quantas += 1
        return enviada()


def classificar_conexao(erro: Exception) -> ResultadoEnvio:
    """What failed before any message: our set-up (a person must act) or the way there (try again)."""
    dito = _dito(erro)
    if isinstance(erro, smtplib.SMTPResponseException):
        return temporaria(dito, conexao=True) if erro.smtp_code < 500 else configuracao(dito)
    if isinstance(erro, (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError, ValueError)):
        return configuracao(dito)
    return temporaria(dito, conexao=True)


def classificar_entrega(erro: Exception) -> ResultadoEnvio:
    """What failed with a message: this address, this message, our set-up, or the connection (the answer may be lost: same Message-ID next time)."""
    dito = _dito(erro)
    if isinstance(erro, smtplib.SMTPRecipientsRefused):
        codigo, texto = next(iter(erro.recipients.values()))
        return _recusado(codigo, texto)
    if isinstance(erro, smtplib.SMTPSenderRefused) and (erro.smtp_code >= 500 or erro.smtp_code in _AUTENTICACAO):
        return configuracao(dito)
    if isinstance(erro, smtplib.SMTPResponseException):
        return temporaria(dito, conexao=erro.smtp_code == 421) if erro.smtp_code < 500 else permanente(dito)
    if isinstance(erro, (smtplib.SMTPNotSupportedError, ValueError)):
        return permanente(dito)
    return temporaria(dito, conexao=True)


def _recusado(codigo: int, texto: bytes) -> ResultadoEnvio:
    """RFC 3463: 5.1.x speaks of the address; a 550 without enhanced code too, one with 5.7.x of policy."""
    dito = f"{codigo} {_texto(texto)}"
    if codigo < 500:
        return temporaria(dito, conexao=codigo == 421)
    if codigo in _AUTENTICACAO:
        return configuracao(dito)
    estendido = _texto(texto).split(" ", 1)[0]
    sem_caixa = estendido.startswith("5.1.") if estendido.startswith("5.") else codigo in _SEM_CAIXA
    return permanente(dito, endereco_recusado=sem_caixa)


def explicar(resposta: str) -> str:
    """What a person who sets the server up can do about its answer; empty when it speaks for itself."""
    return next((str(dica) for sinal, dica in _DICAS if sinal.search(resposta)), "")


def frase_da_falha(resposta: str) -> str:
    """The same as a sentence for the screen: a server's own words are quoted after it, the operating system's only when nothing is known about them."""
    dica = explicar(resposta)
    if dica and not resposta[:3].isdigit():
        return dica
    return " ".join(filter(None, (dica, _("O servidor de e-mail respondeu: %(resposta)s", resposta=resposta))))


def _dito(erro: Exception) -> str:
    if isinstance(erro, smtplib.SMTPResponseException):
        return f"{erro.smtp_code} {_texto(erro.smtp_error)}"
    return str(erro) or type(erro).__name__


def _texto(dito: bytes | str) -> str:
    return dito.decode("utf-8", "replace") if isinstance(dito, bytes) else dito
