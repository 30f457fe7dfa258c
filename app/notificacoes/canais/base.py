"""What every channel promises: one message in, one result out, never an exception for what the outside world did."""

from __future__ import annotations

import abc
import datetime as dt
from dataclasses import dataclass, field

from app.notificacoes.models import ResultadoTentativa
from app.notificacoes.regras import html_do_texto


@dataclass(frozen=True)
class AnexoPronto:
    """A file of a message."""

    nome: str
    tipo: str
    dados: bytes = field(repr=False)


@dataclass(frozen=True)
class Mensagem:
    """A message ready to leave: plain data, one recipient. ``message_id`` is the same in every attempt.

    All messages of the house are transactional: they carry no List-Unsubscribe.
    """

    destinatario: str
    assunto: str
    texto: str = field(repr=False)
    remetente: str = ""
    nome_remetente: str = ""
    responder_a: str | None = None
    message_id: str = ""
    data: dt.datetime | None = None
    anexos: tuple[AnexoPronto, ...] = ()
    sigilosa: bool = False      # the text has a link or a code: what the other side answers may quote it

    @property
    def html(self) -> str:
        """The text as a page."""
        return html_do_texto(self.texto, self.assunto)


@dataclass(frozen=True)
class ResultadoEnvio:
    """How an attempt ended and what the server said.

    ``endereco_recusado``: the address itself does not exist. ``conexao``: the server could not be talked to at all, so the next message would fail alike.
    ``espere``: how long it asks to be left alone. ``id_no_provedor``: the number it gave an accepted message.
    """

    resultado: ResultadoTentativa
    resposta: str = ""
    endereco_recusado: bool = False
    conexao: bool = False
    espere: dt.timedelta | None = None
    id_no_provedor: str = ""

    @property
    def enviada(self) -> bool:
        """Whether it was accepted."""
        return self.resultado is ResultadoTentativa.enviada


class CanalMensagem(abc.ABC):
    """A way out. May keep a connection between messages; used by one thread at a time. ``nome`` goes to the message's log.

    ``local``: nothing leaves through it, so no document is made for it.
    """

    nome: str
    local = False

    @abc.abstractmethod
    def enviar(self, mensagem: Mensagem) -> ResultadoEnvio:
        """Hand over one message within a bounded time. Repeating it sends the same ``message_id`` again."""

    def fechar(self) -> None:  # noqa: B027 - channels without a connection have nothing to let go of
        """Let go of what was kept open. May be repeated."""


def enviada(resposta: str = "") -> ResultadoEnvio:
    """Accepted."""
    return ResultadoEnvio(ResultadoTentativa.enviada, resposta)


def temporaria(resposta: str, *, conexao: bool = False) -> ResultadoEnvio:
    """Try again later."""
    return ResultadoEnvio(ResultadoTentativa.temporaria, resposta, conexao=conexao)


def permanente(resposta: str, *, endereco_recusado: bool = False) -> ResultadoEnvio:
    """Trying again is of no use."""
    return ResultadoEnvio(ResultadoTentativa.permanente, resposta, endereco_recusado=endereco_recusado)


def configuracao(resposta: str) -> ResultadoEnvio:
    """Our own set-up is wrong (password, sender): stop the channel until a person acts."""
    return ResultadoEnvio(ResultadoTentativa.configuracao, resposta)
