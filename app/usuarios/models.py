"""People who sign in: Flask-AppBuilder's User, Role and Permission, and what it lacks, in tables of our own beside them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Group, Role, User
from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import auditoria, relogio
from app.core.auditoria.relacoes import nomear
from app.core.cifra import TextoCifrado
from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk
from app.extensions import db


class Perfil(Carimbo, db.Model):
    """What a user has beyond Flask-AppBuilder's columns, 1:1. ``totp_passo`` is the last time step accepted: no code counts twice (RFC 6238 §5.2)."""

    __tablename__ = "perfil"

    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    idioma: Mapped[str | None] = mapped_column(sa.String(5))
    tema: Mapped[str] = mapped_column(sa.String(10), server_default="sistema")
    atalhos: Mapped[bool] = mapped_column(server_default=sa.true())
    foto_id: Mapped[int | None] = mapped_column(ForeignKey("arquivo.id", ondelete="SET NULL"))
    trocar_senha: Mapped[bool] = mapped_column(server_default=sa.false())
    totp_secret: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True)
    totp_desde: Mapped[dt.datetime | None]
    totp_passo: Mapped[int | None]
    codigos_recuperacao: Mapped[list | None] = mapped_column(JSONB(none_as_null=True))      # SHA-256 of those not used yet
    usuario: Mapped[User] = relationship()


class TipoSessao(Rotulado):
    """What a session was opened with."""

    navegador = N_("Navegador")
    api = N_("API")


class SessaoUsuario(db.Model):
    """Somebody signed in: a browser (its cookie names it) or a program (its tokens do). Ended by its own clock, by its person or by an administrator.

    ``resumo``: SHA-256 of the name the cookie or token carries. ``confirmada_em``: when the person last proved who it is. ``rotacao``: how many
    refresh tokens it had; an older one that comes back was stolen. ``vista_em`` is kept to the minute. ``girar``: rights changed, so the next
    page gives the session another name and its limits anew; the old name serves a moment more, for what was on its way.
    """

    __tablename__ = "sessao_usuario"

    id: Mapped[pk]
    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    tipo: Mapped[TipoSessao] = mapped_column(coluna_enum(TipoSessao), server_default="navegador")
    resumo: Mapped[str] = mapped_column(sa.String(64), unique=True)
    aberta_em: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    vista_em: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    confirmada_em: Mapped[dt.datetime | None]
    expira_em: Mapped[dt.datetime]
    ociosa_minutos: Mapped[int] = mapped_column(sa.SmallInteger, server_default="120")
    rotacao: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    girar: Mapped[bool] = mapped_column(server_default=sa.false())
    girada_em: Mapped[dt.datetime | None]
    resumo_anterior: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    falta_2fa: Mapped[bool] = mapped_column(server_default=sa.false())
    dispositivo_id: Mapped[int | None] = mapped_column(ForeignKey("dispositivo_confiavel.id", ondelete="SET NULL"))
    ip: Mapped[str | None] = mapped_column(sa.String(45))
    agente: Mapped[str | None] = mapped_column(sa.String(300))
    encerrada_em: Mapped[dt.datetime | None]
    motivo: Mapped[str | None] = mapped_column(sa.String(60))

    __table_args__ = (
        Index("ix_sessao_usuario_usuario", "usuario_id", "id", postgresql_where=text("encerrada_em IS NULL")),
        Index("ix_sessao_usuario_expira_em", "expira_em"),
    )

    @property
    def fim(self) -> str:
        """How it ended, also by its own clock (``vencida``, ``ociosa``); empty while it serves."""
        agora = relogio.agora()
        if self.encerrada_em is not None:
            return self.motivo or "encerrada"
        if self.expira_em <= agora:
            return "vencida"
        return "ociosa" if agora - self.vista_em >= dt.timedelta(minutes=self.ociosa_minutos) else ""

    @classmethod
    def serve(cls) -> sa.ColumnElement[bool]:
        """Condition: it has not ended, by anybody or by its own clock."""
        agora = relogio.agora()
        return sa.and_(cls.encerrada_em.is_(None), cls.expira_em > agora, cls.vista_em > agora - func.make_interval(0, 0, 0, 0, 0, cls.ociosa_minutos))


