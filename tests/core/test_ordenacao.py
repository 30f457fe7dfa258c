"""Whatever a list of a table that grows may be ordered by has an index: a click sorts no million rows."""

from __future__ import annotations

from sqlalchemy import inspect

from app.core.transacao import transacao
from app.extensions import db
from tests import fabricas as f
from tests.programas import programa

PEQUENAS = {      # of the house: catalogues and people, some hundreds at most
    "ab_user", "ab_group", "ab_role", "adicional", "convite", "empresa", "feriado", "incidente", "plano", "pop", "servidor", "ciclo", "politica_cobranca",
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
            troca = getattr(visao, "ordena_por", {})
            faltam += [(type(visao).__name__, coluna) for coluna in visao.order_columns if troca.get(coluna, coluna) not in comecam]
            vistas += 1
    assert vistas > 40 and not faltam


def test_a_list_that_says_it_has_no_order_has_none(app) -> None:
    visoes = {type(v).__name__: v for v in app.extensions["appbuilder_crm"].baseviews}
    assert [visoes[nome].order_columns for nome in ("ItemInvoiceView", "AuditoriaView", "TarefaView")] == [[], [], []]


def test_programs_order_by_name_and_are_told_by_what_they_may(app) -> None:
    with app.app_context(), transacao() as s:
        for nome in ("Zélia", "Álvaro", "bruno"):
            f.um_cliente(s, nome=nome)
    chamar = programa(app)
    nomes = [c["nome"] for c in chamar("GET", "/cliente/?q=(order_column:nome,order_direction:asc,page_size:50)").json["result"]]
    assert [n for n in nomes if n in ("Zélia", "Álvaro", "bruno")] == ["Álvaro", "bruno", "Zélia"]
    recusado = chamar("GET", "/cliente/?q=(order_column:email)")
    assert recusado.status_code == 400 and "Não se ordena por “email”; use: id, nome, status." in recusado.json["message"]
