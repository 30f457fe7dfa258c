"""The URL map as the matrix sees it: every (rule, method), the operation it is, and how an answer is classed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from flask_appbuilder.api import BaseApi
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

NINGUEM = 999_999_999       # id of no row
OPERACOES = {
    "list": "ver", "show": "ver", "add": "criar", "edit": "editar", "delete": "excluir", "exportar": "exportar", "chart": "ver",
    "get_list": "ver", "get": "ver", "info": "ver", "post": "criar", "put": "editar",
}


@dataclass(frozen=True)
class Rota:
    """One method of one rule. ``dona`` is the view's class or the endpoint itself; ``operacao`` the word of the table."""

    caminho: str
    metodo: str
    endpoint: str
    dona: str
    operacao: str
    api: bool

    def __str__(self) -> str:
        return f"{self.metodo} {self.caminho} ({self.endpoint})"


def rotas(app: Flask) -> Iterator[Rota]:
    """Everything the application answers, but HEAD and OPTIONS."""
    apis = {type(v).__name__ for v in app.appbuilder.baseviews if isinstance(v, BaseApi)}
    for regra in app.url_map.iter_rules():
        dona, _ponto, funcao = regra.endpoint.rpartition(".")
        for metodo in sorted(regra.methods - {"HEAD", "OPTIONS"}):
            operacao = OPERACOES.get(funcao, funcao)
            yield Rota(_preencher(regra), metodo, regra.endpoint, dona or regra.endpoint, operacao, dona in apis)


def _preencher(regra: Rule) -> str:
    """The rule's path with values that lead to no row."""
    valores = {nome: _valor(conversor) for nome, conversor in regra._converters.items()}
    caminho = regra.build(valores, append_unknown=False)
    return caminho[1]


def _valor(conversor: object) -> object:
    classe = type(conversor).__name__
    if classe == "IntegerConverter":
        return NINGUEM
    if classe == "AnyConverter":
        return next(iter(conversor.items))
    return str(NINGUEM)


def classe_da(resposta: TestResponse) -> str:
    """``entrar`` (go and sign in), ``proibido``, ``nada`` (404), ``erro`` (5xx), or ``chegou``."""
    if resposta.status_code >= 500:
        return "erro"
    if resposta.status_code == 401 or (resposta.status_code == 302 and resposta.location.startswith("/login/")):
        return "entrar"
    return {403: "proibido", 404: "nada"}.get(resposta.status_code, "chegou")
