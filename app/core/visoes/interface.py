"""Flask-AppBuilder's bridge to the database, made for big tables and for people: capped counts, eager loads, clear refusals."""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import gettext as _
from sqlalchemy import BigInteger, case, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload

from app.core import sigilo
from app.core.formatos import numero
from app.core.numeros import maior_da
from app.core.transacao import transacao
from app.core.visoes import filtros as f
from app.core.visoes.erros_banco import traduzir

TETO_CONTAGEM = 10_000
_CHAVE = re.compile(r"[1-9][0-9]*")


class Contagem(int):
    """How many rows a list has: exact up to the ceiling, then "mais de", or the planner's estimate of a whole table."""

    estimada = False
    acima_do_teto = False

    @property
    def texto(self) -> str:
        """As the screen says it."""
        if self.estimada:
            return _("cerca de %(n)s", n=numero(int(self)))
        return _("mais de %(n)s", n=numero(int(self) - 1)) if self.acima_do_teto else numero(int(self))


class Interface(SQLAInterface):
    """``Interface(Modelo, carregar=("cliente",))``: relations shown in the list are loaded with one query each.

    ``teto`` is where counting stops; ``estimar`` allows the planner's estimate for unfiltered lists above it.
    """

    filter_converter_class = f.ConversorDeFiltros
    FilterEqual = f.Igual
    FilterNotEqual = f.Diferente
    FilterStartsWith = f.ComecaCom
    FilterContains = f.Contem
    FilterGreater = f.Maior
    FilterSmaller = f.Menor
    FilterIn = f.UmDe
    FilterRelationOneToManyEqual = f.DaRelacao
    FilterRelationOneToManyNotEqual = f.ForaDaRelacao
    FilterRelationManyToManyEqual = f.ComMuitos

    def __init__(self, obj: type, session: Any = None, *, carregar: Sequence[str] = (), teto: int = TETO_CONTAGEM, estimar: bool = True):
        super().__init__(obj, session)
        self.carregar = tuple(carregar)
        self.teto = teto
        self.estimar = estimar

    # ---- filters

    def get_filters(self, search_columns: list[str] | None = None, search_filters: Any = None) -> f.Filtros:
        return f.Filtros(self.filter_converter_class, self, search_columns=search_columns or [], search_filters=search_filters)

    def get_inner_filters(self, filters: Filters | None) -> Filters:
        """Only a filter on a dotted to-many column must stay outside; ours never are, so this is the same set."""
        return filters if filters is not None else self.get_filters()

    # ---- what columns are

    def is_nullable(self, col_name: str) -> bool:
        """An unticked box is an answer: booleans are never "required"."""
        return self.is_boolean(col_name) or super().is_nullable(col_name)

    def _get_attr_value(self, item: Any, col: str) -> Any:
        """Dotted names and methods as Flask-AppBuilder does, enum members as members, and personal data as the person may see it."""
        valor = item
        for parte in col.split("."):
            valor = getattr(valor, parte, None)
        return sigilo.mostrar(self.obj, col, valor() if callable(valor) else valor)

    def get_related_interface(self, col_name: str) -> SQLAInterface:
        return Interface(self.get_related_model(col_name), self._session)

    # ---- reading

    def query_count(self, query: Any, filters: Filters | None = None, select_columns: list[str] | None = None) -> Contagem:
        """Rows of the list with one question, counting keys only and stopping above ``teto``."""
        chaves = self.apply_filters(query, filters).with_entities(self.get_pk()).order_by(None).limit(self.teto + 1).subquery()
        exata = select(func.count()).select_from(chaves)
        if self.estimar and not (filters and filters.filters):
            estimativa, exatas = self.session.execute(self._ou_estimativa(exata)).one()
            if exatas is None:
                return self._contagem(estimativa, estimada=True)
        else:
            exatas = self.session.execute(exata).scalar()
        return self._contagem(exatas, acima=exatas > self.teto)

    def _ou_estimativa(self, exata: Any) -> Any:
        """(planner's estimate of the table, exact count): nothing is counted, and the second is null, where the first is above the ceiling."""
        linhas = text("SELECT reltuples::bigint AS linhas FROM pg_class WHERE oid = to_regclass(:tabela)").columns(linhas=BigInteger)
        estimativa = linhas.bindparams(tabela=self.obj.__table__.fullname).subquery()
        return select(estimativa.c.linhas, case((estimativa.c.linhas > self.teto, None), else_=exata.scalar_subquery()))

    @staticmethod
    def _contagem(linhas: int, *, estimada: bool = False, acima: bool = False) -> Contagem:
        contagem = Contagem(linhas)
        contagem.estimada, contagem.acima_do_teto = estimada, acima
        return contagem

    def apply_all(self, query: Any, filters: Filters | None = None, order_column: str = "", order_direction: str = "", page: int | None = None,
                  page_size: int | None = None, select_columns: list[str] | None = None, outer_default_load: bool = False) -> Any:
        query = super().apply_all(query, filters, order_column, order_direction, page, page_size, select_columns, outer_default_load)
        if select_columns:
            return query
        # selectinload: a LEFT JOIN would be done on every row before the sort and the LIMIT
        return query.options(*(self._carga(nome) for nome in self.carregar))

    def _carga(self, caminho: str) -> Any:
        modelo, carga = self.obj, None
        for nome in caminho.split("."):
            atributo = getattr(modelo, nome)
            carga = selectinload(atributo) if carga is None else carga.selectinload(atributo)
            modelo = atributo.property.mapper.class_
        return carga

    def get(self, id: Any, filters: Filters | None = None, select_columns: list[str] | None = None, outer_default_load: bool = False) -> Any:
        """The row, or None when it does not exist, the key makes no sense or ``filters`` hide it."""
        de_numero = isinstance(id, str) and not self.is_pk_composite() and self.is_integer(self.get_pk_name())
        if de_numero and not (_CHAVE.fullmatch(id) and int(id) <= maior_da(self.get_pk())):
            return None      # +1, 001, digits of other scripts and what the column cannot hold are not the address of a row
        try:
            return super().get(id, filters, select_columns, outer_default_load)
        except f.FiltroInvalido:
            return None

    def varios(self, chaves: Iterable[Any], filters: Filters | None = None) -> list[Any]:
        """The rows of these keys that ``filters`` let through, in the keys' order, with one query."""
        nome = self.get_pk_name()
        validas = [c for c in (self._chave(nome, c) for c in chaves) if c is not None]
        query = self.apply_all(self.session.query(self.obj).filter(self.get_pk().in_(validas)), filters)
        achadas = {getattr(item, nome): item for item in query}
        return [achadas[c] for c in dict.fromkeys(validas) if c in achadas]

    def _chave(self, nome: str, valor: Any) -> Any:
        try:
            return f.converter(self, nome, valor)
        except f.FiltroInvalido:
            return None

    # ---- writing: one transaction, translated refusals

    def add(self, item: Any, commit: bool = True) -> None:
        self._gravar(lambda sessao: sessao.add(item))

    def edit(self, item: Any, commit: bool = True) -> None:
        self._gravar(lambda sessao: sessao.add(item))

    def delete(self, item: Any, commit: bool = True) -> None:
        self._gravar(lambda sessao: sessao.delete(item))

    def _gravar(self, mudanca: Any) -> None:
        try:
            with transacao() as sessao:
                mudanca(sessao)
                sessao.flush()
        except SQLAlchemyError as erro:
            raise traduzir(erro, self.obj.metadata) from erro


def _relacionado(self: SQLAInterface, col_name: str, value: Any) -> Any:
    try:
        return self.session.get(self.get_related_model(col_name), int(value))
    except (TypeError, ValueError):
        return None


def endurecer_o_framework() -> None:
    """Give the framework's own screens (users, roles, groups) our filters, whose values are checked, once per process."""
    nomes = [nome for nome in vars(Interface) if nome.startswith("Filter")]
    for nome in (*nomes, "filter_converter_class", "get_filters"):
        setattr(SQLAInterface, nome, vars(Interface)[nome])
    SQLAInterface.get_related_obj = _relacionado


endurecer_o_framework()

__all__ = ["Contagem", "Interface"]
