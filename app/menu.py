"""Every module's views in menu order, and what joins the floors: the screen that shows the whole application."""

from __future__ import annotations

from importlib import import_module

from flask_appbuilder import AppBuilder

# Menu order. Each module's views.py has registrar(appbuilder); those that offer an API have api.py with the same.
MODULOS = ("clientes", "contratos", "planos", "faturamento", "bloqueio", "rede", "notificacoes", "core", "usuarios", "dashboard", "portal")


def registrar(appbuilder: AppBuilder) -> None:
    """Register all views and APIs, then the tabs, search sources and PDF makers that join modules."""
    for modulo in MODULOS:
        for parte in ("views", "api"):
            try:
                importado = import_module(f"app.{modulo}.{parte}")
            except ModuleNotFoundError as erro:
                if erro.name != f"app.{modulo}.{parte}":
                    raise
                continue
            importado.registrar(appbuilder)
