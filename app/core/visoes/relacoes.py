"""Selects of other rows: short lists in the page, long ones searched as one types, and a posted id always found through the row rules."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.fields import QuerySelectMultipleField
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Query
from wtforms import Form
from wtforms.fields import SelectFieldBase
from wtforms.fields.choices import Choice
from wtforms.validators import StopValidation, ValidationError

from app.core import sigilo
from app.core.busca import condicao_busca
from app.core.numeros import maior_da
from app.core.visoes.campos import VAZIOS, Selecao
from app.core.visoes.escopo import aplicar_escopo
from app.extensions import db

POR_PAGINA = 20
PAGINAS = 20
TETO_DA_LISTA = 200


@dataclass(frozen=True)
class Fonte:
    """A named source of options for remote selects.

    ``busca`` is the normalised search column (see core.busca) or a function ``(query, texto) -> query``; ``permissoes`` are
    (permission, view) pairs of which the person needs one; ``escopo`` narrows the query further (row rules apply anyway).
    """

    nome: str
    modelo: type
    busca: Any = "busca"
    rotulo: Callable[[Any], str] = str
    permissoes: Sequence[tuple[str, str]] = ()
    escopo: Callable[[Query], Query] | None = None
    ordem: Any = None

    def texto(self, objeto: Any) -> str:
        """How a row is written, without what the present person may not see."""
        return sigilo.no_texto(self.rotulo(objeto))

    def permitida(self) -> bool:
        """Whether the present person may see options of this source."""
        sm = current_app.appbuilder.sm
        return current_user.is_authenticated and any(sm.has_access(permissao, visao) for permissao, visao in self.permissoes)

    def consulta(self) -> Query:
        """All rows the person may choose."""
        query = aplicar_escopo(db.session.query(self.modelo), self.modelo)
        return self.escopo(query) if self.escopo else query

    def buscar(self, texto: str) -> Query:
        """Rows that match what was typed, in the source's order."""
        query = self.consulta()
        if texto and self.busca:
            query = self.busca(query, texto) if callable(self.busca) else query.filter(condicao_busca(getattr(self.modelo, self.busca), texto))
        ordem = self.ordem if self.ordem is not None else getattr(self.modelo, "ordem", None)
        chave = self.modelo.__mapper__.primary_key[0]
        return query.order_by(ordem, chave) if ordem is not None else query.order_by(chave.desc())


_fontes: dict[str, Fonte] = {}


def registrar_fonte(fonte: Fonte) -> Fonte:
    """Make a source known by its name; the same name replaces."""
    _fontes[fonte.nome] = fonte
    return fonte


def fonte(nome: str) -> Fonte | None:
    """The source of that name: declared by a view (``fonte = "cliente"``) or registered."""
    da_visao = next((v for v in current_app.appbuilder.baseviews if getattr(v, "fonte", None) == nome), None)
    return da_visao.como_fonte() if da_visao is not None else _fontes.get(nome)


class SelecaoRemota(Selecao):
    """A select with the present option only; the others come from /opcoes/<fonte>."""

    def __call__(self, field: Any, **kw: Any) -> Markup:
        kw["data-remoto"] = url_for("OpcoesView.buscar", nome=field.nome_da_fonte)
        return super().__call__(field, **kw)


class _CampoRelacao(SelectFieldBase):
    """A row of another table. ``consulta()`` gives the rows allowed; an id outside of it is refused."""

    def __init__(self, label: Any = None, validators: Any = None, **kw: Any):
        super().__init__(label, validators, **kw)
        self._recusado = False

    def consulta(self) -> Query:
        raise NotImplementedError

    def rotulo(self, objeto: Any) -> str:
        return sigilo.no_texto(str(objeto))

    def achar(self, chave: Any) -> Any:
        """The allowed row of that key, or None."""
        modelo = self.modelo
        try:
            numero = int(chave)
        except (TypeError, ValueError):
            return None
        coluna = modelo.__mapper__.primary_key[0]
        return None if abs(numero) > maior_da(coluna) else self.consulta().filter(coluna == numero).one_or_none()

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        anterior, self.data = self.object_data, None
        if valuelist[0] in VAZIOS:
            return
        # the value it already had stays allowed, even when the person could not choose it
        self.data = anterior if anterior is not None and _chave(anterior) == valuelist[0] else self.achar(valuelist[0])
        self._recusado = self.data is None

    def pre_validate(self, form: Any) -> None:
        if self._recusado:
            raise StopValidation(_("Escolha uma opção da lista."))

    def _opcao(self, objeto: Any) -> Choice:
        return Choice(_chave(objeto), self.rotulo(objeto), objeto is self.data, {})

    def _outras(self) -> list[Any]:
        return []

    def iter_choices(self) -> Any:
        yield Choice("__None", "–", self.data is None, {})
        outras = self._outras()
        if self.data is not None and self.data not in outras:
            yield self._opcao(self.data)
        for objeto in outras:
            yield self._opcao(objeto)


