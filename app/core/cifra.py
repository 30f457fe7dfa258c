"""Secrets at rest: Fernet with rotating keys (``CHAVE_CIFRA``, newest first, separated by commas)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from app.core.erros import DominioError
from app.extensions import db


class ChaveIlegivel(DominioError):
    """The value was encrypted under a key that is not in CHAVE_CIFRA any more."""

    codigo = "chave_ilegivel"
    status_http = 500


@lru_cache(maxsize=8)
def _cofre(chaves: str) -> MultiFernet:
    return MultiFernet([_fernet(c.strip()) for c in chaves.split(",") if c.strip()])


def _fernet(chave: str) -> Fernet:
    """A Fernet key as it is; any other secret (a platform's generated one) through SHA-256."""
    try:
        return Fernet(chave)
    except ValueError:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(chave.encode()).digest()))


def cofre() -> MultiFernet:
    """The application's keys; the first encrypts, all decrypt."""
    return _cofre(current_app.config["CHAVE_CIFRA"])


def cifrar(texto: str) -> str:
    """Encrypted text, safe to store."""
    return cofre().encrypt(texto.encode()).decode()


def decifrar(cifrado: str) -> str:
    """The clear text. Raises ChaveIlegivel when no key opens it."""
    try:
        return cofre().decrypt(cifrado.encode()).decode()
    except InvalidToken as erro:
        raise ChaveIlegivel(_("Este segredo foi gravado com uma chave que não está mais em CHAVE_CIFRA e não se abre.")) from erro


def legivel(ler: Callable[[], str | None]) -> str | None:
    """What ``ler`` reads, or None when no key opens it: for forms where it can be written anew."""
    try:
        return ler()
    except ChaveIlegivel:
        return None


def ilegiveis(sessao: Session) -> list[str]:
    """Tables with a secret, their newest, that no key opens: CHAVE_CIFRA was lost or changed."""
    achadas = []
    for tabela in db.metadata.sorted_tables:
        for coluna in tabela.columns:
            if isinstance(coluna.type, TextoCifrado):
                consulta = sa.select(sa.type_coerce(coluna, sa.Text)).where(coluna.is_not(None)).order_by(tabela.primary_key.columns[0].desc())
                guardado = sessao.scalar(consulta.limit(1))
                achadas += [tabela.name] if guardado and legivel(lambda cifrado=guardado: decifrar(cifrado)) is None else []
    return achadas


class TextoCifrado(TypeDecorator[str]):
    """Text column encrypted at rest; Python sees the clear text. Never shown again, never audited.

    Mapped with ``deferred=True``: read when somebody asks for it, so that a lost key costs the secret and not every page of its row.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else cifrar(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else decifrar(value)
