"""Passwords: what is accepted, how they are kept, and how a provisional one is made.

Rules (NIST SP 800-63B §3.1.1.2, with the length of ours): at least 10 characters, not a very common one, not made of the person's own data;
no rule about kinds of characters and no expiry.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from app.core.erros import ValorInvalido

MINIMO, MAXIMO = 10, 200
_LISTAS = ("senhas_comuns.txt", "senhas_mundo.txt")
_ALFABETO = "abcdefghjkmnpqrstuvwxyz23456789"      # nothing that looks like another
_PARECIDAS = str.maketrans("@4301l!5$789", "aaeoiiisstbg")      # letters and what stands for them, on both sides of the comparison
_MARCAS = "!@#$%&*.,-_+=? "
_BEIRAS = "0123456789" + _MARCAS
_SEQUENCIAS = ("0123456789" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
_fontes: list[Callable[[Session, int], Iterable[str | None]]] = []
_MENOR_PALAVRA, _MENOR_NUMERO, _REPETIDAS = 4, 6, 4


def conferir(senha: str, *, dados: Iterable[str | None] = (), campo: str = "senha") -> None:
    """Raise ValorInvalido with the reason when a new password is not acceptable. ``dados`` are texts of the person: names, user name, e-mail,
    document, telephone, dates as ``datas`` writes them."""
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
        return _("A senha não pode conter seu nome, usuário, e-mail, documento, telefone ou nascimento.")
    return ""


def _comum(senha: str) -> bool:
    minuscula = _sem_acento(senha)
    seguida = any(minuscula in s or minuscula[::-1] in s for s in _SEQUENCIAS)
    return seguida or any(_e_comum(forma) for forma in _formas(minuscula))


def _e_comum(forma: str) -> bool:
    unidade = _unidade(forma)
    repetida = len(unidade) <= _REPETIDAS < len(forma)
    return repetida or not _comuns().isdisjoint((forma.translate(_PARECIDAS), unidade.translate(_PARECIDAS)))


def _formas(minuscula: str) -> Iterator[str]:
    """The text without what people put around a word: digits and marks at both ends, marks within. Of digits alone at least half stays."""
    for inteira in {minuscula, re.sub(r"[\W_]+", "", minuscula)}:
        marcas = len(inteira) - len(inteira.lstrip(_MARCAS))
        for forma in {inteira.lstrip(_MARCAS), inteira.lstrip(_BEIRAS), *(inteira[n:] for n in range(min(marcas, _REPETIDAS)))}:
            menor = len(forma.rstrip(_BEIRAS))
            yield forma[:menor]
            yield from (forma[:n] for n in range(max(menor, len(inteira) // 2), len(forma) + 1))


def _unidade(texto: str) -> str:
    """What a text repeats: ``dragon`` of ``dragondragon``, ``ab`` of ``ababa``; the text itself when it repeats nothing."""
    return next((texto[:n] for n in range(1, len(texto) // 2 + 1) if texto == (texto[:n] * len(texto))[: len(texto)]), texto)


@functools.cache
def _comuns() -> frozenset[str]:
    linhas = [linha for nome in _LISTAS for linha in Path(__file__).with_name(nome).read_text(encoding="utf-8").splitlines()]
    comuns = {_sem_acento(linha) for linha in linhas if linha and linha != "#" and not linha.startswith("# ")}
    unidades = {u for u in map(_unidade, comuns) if len(u) > _REPETIDAS}
    return frozenset(senha.translate(_PARECIDAS) for senha in comuns | unidades)


def _sem_acento(texto: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", texto).casefold() if not unicodedata.combining(c))


def _tem_dado(senha: str, dados: Iterable[str | None]) -> bool:
    vale, numeros = _sem_acento(senha).translate(_PARECIDAS), re.sub(r"\D", "", senha)
    for dado in filter(None, dados):
        palavras = {dado, *re.split(r"[\s@._-]+", dado)}
        digitos = re.sub(r"\D", "", dado)
        if any(len(p) >= _MENOR_PALAVRA and _sem_acento(p).translate(_PARECIDAS) in vale for p in palavras):
            return True
        if len(digitos) >= _MENOR_NUMERO and digitos in numeros:
            return True
    return False


def conhecer(fonte: Callable[[Session, int], Iterable[str | None]]) -> None:
    """``fonte(sessao, usuario_id)`` knows more texts of a person (customers have a document, telephones, a birthday)."""
    _fontes.append(fonte)


def dados_de(sessao: Session, usuario: User) -> list[str | None]:
    """All that is known of a person, for ``dados``."""
    return [usuario.username, usuario.email, usuario.first_name, usuario.last_name, *(d for fonte in _fontes for d in fonte(sessao, usuario.id))]


def datas(dia: dt.date | None) -> list[str]:
    """A date as people put it into passwords, for ``dados``."""
    return [f"{dia:{forma}}" for forma in ("%d%m%Y", "%d%m%y", "%Y%m%d")] if dia else []


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
