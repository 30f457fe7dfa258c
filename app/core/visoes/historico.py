"""The tab "Histórico" of every record: its rows of the audit trail, newest first, on a page of its own that asks nothing until it is opened."""
from __future__ import annotations

from typing import Any

from flask import Flask, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import selectinload

from app.core.auditoria.politica import auditada
from app.core.models import UserAuditLog
from app.core.visoes import trilha

POR_PAGINA = 20
MAIOR_PAGINA = 500


class HistoricoDaCasa:
    """Part of VisaoBase. ``com_historico`` is false where a table's rows are their own history: its records have no such tab."""

    com_historico = True

    @expose("/historico/<pk>")
    @has_access
    @permission_name("historico")
    def historico(self, pk: Any) -> ResponseReturnValue:
        """Who did what to the record, under the same row rules as its page."""
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            abort(404)
        pagina = min(max(request.args.get("pagina", 0, type=int), 0), MAIOR_PAGINA)
        consulta = select(UserAuditLog).where(_do_registro(item)).order_by(UserAuditLog.id.desc()).options(selectinload(UserAuditLog.pessoa))
        linhas = self.datamodel.session.scalars(consulta.offset(pagina * POR_PAGINA).limit(POR_PAGINA + 1)).all()
        lista = url_for(f"{self.endpoint}.list") if current_app.appbuilder.sm.has_access("can_list", self.class_permission_name) else None
        return self.render_template(
            "core/historico.html", title=_("Histórico"), nome=self.nome_do_registro(item), lista=lista, ficha=url_for(f"{self.endpoint}.show", pk=pk),
            titulo_da_lista=self.list_title, linhas=[(linha, trilha.mudancas_de(linha)) for linha in linhas[:POR_PAGINA]], pagina=pagina,
            ha_mais=len(linhas) > POR_PAGINA and pagina < MAIOR_PAGINA, pk=pk, da_tela=f"{self.endpoint}.historico", acao_em_palavras=trilha.rotulo_da_acao)


def _do_registro(item: Any) -> Any:
    """The record's own rows, and those of the bulk run it names."""
    tabela, chaves = item.__tablename__, [str(k) for k in item.__mapper__.primary_key_from_instance(item)]
    dele = and_(UserAuditLog.resource == tabela, UserAuditLog.resource_id == ",".join(chaves))
    if (execucao := getattr(item, "execucao_id", None)) is None or len(chaves) != 1:
        return dele
    faixa = (UserAuditLog.depois["primeira"].as_integer() <= int(chaves[0]), UserAuditLog.depois["ultima"].as_integer() >= int(chaves[0]))
    return or_(dele, and_(UserAuditLog.resource == tabela, UserAuditLog.resource_id.is_(None), UserAuditLog.execucao_id == execucao, *faixa))


def tem_historico(visao: Any) -> bool:
    """Whether the records of a screen have the tab."""
    return visao.com_historico and auditada(visao.datamodel.obj.__tablename__)


def url_historico(visao: str, pk: Any) -> str | None:
    """Address of the tab of a screen's record, or None when the person may not open it; for templates."""
    dela = next((v for v in current_app.appbuilder.baseviews if v.endpoint == visao), None)
    if dela is None or not hasattr(dela, "com_historico") or not tem_historico(dela):
        return None
    return url_for(f"{visao}.historico", pk=pk) if current_app.appbuilder.sm.has_access("can_historico", dela.class_permission_name) else None


def init_app(app: Flask) -> None:
    """Give templates ``url_historico()``."""
    app.jinja_env.globals["url_historico"] = url_historico
