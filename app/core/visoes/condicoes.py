"""Conditions of lists beyond those a column's type gives it, added column by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_babel import lazy_gettext as _l
from sqlalchemy import null

from app.core.visoes.filtros import ConversorDeFiltros
from app.core.visoes.interface import Interface


class FiltroVazio(BaseFilter):
    """Whether the column has no value: ``sim`` or ``nao``."""

    name = _l("Sem valor")
    arg_name = "nulo"

    def apply(self, query: Any, value: str) -> Any:
        """Anything but ``nao`` means yes."""
        coluna = getattr(self.model, self.column_name)
        return query.filter(coluna != null() if str(value) == "nao" else coluna == null())


def interface(modelo: type, condicoes: Mapping[str, type[BaseFilter]], **kw: Any) -> Interface:
    """An Interface whose columns offer, after their own conditions, one more each: ``{"fim": FiltroVazio}``."""

    class Conversor(ConversorDeFiltros):
        """The house's conditions and these."""

        def convert(self, col_name: str) -> list[BaseFilter] | None:
            """Ours last, so that the others keep their numbers."""
            delas = super().convert(col_name)
            return [*(delas or []), condicoes[col_name](col_name, self.datamodel)] if col_name in condicoes else delas

    feita = Interface(modelo, **kw)
    feita.filter_converter_class = Conversor
    return feita
