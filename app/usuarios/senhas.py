"""Passwords: what is accepted, how they are kept, and how a provisional one is made.

Rules (NIST SP 800-63B §3.1.1.2, with the length of ours): at least 10 characters, not a very common one, not made of the person's own data;
no rule about kinds of characters and no expiry.
"""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from werkzeug.security import check_password_hash, generate_password_hash

from app.core.erros import ValorInvalido

MINIMO, MAXIMO = 10, 200
_LISTA = Path(__file__).with_name("senhas_comuns.txt")
_ALFABETO = "abcdefghjkmnpqrstuvwxyz23456789"      # nothing that looks like another
_TROCAS = str.maketrans("@4301!5$7", "aaeoiisst")
_SEQUENCIAS = ("0123456789" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p")


def conferir(senha: str, *, dados: Iterable[str | None] = (), campo: str = "senha") -> None:
    """Raise ValorInvalido with the reason when a new password is not acceptable. ``dados`` are texts of the person: names, user name, e-mail."""
    motivo = _recusa(senha, dados)
    if motivo:
        raise ValorInvalido(motivo, codigo="senha_fraca", campo=campo)


def _recusa(senha: str, dados: Iterable[str | None]) -> str:
    if len(senha) < MINIMO:
        return _("A senha precisa de pelo menos %(n)d caracteres.", n=MINIMO)
    if len(senha) > MAXIMO or "\0" in senha:
        return _("A senha pode ter no máximo %(n)d caracteres.", n=MAXIMO)
    if _comum(senha):
        return _("Esta senha é muito comum. Escolha outra, de preferência uma frase.")
    if _tem_dado(senha, dados):
        return _("A senha não pode conter seu nome, usuário ou e-mail.")
    return ""


def _comum(senha: str) -> bool:
    minuscula = senha.casefold()
    base = minuscula.rstrip("0123456789!@#$%*.")
    formas = {minuscula, re.sub(r"[\W_]+", "", minuscula), minuscula.translate(_TROCAS), base, base.translate(_TROCAS)}
    repetida = any(minuscula == (minuscula[:n] * len(minuscula))[: len(minuscula)] for n in range(1, 5))
    seguida = any(minuscula in s or minuscula[::-1] in s for s in _SEQUENCIAS)
    return repetida or seguida or not formas.isdisjoint(_comuns())


@functools.cache
def _comuns() -> frozenset[str]:
    linhas = _LISTA.read_text(encoding="utf-8").splitlines()
    return frozenset(linha.strip() for linha in linhas if linha.strip() and not linha.startswith("#"))


def _tem_dado(senha: str, dados: Iterable[str | None]) -> bool:
    minuscula = senha.casefold()
    partes = {p for d in dados if d for p in re.split(r"[\s@._-]+", d.casefold())} | {d.casefold() for d in dados if d}
    return any(len(p) >= 4 and p in minuscula for p in partes)


def gerar() -> str:
    """A provisional password of 16 letters and digits in groups of four: 79 bits, easy to read out."""
    letras = [secrets.choice(_ALFABETO) for _n in range(16)]
    return "-".join("".join(letras[i : i + 4]) for i in range(0, 16, 4))


def resumir(senha: str) -> str:
    """The salted hash that is stored."""
    metodo, sal = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"), current_app.config.get("FAB_PASSWORD_HASH_SALT_LENGTH", 16)
    return generate_password_hash(senha, method=metodo, salt_length=sal)


def confere(resumo: str | None, senha: str) -> bool:
    """Whether the password is the one of that hash. Without a hash a false one is checked, so that the time says nothing."""
    if resumo:
        return check_password_hash(resumo, senha)
    check_password_hash(current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], senha)
    return False
