"""Forms: Brazilian values, nothing preselected, ids under the row rules, refusals at the field, no save over a newer change."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from app.core.transacao import transacao
from app.extensions import db
from tests.core.visoes.aplicacao import Pedido, Pessoa, Situacao
from tests.core.visoes.conftest import entrar

ADD = "/pedidocatalogoview/add"


def dados(ids, **mudancas):
    """A valid order as the browser posts it."""
    return {"numero": "N-1", "pessoa": ids["Álvaro"], "valor": "1.234,56", "dia": "2026-12-31", "quando": "2026-12-31T10:00", "quantidade": "7",
            "situacao": "aberto", **mudancas}


def salvo(app, numero="N-1"):
    """The saved order, or None."""
    with app.app_context():
        return db.session.query(Pedido).filter_by(numero=numero).one_or_none()


def erro_de(pagina: str, campo: str) -> str:
    """The sentence under a field."""
    achado = re.search(rf'id="{campo}-erro">.*?</svg>(.*?)</span>', pagina, re.DOTALL)
    return achado.group(1).strip() if achado else ""


def test_brazilian_values_are_saved_exactly(admin, app_visoes, ids):
    assert admin.post(ADD, data=dados(ids)).status_code == 302
    pedido = salvo(app_visoes)
    assert (pedido.valor, pedido.dia, pedido.quantidade, pedido.situacao) == (Decimal("1234.56"), dt.date(2026, 12, 31), 7, Situacao.aberto)
    assert pedido.quando == dt.datetime(2026, 12, 31, 13, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("valor", ["NaN", "nan", "Infinity", "-inf", "1e400", "abc", "1,2,3", "sNaN", "1e3", "1,234.56", "10.12.2026"])
def test_money_that_is_not_a_number_is_refused_at_the_field(admin, app_visoes, ids, valor):
    pagina = admin.post(ADD, data=dados(ids, valor=valor)).text
    assert erro_de(pagina, "valor") == "Informe um valor como 1.234,56." and salvo(app_visoes) is None
    assert f'value="{valor}"' in pagina


@pytest.mark.parametrize(("campo", "valor", "erro"), [
    ("valor", "1,234", "No máximo 2 casas depois da vírgula."), ("valor", "99999999999", "Valor grande demais."),
    ("dia", "31/02/2026", "Informe uma data como 31/12/2026."),
    ("quando", "amanhã", "Informe data e hora."), ("quantidade", "dez", "Informe um número inteiro."), ("quantidade", "9" * 25, "Número grande demais."),
    ("situacao", "inventada", "Escolha uma opção da lista."), ("pessoa", "abc", "Escolha uma opção da lista."),
    ("pessoa", "9" * 30, "Escolha uma opção da lista."),
    ("pessoa", "", "Escolha uma opção."),
])
def test_each_bad_value_has_its_sentence(admin, app_visoes, ids, campo, valor, erro):
    pagina = admin.post(ADD, data=dados(ids, **{campo: valor})).text
    assert erro_de(pagina, campo) == erro and salvo(app_visoes) is None


@pytest.mark.parametrize("valor", ["31/12/2026", "2026-12-31"])
def test_dates_come_in_both_ways(admin, app_visoes, ids, valor):
    admin.post(ADD, data=dados(ids, dia=valor))
    assert salvo(app_visoes).dia == dt.date(2026, 12, 31)


def test_nothing_is_chosen_beforehand(admin):
    pagina = admin.get(ADD).text
    for campo in ("pessoa", "situacao"):
        select = re.search(rf'<select[^>]*id="{campo}".*?</select>', pagina, re.DOTALL).group(0)
        assert re.search(r'<option selected value="(__None)?">', select), campo
        assert ">__None<" not in select, "the stored word is not for people"


def test_a_remote_select_brings_no_rows_with_the_page(admin):
    pagina = admin.get(ADD).text
    assert 'data-remoto="/opcoes/pessoa"' in pagina and "Caio Prado" not in pagina


def test_a_posted_id_is_found_through_the_row_rules(ana, app_visoes, ids):
    pagina = ana.post(ADD, data=dados(ids, pessoa=ids["Caio"])).text
    assert erro_de(pagina, "pessoa") == "Escolha uma opção da lista." and salvo(app_visoes) is None


def test_a_relation_fixed_by_the_address_also_obeys_the_row_rules(ana, app_visoes, ids):
    corpo = dados(ids)
    del corpo["pessoa"]
    assert ana.post(f"{ADD}?_flt_0_pessoa={ids['Caio']}", data=corpo).status_code == 404
    assert ana.post(f"{ADD}?_flt_0_pessoa={ids['Beatriz']}", data=corpo).status_code == 302
    assert salvo(app_visoes).pessoa_id == ids["Beatriz"]


def test_editing_shows_the_row_as_it_was_typed_and_saves_unchanged(admin, app_visoes, ids):
    pagina = admin.get(f"/pedidocatalogoview/edit/{ids['P-1']}").text
    assert 'value="1.234,56"' in pagina and 'value="2026-12-01"' in pagina and 'value="2026-12-01T22:30"' in pagina and "Álvaro Souza" in pagina
    antes = salvo(app_visoes, "P-1")
    corpo = dados(ids, numero="P-1", dia="2026-12-01", quando="2026-12-01T22:30", quantidade="1", versao_registro=versao(pagina))
    assert admin.post(f"/pedidocatalogoview/edit/{ids['P-1']}", data=corpo).status_code == 302
    depois = salvo(app_visoes, "P-1")
    assert (depois.valor, depois.quando) == (antes.valor, antes.quando)


def versao(pagina: str) -> str:
    """The hidden version of an edit form."""
    return re.search(r'name="versao_registro" value="([^"]+)"', pagina).group(1)


def test_a_save_over_a_newer_change_is_refused_and_keeps_what_was_typed(admin, app_visoes, ids):
    url = f"/pedidocatalogoview/edit/{ids['P-1']}"
    velha = versao(admin.get(url).text)
    outra = entrar(app_visoes, "admin")
    assert outra.post(url, data=dados(ids, numero="P-1", valor="5,00", versao_registro=velha)).status_code == 302
    pagina = admin.post(url, data=dados(ids, numero="P-1", valor="9,00", versao_registro=velha)).text
    assert "Outra pessoa alterou este registro" in pagina and 'value="9,00"' in pagina and versao(pagina) == velha
    assert salvo(app_visoes, "P-1").valor == Decimal("5.00")


def test_the_same_save_sent_again_is_no_conflict(admin, app_visoes, ids):
    url = f"/pedidocatalogoview/edit/{ids['P-1']}"
    corpo = dados(ids, numero="P-1", valor="5,00", versao_registro=versao(admin.get(url).text))
    assert admin.post(url, data=corpo).status_code == 302
    salvo_em = salvo(app_visoes, "P-1").updated_at
    assert admin.post(url, data=corpo).status_code == 302
    assert salvo(app_visoes, "P-1").updated_at == salvo_em


def chave(cliente) -> str:
    """The hidden key of an opening of the form of people."""
    return re.search(r'name="chave_do_formulario" value="([^"]+)"', cliente.get("/pessoaview/add").text).group(1)


def pessoas(app, nome: str) -> int:
    """How many have that name."""
    with app.app_context():
        return db.session.query(Pessoa).filter_by(nome=nome).count()


def test_a_form_sent_again_adds_nothing_and_says_so(admin, app_visoes):
    corpo = {"nome": "Duas Vezes", "documento": "duplo-1", "chave_do_formulario": chave(admin)}
    assert [admin.post("/pessoaview/add", data=corpo).status_code for _vez in range(2)] == [302, 302]
    assert "Isto já estava gravado" in admin.get("/pessoaview/list/").text and pessoas(app_visoes, "Duas Vezes") == 1


def test_the_same_opening_with_something_else_and_another_opening_are_other_work(admin, app_visoes, ids):
    corpo = {"nome": "Primeira", "documento": "outro-1", "chave_do_formulario": chave(admin)}
    admin.post("/pessoaview/add", data=corpo)
    admin.post("/pessoaview/add", data={**corpo, "nome": "Segunda", "documento": "outro-2"})
    pagina = admin.post("/pessoaview/add", data={**corpo, "chave_do_formulario": chave(admin)}).text
    assert (pessoas(app_visoes, "Primeira"), pessoas(app_visoes, "Segunda")) == (1, 1) and erro_de(pagina, "documento")


def test_a_refused_form_keeps_its_key_and_works_when_corrected(admin, app_visoes):
    corpo = {"nome": "", "documento": "corrigido", "chave_do_formulario": chave(admin)}
    pagina = admin.post("/pessoaview/add", data=corpo).text
    assert f'value="{corpo["chave_do_formulario"]}"' in pagina
    assert admin.post("/pessoaview/add", data={**corpo, "nome": "Corrigida"}).status_code == 302 and pessoas(app_visoes, "Corrigida") == 1


def test_two_at_once_from_one_opening_add_one_row(admin, app_visoes):
    corpo, outro = {"nome": "Ao Mesmo Tempo", "documento": "simultaneo", "chave_do_formulario": chave(admin)}, entrar(app_visoes, "admin")
    with ThreadPoolExecutor(2) as pares:
        respostas = list(pares.map(lambda cliente: cliente.post("/pessoaview/add", data=corpo).status_code, (admin, outro)))
    assert respostas == [302, 302] and pessoas(app_visoes, "Ao Mesmo Tempo") == 1


def test_a_duplicate_is_told_at_its_field_without_sql(admin, app_visoes, ids):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add(Pessoa(nome="Outra", documento="repetido", dono="ana"))
    pagina = admin.post("/pessoaview/add", data={"nome": "Nova", "documento": "repetido"}).text
    assert erro_de(pagina, "documento") == "Já existe um registro com este valor." and "INSERT" not in pagina and 'value="Nova"' in pagina


@pytest.mark.parametrize("tamanho", [21, 3000])
def test_a_unique_value_that_is_too_long_is_told_at_its_field(admin, tamanho: int) -> None:
    resposta = admin.post("/pessoaview/add", data={"nome": "Nova", "documento": "9" * tamanho})
    assert resposta.status_code == 200 and erro_de(resposta.text, "documento") and 'value="Nova"' in resposta.text


def test_a_broken_check_uses_the_constraints_own_sentence(admin, app_visoes, ids):
    pagina = admin.post(ADD, data=dados(ids, valor="-1,00")).text
    assert "O valor não pode ser negativo." in pagina and "tv_pedido" not in pagina and salvo(app_visoes) is None


def test_deleting_what_is_in_use_says_so_and_keeps_it(admin, app_visoes, ids):
    resposta = admin.post(f"/pessoaview/delete/{ids['Álvaro']}", follow_redirects=True)
    assert "Este registro está ligado a outros" in resposta.text and "DELETE" not in resposta.text
    with app_visoes.app_context():
        assert db.session.get(Pessoa, ids["Álvaro"]) is not None


def test_deleting_and_editing_somebody_elses_row_does_not_exist(ana, ids):
    assert ana.post(f"/pessoaview/delete/{ids['Caio']}").status_code == 404
    assert ana.get(f"/pessoaview/edit/{ids['Caio']}").status_code == 404
    assert ana.post(f"/pessoaview/edit/{ids['Caio']}", data={"nome": "x", "documento": "y"}).status_code == 404


def test_an_unticked_box_is_an_answer(admin, app_visoes):
    admin.post("/pessoaview/add", data={"nome": "Sem vip", "documento": "77"})
    admin.post("/pessoaview/add", data={"nome": "Com vip", "documento": "78", "vip": "y"})
    with app_visoes.app_context():
        assert {p.nome: p.vip for p in db.session.query(Pessoa) if "vip" in p.nome} == {"Sem vip": False, "Com vip": True}


def test_blank_text_is_nothing_and_nul_is_dropped(admin, app_visoes):
    admin.post("/pessoaview/add", data={"nome": "  A\0na ", "documento": "79", "notas": "   "})
    with app_visoes.app_context():
        pessoa = db.session.query(Pessoa).filter_by(documento="79").one()
        assert (pessoa.nome, pessoa.notas) == ("Ana", None)


# ---- options of remote selects

def test_options_are_searched_and_limited_to_the_persons_rows(ana, admin):
    assert [o["text"] for o in ana.get("/opcoes/pessoa").json["results"]] == ["Álvaro Souza", "Beatriz Lima"]
    assert [o["text"] for o in admin.get("/opcoes/pessoa?q=cai").json["results"]] == ["Caio Prado"]


def test_options_need_the_permission_of_their_view(app_visoes):
    assert entrar(app_visoes, "zeca").get("/opcoes/pessoa").status_code == 403
    assert app_visoes.test_client().get("/opcoes/pessoa").status_code == 401
    assert entrar(app_visoes, "ana").get("/opcoes/inventada").status_code == 404


def test_options_come_twenty_at_a_time(admin, app_visoes):
    with app_visoes.app_context(), transacao() as sessao:
        sessao.add_all(Pessoa(nome=f"Nome {n:02}", documento=f"doc{n}", dono="ana") for n in range(45))
    primeira, terceira = admin.get("/opcoes/pessoa?q=nome").json, admin.get("/opcoes/pessoa?q=nome&pagina=3").json
    assert (len(primeira["results"]), primeira["pagination"]["more"]) == (20, True)
    assert (len(terceira["results"]), terceira["pagination"]["more"]) == (5, False)
    assert admin.get("/opcoes/pessoa?pagina=-5").status_code == 200
