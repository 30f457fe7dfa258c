"""People who sign in: Flask-AppBuilder's User, Role and Permission, and what it lacks, in tables of our own beside them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.cifra import TextoCifrado
from app.core.modelos import Carimbo
from app.core.tipos import pk
from app.extensions import db


class Perfil(Carimbo, db.Model):
    """What a user has beyond Flask-AppBuilder's columns, 1:1."""

    __tablename__ = "perfil"

    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    idioma: Mapped[str | None] = mapped_column(sa.String(5))
    tema: Mapped[str] = mapped_column(sa.String(10), server_default="sistema")
    atalhos: Mapped[bool] = mapped_column(server_default=sa.true())
    foto_id: Mapped[int | None] = mapped_column(ForeignKey("arquivo.id", ondelete="SET NULL"))
    trocar_senha: Mapped[bool] = mapped_column(server_default=sa.false())
    versao_sessao: Mapped[int] = mapped_column(server_default="1")
    falhas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    travado_ate: Mapped[dt.datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True)
    totp_passo: Mapped[int | None]
    codigos_recuperacao: Mapped[list | None] = mapped_column(JSONB(none_as_null=True))
    usuario: Mapped[User] = relationship()


class PapelSemente(db.Model):
    """What the seed already gave each role, so that a right removed on the screen is not given back."""

    __tablename__ = "papel_semente"

    papel: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    visao: Mapped[str] = mapped_column(sa.String(250), primary_key=True)
    permissao: Mapped[str] = mapped_column(sa.String(100), primary_key=True)


class LimitePapel(Carimbo, db.Model):
    """Money limits of a role: largest discount, credit and waiver in reais. Nothing reads it yet, and no screen shows it until
    discounts and waivers are asked for and approved.
    """

    __tablename__ = "limite_papel"

    id: Mapped[pk]
    papel_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), unique=True)
    desconto: Mapped[Decimal] = mapped_column(server_default="0")
    credito: Mapped[Decimal] = mapped_column(server_default="0")
    dispensa: Mapped[Decimal] = mapped_column(server_default="0")
    papel: Mapped[Role] = relationship()

    def __str__(self) -> str:
        return str(self.papel)
