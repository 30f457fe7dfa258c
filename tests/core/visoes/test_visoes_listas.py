"""Lists: what is shown, ordered, filtered, searched and exported, and what bad arguments do."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from app.core import relogio
from app.core.transacao import transacao
from app.extensions import db
from tests.comandos import comandos
from tests.core.visoes.aplicacao import Pedido, Pessoa
from tests.core.visoes.conftest import entrar, sem_permissao


def numeros(pagina: str) -> list[str]:
    """Order numbers in the order the page shows them."""
    return re.findall(r">(P-\d)</a>", pagina)


def test_a_list_shows_labels_money_dates_and_the_local_time(admin):
    pagina = admin.get("/pedidoview/list/").text
    assert numeros(pagina) == ["P-3", "P-2", "P-1"] and "Álvaro Souza" in pagina
    assert "R$\N{NO-BREAK SPACE}1.234,56" in pagina and "01/12/2026 22:30" in pagina
    assert '<span class="selo selo-info">Aberto</span>' in pagina


def test_a_list_shows_only_the_rows_of_the_person(ana):
    pagina = ana.get("/pedidoview/list/").text
    assert numeros(pagina) == ["P-2", "P-1"] and "Caio" not in pagina


@pytest.mark.parametrize("consulta", [
    "page_PedidoView=abc", "page_PedidoView=-1", "psize_PedidoView=-1", "psize_PedidoView=x", "page_PedidoView=99999999999999999999",
    "_flt_9_numero=x", "_flt_0_valor=abc", "_flt_0_valor=NaN", "_flt_0_valor=Infinity", "_flt_0_dia=ontem", "_flt_0_quando=agora", "_flt_0_situacao=inventada",
    "_flt_0_pessoa=abc", "_flt_0_quantidade=99999999999999999999999", "_flt_0_numero=%00",
])
def test_a_senseless_argument_is_a_bad_request_never_a_crash(admin, consulta):
    assert admin.get(f"/pedidoview/list/?{consulta}").status_code == 400


@pytest.mark.parametrize("rota", ["list/", "exportar/csv"])
@pytest.mark.parametrize(("consulta", "frase"), [
    ("_flt_0_situacao=inventada", "O filtro “Situação” não aceita “inventada”."), ("_flt_0_status=aberto", "Esta lista não tem o filtro “status”."),
    ("_flt_2_situacao=aberto&_flt_2_situacao=falhou", "O filtro “Situação” não aceita “aberto, falhou”."),
    ("_flt_0_segredo=1", "Esta lista não tem o filtro “segredo”."),
])
def test_a_filter_the_list_does_not_know_is_refused_with_a_sentence(admin, rota, consulta, frase):
    resposta = admin.get(f"/pedidoview/{rota}?{consulta}")
    assert resposta.status_code == 400 and frase in resposta.text


@pytest.mark.parametrize("consulta", ["page_UserDBModelView=abc", "psize_UserDBModelView=-1", "_flt_0_active=abc", "_flt_9_username=x", "_flt_0_roles=abc",
                                      "_flt_0_created_on=ontem"])
def test_the_frameworks_own_screens_take_bad_arguments_as_well(admin, consulta):
    assert admin.get(f"/users/list/?{consulta}").status_code == 400


def test_the_name_of_a_filtered_row_goes_with_the_page(admin, ids):
    assert f'"nomes": {{"pessoa": {{"{ids["Caio"]}": "Caio Prado"}}}}' in admin.get(f"/pedidoview/list/?_flt_0_pessoa={ids['Caio']}").text


@pytest.mark.parametrize(("coluna", "direcao", "esperados"), [
    ("segredo", "asc", "321"), ("inexistente", "desc", "321"), ("pessoa.nome", "asc", "321"), ("valor", "x", "321"), ("valor", "asc", "123"),
    ("dia", "desc", "321"),
])
def test_only_declared_columns_order_a_list(admin, coluna, direcao, esperados):
    pagina = admin.get(f"/pedidoview/list/?_oc_PedidoView={coluna}&_od_PedidoView={direcao}")
    assert pagina.status_code == 200 and numeros(pagina.text) == [f"P-{n}" for n in esperados]


def test_page_and_page_size_are_clamped(admin):
    assert admin.get("/pedidoview/list/?psize_PedidoView=1000000").status_code == 200
    vazia = admin.get("/pedidoview/list/?page_PedidoView=400000")
    assert vazia.status_code == 200 and "Esta página está vazia" in vazia.text


@pytest.mark.parametrize(("consulta", "esperados"), [
    ("_flt_0_numero=P-2", ["P-2"]), ("_flt_0_valor=2.469,12", ["P-2"]), ("_flt_0_valor=2469.12", ["P-2"]), ("_flt_1_valor=2469.12", ["P-3"]),
    ("_flt_0_dia=2026-12-03", ["P-3"]), ("_flt_4_dia=02/12/2026", ["P-2", "P-3"]), ("_flt_0_quando=2026-12-01", ["P-1"]),
    ("_flt_4_quando=2026-12-02T22:30", ["P-2", "P-3"]), ("_flt_0_situacao=fechado", []), ("_flt_2_quantidade=2", ["P-1"]),
    ("_flt_2_situacao=aberto&_flt_2_situacao=em_andamento", ["P-1", "P-2", "P-3"]), ("_flt_0_numero=%25", []),
])
def test_filters_take_brazilian_and_iso_values(admin, consulta, esperados):
    assert sorted(numeros(admin.get(f"/pedidoview/list/?{consulta}").text)) == esperados


def test_a_relation_filter_compares_the_key(admin, ids):
    assert numeros(admin.get(f"/pedidoview/list/?_flt_0_pessoa={ids['Beatriz']}").text) == ["P-2"]


@pytest.mark.parametrize(("texto", "esperado"), [("alvaro", "Álvaro"), ("ÁLV sou", "Álvaro"), ("00000000003", "Caio"), ("beatriz l", "Beatriz")])
def test_the_quick_search_finds_prefixes_without_accents(admin, texto, esperado):
    pagina = admin.get("/pessoaview/list/", query_string={"q": texto}).text
    assert pagina.count('name="rowid"') + pagina.count('class="principal"') == 1 and esperado in pagina


def test_a_search_of_punctuation_only_finds_nothing(admin):
    assert "Nada encontrado" in admin.get("/pessoaview/list/?q=!!").text


def test_paging_links_keep_every_value_of_a_repeated_filter(admin):
    pagina = admin.get("/pedidoview/list/?_flt_2_situacao=aberto&_flt_2_situacao=fechado").text
    assert "_flt_2_situacao=aberto&amp;_flt_2_situacao=fechado" in pagina


def test_the_open_view_is_marked_and_keeps_its_link(admin):
    pagina = admin.get("/pedidoview/list/?_flt_0_situacao=aberto").text
    assert '<a href="/pedidoview/list/?_flt_0_situacao=aberto" aria-current="page">Abertos</a>' in pagina


def test_a_long_address_is_not_kept_in_the_cookie(admin):
    admin.get("/pedidoview/list/")
    resposta = admin.get("/pedidoview/list/", query_string={"_flt_0_numero": "x" * 480, "lixo": "y" * 400})
    assert len(resposta.headers.get("Set-Cookie", "")) < 1500


def test_a_list_asks_the_same_few_questions_whatever_its_size(admin, app_visoes, ids):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add_all(Pedido(numero=f"L{n}", pessoa_id=ids["Caio"], valor=Decimal("1.00"), situacao="aberto") for n in range(300))
    with app_visoes.app_context():
        motor = db.engine
    with comandos(motor) as feitos:
        assert admin.get("/pedidoview/list/?psize_PedidoView=100").text.count('name="rowid"') == 100
    assert len([c for c in feitos if "tv_" in c]) <= 4      # estimate, count, rows, their people


def test_counting_stops_at_the_ceiling(admin, app_visoes):
    visao = next(v for v in app_visoes.appbuilder.baseviews if v.__class__.__name__ == "PedidoView")
    visao.datamodel.teto = 2
    try:
        assert "mais de 2" in admin.get("/pedidoview/list/").text
    finally:
        visao.datamodel.teto = 10_000


def test_the_download_route_of_the_framework_is_closed(admin):
    assert admin.get("/pedidoview/download/x_sep_y").status_code == 404


def test_a_person_without_the_right_gets_the_403_page_and_a_visitor_the_login(app_visoes):
    assert entrar(app_visoes, "zeca").get("/pedidoview/list/").status_code == 403
    assert "/login/" in app_visoes.test_client().get("/pedidoview/list/").location


# ---- record page and tabs

def test_the_record_page_of_somebody_else_does_not_exist(ana, ids):
    assert ana.get(f"/pedidoview/show/{ids['P-1']}").status_code == 200
    assert ana.get(f"/pedidoview/show/{ids['P-3']}").status_code == 404


@pytest.mark.parametrize("chave", ["abc", "99999999999999999999999", "0", "-1"])
def test_a_senseless_key_does_not_exist(admin, chave):
    assert admin.get(f"/pedidoview/show/{chave}").status_code == 404


def test_a_tab_is_shown_only_to_whom_may_list_it(admin, app_visoes, ids):
    assert "P-1" in admin.get(f"/pessoaview/show/{ids['Álvaro']}").text
    with sem_permissao(app_visoes, "can_list", "PedidoView"):
        pagina = entrar(app_visoes, "ana").get(f"/pessoaview/show/{ids['Álvaro']}").text
    assert "Álvaro" in pagina and "P-1" not in pagina and "aba-PedidoView" not in pagina


# ---- export

def linhas_do_csv(resposta) -> list[list[str]]:
    """The file as rows, checking the byte order mark."""
    texto = resposta.data.decode("utf-8")
    assert texto.startswith("\ufeff")
    return list(csv.reader(io.StringIO(texto[1:]), delimiter=";"))


def test_the_csv_has_comma_decimals_labels_and_only_the_rows_of_the_person(ana):
    linhas = linhas_do_csv(ana.get("/pedidoview/exportar/csv"))
    assert linhas[0] == ["Número", "Pessoa", "Valor", "Dia", "Quando", "Situação", "Quantidade"]
    assert sorted(linhas[1:]) == [["P-1", "Álvaro Souza", "1234,56", "01/12/2026", "01/12/2026 22:30", "Aberto", "1"],
                                  ["P-2", "Beatriz Lima", "2469,12", "02/12/2026", "02/12/2026 22:30", "Aberto", "2"]]


def test_the_file_has_the_name_of_the_list_without_accents(admin, monkeypatch):
    visao = next(v for v in admin.application.appbuilder.baseviews if v.__class__.__name__ == "PedidoView")
    monkeypatch.setattr(visao, "list_title", "Últimos pedidos / à vista")
    for formato in ("csv", "xlsx"):
        assert f"ultimos-pedidos-a-vista-{relogio.hoje()}.{formato}" in admin.get(f"/pedidoview/exportar/{formato}").headers["Content-Disposition"]


def test_the_export_honours_filters_search_and_order(admin):
    filtrado = linhas_do_csv(admin.get("/pedidoview/exportar/csv?_flt_0_numero=P-2"))
    assert [linha[0] for linha in filtrado[1:]] == ["P-2"]
    ordenado = linhas_do_csv(admin.get("/pedidoview/exportar/csv?_oc_PedidoView=valor&_od_PedidoView=desc"))
    assert [linha[0] for linha in ordenado[1:]] == ["P-3", "P-2", "P-1"]
    buscado = linhas_do_csv(admin.get("/pessoaview/exportar/csv?q=caio"))
    assert [linha[0] for linha in buscado[1:]] == ["Caio Prado"]


def test_the_workbook_has_real_numbers_and_dates(admin):
    resposta = admin.get("/pedidoview/exportar/xlsx?_flt_0_numero=P-1")
    folha = load_workbook(io.BytesIO(resposta.data)).active
    linha = next(folha.iter_rows(min_row=2))
    assert [str(c.value) for c in linha] == ["P-1", "Álvaro Souza", "1234.56", "2026-12-01 00:00:00", "2026-12-01 22:30:00", "Aberto", "1"]
    assert linha[2].number_format == "#,##0.00" and linha[3].number_format == "dd/mm/yyyy"
    larguras = [folha.column_dimensions[letra].width for letra in "BCDE"]
    assert larguras[0] >= len("Álvaro Souza") and larguras[3] >= len("01/12/2026 22:30") and folha.auto_filter.ref == "A1:G1"


def test_a_workbook_too_long_for_the_screen_says_so(admin, app_visoes):
    visao = next(v for v in app_visoes.appbuilder.baseviews if v.__class__.__name__ == "PedidoView")
    visao.teto_xlsx = 2
    try:
        assert "filtre a lista ou exporte em CSV" in admin.get("/pedidoview/exportar/xlsx", follow_redirects=True).text
    finally:
        del visao.teto_xlsx


def test_a_formula_in_a_name_is_defused_in_both_files(admin, app_visoes):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add(Pessoa(nome="=HYPERLINK(1)", documento="@cmd", dono="ana"))
    linhas = linhas_do_csv(admin.get("/pessoaview/exportar/csv"))
    assert ["'=HYPERLINK(1)", "'@cmd", "Não"] in linhas
    folha = load_workbook(io.BytesIO(admin.get("/pessoaview/exportar/xlsx").data)).active
    assert all(c.data_type != "f" and not str(c.value).startswith("=") for linha in folha.iter_rows() for c in linha)


def test_exporting_needs_its_own_permission(app_visoes):
    with sem_permissao(app_visoes, "can_exportar", "PedidoView"):
        cliente = entrar(app_visoes, "ana")
        assert cliente.get("/pedidoview/exportar/csv").status_code == 403
        assert "exportar/csv" not in cliente.get("/pedidoview/list/").text


def test_a_long_list_is_exported_whole(admin, app_visoes, ids):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add_all(Pedido(numero=f"L{n}", pessoa_id=ids["Caio"], valor=Decimal("1.00"), situacao="aberto") for n in range(2500))
    assert len(linhas_do_csv(admin.get("/pedidoview/exportar/csv"))) == 2504


# ---- charts

def test_a_chart_groups_in_the_database_under_the_row_rules(ana, admin):
    assert "[1,1,1]" not in ana.get("/graficoview/chart/?group_by=1").text
    pagina = admin.get("/graficoview/chart/").text
    assert "Aberto" in pagina and "gstatic" not in pagina
