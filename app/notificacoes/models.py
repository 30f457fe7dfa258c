"""Messages: templates by event and channel, and every message that was or will be sent, with its outcome."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core import auditoria
from app.core.cifra import TextoCifrado
from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk
from app.extensions import db


class Canal(Rotulado):
    """Ways a message reaches somebody."""

    email = N_("E-mail")
    whatsapp = N_("WhatsApp")
    sms = N_("SMS")
    interno = N_("Aviso no sistema")


TELEFONES = (Canal.whatsapp, Canal.sms)


class StatusNotificacao(Rotulado):
    """Life of a message."""

    pendente = N_("Pendente")
    enviada = N_("Enviada")
    falha = N_("Falhou")
    cancelada = N_("Cancelada")


class SituacaoMensagem(Rotulado):
    """A message's status as people are told it: one that was only written down, for want of a mail server, did not leave."""

    pendente = N_("Pendente")
    enviada = N_("Enviada")
    so_no_diario = N_("Só registrada")
    falha = N_("Falhou")
    cancelada = N_("Cancelada")


class ResultadoTentativa(Rotulado):
    """How one attempt of a message ended."""

    enviada = N_("Enviada")
    temporaria = N_("Vai tentar de novo")
    permanente = N_("Recusada")
    configuracao = N_("Envio parado")


class MetodoHttp(Rotulado):
    """How a provider's address is called."""

    POST = N_("POST")
    GET = N_("GET")
    PUT = N_("PUT")


class TipoCorpo(Rotulado):
    """What a provider's address is given."""

    json = N_("JSON")
    formulario = N_("Formulário")
    texto = N_("Texto")


class ModeloMensagem(Carimbo, db.Model):
    """The text of an event's message in a channel: sandboxed Jinja over the data the sender passes."""

    __tablename__ = "modelo_mensagem"

    id: Mapped[pk]
    evento: Mapped[str] = mapped_column(sa.String(60))
    canal: Mapped[Canal] = mapped_column(coluna_enum(Canal))
    assunto: Mapped[str] = mapped_column(info={"sigilo": "aberto"})      # the provider's words, of nobody
    corpo: Mapped[str] = mapped_column(Text, info={"sigilo": "aberto"})
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())

    __table_args__ = (UniqueConstraint("evento", "canal"),)

    def __str__(self) -> str:
        return f"{self.evento} ({self.canal.rotulo})"


class Notificacao(db.Model):
    """A message. ``chave`` makes it unique for ever; text and attachments are dropped after 13 months, the row and its key stay.

    ``segredos`` (JSON, encrypted) are put into the text while it leaves and nowhere else; the database itself keeps none longer than the message waits.
    After ``vale_ate`` it does not leave any more.
    """

    __tablename__ = "notificacao"

    id: Mapped[pk]
    chave: Mapped[str] = mapped_column(sa.String(200), unique=True)
    evento: Mapped[str] = mapped_column(sa.String(60))
    canal: Mapped[Canal] = mapped_column(coluna_enum(Canal))
    cliente_id: Mapped[int | None] = mapped_column(BigInteger)      # no FK: bulk COPY of the billing run
    usuario_id: Mapped[int | None] = mapped_column(BigInteger)
    invoice_id: Mapped[int | None] = mapped_column(BigInteger)
    destinatario: Mapped[str] = mapped_column(info={"sigilo": "contato"})
    assunto: Mapped[str | None] = mapped_column(Text)
    corpo: Mapped[str | None] = mapped_column(Text)
    dados: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))      # what the template needs; rendered at dispatch
    segredos: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True)
    vale_ate: Mapped[dt.datetime | None]
    anexos: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))     # [{"pdf": "invoice", "id": 7, "nome": "fatura.pdf"}]
    status: Mapped[StatusNotificacao] = mapped_column(coluna_enum(StatusNotificacao), server_default="pendente")
    quando: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    tentativas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    reservada_ate: Mapped[dt.datetime | None]
    erro: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str | None]
    enviada_em: Mapped[dt.datetime | None]
    lida_em: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    __table_args__ = (
        CheckConstraint("segredos IS NULL OR status = 'pendente'", name="segredos"),
        Index("ix_notificacao_pendente", "quando", "id", postgresql_where=text("status = 'pendente'")),
        Index("ix_notificacao_validade", "vale_ate", postgresql_where=text("status = 'pendente' AND vale_ate IS NOT NULL")),
        Index("ix_notificacao_cliente", "cliente_id", "id"),
        Index("ix_notificacao_usuario", "usuario_id", "id", postgresql_where=text("usuario_id IS NOT NULL")),
        Index("ix_notificacao_invoice", "invoice_id", postgresql_where=text("invoice_id IS NOT NULL")),
        Index("ix_notificacao_falha", "id", postgresql_where=text("status = 'falha'")),
    )

    @property
    def situacao(self) -> SituacaoMensagem:
        """What to tell people about it."""
        return SituacaoMensagem.so_no_diario if self.so_no_diario else SituacaoMensagem[self.status.name]

    def __str__(self) -> str:
        return f"{self.evento} → {self.destinatario}"


