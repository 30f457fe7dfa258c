"""Filters of lists and of the API: one set per request, typed values, nothing a person can type makes a 500."""
from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import g, has_app_context
from flask_appbuilder.api import ModelRestApi
from flask_appbuilder.baseviews import BaseModelView
from flask_appbuilder.exceptions import InvalidColumnFilterFABException, InvalidOperationFilterFABException
from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter, FilterRelation, Filters
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, false

from app.core import relogio, sigilo
from app.core.dinheiro import ler_numero
from app.core.erros import ValorInvalido
from app.core.numeros import MAIOR_ID, maior_da

TEXTO_MAXIMO = 500
_SIM, _NAO = {"1", "y", "true", "sim", "on", "s"}, {"0", "n", "false", "nao", "não", "off", ""}


class FiltroInvalido(ValorInvalido):
    """A filter with a column, condition or value that makes no sense (400)."""

    codigo = "filtro_invalido"


# ---- values

def _inteiro(datamodel: Any, coluna: str, valor: Any) -> int:
    numero = int(valor)
    if abs(numero) > maior_da(datamodel.list_columns[coluna]):
        raise ValueError("out of range")
    return numero


def ler_decimal(valor: Any, casas: int | None = 2) -> Decimal:
    """A number of a JSON body as it is, text by ``dinheiro.ler_numero`` with as many decimals as the column has. Raises ValueError."""
    try:
        numero = ler_numero(valor, casas=casas or 2) if isinstance(valor, str) else Decimal(str(valor))
    except InvalidOperation as erro:
        raise ValueError("not a number") from erro
    if not numero.is_finite() or abs(numero) >= Decimal(10) ** 15:
        raise ValueError("not a number of ours")
    return numero


def _numero(datamodel: Any, coluna: str, valor: Any) -> Decimal:
    tipo = datamodel.list_columns[coluna].type
    return ler_decimal(valor, getattr(getattr(tipo, "impl", tipo), "scale", None))


def ler_data(valor: Any) -> dt.date:
    """``2026-12-31`` or ``31/12/2026``; ValueError otherwise."""
    if isinstance(valor, dt.date):
        return valor
    texto = str(valor).strip()
    return dt.datetime.strptime(texto, "%d/%m/%Y").date() if "/" in texto else dt.date.fromisoformat(texto)  # noqa: DTZ007


def ler_instante(valor: Any) -> dt.datetime:
    """ISO text as an aware instant; without a zone it is São Paulo's wall time."""
    instante = valor if isinstance(valor, dt.datetime) else dt.datetime.fromisoformat(str(valor).strip())
    return (instante if instante.tzinfo else instante.replace(tzinfo=relogio.FUSO)).astimezone(dt.UTC)


def _membro(datamodel: Any, coluna: str, valor: Any) -> Any:
    tipo = datamodel.list_columns[coluna].type
    if tipo.enum_class is None:
        return {e: e for e in tipo.enums}[str(valor)]
    return valor if isinstance(valor, tipo.enum_class) else tipo.enum_class.__members__[str(valor)]


def _logico(valor: Any) -> bool:
    texto = str(valor).strip().lower()
    if texto not in _SIM | _NAO:
        raise ValueError("not a boolean")
    return texto in _SIM


def _texto(valor: Any) -> str:
    texto = str(valor)
    if "\0" in texto or len(texto) > TEXTO_MAXIMO:
        raise ValueError("not a text of ours")
    return texto


_CONVERSORES: tuple[tuple[str, Callable[[Any, str, Any], Any]], ...] = (
    ("is_enum", _membro),
    ("is_boolean", lambda _d, _c, v: _logico(v)),
    ("is_integer", _inteiro),
    ("is_numeric", _numero),
    ("is_datetime", lambda _d, _c, v: ler_instante(v)),
    ("is_date", lambda _d, _c, v: ler_data(v)),
)


def converter(datamodel: Any, coluna: str, valor: Any) -> Any:
    """The value in the column's type. Raises ``FiltroInvalido``."""
    try:
        if datamodel.is_relation(coluna):
            return valor if hasattr(valor, "__mapper__") else int(valor) if abs(int(valor)) <= MAIOR_ID else None
        for teste, conversor in _CONVERSORES:
            if getattr(datamodel, teste)(coluna):
                return conversor(datamodel, coluna, valor)
        return _texto(valor)
    except (ValueError, KeyError, TypeError, OverflowError) as erro:
        raise FiltroInvalido(_("Filtro inválido em “%(coluna)s”.", coluna=coluna), campo=coluna) from erro


# ---- conditions

class _Filtro(BaseFilter):
    def campo(self, query: Any) -> tuple[Any, Any]:
        """The query and the attribute, through a many-to-one when the column is dotted."""
        if "." not in self.column_name:
            return query, getattr(self.model, self.column_name)
        relacao, folha = self.column_name.split(".", 1)
        modelo = getattr(self.model, relacao).mapper.class_
        return query.join(getattr(self.model, relacao)), getattr(modelo, folha)

    def valor(self, valor: Any) -> Any:
        """Typed value; of a dotted column the text as it is."""
        return _texto(valor) if "." in self.column_name else converter(self.datamodel, self.column_name, valor)

    def apply(self, query: Any, value: Any) -> Any:
        query, campo = self.campo(query)
        return query.filter(self.condicao(campo, value))

    def condicao(self, campo: Any, valor: Any) -> Any:
        raise NotImplementedError


