"""How values look on screen and in files, the vendored files and the addresses of static files."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from flask import Flask, Response, g, render_template
from flask_appbuilder.security.sqla.models import User
from flask_login import login_user
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader
from jinja2.defaults import DEFAULT_FILTERS
from markupsafe import Markup
from openpyxl import load_workbook
from sqlalchemy import text

from app.core import estatico, formatos
from app.core.exportacao import arquivo_xlsx, celula_csv, linhas_csv, texto_seguro, transmitir
from app.core.tipos import Rotulado
from app.core.transacao import transacao
from app.core.visoes.filtros import ler_data, ler_decimal
from app.extensions import db
from scripts import vendor
from tests import fabricas as f


class Estado(Rotulado):
    """A state for these tests."""

    vencida = "Vencida"


@pytest.mark.parametrize(("valor", "texto"), [("1234.56", "R$ 1.234,56"), ("0", "R$ 0,00"), ("-5", "-R$ 5,00")])
def test_money_is_written_in_reais(valor, texto):
    assert formatos.brl(Decimal(valor)).replace("\N{NO-BREAK SPACE}", " ") == texto


def test_an_instant_is_shown_in_sao_paulo():
    instante = dt.datetime(2027, 1, 1, 2, 30, tzinfo=dt.UTC)
    assert (formatos.datahora_br(instante), formatos.data_br(instante)) == ("31/12/2026 23:30", "31/12/2026")


def test_a_status_has_its_text_and_its_tone(app):
    with app.test_request_context():
        assert formatos.selo(Estado.vencida) == '<span class="selo selo-danger">Vencida</span>'
        assert formatos.exibir("<b>") == "&lt;b&gt;" and formatos.exibir(Markup("<b>")) == "<b>" and "Sim" in formatos.exibir(True)
        assert "1.234,5" in formatos.exibir(Decimal("1234.5")) and formatos.exibir(None) == formatos.VAZIO == formatos.exibir("")


@given(st.decimals(min_value=-10**12, max_value=10**12, places=2))
def test_what_is_written_is_read_back(valor):
    assert ler_decimal(formatos.numero(valor, 2)) == valor


@pytest.mark.parametrize("texto", ["NaN", "inf", "-Infinity", "sNaN", "", "1e999", "1,2,3", "R$", "12a", "1,234.56", "10.12.2026", "1e3", ["a"]])
def test_what_is_no_number_is_refused(texto):
    with pytest.raises(ValueError):
        ler_decimal(texto)


def test_a_day_is_read_in_both_ways():
    assert ler_data("31/12/2026") == ler_data("2026-12-31") == dt.date(2026, 12, 31)


@given(st.text())
def test_no_text_of_a_csv_starts_a_formula(texto):
    assert not texto_seguro(texto).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "|", "＝", "＋", "－", "＠"))


@given(st.text(max_size=50))
def test_any_text_makes_a_valid_workbook(texto):
    with arquivo_xlsx(["Coluna"], [[texto]]) as arquivo:
        celula = load_workbook(io.BytesIO(arquivo.read())).active["A2"]
    assert celula.data_type != "f"


def test_a_negative_number_in_a_csv_stays_a_number():
    assert (celula_csv(Decimal("-1234.50")), celula_csv("-1+1"), celula_csv(7)) == ("-1234,50", "'-1+1", "7")


def test_the_csv_comes_in_pieces():
    pedacos = list(linhas_csv(["n"], ([n] for n in range(1200)), por_bloco=500))
    assert len(pedacos) == 3 and b"".join(pedacos).count(b"\r\n") == 1201


def test_the_vendored_files_are_those_of_the_manifest():
    assert vendor.diferencas() == []


def test_every_icon_used_by_a_template_is_in_the_sprite():
    import re

    pasta = vendor.RAIZ / "app"
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (vendor.RAIZ / vendor.SPRITE).read_text()))
    usados = {n for p in pasta.rglob("*.html") for n in re.findall(r"ui\.ic\(['\"]([a-z0-9-]+)['\"]", p.read_text())}
    usados |= set(re.findall(r'"fa-[a-z-]+": "([a-z0-9-]+)"', (pasta / "templates/crm/_ui.html").read_text()))
    assert usados - sprite == set()


def test_a_static_address_changes_with_its_content_and_may_be_kept_for_ever(app):
    with app.test_request_context():
        endereco = estatico.estatico("crm/crm.css")
        assert endereco.startswith("/static/crm/crm.css?v=") and len(endereco.split("=")[1]) == 8
        with pytest.raises(FileNotFoundError):
            estatico.estatico("crm/inexistente.css")


def test_only_versioned_addresses_are_immutable(app: Flask):
    with app.test_request_context():
        endereco = estatico.estatico("crm/tokens.css")
    cliente = app.test_client()
    with cliente.get(endereco) as com_versao, cliente.get("/static/crm/tokens.css") as sem_versao:
        assert com_versao.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "immutable" not in sem_versao.headers.get("Cache-Control", "")


def test_no_literal_colour_outside_the_tokens():
    import re

    permitidas = {"#fff", "#000", "#666", "#999"}      # paper: print rules and the white of a QR code
    for nome in ("crm/crm.css", "portal/portal.css"):
        cores = set(re.findall(r"#[0-9a-f]{3,8}\b(?![\w-]*[{ .:>,])", (vendor.RAIZ / "app/static" / nome).read_text()))
        assert cores - permitidas == set(), nome


def test_the_manifest_names_a_licence_for_every_file():
    assert all(r["licenca"] and r["versao"] for r in json.loads(vendor.MANIFESTO.read_text()))


# ------------------------------------------------------------------ filters in templates

def test_no_filter_of_ours_or_of_the_framework_is_worked_out_while_a_template_is_compiled(app):
    filtros = {nome: filtro for nome, filtro in app.jinja_env.filters.items() if nome not in DEFAULT_FILTERS}
    assert {"is_item_visible", "link_page", "safe_url_for", "brl", "selo"} <= set(filtros)
    assert [nome for nome, filtro in filtros.items() if not hasattr(filtro, "jinja_pass_arg")] == []


def test_who_opens_a_page_first_does_not_decide_what_others_see(app_real):
    """The template is compiled for a technician; the manager still gets his link, and the technician none."""
    pode = '"can_add" | is_item_visible("EmpresaView")'
    texto = "{% if " + pode + " %}pode{% else %}não pode{% endif %} {{ " + pode + " }}"
    app_real.jinja_env.loader, visto = DictLoader({"pagina.html": texto}), []
    with app_real.app_context(), transacao() as s:
        pessoas = [f.um_usuario(s, papel).id for papel in ("Tecnico", "Gerente", "Tecnico")]
    for pessoa in pessoas:
        with app_real.test_request_context():
            g.user = db.session.get_one(User, pessoa)
            login_user(g.user)
            visto.append(render_template("pagina.html"))
    assert visto == ["não pode False", "pode True", "não pode False"]


# ------------------------------------------------------------------ files on their way

def test_a_stream_whose_reader_goes_away_gives_its_connection_back(app_real):
    """With a session taken inside; one of the request, which has ended by then, would keep its connection."""
    def linhas():
        sessao = db.session()
        sessoes.append(sessao)      # nor is it saved by nobody knowing it any more
        for n in range(3):
            yield str(sessao.scalar(text("SELECT 1 + :n"), {"n": n})).encode()

    sessoes = []
    app_real.add_url_rule("/corrente", "corrente", lambda: Response(transmitir(linhas)))
    resposta = app_real.test_client().get("/corrente", buffered=False)
    assert next(resposta.iter_encoded()) == b"1"
    with app_real.app_context():
        piscina = db.engine.pool
    assert piscina.checkedout() == 1
    resposta.close()
    assert piscina.checkedout() == 0 and sessoes
