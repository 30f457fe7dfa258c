"""Browsers in which an account has signed in before: their wrong attempts are counted apart, so that strangers keep nobody out of the own telephone.

The cookie opens nothing. Each of its marks is of one browser, one account and its present password; nobody makes one without the server's key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from flask import Response, after_this_request, current_app, request
from flask_appbuilder.security.sqla.models import User

COOKIE = "crm_conhecido"
DURACAO, CONTAS = dt.timedelta(days=365), 5      # of one browser, the accounts used last
_FORMA = re.compile(r"[0-9a-f]{16}(\.[0-9]{1,10}-[0-9a-f]{32}){1,5}")


@dataclass(frozen=True)
class Navegador:
    """A browser's random name, and the marks of accounts that signed in there."""

    nome: str = ""
    marcas: dict[int, str] = field(default_factory=dict)

    def conhece(self, usuario: User) -> bool:
        """Whether the account has signed in there with the password it has now."""
        return hmac.compare_digest(self.marcas.get(usuario.id, ""), _marca(self.nome, usuario))


def ler() -> Navegador:
    """The browser of this request; one without a name when it brings nothing, or what was never ours."""
    texto = request.cookies.get(COOKIE, "")
    if not _FORMA.fullmatch(texto):
        return Navegador()
    nome, *partes = texto.split(".")
    return Navegador(nome, {int(chave): marca for chave, _traco, marca in (parte.partition("-") for parte in partes)})


def lembrar(usuario: User) -> None:
    """The account has signed in here: the answer brings the browser its mark."""
    antes = ler()
    nome = antes.nome or secrets.token_hex(8)
    outras = [(chave, marca) for chave, marca in antes.marcas.items() if chave != usuario.id][-(CONTAS - 1):]
    valor = ".".join([nome, *(f"{chave}-{marca}" for chave, marca in (*outras, (usuario.id, _marca(nome, usuario))))])
    dar(COOKIE, valor, DURACAO)


def dar(cookie: str, valor: str, por: dt.timedelta) -> None:
    """Give the browser something to keep, with the present answer: no script reads it, no other site sends it."""
    @after_this_request
    def _por(resposta: Response) -> Response:
        seguro = current_app.config.get("SESSION_COOKIE_SECURE", False)
        resposta.set_cookie(cookie, valor, max_age=por, httponly=True, secure=seguro, samesite="Lax", path="/")
        return resposta


def _marca(nome: str, usuario: User) -> str:
    """HMAC-SHA256 of browser, account and its password's hash, 128 bits of it in hex."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), f"conhecido:{nome}:{usuario.id}:{usuario.password}".encode(), hashlib.sha256).hexdigest()[:32]
