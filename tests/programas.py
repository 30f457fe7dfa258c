"""Programs that use the API in tests: signed in with a JWT, one for each role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api.manager import OpenApi

from app.core.transacao import transacao
from tests import fabricas as f

Programa = Callable[..., Any]


def programa(app: Flask, papel: str = "Admin") -> Programa:
    """``chamar(method, path below /api/v1, json=…)`` as a new user of that role."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http = app.test_client()
    ficha = http.post("/api/v1/security/login", json={"username": nome, "password": f.SENHA, "provider": "db"}).json["access_token"]

    def chamar(metodo: str, caminho: str, *, headers: Mapping[str, str] | None = None, **kw: Any) -> Any:
        return http.open(f"/api/v1{caminho}", method=metodo, headers={"Authorization": f"Bearer {ficha}", **(headers or {})}, **kw)

    return chamar


def caminhos_da_api(app: Flask) -> set[str]:
    """Every path of the OpenAPI document."""
    with app.test_request_context():
        documento = OpenApi._create_api_spec("v1")
        for api in app.extensions["appbuilder_crm"].baseviews:
            if isinstance(api, BaseApi) and api.version == "v1":
                api.add_api_spec(documento)
        return set(documento.to_dict()["paths"])
