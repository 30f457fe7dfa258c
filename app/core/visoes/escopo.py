"""Row rules of a model, taken from the ``base_filters`` of its views: what a person may point a foreign key at."""
from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import false, or_
from sqlalchemy.orm import Query


def visoes_do_modelo(modelo: type) -> list[Any]:
    """Views and APIs of this application that show ``modelo``."""
    return [v for v in current_app.appbuilder.baseviews if getattr(getattr(v, "datamodel", None), "obj", None) is modelo]


def pode_ver(visao: Any) -> bool:
    """Whether the present person may list it (``can_list``) or, for an API, get it (``can_get``)."""
    sm = current_app.appbuilder.sm
    permissoes = {f"can_{visao.get_method_permission(m)}" for m in ("list", "get_list", "get") if hasattr(visao, m)}
    return any(sm.has_access(p, visao.class_permission_name) for p in permissoes)


def _tem_regra(visao: Any) -> bool:
    return bool(visao._base_filters and visao._base_filters.filters)


def aplicar_escopo(query: Query, modelo: type) -> Query:
    """``query`` over ``modelo`` limited to rows the person may see through some view of it.

    A model without any row rule is not limited; one with rules and no view open to the person gives nothing.
    """
    visoes = visoes_do_modelo(modelo)
    if not any(_tem_regra(v) for v in visoes):
        return query
    abertas = [v for v in visoes if pode_ver(v)]
    if any(not _tem_regra(v) for v in abertas):
        return query
    if not abertas:
        return query.filter(false())
    chave = modelo.__mapper__.primary_key[0]
    return query.filter(or_(*(chave.in_(v._base_filters.apply_all(query.session.query(chave))) for v in abertas)))
