"""Texts that people and programs send: what of them can be kept."""

from __future__ import annotations

import hashlib
import re

# NUL, which PostgreSQL refuses; half of a character, which no encoding has; marks that turn the words around them
_NAO_SE_GUARDA = re.compile("[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_NAO_SE_VE = re.compile("[\\s\u00ad\u034f\u180e\u200b-\u200f\u2060-\u2064\ufeff\u115f\u1160\u2800\u3164\uffa0]")


def guardavel(texto: str) -> bool:
    """Whether it can be kept as it is."""
    return not _NAO_SE_GUARDA.search(texto)


def em_branco(texto: str) -> bool:
    """Whether nothing of it would be seen."""
    return not _NAO_SE_VE.sub("", texto)


def limpo(texto: str) -> str:
    """Without what cannot be kept and without blanks around it; empty when nothing of it would be seen."""
    resto = _NAO_SE_GUARDA.sub("", texto).strip()
    return "" if em_branco(resto) else resto


def resumo(texto: str, letras: int) -> str:
    """The first hex digits of the SHA-256 of a text."""
    return hashlib.sha256(texto.encode(errors="backslashreplace")).hexdigest()[:letras]
