"""Lists: clamped order and pages, quick search, saved views, export of exactly what the person sees."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, current_app, flash, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.urltools import get_filter_args, get_order_args
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.core import auditoria, confirmacao, relogio, sigilo
from app.core.busca import condicao_busca, normalizar_busca
from app.core.exportacao import CSV_TIPO, XLSX_TIPO, arquivo_xlsx, em_pedacos, linhas_csv, transmitir
from app.core.transacao import transacao
from app.core.visoes import salvas
from app.core.visoes.acoes import LINHAS_POR_VEZ
from app.core.visoes.escopo import pode_ver
from app.core.visoes.filtros import FiltroInvalido

MAIOR_PAGINA = 100
MAIOR_SALTO = 10_000
TEXTO_BUSCA = 200
SEM_PROVA = 500      # rows that leave as a file without asking who one is
COM_PESSOAS = frozenset({"cpf_cnpj", "cliente_id", "contrato_id", "invoice_id", "username", "user_id", "usuario_id", "destinatario"})
_FILTRO = re.compile(r"_flt_\d_(.+)")
_ARGUMENTO = re.compile(r"^(page|psize)_\w+$")


def _em_arquivo(titulo: str) -> str:
    """A title as the name of a file: lower case, without accents, hyphens for all else."""
    return re.sub(r"[^a-z0-9]+", "-", normalizar_busca(titulo)).strip("-")


def conferir_argumentos() -> None:
    """400 for a page or page size that is not a small natural number: the framework would answer 500. Runs before every request."""
    for nome, valor in request.args.items(multi=True):
        if _ARGUMENTO.match(nome) and not (valor.isdecimal() and len(valor) <= 9):
            abort(400)


@dataclass(frozen=True)
class Ligacao:
    """A link of the row menu and of the record page: ``endpoint`` gets ``pk`` (or ``parametro``); hidden without permission.

    With ``vale_para`` it depends on the record, and is on the record page only.
    """

    texto: Any
    endpoint: str
    icone: str = "external-link"
    parametro: str = "pk"
    permissao: tuple[str, str] | None = None
    vale_para: Callable[[Any], bool] | None = None

    def url(self, pk: Any) -> str | None:
        """Address for that row, or None when the person may not go there."""
        return url_for(self.endpoint, **{self.parametro: pk}) if _permitido(self.permissao) else None


@dataclass(frozen=True)
class Botao:
    """A link in the header of a list."""

    texto: Any
    endpoint: str
    icone: str = "plus"
    permissao: tuple[str, str] | None = None

    @property
    def url(self) -> str | None:
        """Address, or None when the person may not go there."""
        return url_for(self.endpoint) if _permitido(self.permissao) else None


def _permitido(permissao: tuple[str, str] | None) -> bool:
    return permissao is None or current_app.appbuilder.sm.has_access(*permissao)


class FiltroBusca(BaseFilter):
    """The quick search: every word starts a word of the row's normalised column."""

    name = "busca"
    arg_name = None

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(condicao_busca(getattr(self.model, self.column_name), value))