def _chave(objeto: Any) -> str:
    return str(objeto.__mapper__.primary_key_from_instance(objeto)[0])


class CampoSelecao(_CampoRelacao):
    """A short list in the page. ``filtrar`` narrows it; above ``TETO_DA_LISTA`` rows use a remote source instead."""

    widget = Selecao()

    def __init__(self, label: Any = None, validators: Any = None, modelo: type | None = None, filtrar: Callable[[Query], Query] | None = None, **kw: Any):
        super().__init__(label, validators, **kw)
        self.modelo, self.filtrar = modelo, filtrar

    def consulta(self) -> Query:
        query = aplicar_escopo(db.session.query(self.modelo), self.modelo)
        return self.filtrar(query) if self.filtrar else query

    def _outras(self) -> list[Any]:
        ordem = getattr(self.modelo, "ordem", None)
        chave = self.modelo.__mapper__.primary_key[0]
        return self.consulta().order_by(ordem if ordem is not None else chave).limit(TETO_DA_LISTA).all()


class CampoRemoto(_CampoRelacao):
    """A row chosen by typing: ``CampoRemoto(_("Cliente"), fonte="cliente")``."""

    widget = SelecaoRemota()

    def __init__(self, label: Any = None, validators: Any = None, fonte: str = "", filtrar: Callable[[Query], Query] | None = None, **kw: Any):
        super().__init__(label, validators, **kw)
        self.nome_da_fonte, self.filtrar = fonte, filtrar

    @property
    def _fonte(self) -> Fonte:
        achada = fonte(self.nome_da_fonte)
        if achada is None:
            raise LookupError(f"no source of options named {self.nome_da_fonte}")
        return achada

    @property
    def modelo(self) -> type:
        return self._fonte.modelo

    def consulta(self) -> Query:
        query = self._fonte.consulta()
        return self.filtrar(query) if self.filtrar else query

    def achar(self, chave: Any) -> Any:
        return super().achar(chave) if self._fonte.permitida() else None

    def rotulo(self, objeto: Any) -> str:
        return self._fonte.texto(objeto)


class SelecaoMultipla(QuerySelectMultipleField):
    """Several rows of a short table (many to many)."""

    widget = Selecao(multiple=True)

    def pre_validate(self, form: Form) -> None:
        """The framework's check, in our words. Raises ValidationError for a row that is not there."""
        self.data = self.data      # read what was sent: without a validator nobody has, and a row that is not there would pass
        try:
            super().pre_validate(form)
        except ValidationError as erro:
            raise ValidationError(_("Uma das opções não existe mais: escolha de novo.")) from erro


class OpcoesView(BaseView):
    """``/opcoes/<fonte>?q=&pagina=``: twenty options at a time for remote selects, under the source's permission and row rules."""

    route_base = "/opcoes"
    default_view = "buscar"
    base_permissions: list[str] = []

    @expose("/<string:nome>")
    def buscar(self, nome: str) -> ResponseReturnValue:
        achada = fonte(nome)
        if achada is None:
            abort(404)
        if not achada.permitida():
            abort(403 if current_user.is_authenticated else 401)
        texto = request.args.get("q", "").replace("\0", "").strip()[:100]
        pagina = min(max(request.args.get("pagina", 1, type=int), 1), PAGINAS)
        linhas = achada.buscar(texto).offset((pagina - 1) * POR_PAGINA).limit(POR_PAGINA + 1).all()
        opcoes = [{"id": _chave(linha), "text": achada.texto(linha)} for linha in linhas[:POR_PAGINA]]
        return jsonify(results=opcoes, pagination={"more": len(linhas) > POR_PAGINA and pagina < PAGINAS})