def _escapar(valor: str) -> str:
    return valor.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class _Texto(_Filtro):
    molde, nega = "%{}%", False

    def condicao(self, campo: Any, valor: Any) -> Any:
        padrao = self.molde.format(_escapar(_texto(valor)))
        # a pattern without letters needs no ILIKE, so that a text_pattern_ops index answers it
        condicao = campo.ilike(padrao) if padrao.lower() != padrao.upper() else campo.like(padrao)
        return ~condicao if self.nega else condicao


class Contem(_Texto):
    name, arg_name = _l("Contém"), "ct"


class NaoContem(_Texto):
    name, arg_name, nega = _l("Não contém"), "nct", True


class ComecaCom(_Texto):
    name, arg_name, molde = _l("Começa com"), "sw", "{}%"


class TerminaCom(_Texto):
    name, arg_name, molde = _l("Termina com"), "ew", "%{}"


class Igual(_Filtro):
    name, arg_name = _l("Igual a"), "eq"

    def condicao(self, campo: Any, valor: Any) -> Any:
        if "." not in self.column_name and self.datamodel.is_datetime(self.column_name) and len(str(valor)) == 10:
            inicio = self.valor(valor)
            fim = inicio + dt.timedelta(days=1) if inicio.year < dt.MAXYEAR else inicio      # nothing happens on the last day of time
            return and_(campo >= inicio, campo < fim)
        return campo == self.valor(valor)


class Diferente(_Filtro):
    name, arg_name = _l("Diferente de"), "neq"

    def condicao(self, campo: Any, valor: Any) -> Any:
        return campo.is_distinct_from(self.valor(valor))


class Maior(_Filtro):
    name, arg_name = _l("Maior que"), "gt"

    def condicao(self, campo: Any, valor: Any) -> Any:
        return campo > self.valor(valor)


class Menor(_Filtro):
    name, arg_name = _l("Menor que"), "lt"

    def condicao(self, campo: Any, valor: Any) -> Any:
        return campo < self.valor(valor)


class APartirDe(_Filtro):
    name, arg_name = _l("A partir de"), "ge"

    def condicao(self, campo: Any, valor: Any) -> Any:
        return campo >= self.valor(valor)


class Ate(_Filtro):
    name, arg_name = _l("Até"), "le"

    def condicao(self, campo: Any, valor: Any) -> Any:
        return campo <= self.valor(valor)


class Depois(Maior):
    name = _l("Depois de")


class Antes(Menor):
    name = _l("Antes de")


class UmDe(_Filtro):
    name, arg_name = _l("Um destes"), "in"

    def condicao(self, campo: Any, valor: Any) -> Any:
        valores = valor if isinstance(valor, (list, tuple)) else [valor]
        return campo.in_([self.valor(v) for v in valores[:200]])


class DaRelacao(FilterRelation):
    """Rows that point to the given key; compares the foreign key, without loading the other row."""

    name, arg_name = _l("Igual a"), "rel_o_m"
    nega = False

    def apply(self, query: Any, value: Any) -> Any:
        chave = converter(self.datamodel, self.column_name, value)
        chave = getattr(chave, "id", chave)
        coluna = self.datamodel.get_relation_fk(self.column_name)
        return query.filter(coluna.is_distinct_from(chave) if self.nega else coluna == chave)


class ForaDaRelacao(DaRelacao):
    name, arg_name, nega = _l("Diferente de"), "nrel_o_m", True


class ComMuitos(FilterRelation):
    """Rows related to the given key, many to many or one to many."""

    name, arg_name = _l("Tem"), "rel_m_m"

    def apply(self, query: Any, value: Any) -> Any:
        relacao = getattr(self.model, self.column_name)
        outro = relacao.property.mapper.class_
        chave = converter(self.datamodel, self.column_name, value)
        return query.filter(false()) if chave is None else query.filter(self.condicao(relacao.any(outro.__mapper__.primary_key[0] == chave)))

    def condicao(self, tem: Any) -> Any:
        """What of the relation is asked for."""
        return tem


class SemEsse(ComMuitos):
    name, arg_name = _l("Não tem"), "nrel_m_m"

    def condicao(self, tem: Any) -> Any:
        return ~tem


_DE_TEXTO = [ComecaCom, Igual, Contem, TerminaCom, NaoContem, Diferente, UmDe]
_DE_NUMERO = [Igual, Maior, Menor, Diferente, APartirDe, Ate, UmDe]
_DE_DATA = [Igual, Depois, Antes, Diferente, APartirDe, Ate]