class DispositivoConfiavel(db.Model):
    """A browser whose person asked not to be asked for the code again, for a while. ``resumo``: SHA-256 of what its cookie carries."""

    __tablename__ = "dispositivo_confiavel"

    id: Mapped[pk]
    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    resumo: Mapped[str] = mapped_column(sa.String(64), unique=True)
    nome: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expira_em: Mapped[dt.datetime] = mapped_column(index=True)
    ip: Mapped[str | None] = mapped_column(sa.String(45))


_convite_papel = sa.Table(
    "convite_papel", db.metadata, sa.Column("convite_id", ForeignKey("convite.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("papel_id", ForeignKey("ab_role.id", ondelete="CASCADE"), primary_key=True),
)
_convite_grupo = sa.Table(
    "convite_grupo", db.metadata, sa.Column("convite_id", ForeignKey("convite.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("grupo_id", ForeignKey("ab_group.id", ondelete="CASCADE"), primary_key=True),
)


class SituacaoConvite(Rotulado):
    """What has become of an invitation."""

    aberto = N_("Aberto")
    aceito = N_("Aceito")
    vencido = N_("Vencido")
    revogado = N_("Revogado")


class Convite(Carimbo, db.Model):
    """An invitation to join the staff with these roles, by a link that serves once. ``resumo``: SHA-256 of the link's token."""

    __tablename__ = "convite"

    id: Mapped[pk]
    email: Mapped[str] = mapped_column(sa.String(320))
    nome: Mapped[str] = mapped_column(sa.String(64))
    sobrenome: Mapped[str] = mapped_column(sa.String(64))
    resumo: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expira_em: Mapped[dt.datetime]
    aceito_em: Mapped[dt.datetime | None]
    revogado_em: Mapped[dt.datetime | None]
    usuario_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    papeis: Mapped[list[Role]] = relationship(secondary=_convite_papel)
    grupos: Mapped[list[Group]] = relationship(secondary=_convite_grupo)

    @property
    def situacao(self) -> SituacaoConvite:
        """What has become of it by now."""
        if self.aceito_em is not None:
            return SituacaoConvite.aceito
        if self.revogado_em is not None:
            return SituacaoConvite.revogado
        return SituacaoConvite.aberto if self.expira_em > relogio.agora() else SituacaoConvite.vencido

    __table_args__ = (Index("uq_convite_email_aberto", "email", unique=True, postgresql_where=text("aceito_em IS NULL AND revogado_em IS NULL")),)

    def __str__(self) -> str:
        return self.email


class TokenRecuperacao(db.Model):
    """A link by which somebody who forgot the password sets a new one: once, and for half an hour. ``resumo``: SHA-256 of the token."""

    __tablename__ = "token_recuperacao"

    id: Mapped[pk]
    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    resumo: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expira_em: Mapped[dt.datetime] = mapped_column(index=True)
    usado_em: Mapped[dt.datetime | None]
    ip: Mapped[str | None] = mapped_column(sa.String(45))


class CodigoConfirmacao(db.Model):
    """A short code sent to an address on file, to prove that who types it reads there. ``alvo`` says about whom (``cliente:12``).

    ``resumo``: HMAC-SHA-256 of the code under the application's key: six digits alone are soon tried.
    """

    __tablename__ = "codigo_confirmacao"

    id: Mapped[pk]
    finalidade: Mapped[str] = mapped_column(sa.String(40))
    alvo: Mapped[str] = mapped_column(sa.String(60))
    destino: Mapped[str] = mapped_column(sa.String(320))
    resumo: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expira_em: Mapped[dt.datetime] = mapped_column(index=True)
    tentativas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    usado_em: Mapped[dt.datetime | None]

    __table_args__ = (Index("ix_codigo_confirmacao_alvo", "finalidade", "alvo", "id"),)


class ChaveApi(Carimbo, db.Model):
    """A program's key: acts as its person, within ``escopos`` and never beyond what the person may. Shown once; ``resumo`` is its SHA-256.

    ``escopos``: ``["cliente:ler", "invoice:pagar"]``; see ``app.usuarios.escopos``. ``ultimo_uso_em`` is written by a job from counters in Redis.
    """

    __tablename__ = "chave_api"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(sa.String(80))
    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    prefixo: Mapped[str] = mapped_column(sa.String(16))
    resumo: Mapped[str] = mapped_column(sa.String(64), unique=True)
    escopos: Mapped[list] = mapped_column(JSONB, server_default=text("'[]'"))
    expira_em: Mapped[dt.datetime | None]
    revogada_em: Mapped[dt.datetime | None]
    ultimo_uso_em: Mapped[dt.datetime | None]
    ultimo_ip: Mapped[str | None] = mapped_column(sa.String(45))
    usuario: Mapped[User] = relationship()

    def __str__(self) -> str:
        return self.nome


class PapelSemente(db.Model):
    """What the seed already gave each role, so that a right removed on the screen is not given back."""

    __tablename__ = "papel_semente"

    papel: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    visao: Mapped[str] = mapped_column(sa.String(250), primary_key=True)
    permissao: Mapped[str] = mapped_column(sa.String(100), primary_key=True)


class Tipo(Rotulado):
    """The three ways of giving money away. The names are columns of LimitePapel."""

    desconto = N_("Desconto")
    credito = N_("Crédito")
    dispensa = N_("Dispensa")


class LimitePapel(Carimbo, db.Model):
    """What a role's people may without asking anybody, and how their sessions end.

    ``desconto``, ``credito`` and ``dispensa``: how much of each to one customer in 30 days, in reais; null is no limit. Who has several roles has
    the largest of the limits, the shortest of the sessions, and needs the second factor when one of them asks for it.
    """

    __tablename__ = "limite_papel"

    id: Mapped[pk]
    papel_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), unique=True)
    desconto: Mapped[Decimal | None] = mapped_column(server_default="0")
    credito: Mapped[Decimal | None] = mapped_column(server_default="0")
    dispensa: Mapped[Decimal | None] = mapped_column(server_default="0")
    exige_2fa: Mapped[bool] = mapped_column(server_default=sa.false())
    sessao_horas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="12")
    ociosa_minutos: Mapped[int] = mapped_column(sa.SmallInteger, server_default="120")
    papel: Mapped[Role] = relationship()

    __table_args__ = (
        CheckConstraint("desconto >= 0 AND credito >= 0 AND dispensa >= 0", name="valores"),
        CheckConstraint("sessao_horas BETWEEN 1 AND 720 AND ociosa_minutos BETWEEN 5 AND 10080", name="sessao"),
    )

    def __str__(self) -> str:
        return str(self.papel)


class Concessao(db.Model):
    """What somebody gave away to a customer, in reais, and whether it was beyond the limit of the role. A trigger refuses every change."""

    __tablename__ = "concessao"

    id: Mapped[pk]
    em: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    usuario_id: Mapped[int]      # no FK, as in every log: it outlives the account
    cliente_id: Mapped[int] = mapped_column(sa.BigInteger)
    tipo: Mapped[Tipo] = mapped_column(coluna_enum(Tipo))
    valor: Mapped[Decimal]
    acima: Mapped[bool] = mapped_column(server_default=sa.false())

    __table_args__ = (
        CheckConstraint("valor > 0", name="valor"), Index("ix_concessao_cliente", "cliente_id", "usuario_id", "em"),
        Index("ix_concessao_usuario", "usuario_id", "id"),
    )


auditoria.ignorar(
    "sessao_usuario", "codigo_confirmacao", "token_recuperacao", motivo="their rows are their own history; what matters of them is audited by hand")
auditoria.sem_historico(
    "perfil", "totp_passo", "updated_at", "alterado_por_id", motivo="a code that was accepted is an entry, with a row of its own, and stamps the profile")
auditoria.sem_historico("chave_api", "ultimo_uso_em", "ultimo_ip", motivo="a use is no change of the key")
nomear("ab_permission_view", lambda direito: f"{direito.view_menu.name} · {direito.permission.name}")      # the screen of the trail says it in words
nomear("ab_role", lambda papel: papel.name)
nomear("ab_user", lambda usuario: usuario.username)
