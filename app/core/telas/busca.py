"""The global search: pages of the menu, and what every module's source finds among the rows the person may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user

from app.core import registro, sigilo
from app.core.busca import normalizar_busca
from app.core.formatos import selo

POR_FONTE = 6
TEXTO_MAXIMO = 100
PRIMEIRAS = ("Lista de clientes", "Faturas", "Contratos", "Chamados")      # menu entries people open all day; then the menu's order, security last


class BuscaView(BaseView):
    """``/busca/?q=``: ``{"grupos": [{"nome", "itens": [{"titulo", "sub", "url", "icone", "selo"}]}]}``. ``selo`` is safe HTML."""

    route_base = "/busca"
    default_view = "buscar"
    base_permissions: list[str] = []

    @expose("/")
    def buscar(self) -> ResponseReturnValue:
        """Hits by group; without text, where the person may go."""
        if not current_user.is_authenticated:
            abort(401)
        texto = request.args.get("q", "").replace("\0", "").strip()[:TEXTO_MAXIMO]
        grupos = [*_achados(texto), *_paginas(texto)] if texto else list(_paginas(""))
        return jsonify(grupos=grupos)


def _achados(texto: str) -> Iterator[dict[str, Any]]:
    sm = current_app.appbuilder.sm
    for fonte in registro.fontes_de_busca():
        if sm.has_access("can_list", fonte.visao) and (achados := fonte.buscar(texto, POR_FONTE)):
            yield {"nome": str(fonte.nome), "itens": [_item(a) for a in achados[:POR_FONTE]]}


def _item(achado: registro.Achado) -> dict[str, str]:
    marca = str(selo(achado.selo, achado.tom)) if achado.selo else ""
    return {"titulo": sigilo.no_texto(str(achado.titulo)), "sub": sigilo.no_texto(str(achado.sub)), "url": achado.url, "icone": achado.icone, "selo": marca}


def _paginas(texto: str) -> Iterator[dict[str, Any]]:
    procurado = normalizar_busca(texto)
    grupos = [grupo for grupo in current_app.appbuilder.menu.get_data() if grupo != "-"]
    grupos.sort(key=lambda grupo: grupo["name"] == "Security")
    entradas = [i for grupo in grupos for i in grupo.get("childs", [grupo]) if i != "-"]
    entradas.sort(key=lambda i: PRIMEIRAS.index(i["name"]) if i["name"] in PRIMEIRAS else len(PRIMEIRAS))
    itens = [
        {"titulo": str(i["label"]), "sub": "", "url": i["url"], "icone": "arrow-right", "selo": ""}
        for i in entradas if i.get("url") and procurado in normalizar_busca(str(i["label"]))
    ]
    if itens:
        yield {"nome": _("Ir para"), "itens": itens[: POR_FONTE if texto else None]}