class ListasDaCasa:
    """Part of VisaoBase.

    ``busca_rapida`` names the model's normalised search column; ``visoes`` are tabs ``(name, query string)``;
    ``colunas_direita`` are aligned right; ``colunas_exportadas`` defaults to the list's columns; ``acoes_visiveis`` shows the row's links as buttons.
    """

    busca_rapida: str = ""
    visoes: Sequence[tuple[Any, str]] = ()
    colunas_direita: Sequence[str] = ()
    colunas_exportadas: Sequence[str] = ()
    links_da_linha: Sequence[Ligacao] = ()
    botoes_da_lista: Sequence[Botao] = ()
    subtitulo: Any = ""
    texto_vazio: Any = ""
    acoes_visiveis = False
    exporta = True
    teto_xlsx = 50_000

    def _init_properties(self) -> None:
        """``order_columns = []`` means none; the framework would take it for all that the list shows."""
        nenhuma = self.order_columns == []
        super()._init_properties()
        if nenhuma:
            self.order_columns = []

    # ---- arguments

    def _get_list_widget(self, filters: Filters, actions: Any = None, order_column: str = "", order_direction: str = "", page: int | None = None,
                         page_size: int | None = None, widgets: Any = None, **kw: Any) -> dict:
        if not self._ordena(order_column):
            order_column = order_direction = ""
        page_size = min(max(int(page_size or self.page_size), 1), MAIOR_PAGINA)
        page = min(max(int(page or 0), 0), MAIOR_SALTO // page_size)
        kw.update(self._da_lista(page_size) if kw.pop("principal", False) else self._da_aba())
        return super()._get_list_widget(filters, actions, order_column, order_direction, page, page_size, widgets, **kw)

    def _escondida(self, coluna: str) -> bool:
        return sigilo.escondida(self.datamodel.obj, coluna)

    def _ordena(self, coluna: str) -> bool:
        return coluna in self.order_columns and not self._escondida(coluna)

    def _da_aba(self) -> dict[str, Any]:
        return {
            "colunas_direita": self.colunas_direita, "links_da_linha": [x for x in self.links_da_linha if x.vale_para is None],
            "acoes_com_motivo": self.acoes_com_motivo,
            "acoes_visiveis": self.acoes_visiveis,
            "max_paginas": MAIOR_SALTO // MAIOR_PAGINA, "appbuilder": self.appbuilder,
        }

    def _da_lista(self, tamanho: int) -> dict[str, Any]:
        return {
            **self._da_aba(), "max_paginas": MAIOR_SALTO // tamanho + 1, **self._abas_de_visoes(), "linhas_por_vez": LINHAS_POR_VEZ,
            "busca_rapida": self.busca_rapida,
            "exportar": self._enderecos_de_exportacao(), "botoes_da_lista": self.botoes_da_lista, "subtitulo": self.subtitulo, "texto_vazio": self.texto_vazio,
        }

    # ---- the list page

    def _list(self, **kw: Any) -> dict:
        """List and search widgets, with the quick search applied beside the filters of the address."""
        ordem, direcao = self._ordem_pedida()
        self._ler_filtros()
        widgets = self._get_list_widget(
            filters=self._com_busca(self._filters), order_column=ordem, order_direction=direcao, page=self._argumento("page"),
            page_size=self._argumento("psize"), principal=True, **kw)
        return self._get_search_widget(form=self.search_form.refresh(), widgets=widgets)

    def _ler_filtros(self) -> None:
        """The address's filters. Raises ``FiltroInvalido``, in the screen's words, for one the list does not have or a value it does not know."""
        colunas = {nome: achada[1] for nome in request.args if (achada := _FILTRO.search(nome))}
        if faltam := [c for c in colunas.values() if c not in self._filters.get_search_filters()]:
            raise FiltroInvalido(_("Esta lista não tem o filtro “%(filtro)s”.", filtro=faltam[0][:TEXTO_BUSCA]), campo=faltam[0])
        try:
            get_filter_args(self._filters)
        except FiltroInvalido as erro:
            valores = ", ".join(v for nome, coluna in colunas.items() if coluna == erro.campo for v in request.args.getlist(nome))[:TEXTO_BUSCA]
            filtro = self.label_columns.get(erro.campo, erro.campo)
            raise FiltroInvalido(_("O filtro “%(filtro)s” não aceita “%(valor)s”.", filtro=filtro, valor=valores), campo=erro.campo) from erro

    def _ordem_pedida(self) -> tuple[str, str]:
        return get_order_args().get(self.__class__.__name__, ("", ""))

    def _argumento(self, nome: str) -> int | None:
        return request.args.get(f"{nome}_{self.__class__.__name__}", type=int)

    def _texto_buscado(self) -> str:
        busca = self.busca_rapida and not self._escondida(self.busca_rapida)
        return request.args.get("q", "").replace("\0", "").strip()[:TEXTO_BUSCA] if busca else ""

    def _com_busca(self, filtros: Filters) -> Filters:
        texto = self._texto_buscado()
        if not texto:
            return filtros
        juntos = filtros.copy()
        return juntos.add_filter(self.busca_rapida, FiltroBusca, texto)

    def todos_do_filtro(self, limite: int) -> list[Any]:
        """Up to ``limite`` rows of the address's filters and search, under the row rules, by key."""
        self._ler_filtros()
        filtros = self._com_busca(self._filters).get_joined_filters(self._base_filters)
        query = self.datamodel.apply_all(self.datamodel.session.query(self.datamodel.obj), filtros)
        return query.order_by(None).order_by(self.datamodel.get_pk()).limit(limite).all()

    def _abas_de_visoes(self) -> dict[str, Any]:
        """The list's own tabs and the saved ones, and what "Salvar visão" would keep (empty when a tab shows just that)."""
        atual = salvas.criterios(request.args.items(multi=True))
        guardadas = salvas.do_usuario(self.datamodel.session, self.endpoint, current_user.id)
        guardadas = [f for f in guardadas if self._mostra(f.consulta)]
        proprias = [v for v in self.visoes if self._mostra(v[1])] or ([(_("Tudo"), "")] if guardadas or atual else [])
        equipe, base = salvas.pode_compartilhar(), url_for(f"{self.endpoint}.list")
        abas = [{"nome": nome, "consulta": salvas.criterios(parse_qsl(consulta))} for nome, consulta in proprias]
        abas += [
            {"nome": f.nome, "consulta": f.consulta, "id": f.id if f.usuario_id or equipe else None, "da_equipe": not f.usuario_id} for f in guardadas
        ]
        consultas = [aba["consulta"] for aba in abas]
        ativa = next((consultas.index(c) for c in (atual, salvas.sem_ordem(atual)) if c in consultas), None)
        for n, aba in enumerate(abas):
            aba |= {"url": f"{base}?{aba['consulta']}" if aba["consulta"] else base, "ativa": n == ativa}
        return {"visoes": abas, "visao_nova": "" if atual in consultas else atual, "visao_da_equipe": equipe}

    def _mostra(self, consulta: str) -> bool:
        """Whether a tab is for the person: it neither filters by what he may not see nor looks for it."""
        return all(
            not self._escondida(achada[1]) if (achada := _FILTRO.search(nome)) else sigilo.no_texto(valor) == valor for nome, valor in parse_qsl(consulta)
        )

    def _get_search_widget(self, form: Any = None, exclude_cols: Any = None, widgets: Any = None) -> dict:
        widgets = super()._get_search_widget(form, exclude_cols, widgets)
        widgets["search"].template_args["include_cols"] = [c for c in self.search_columns if not self._escondida(c)]
        widgets["search"].template_args["nomes_ativos"] = self._nomes_ativos(form)
        return widgets

    def _nomes_ativos(self, form: Any) -> dict[str, dict[str, str]]:
        """What active filters on relations are called: their selects have no options in the page."""
        nomes: dict[str, dict[str, str]] = {}
        for filtro, valores in self._filters.get_filters_values():
            campo = form[filtro.column_name] if form is not None and filtro.column_name in form else None
            if hasattr(campo, "achar"):
                achados = {str(v): campo.achar(v) for v in (valores if isinstance(valores, list) else [valores])}
                nomes[filtro.column_name] = {chave: campo.rotulo(linha) for chave, linha in achados.items() if linha is not None}
        return nomes

    # ---- tabs of the record page

    @property
    def _related_views(self) -> list[Any]:
        todas = self.__dict__.setdefault("_relacionadas", [])
        return [v for v in todas if pode_ver(v)] if has_request_context() else todas

    @_related_views.setter
    def _related_views(self, valor: list[Any]) -> None:
        self.__dict__["_relacionadas"] = valor

    # ---- export

    def _enderecos_de_exportacao(self) -> dict[str, str]:
        if not self.exporta or not self.appbuilder.sm.has_access("can_exportar", self.class_permission_name):
            return {}
        pares = [(n, v) for n, v in request.args.items(multi=True) if not _ARGUMENTO.match(n)]
        consulta = f"?{urlencode(pares)}" if pares else ""
        return {formato: url_for(f"{self.endpoint}.exportar", formato=formato) + consulta for formato in ("csv", "xlsx")}

    @expose("/exportar/<any(csv, xlsx):formato>")
    @has_access
    @permission_name("exportar")
    def exportar(self, formato: str) -> ResponseReturnValue:
        """The whole list as a file, with the filters, search and order of the address and the person's row rules."""
        if not self.exporta:
            abort(404)
        self._ler_filtros()
        colunas = list(self.colunas_exportadas or self.list_columns)
        filtros = self._com_busca(self._filters).get_joined_filters(self._base_filters)
        self._exigir_prova(filtros)
        cabecalho = [str(self.label_columns.get(c, c)) for c in colunas]
        if formato == "csv":
            return self._arquivo(transmitir(lambda: self._csv(filtros, colunas, cabecalho)), "csv", CSV_TIPO)
        return self._xlsx(filtros, colunas, cabecalho)

    def _exigir_prova(self, filtros: Filters) -> None:
        """A file with half of all there is of customers or of people, or with very many of them, asks who one is once more, whatever the filters say."""
        if not (COM_PESSOAS & {c.name for c in self.datamodel.obj.__table__.columns}):
            return
        chave, sessao = self.datamodel.get_pk(), self.datamodel.session
        quantos, todos = (
            self.datamodel.apply_filters(sessao.query(chave), f).order_by(None).count() for f in (filtros, self._base_filters))
        if quantos > SEM_PROVA or quantos * 2 > todos:
            confirmacao.exigir()

    def ao_exportar(self, sessao: Session) -> None:
        """Called in the transaction that writes down that the list leaves: for screens with a log of their own."""

    def _csv(self, filtros: Filters, colunas: list[str], cabecalho: list[str]) -> Iterator[bytes]:
        """Noted when the first piece is asked for: a commit within the request would make the person's roles, which row rules ask for, unreadable here."""
        self._anotar_exportacao("csv", filtros)
        yield from linhas_csv(cabecalho, self._linhas(filtros, colunas))

    def _xlsx(self, filtros: Filters, colunas: list[str], cabecalho: list[str]) -> ResponseReturnValue:
        query = self.datamodel.apply_filters(self.datamodel.session.query(self.datamodel.get_pk()), filtros)
        if query.limit(self.teto_xlsx + 1).count() > self.teto_xlsx:
            flash(_("São mais de %(n)s linhas: filtre a lista ou exporte em CSV.", n=f"{self.teto_xlsx:,}".replace(",", ".")), "warning")
            return redirect(url_for(f"{self.endpoint}.list", **request.args.to_dict(flat=False)))
        self._anotar_exportacao("xlsx", filtros)
        arquivo = arquivo_xlsx(cabecalho, self._linhas(filtros, colunas), str(self.list_title))
        return self._arquivo(em_pedacos(arquivo), "xlsx", XLSX_TIPO)

    def _anotar_exportacao(self, formato: str, filtros: Filters) -> None:
        """The trail says what left, before it leaves: screen, format, filters of the address and how many rows they have."""
        linhas = self.datamodel.apply_filters(self.datamodel.session.query(self.datamodel.get_pk()), filtros).order_by(None).count()
        pedidos = [[n, v.replace("\0", "")[:TEXTO_BUSCA]] for n, v in request.args.items(multi=True) if n == "q" or _FILTRO.search(n)]
        with transacao() as sessao:
            depois = {"tela": self.class_permission_name, "formato": formato, "filtros": pedidos, "linhas": linhas}
            auditoria.registrar(sessao, "exportar", self.datamodel.obj.__tablename__, None, depois=depois)
            self.ao_exportar(sessao)

    def _linhas(self, filtros: Filters, colunas: list[str]) -> Iterator[list[Any]]:
        ordem, direcao = self._ordem_pedida()
        if not self._ordena(ordem):
            ordem, direcao = self.base_order or ("", "")
        query = self.datamodel.apply_all(self.datamodel.session.query(self.datamodel.obj), filtros, ordem, direcao)
        for item in query.yield_per(1000):
            yield [self._exportado(item, coluna) for coluna in colunas]

    def _exportado(self, item: Any, coluna: str) -> Any:
        """Numbers and dates as they are, words and codes as the list shows them."""
        valor, formatar = self.datamodel._get_attr_value(item, coluna), self.formatters_columns.get(coluna)
        if not isinstance(valor, str) or formatar is None:
            return valor
        texto = formatar(valor)
        return valor if isinstance(texto, Markup) else texto and str(texto)

    def _arquivo(self, corpo: Iterator[bytes], extensao: str, tipo: str) -> Response:
        nome = f"{_em_arquivo(str(self.list_title))}-{relogio.hoje():%Y-%m-%d}.{extensao}"
        resposta = Response(corpo, content_type=tipo)
        resposta.headers.set("Content-Disposition", "attachment", filename=nome)
        return resposta
