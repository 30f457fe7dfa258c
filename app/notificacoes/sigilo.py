"""Secrets taken out of what others say about them: servers quote what they were given, in ways of writing of their own."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus

from app.notificacoes.regras import PONTOS

PARTE = 12      # characters: shorter pieces of a link are words of the language


def ocultar(texto: str, segredos: Iterable[str]) -> str:
    """``texto`` with dots where any of ``segredos`` stands, as it is or written for JSON, a URL, HTML or Basic; the token of a link also without the rest."""
    escritas = {escrita for segredo in segredos if segredo for parte in _partes(segredo) for escrita in _escritas(parte)}
    for escrita in sorted(escritas, key=len, reverse=True):
        texto = texto.replace(escrita, PONTOS)
    return texto


def _partes(segredo: str) -> Iterator[str]:
    yield segredo
    yield from (parte for parte in re.split(r"[/?&=#:\s]+", segredo) if len(parte) >= PARTE)


def _escritas(texto: str) -> Iterator[str]:
    em_json = json.dumps(texto)[1:-1]
    yield from (texto, em_json, em_json.replace("/", r"\/"), quote(texto), quote(texto, safe=""), quote_plus(texto), escape(texto))
    yield base64.b64encode(texto.encode()).decode()
