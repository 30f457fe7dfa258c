"""Links of lists that keep every value of a repeated filter (the framework keeps only the first)."""
from __future__ import annotations

from typing import Any

from flask import Flask, request, url_for

from app.core.visoes.tabela import CHAVE, NOME, Tabela, na_linha


def _endereco(**trocas: Any) -> str:
    argumentos = request.args.to_dict(flat=False)
    argumentos.update(trocas)
    return url_for(request.endpoint, **{**(request.view_args or {}), **argumentos})


def link_page(pagina: int, visao: str) -> str:
    """The present address at another page of a view's list."""
    return _endereco(**{f"page_{visao}": pagina})


def link_page_size(tamanho: int, visao: str) -> str:
    """The present address with another page size, back at the first page."""
    return _endereco(**{f"psize_{visao}": tamanho, f"page_{visao}": 0})


def link_order(coluna: str, visao: str) -> str:
    """The present address ordered by a column; asked again, the other way round."""
    mesma = request.args.get(f"_oc_{visao}") == coluna
    direcao = "desc" if mesma and request.args.get(f"_od_{visao}") == "asc" else "asc"
    return _endereco(**{f"_oc_{visao}": coluna, f"_od_{visao}": direcao, f"page_{visao}": 0})


def init_app(app: Flask) -> None:
    """Replace the framework's template filters; call after ``appbuilder.init_app``. Templates also get the tools of ``tabela``."""
    app.jinja_env.globals.update(Tabela=Tabela, na_linha=na_linha, CHAVE=CHAVE, NOME=NOME)
    app.jinja_env.filters.update(link_page=link_page, link_page_size=link_page_size, link_order=link_order)
