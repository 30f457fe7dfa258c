"""Chart views that group in SQL (the framework groups every row in Python) and are drawn by the local Chart.js."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_appbuilder.charts.views import GroupByChartView
from flask_appbuilder.charts.widgets import DirectChartWidget

from app.core.formatos import rotulo
from app.core.visoes.filtros import FiltrosPorRequisicao

GRUPOS_MAXIMOS = 200


class VisaoGrafico(FiltrosPorRequisicao, GroupByChartView):
    """``medidas = [(label, lambda model: func.count(model.id))]`` by ``eixos = [(label, lambda model: model.status)]``.

    The filters of the search form and ``base_filters`` apply. One query per page whatever the number of rows.
    """

    chart_widget = DirectChartWidget
    eixos: Sequence[tuple[Any, Any]] = ()
    medidas: Sequence[tuple[Any, Any]] = ()

    def __init__(self, **kw: Any):
        self.definitions = [{"label": nome, "group": str(nome), "series": []} for nome, _eixo in self.eixos]
        self.label_columns = dict(self.label_columns or {})
        super().__init__(**kw)

    def _get_chart_widget(self, filters: Any = None, widgets: Any = None, definition: Any = "", height: Any = None, **kw: Any) -> dict:
        eixo = next(funcao for nome, funcao in self.eixos if str(nome) == str(definition["group"]))
        modelo = self.datamodel.obj
        filtrada = self.datamodel.apply_filters(self.datamodel.session.query(modelo), filters.get_joined_filters(self._base_filters))
        coluna = eixo(modelo)
        linhas = filtrada.with_entities(coluna, *(m(modelo) for _n, m in self.medidas)).group_by(coluna).order_by(coluna).limit(GRUPOS_MAXIMOS).all()
        widgets = widgets or {}
        widgets["chart"] = self.chart_widget(
            route_base=self.route_base, chart_title=self.chart_title, chart_type=self.chart_type, chart_3d=self.chart_3d, height=height or self.height,
            value_columns=self._dados(definition["label"], linhas), modelview_name=self.__class__.__name__)
        return widgets

    def _dados(self, eixo: Any, linhas: Sequence[Any]) -> dict:
        colunas = [{"label": str(eixo)}, *({"label": str(nome)} for nome, _m in self.medidas)]
        return {"cols": colunas, "rows": [{"c": [{"v": rotulo(v) if n == 0 else v} for n, v in enumerate(linha)]} for linha in linhas]}
