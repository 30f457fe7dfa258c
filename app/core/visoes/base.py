"""The base views: every generated screen of the house inherits one of these three."""
from __future__ import annotations

from typing import Any

from flask import abort
from flask_appbuilder import ModelView
from flask_babel import lazy_gettext as _l

from app.core import sigilo
from app.core.formatos import exibir
from app.core.visoes.acoes import AcoesDaCasa
from app.core.visoes.filtros import FiltrosPorRequisicao
from app.core.visoes.formularios import FormulariosDaCasa
from app.core.visoes.historico import HistoricoDaCasa, tem_historico
from app.core.visoes.listas import ListasDaCasa
from app.core.visoes.relacoes import Fonte


class VisaoBase(FiltrosPorRequisicao, ListasDaCasa, FormulariosDaCasa, AcoesDaCasa, HistoricoDaCasa, ModelView):
    """A generated screen made safe and fast. Declare columns, titles, ``base_order``; see ``listas``, ``formularios`` and ``acoes``.

    ``fonte = "cliente"`` also offers its rows to remote selects (``busca_rapida`` and the row rules apply);
    ``rotulo_da_opcao`` says how a row is written there.
    """

    add_row_message = _l("Registro incluído.")
    edit_row_message = _l("Registro alterado.")
    delete_row_message = _l("Registro excluído.")
    base_order = ("id", "desc")
    rotas_fechadas: frozenset[str] = frozenset({"download"})
    fonte: str | None = None

    def __init__(self, **kw: Any):
        self.exclude_route_methods = set(self.exclude_route_methods) | self.rotas_fechadas | (set() if tem_historico(self) else {"historico"})
        for nome in ("label_columns", "description_columns", "validators_columns", "formatters_columns"):
            setattr(self, nome, dict(getattr(self, nome) or {}))
        self.base_filters = list(self.base_filters or [])
        super().__init__(**kw)

    def rotulo_da_opcao(self, item: Any) -> str:
        """How a row is written in selects."""
        return str(item)

    def como_fonte(self) -> Fonte:
        """This screen's rows as a source of options."""
        return Fonte(
            self.fonte, self.datamodel.obj, busca=self.busca_rapida, rotulo=self.rotulo_da_opcao, permissoes=(("can_list", self.class_permission_name),),
            escopo=self._base_filters.apply_all)

    def download(self, filename: str) -> None:
        """Closed: files are rows, served by /arquivos under their owner's rule."""
        abort(404)

    def _get_show_widget(self, pk: Any, item: Any, widgets: Any = None, actions: Any = None, show_fieldsets: Any = None) -> dict:
        widgets = super()._get_show_widget(pk, item, widgets, actions, show_fieldsets)
        ligacoes = [x for x in self.links_da_linha if x.vale_para is None or x.vale_para(item)]
        widgets["show"].template_args.update(
            acoes_com_motivo=self.acoes_com_motivo, links_da_linha=ligacoes, appbuilder=self.appbuilder, nome=self.nome_do_registro(item),
            lista=self.list_title, actions=self.acoes_possiveis(item))
        return widgets

    def nome_do_registro(self, item: Any) -> str:
        """What the record's page is called: as its row begins in the list where that is made for the screen, else as the model writes itself."""
        primeira, nome = self.list_columns[0], sigilo.no_texto(str(item))
        if primeira not in self.formatters_columns and not nome.startswith("<"):
            return nome
        valor = self.datamodel._get_attr_value(item, primeira)
        return exibir(self.formatters_columns.get(primeira, lambda v: v)(valor)).striptags()


class VisaoCatalogo(VisaoBase):
    """Catalogues without a life of their own (plans, cycles, templates): list, show, add, edit, delete."""


class VisaoSomenteLeitura(VisaoBase):
    """Anything with a life cycle: list, show, export and actions; its changes are service calls."""

    rotas_fechadas = frozenset({"download", "add", "edit", "delete"})
