"""Scopes of a program's key: ``recurso:verbo`` for every right of every API, made from the APIs themselves so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app
from flask_appbuilder.api import ModelRestApi

_VERBOS = {"can_get": "ler", "can_info": "ler", "can_post": "criar", "can_put": "editar", "can_delete": "excluir"}


def de_uma_api(api: Any) -> dict[str, set[tuple[str, str]]]:
    """Scope → the (permission, view) pairs it opens, of one API."""
    escopos: dict[str, set[tuple[str, str]]] = {}
    for permissao in api.base_permissions or ():
        nome = f"{api.resource_name}:{_VERBOS.get(permissao, permissao.removeprefix('can_'))}"
        escopos.setdefault(nome, set()).add((permissao, api.class_permission_name))
    return escopos


def _apis() -> list[Any]:
    return [v for v in current_app.appbuilder.baseviews if isinstance(v, ModelRestApi)]


def todos() -> dict[str, set[tuple[str, str]]]:
    """Every scope there is, by name."""
    guardados = current_app.extensions.get("escopos")
    if guardados is None:
        guardados = {}
        for api in _apis():
            for nome, pares in de_uma_api(api).items():
                guardados.setdefault(nome, set()).update(pares)
        current_app.extensions["escopos"] = guardados = dict(sorted(guardados.items()))
    return guardados


def titulos() -> dict[str, str]:
    """Resource → what its screen is called."""
    return {api.resource_name: str(getattr(api, "titulo_da_permissao", "") or api.list_title) for api in _apis()}


def direitos(escopos: Iterable[str]) -> frozenset[tuple[str, str]]:
    """The (permission, view) pairs of these scopes; names nobody knows open nothing."""
    conhecidos = todos()
    return frozenset(par for nome in escopos for par in conhecidos.get(nome, ()))
