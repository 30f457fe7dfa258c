"""Whatever a list of a table that grows may be ordered by has an index: a click sorts no million rows."""

from __future__ import annotations

from sqlalchemy import inspect

from app.extensions import db

PEQUENAS = {      # of the house: catalogues and people, some hundreds at most
    "ab_user", "ab_group", "ab_role", "adicional", "empresa", "feriado", "incidente", "plano", "pop", "servidor", "ciclo", "politica_cobranca",
}


def test_every_order_of_a_large_list_has_its_index(app) -> None:
    faltam, vistas = [], 0
    with app.app_context():
        banco = inspect(db.engine)
        for visao in app.extensions["appbuilder_crm"].baseviews:
            if not hasattr(visao, "datamodel") or (tabela := visao.datamodel.obj.__tablename__) in PEQUENAS:
                continue
            chaves = [banco.get_pk_constraint(tabela)["constrained_columns"], *(u["column_names"] for u in banco.get_unique_constraints(tabela))]
            comecam = {colunas[0] for colunas in [*chaves, *(i["column_names"] for i in banco.get_indexes(tabela))] if colunas}
            faltam += [(type(visao).__name__, coluna) for coluna in visao.order_columns if coluna not in comecam]
            vistas += 1
    assert vistas > 40 and not faltam


def test_a_list_that_says_it_has_no_order_has_none(app) -> None:
    visoes = {type(v).__name__: v for v in app.extensions["appbuilder_crm"].baseviews}
    assert [visoes[nome].order_columns for nome in ("ItemInvoiceView", "AuditoriaView", "TarefaView")] == [[], [], []]
