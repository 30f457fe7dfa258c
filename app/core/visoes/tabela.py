"""Rows of a list as HTML, made fast: what is the same in every row (labels, menus, addresses) is rendered once and the key put in."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from markupsafe import Markup, escape

from app.core.formatos import exibir, rotulo

CHAVE = 9_007_199_254_740_993      # stands for the row's key in what is rendered once; a number, so that <int:pk> takes it
NOME = "\N{OBJECT REPLACEMENT CHARACTER}"      # stands for the row's name

NUMEROS = {"cpf_cnpj", "documento", "pagador_documento", "telefone", "whatsapp", "cep", "ip"}      # columns whose values never break into lines


class Tabela:
    """Cells of a list's rows. ``colunas`` in order, ``rotulos`` by column, ``formatadores`` by column, ``direita``: columns aligned right."""

    def __init__(self, colunas: Sequence[str], rotulos: Mapping[str, Any], formatadores: Mapping[str, Callable] | None, direita: Sequence[str] = ()):
        self.primeira = colunas[0]
        self.formatadores = formatadores or {}
        self._aberturas = [(c, self._abertura(c, rotulos, direita)) for c in colunas[1:]]
        self._selos: dict[Enum, Markup] = {}

    @staticmethod
    def _abertura(coluna: str, rotulos: Mapping[str, Any], direita: Sequence[str]) -> str:
        classe = ' class="dir"' if coluna in direita else ' class="num"' if coluna in NUMEROS else ""
        return f'<td data-rot="{escape(str(rotulos.get(coluna) or ""))}"{classe}>'

    def valor(self, item: Mapping[str, Any], coluna: str) -> Markup:
        """A cell's content; labels of enums are made once per page."""
        valor = item[coluna]
        formatador = self.formatadores.get(coluna)
        if formatador is not None:
            return exibir(formatador(valor))
        if not isinstance(valor, Enum):
            return exibir(valor)
        if valor not in self._selos:
            self._selos[valor] = exibir(valor)
        return self._selos[valor]

    def titulo(self, item: Mapping[str, Any]) -> Markup:
        """The first column, which is the row's link."""
        return self.valor(item, self.primeira)

    def nome(self, item: Mapping[str, Any]) -> str:
        """The row's name, for those who do not see it."""
        return self.titulo(item).striptags() if self.primeira in self.formatadores else rotulo(item[self.primeira])

    def celulas(self, item: Mapping[str, Any]) -> Markup:
        """All other cells."""
        return Markup("".join(f"{abertura}{self.valor(item, coluna)}</td>" for coluna, abertura in self._aberturas))


def na_linha(molde: Any, chave: Any, nome: str = "") -> Markup:
    """What was rendered for ``CHAVE`` and ``NOME``, for this row."""
    return Markup(molde).replace(str(CHAVE), str(chave)).replace(NOME, nome)
