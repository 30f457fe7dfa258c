"""Links that people get by mail: 256 bits that nobody guesses, of which only a SHA-256 is stored, at the address the operator configured."""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app
from werkzeug.exceptions import TooManyRequests

from app.core import limites
from app.core.limites import Limite
from app.core.tipos import N_

_BITS = 256
LINK_ENDERECO = limites.declarar(Limite("link_endereco", N_("Links de convite e de senha, por endereço"), livres=20))


def novo() -> tuple[str, str]:
    """A token for a link, and what is stored of it."""
    token = secrets.token_urlsafe(_BITS // 8)
    return token, resumir(token)


def resumir(token: str) -> str:
    """SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def endereco(caminho: str) -> str:
    """The whole address of a path of ours, from ``PUBLIC_URL`` alone: what a request says of its host is anybody's word."""
    return current_app.config["PUBLIC_URL"].rstrip("/") + caminho


def exigir_vez(limite: Limite, chave: str | int | None) -> None:
    """Count an attempt. Raises TooManyRequests, with the seconds to wait, when it may not be made."""
    if espera := limites.tentar(limite, chave or "-").espera:
        raise TooManyRequests(retry_after=espera)
