"""Every module's views in menu order, and what joins the floors: the screen that shows the whole application."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask_appbuilder import AppBuilder

# Menu order. Each module's views.py has registrar(appbuilder); those that offer an API have api.py with the same.
MODULOS = (
    "clientes", "integracoes", "contratos", "planos", "faturamento", "bloqueio", "rede", "notificacoes", "privacidade", "core", "usuarios", "dashboard",
    "portal",
)


def registrar(appbuilder: AppBuilder) -> None:
    """Register all views and APIs. First each module joins what it shows on lower floors (``juntar``: tabs, links), then all are registered."""
    partes = list(_partes())
    for parte in partes:
        getattr(parte, "juntar", _nada)()
    for parte in partes:
        parte.registrar(appbuilder)


def _partes() -> Iterator[ModuleType]:
    """views and api of every module that has them, in menu order."""
    for modulo in MODULOS:
        for parte in ("views", "api"):
            if find_spec(f"app.{modulo}.{parte}"):
                yield import_module(f"app.{modulo}.{parte}")


def _nada() -> None:
    """What a module that joins nothing does."""
