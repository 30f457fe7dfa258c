"""Verbs of the API, said once: the route, who may, the row under the row rules, the body, the refusals as JSON, and all of it in the OpenAPI document."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from marshmallow import Schema
from sqlalchemy.exc import SQLAlchemyError

from app.core.erros import DominioError
from app.core.visoes.erros_banco import ErroDeBanco

_DA_LINHA = {"in": "path", "name": "pk", "required": True, "schema": {"type": "integer"}}
_CHAVE = {"in": "header", "name": "Idempotency-Key", "required": False, "schema": {"type": "string"}}


def responde(funcao: Callable[..., Response]) -> Callable[..., Response]:
    """Decorator of an API method: refusals of domain and database become JSON with their status. Use it instead of FAB's ``safe``."""

    @functools.wraps(funcao)
    def embrulhada(self: Any, *a: Any, **kw: Any) -> Response:
        try:
            return funcao(self, *a, **kw)
        except (DominioError, ErroDeBanco, SQLAlchemyError) as erro:
            return self.recusa(erro)

    return embrulhada


@dataclass(frozen=True)
class Verbo:
    """Decorator of a method of an ``ApiBase``: ``@verbo("/<int:pk>/pagar", "Registra um recebimento", corpo=CorpoPagar)``.

    With ``<int:pk>`` in the path the row is asked for under the row rules before anything else (404), and the method takes ``pk``; with ``corpo``
    the body is checked (400) and handed over as ``corpo``, a dictionary. The permission is ``can_<last word of the path>`` unless ``permissao``
    says another. ``feito``: what the answer is, in words; ``recusas``: what else it may answer, by status; ``idempotente``: it heeds the header
    ``Idempotency-Key``; ``parametros``: other OpenAPI parameters; ``tipo``: the answer's media type when it is a file.
    """

    caminho: str
    resumo: str
    feito: str
    corpo: type[Schema] | None = None
    status: int = 200
    recusas: Mapping[int, str] = field(default_factory=dict)
    idempotente: bool = False
    parametros: tuple[dict[str, Any], ...] = ()
    permissao: str | None = None
    metodo: str = "POST"
    tipo: str | None = None

    def __call__(self, funcao: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(funcao)
        def preparada(api: Any, **da_rota: Any) -> Response:
            if "pk" in da_rota:
                api.exigir(da_rota["pk"])
            return funcao(api, **da_rota, **({"corpo": api.ler_corpo(self.corpo())} if self.corpo else {}))

        pronta = protect()(permission_name(self.permissao or self.caminho.rpartition("/")[2])(responde(preparada)))
        pronta.verbo = self
        return expose(self.caminho, methods=[self.metodo])(pronta)

    def operacao(self) -> dict[str, Any]:
        """Its operation in the OpenAPI document (OpenAPI 3.0.2, Operation Object), by method."""
        da_linha = "<int:pk>" in self.caminho
        parametros = [dito for dito, vale in ((_DA_LINHA, da_linha), (_CHAVE, self.idempotente)) if vale]
        recusas = {401: "Sem credencial", 403: "Sem permissão"}
        if self.corpo:
            recusas[400] = "Corpo inválido"
        if da_linha:
            recusas[404] = "Não encontrado"
        textos = {self.status: self.feito, **recusas, **self.recusas}
        respostas: dict[int, dict[str, Any]] = {status: {"description": texto} for status, texto in sorted(textos.items())}
        if self.tipo:
            respostas[self.status]["content"] = {self.tipo: {"schema": {"type": "string", "format": "binary"}}}
        feito: dict[str, Any] = {
            "summary": self.resumo, "security": [{"jwt": []}], "parameters": [*parametros, *self.parametros],
            "responses": respostas,
        }
        if self.corpo:
            feito["requestBody"] = {"required": True, "content": {"application/json": {"schema": self.corpo}}}
        return {self.metodo.lower(): feito}


verbo = Verbo
