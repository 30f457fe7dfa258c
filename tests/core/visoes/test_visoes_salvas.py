"""Saved views of a list, and actions on everything a filter shows."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from app.core.models import FiltroSalvo
from app.core.transacao import transacao
from app.core.visoes import salvas
from app.extensions import db
from tests.core.visoes.aplicacao import Pedido, Situacao
from tests.core.visoes.conftest import entrar, sem_permissao

LISTA = "/pedidoview/list/"
ABERTOS_DE_VALOR = "_flt_0_situacao=aberto&_flt_1_valor=2000"


@pytest.fixture(autouse=True)
def _sem_visoes(app_visoes):
    yield
    with app_visoes.app_context(), transacao() as sessao:
        sessao.query(FiltroSalvo).delete()


def _salvar(cliente, consulta=ABERTOS_DE_VALOR, nome="Grandes", **mais):
    return cliente.post("/filtros-salvos/", data={"visao": "PedidoView", "nome": nome, "consulta": consulta, **mais}, follow_redirects=True)


def _abas(cliente, endereco=LISTA):
    nav = re.search(r'<nav class="visoes".*?</nav>', cliente.get(endereco).text, re.S).group()
    return re.findall(r"<a href=\"([^\"]+)\"([^>]*)>(?:<svg.*?</svg>)?([^<]+)</a>", nav)


def test_a_saved_view_is_a_tab_with_its_filters_and_is_current_when_shown(ana):
    assert "Visão “Grandes” salva." in _salvar(ana).text
    endereco = next(e for e, _atributos, nome in _abas(ana) if nome == "Grandes").replace("&amp;", "&")
    pagina = ana.get(endereco).text
    assert "P-2" in pagina and "P-1" not in pagina
    assert [nome for _e, atributos, nome in _abas(ana, endereco) if "aria-current" in atributos] == ["Grandes"]


def test_it_keeps_filters_search_and_order_and_nothing_else(app_visoes, ana):
    _salvar(ana, "page_PedidoView=3&psize_PedidoView=50&x=1&_od_PedidoView=asc&_oc_PedidoView=valor&" + ABERTOS_DE_VALOR)
    with app_visoes.app_context():
        assert db.session.query(FiltroSalvo.consulta).scalar() == ABERTOS_DE_VALOR + "&_oc_PedidoView=valor&_od_PedidoView=asc"


def test_an_ordered_tab_stays_current_and_may_be_saved_with_its_order(ana):
    endereco = LISTA + "?_flt_0_situacao=aberto&_oc_PedidoView=valor&_od_PedidoView=asc"
    assert [nome for _e, atributos, nome in _abas(ana, endereco) if "aria-current" in atributos] == ["Abertos"]
    assert "Salvar visão" in ana.get(endereco).text
    assert "Salvar visão" not in ana.get(LISTA + "?_flt_0_situacao=aberto").text


def test_the_same_name_is_replaced_and_lists_do_not_mix(app_visoes, ana):
    _salvar(ana)
    _salvar(ana, "_flt_0_situacao=fechado")
    ana.post("/filtros-salvos/", data={"visao": "PessoaView", "nome": "Grandes", "consulta": "q=alvaro"})
    with app_visoes.app_context():
        guardados = db.session.query(FiltroSalvo.visao, FiltroSalvo.consulta).order_by(FiltroSalvo.visao).all()
    assert [tuple(g) for g in guardados] == [("PedidoView", "_flt_0_situacao=fechado"), ("PessoaView", "q=alvaro")]


@pytest.mark.parametrize(("consulta", "nome", "recado"), [
    ("", "Vazia", "Filtre ou ordene a lista"), ("page_PedidoView=2", "Vazia", "Filtre ou ordene a lista"), (ABERTOS_DE_VALOR, " ", "Dê à visão um nome"),
    (ABERTOS_DE_VALOR, "x" * 41, "Dê à visão um nome"), ("q=" + "a" * 1600, "Longa", "Há filtros demais"),
])
def test_what_cannot_be_saved_says_why(app_visoes, ana, consulta, nome, recado):
    assert recado in _salvar(ana, consulta, nome).text
    with app_visoes.app_context():
        assert db.session.query(FiltroSalvo).count() == 0


def test_a_list_has_a_limited_number_of_views(app_visoes, ana):
    with app_visoes.app_context(), transacao() as sessao:
        ana_id = app_visoes.appbuilder.sm.find_user("ana").id
        sessao.add_all(FiltroSalvo(visao="PedidoView", nome=f"V{n}", consulta="q=x", usuario_id=ana_id) for n in range(salvas.POR_PESSOA))
    assert "exclua uma antes" in _salvar(ana).text


def test_a_name_with_markup_is_only_a_name(ana):
    _salvar(ana, nome="<script>alert(1)</script>")
    assert "<script>alert(1)" not in ana.get(LISTA).text


def test_own_views_are_nobody_elses(app_visoes, ana):
    _salvar(ana)
    bia = entrar(app_visoes, "bia")
    assert "Grandes" not in bia.get(LISTA).text
    with app_visoes.app_context():
        chave = db.session.query(FiltroSalvo.id).scalar()
    assert bia.post(f"/filtros-salvos/{chave}/excluir").status_code == 404
    assert ana.post(f"/filtros-salvos/{chave}/excluir", follow_redirects=True).status_code == 200
    with app_visoes.app_context():
        assert db.session.query(FiltroSalvo).count() == 0


def test_only_those_who_may_share_share_and_everybody_sees_it(app_visoes, ana, admin):
    assert _salvar(ana, equipe="1").status_code == 403
    _salvar(admin, equipe="1")
    assert "Grandes" in ana.get(LISTA).text
    with app_visoes.app_context():
        chave = db.session.query(FiltroSalvo.id).scalar()
    assert ana.post(f"/filtros-salvos/{chave}/excluir").status_code == 404
    assert admin.post(f"/filtros-salvos/{chave}/excluir").status_code == 302


def test_a_list_one_may_not_see_has_no_views(app_visoes, ana):
    with sem_permissao(app_visoes, "can_list", "PessoaView"):
        assert ana.post("/filtros-salvos/", data={"visao": "PessoaView", "nome": "x", "consulta": "q=a"}).status_code == 404
    assert ana.post("/filtros-salvos/", data={"visao": "NaoExiste", "nome": "x", "consulta": "q=a"}).status_code == 404


def test_nobody_saves_without_signing_in(app_visoes):
    assert app_visoes.test_client().post("/filtros-salvos/", data={"visao": "PedidoView"}).status_code == 401
    assert app_visoes.test_client().post("/filtros-salvos/1/excluir").status_code == 401


# ---- an action on all rows of the filter

def _situacoes(app):
    with app.app_context():
        return {p.numero: p.situacao for p in db.session.query(Pedido)}


def _fechar_todos(cliente, consulta, vistos):
    return cliente.post(f"/pedidoview/action_post?{consulta}", data={"action": "fechar", "todos": str(vistos)}, follow_redirects=True)


def test_an_action_reaches_every_row_of_the_filter_and_no_other(app_visoes, admin):
    assert "Feito em 2 registros." in _fechar_todos(admin, "_flt_1_valor=2000", 2).text
    assert _situacoes(app_visoes) == {"P-1": Situacao.aberto, "P-2": Situacao.fechado, "P-3": Situacao.fechado}


def test_it_stays_under_the_row_rules(app_visoes, ana):
    assert "Feito em 2 registros." in _fechar_todos(ana, "", 2).text
    assert _situacoes(app_visoes)["P-3"] is Situacao.aberto


def test_a_list_that_changed_since_it_was_seen_is_refused(app_visoes, admin):
    with app_visoes.app_context(), transacao() as sessao:
        pessoa = sessao.query(Pedido).first().pessoa
        sessao.add(Pedido(numero="P-9", pessoa=pessoa, valor=Decimal(5000), situacao=Situacao.aberto))
    assert "A lista mudou: eram 2 registros e agora são 3." in _fechar_todos(admin, "_flt_1_valor=2000", 2).text
    assert set(_situacoes(app_visoes).values()) == {Situacao.aberto}


def test_too_many_rows_are_refused(app_visoes, admin):
    with app_visoes.app_context(), transacao() as sessao:
        pessoa = sessao.query(Pedido).first().pessoa
        sessao.add_all(Pedido(numero=f"M-{n}", pessoa=pessoa, valor=Decimal(1), situacao=Situacao.aberto) for n in range(501))
    assert "Escolha no máximo 500" in _fechar_todos(admin, "_flt_0_numero=M-", 501).text
    assert set(_situacoes(app_visoes).values()) == {Situacao.aberto}


def test_the_offer_is_made_only_when_the_filter_has_more_rows_than_the_page_and_not_too_many(app_visoes, admin):
    with app_visoes.app_context(), transacao() as sessao:
        pessoa = sessao.query(Pedido).first().pessoa
        sessao.add_all(Pedido(numero=f"M-{n}", pessoa=pessoa, valor=Decimal(1), situacao=Situacao.aberto) for n in range(40))
    assert "Selecionar todos os 40 do filtro" in admin.get(LISTA + "?_flt_0_numero=M-").text
    assert "do filtro</button>" not in admin.get(LISTA + "?_flt_0_numero=P-").text