class OptOut(Carimbo, db.Model):
    """An address that does not want a kind of message in a channel, or that bounced (``motivo``)."""

    __tablename__ = "opt_out"

    id: Mapped[pk]
    canal: Mapped[Canal] = mapped_column(coluna_enum(Canal))
    destinatario: Mapped[str] = mapped_column(info={"sigilo": "contato"})
    evento: Mapped[str | None] = mapped_column(sa.String(60))
    motivo: Mapped[str]

    __table_args__ = (UniqueConstraint("canal", "destinatario", "evento", postgresql_nulls_not_distinct=True),)


class EnvioMensagem(db.Model):
    """One attempt of a message and what the server answered. Never changed: the message's log."""

    __tablename__ = "envio_mensagem"

    id: Mapped[pk]
    notificacao_id: Mapped[int] = mapped_column(BigInteger)
    canal: Mapped[Canal] = mapped_column(coluna_enum(Canal))
    por: Mapped[str] = mapped_column(sa.String(20))      # driver: smtp, http, diario (nothing left), interno
    resultado: Mapped[ResultadoTentativa] = mapped_column(coluna_enum(ResultadoTentativa))
    resposta: Mapped[str | None] = mapped_column(Text)
    id_no_provedor: Mapped[str | None]
    em: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    __table_args__ = (Index("ix_envio_mensagem_notificacao", "notificacao_id", "id"), Index("ix_envio_mensagem_em", "em"))


def _feita(*condicoes: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    dela = (EnvioMensagem.notificacao_id == Notificacao.id, EnvioMensagem.resultado == ResultadoTentativa.enviada)
    return sa.exists().where(*dela, *condicoes).correlate(Notificacao.__table__)


Notificacao.so_no_diario = column_property(sa.and_(
    Notificacao.__table__.c.status == StatusNotificacao.enviada, _feita(EnvioMensagem.por == "diario"), ~_feita(EnvioMensagem.por != "diario"),
))


class CanalEnvio(Carimbo, db.Model):
    """How a channel reaches the world, and whether it is stopped. Without a row, what the environment says (``SMTP_URL``).

    ``url`` is a mail server's, or the template of an HTTP provider's with ``cabecalhos`` (one ``Nome: valor`` a line) and ``corpo``; ``segredo`` fills
    ``{{ segredo }}`` in all three. ``id_na_resposta`` is where the JSON answer has the provider's number (``messages.0.id``); ``recusa_status`` (``400 404``)
    and ``recusa_texto`` are how it says that there is no such recipient. ``parado_em`` stops the channel until a person acts (wrong password, refused
    sender); ``espera_ate`` only for a moment (server that does not answer).
    """

    __tablename__ = "canal_envio"

    id: Mapped[pk]
    canal: Mapped[Canal] = mapped_column(coluna_enum(Canal), unique=True)
    url: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True, deferred_group="provedor")
    remetente: Mapped[str | None] = mapped_column(info={"sigilo": "aberto"})
    metodo: Mapped[MetodoHttp | None] = mapped_column(coluna_enum(MetodoHttp))
    cabecalhos: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True, deferred_group="provedor")
    corpo: Mapped[str | None] = mapped_column(Text)
    tipo_corpo: Mapped[TipoCorpo | None] = mapped_column(coluna_enum(TipoCorpo))
    segredo: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True, deferred_group="provedor")
    id_na_resposta: Mapped[str | None] = mapped_column(sa.String(120))
    recusa_status: Mapped[str | None] = mapped_column(sa.String(60))
    recusa_texto: Mapped[str | None]
    parado_em: Mapped[dt.datetime | None]
    espera_ate: Mapped[dt.datetime | None]
    motivo: Mapped[str | None] = mapped_column(Text)

    def __str__(self) -> str:
        return self.canal.rotulo


auditoria.ignorar("notificacao", "envio_mensagem", motivo="rows and log of sending are their history; what a person does to them is audited by hand")
