"""The API of plans and additional services."""

from __future__ import annotations

from flask_appbuilder import AppBuilder
from marshmallow import validate

from app.core.dinheiro import PRECO_MAXIMO
from app.core.visoes import ApiBase, Interface
from app.planos.models import Adicional, Plano

_PRECO = {"preco": validate.Range(max=PRECO_MAXIMO)}
_FISCAL = ["fiscal_scm", "fiscal_sva", "fiscal_locacao"]


class PlanoApi(ApiBase):
    """Plans."""

    resource_name = "plano"
    datamodel = Interface(Plano)
    list_columns = ["id", "nome", "tecnologia", "download_mbps", "upload_mbps", "preco", "fidelidade_meses", "ativo"]
    show_columns = [*list_columns, "codigo_oferta", "franquia_gb", "grupo_rede", *_FISCAL]
    add_columns = edit_columns = [c for c in show_columns if c != "id"]
    search_columns = ["nome", "tecnologia", "preco", "ativo"]
    order_columns = ["id", "nome", "preco"]
    validators_columns = _PRECO


class AdicionalApi(ApiBase):
    """Additional services."""

    resource_name = "adicional"
    datamodel = Interface(Adicional)
    list_columns = show_columns = ["id", "nome", "preco", "ativo", *_FISCAL]
    add_columns = edit_columns = [c for c in show_columns if c != "id"]
    search_columns = ["nome", "preco", "ativo"]
    order_columns = ["id", "nome", "preco"]
    validators_columns = _PRECO


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in (PlanoApi, AdicionalApi):
        appbuilder.add_api(api)
