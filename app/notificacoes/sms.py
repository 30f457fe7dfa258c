"""What fits in an SMS: the GSM 7-bit alphabet (3GPP TS 23.038) and UCS-2, in parts (TS 23.040), and texts without accents."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

BASICO = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DUPLOS = frozenset("^{}\\[~]|€\f")      # of the extension table: an escape and the character
GSM, UCS2 = "GSM-7", "UCS-2"
_LIMITES = {GSM: (160, 153), UCS2: (70, 67)}
_TIPOGRAFICOS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " ", "º": "o", "ª": "a"})


class Tamanho(NamedTuple):
    """How an SMS is written, how many units it takes, and in how many parts it goes."""

    alfabeto: str
    unidades: int
    partes: int


def medir(texto: str) -> Tamanho:
    """Size of a text. One part holds 160 units of 7 bits or 70 of 16; of several parts each holds 153 or 67, and no character is split over two."""
    gsm = all(c in BASICO or c in DUPLOS for c in texto)
    alfabeto = GSM if gsm else UCS2
    tamanhos = [(2 if c in DUPLOS else 1) if gsm else (2 if ord(c) > 0xFFFF else 1) for c in texto]
    unidades, (so, cada) = sum(tamanhos), _LIMITES[alfabeto]
    if unidades <= so:
        return Tamanho(alfabeto, unidades, 1)
    partes, nesta = 1, 0
    for tamanho in tamanhos:
        if nesta + tamanho > cada:
            partes, nesta = partes + 1, 0
        nesta += tamanho
    return Tamanho(alfabeto, unidades, partes)


def sem_acentos(texto: str) -> str:
    """The text with plain letters where the 7-bit alphabet lacks the accented ones (``ã`` → ``a``, ``é`` stays); what has no plain form stays."""
    return "".join(_simples(c) for c in texto.translate(_TIPOGRAFICOS))


def _simples(c: str) -> str:
    if c in BASICO or c in DUPLOS:
        return c
    decomposto = "".join(parte for parte in unicodedata.normalize("NFD", c) if not unicodedata.combining(parte))
    return decomposto if decomposto and all(parte in BASICO for parte in decomposto) else c