class ConversorDeFiltros(BaseFilterConverter):
    """Which conditions a column offers. The first is the one of ``?_flt_0_column=value``."""

    conversion_table = (
        ("is_relation_many_to_one", [DaRelacao, ForaDaRelacao]),
        ("is_relation_one_to_one", [DaRelacao, ForaDaRelacao]),
        ("is_relation_many_to_many", [ComMuitos, SemEsse]),
        ("is_relation_one_to_many", [ComMuitos]),
        ("is_enum", [Igual, Diferente, UmDe]),
        ("is_boolean", [Igual, Diferente]),
        ("is_integer", _DE_NUMERO),
        ("is_numeric", _DE_NUMERO),
        ("is_datetime", _DE_DATA),
        ("is_date", _DE_DATA),
        ("is_text", _DE_TEXTO),
        ("is_string", _DE_TEXTO),
    )

    def convert(self, col_name: str) -> list[BaseFilter] | None:
        """Conditions of a column; None (silently) for types nobody filters by, such as JSON."""
        for teste, classes in self.conversion_table:
            if getattr(self.datamodel, teste)(col_name):
                return [classe(col_name, self.datamodel) for classe in classes]
        return None


class Filtros(Filters):
    """Flask-AppBuilder's filters with cheap copies and every value checked when it comes in."""

    def _vazia(self) -> Filtros:
        outra = copy.copy(self)
        outra.clear_filters()
        return outra

    def copy(self) -> Filtros:
        outra = self._vazia()
        outra.filters, outra.values = list(self.filters), list(self.values)
        return outra

    def get_joined_filters(self, filters: Filters) -> Filtros:
        outra = self._vazia()
        outra.filters, outra.values = self.filters + filters.filters, self.values + filters.values
        return outra

    def get_search_filters(self) -> dict[str, list[BaseFilter]]:
        """Conditions by column, without the columns the person may not see."""
        return {coluna: condicoes for coluna, condicoes in self._search_filters.items() if not sigilo.escondida(self.datamodel.obj, coluna)}

    def add_filter_index(self, column_name: str, filter_instance_index: int, value: Any) -> None:
        """A filter of the address bar; ``FiltroInvalido`` when the column has no such condition, is not for the person to see, or the value makes no sense."""
        condicoes = [] if sigilo.escondida(self.datamodel.obj, column_name) else self._all_filters.get(column_name, [])
        if filter_instance_index >= len(condicoes):
            raise FiltroInvalido(_("Filtro inválido em “%(coluna)s”.", coluna=column_name), campo=column_name)
        self._conferir(column_name, condicoes[filter_instance_index], value)
        self._add_filter(condicoes[filter_instance_index], value)

    def _conferir(self, coluna: str, condicao: BaseFilter, valor: Any) -> None:
        if isinstance(condicao, (_Filtro, FilterRelation)) and "." not in coluna:
            for v in valor if isinstance(valor, (list, tuple)) else [valor]:
                converter(self.datamodel, coluna, v)

    def rest_add_filters(self, data: list[dict]) -> None:
        """Filters of the API: only searchable columns, only their conditions, only values of their type (else 400)."""
        for item in data if isinstance(data, list) else [data]:
            try:
                coluna, operacao, valor = item["col"], item["opr"], item["value"]
            except (KeyError, TypeError) as erro:
                raise InvalidOperationFilterFABException("Each filter needs col, opr and value") from erro
            self._add_filter(self._condicao_da_api(str(coluna), str(operacao), valor), valor)

    def _condicao_da_api(self, coluna: str, operacao: str, valor: Any) -> BaseFilter:
        if coluna not in self.search_columns or sigilo.escondida(self.datamodel.obj, coluna):
            raise InvalidColumnFilterFABException(f"Filter column: {coluna} not allowed to filter")
        condicao = next((f for f in self._search_filters.get(coluna, []) if f.arg_name == operacao), None)
        if condicao is None:
            raise InvalidOperationFilterFABException(f"Filter operation: {operacao} not allowed on column: {coluna}")
        try:
            self._conferir(coluna, condicao, valor)
        except FiltroInvalido as erro:
            raise InvalidOperationFilterFABException(f"Invalid value for filter column: {coluna}") from erro
        return condicao


# ---- one set per request

class FiltrosPorRequisicao:
    """Mixin, first in the bases of a ModelView, ModelRestApi or chart view: ``_filters`` belongs to the request.

    Flask-AppBuilder keeps one mutable Filters per view; with threads one person's filters reach another's page and
    even another's record (its issue 2366).
    """

    @property
    def _filters(self) -> Filters | None:
        base = self.__dict__.get("_filtros_base")
        if base is None or not has_app_context():
            return base
        do_pedido = g.setdefault("_filtros_do_pedido", {})
        if id(self) not in do_pedido:
            do_pedido[id(self)] = copy.copy(base)
            do_pedido[id(self)].clear_filters()
        return do_pedido[id(self)]

    @_filters.setter
    def _filters(self, valor: Filters | None) -> None:
        self.__dict__["_filtros_base"] = valor


# the framework's own screens (users, roles) are shared by threads as well
BaseModelView._filters = FiltrosPorRequisicao._filters
ModelRestApi._filters = FiltrosPorRequisicao._filters
