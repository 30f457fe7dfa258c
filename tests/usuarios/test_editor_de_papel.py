"""The role editor: what it marks, what it gives back, what it copies, and the limits beside it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask_appbuilder.security.sqla.models import Group, Role, User
from sqlalchemy import delete, select

from app.core import relogio
from app.core.transacao import transacao
from app.usuarios import limites_papel
from app.usuarios.models import LimitePapel, SessaoUsuario
from tests import fabricas as f
from tests.usuarios.apoio import marcadas, papel_id, salvar_papel


def direitos(app, nome: str) -> set[tuple[str, str]]:
    with app.app_context(), transacao() as s:
        return {(p.view_menu.name, p.permission.name) for p in s.scalars(select(Role).where(Role.name == nome)).one().permissions}


def caixa(pagina: str, rotulo: str) -> str:
    """The box of that name, as the page writes it."""
    return re.search(rf'<label[^>]*><input[^>]*aria-label="{re.escape(rotulo)}"[^>]*>', pagina)[0]


def valor(pagina: str, rotulo: str) -> str:
    return re.search(r'value="([\d,]+)"', caixa(pagina, rotulo))[1]


def test_a_screen_and_its_api_are_one_row_with_boxes_of_their_own(app, http, admin) -> None:
    pagina = http.get(f"/permissoes/{papel_id(app, 'Atendente')}").text
    clientes = pagina.split("<h2>Clientes</h2>")[1].split("<h2>")[0]
    assert len(re.findall(r"</span></th>\s*<td", clientes)) >= 8 and clientes.count(">Clientes</span></th>") == 1
    assert valor(pagina, "Criar: Clientes") != valor(pagina, "Criar: Clientes (API)")
    titulos = re.findall(r'<th scope="row"><span class="com-caixa">(?:<input[^>]*>)?([^<]+)', pagina)
    assert len(titulos) == len(set(titulos)) > 40


def test_what_differs_from_the_house_is_marked_and_goes_back_at_a_press(app, http, admin) -> None:
    chave, antes = papel_id(app, "Atendente"), direitos(app, "Atendente")
    pagina = http.get(f"/permissoes/{chave}").text
    assert "Nada difere." in pagina
    tirada = valor(pagina, "Criar: Clientes")
    assert salvar_papel(http, chave, [c for c in marcadas(pagina) if c != tirada]).status_code == 302
    pagina = http.get(f"/permissoes/{chave}").text
    assert "1 caixa difere" in pagina and "difere" in caixa(pagina, "Criar: Clientes") and "difere" not in caixa(pagina, "Ver: Clientes")
    assert direitos(app, "Atendente") == antes - {("ClienteView", "can_add")}
    assert http.post(f"/permissoes/{chave}/padrao").status_code == 302
    assert direitos(app, "Atendente") == antes


@pytest.mark.parametrize("nome", ["Gerente", "Financeiro", "Atendente", "Tecnico"])
def test_saving_a_role_as_it_is_changes_nothing(app, http, admin, nome: str) -> None:
    antes, chave = direitos(app, nome), papel_id(app, nome)
    assert salvar_papel(http, chave, marcadas(http.get(f"/permissoes/{chave}").text)).status_code == 302
    assert direitos(app, nome) == antes


def test_a_role_compared_with_another_shows_where_they_part(app, http, admin) -> None:
    pagina = http.get(f"/permissoes/{papel_id(app, 'Atendente')}?comparar={papel_id(app, 'Financeiro')}").text
    assert "difere" in caixa(pagina, "Criar: Clientes") and "difere" not in caixa(pagina, "Ver: Clientes") and "diferente de Financeiro" in pagina


def test_a_copy_begins_with_the_same_rights_and_limits(app, http, admin) -> None:
    endereco = f"/permissoes/{papel_id(app, 'Atendente')}/copiar"
    assert "Já existe um papel com esse nome." in http.post(endereco, data={"nome": "atendente"}).text
    assert http.post(endereco, data={"nome": "Balcão"}).status_code == 302
    assert direitos(app, "Balcão") == direitos(app, "Atendente")
    with app.app_context(), transacao() as s:
        novo = s.scalars(select(LimitePapel).join(Role).where(Role.name == "Balcão")).one()
        assert (novo.desconto, novo.credito, novo.dispensa) == (50, 50, 20)


def test_the_people_of_a_role_are_one_click_away(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Atendente", usuario="ana")
        f.um_usuario(s, "Financeiro", usuario="beto")
    pagina = http.get(f"/permissoes/{papel_id(app, 'Atendente')}").text
    lista = http.get(re.search(r'href="(/usuarios/list/\?[^"]+)"', pagina)[1]).text
    assert "1 pessoa ativa tem este papel" in pagina and ">ana<" in lista and ">beto<" not in lista


def test_limits_are_changed_said_back_and_reach_open_sessions(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        ana = f.um_usuario(s, "Atendente", usuario="ana").id
    app.test_client().entrar("ana")
    endereco = f"/permissoes/{papel_id(app, 'Atendente')}/limites"
    dados = {"desconto": "75,50", "credito": "", "credito_livre": "y", "dispensa": "0", "sessao_horas": "8", "ociosa_minutos": "30"}
    assert http.post(endereco, data=dados).status_code == 302
    with app.app_context(), transacao() as s:
        limites = s.scalars(select(LimitePapel).join(Role).where(Role.name == "Atendente")).one()
        assert (str(limites.desconto), limites.credito, limites.dispensa, limites.sessao_horas, limites.ociosa_minutos) == ("75.50", None, 0, 8, 30)
        assert s.scalars(select(SessaoUsuario.girar).where(SessaoUsuario.usuario_id == ana)).all() == [True]
    pagina = http.get(endereco).text
    assert 'value="75,50"' in pagina and re.search(r'id="credito_livre"[^>]*checked|checked[^>]*id="credito_livre"', pagina)


@pytest.mark.parametrize("mudanca", [{"desconto": ""}, {"desconto": "-1"}, {"sessao_horas": "721"}, {"ociosa_minutos": "4"}])
def test_a_limit_nobody_means_is_refused_at_its_field(app, http, admin, mudanca: dict) -> None:
    dados = {"desconto": "5", "credito": "5", "dispensa": "5", "sessao_horas": "8", "ociosa_minutos": "30"}
    resposta = http.post(f"/permissoes/{papel_id(app, 'Atendente')}/limites", data={**dados, **mudanca})
    assert resposta.status_code == 200 and "Corrija 1 campo" in resposta.text


def test_limits_are_given_once_and_a_new_role_may_give_nothing(app, http, admin) -> None:
    http.post("/papeis/add", data={"name": "Estagiário"})
    with app.app_context(), transacao() as s:
        novo = s.scalars(select(LimitePapel).join(Role).where(Role.name == "Estagiário")).one()
        assert (novo.desconto, novo.credito, novo.dispensa) == (0, 0, 0)
        do_gerente = s.scalars(select(LimitePapel).join(Role).where(Role.name == "Gerente")).one()
        do_gerente.desconto = 7
        s.flush()
        assert limites_papel.semear(s) == 0 and do_gerente.desconto == 7
        s.execute(delete(LimitePapel))
        limites_papel.semear(s)
        linhas = {x.papel.name: x for x in s.scalars(select(LimitePapel))}
        assert {n for n, x in linhas.items() if x.exige_2fa} == {"Admin", "Gerente"} and linhas["Gerente"].desconto is None
        assert (linhas["Cliente"].sessao_horas, linhas["Cliente"].ociosa_minutos) == (720, 10080)


def test_only_an_administrator_reaches_limits_copies_and_defaults(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="beto")
    beto, chave = app.test_client(), papel_id(app, "Atendente")
    beto.entrar("beto")
    respostas = [beto.get(f"/permissoes/{chave}/limites"), beto.post(f"/permissoes/{chave}/padrao"), beto.post(f"/permissoes/{chave}/copiar")]
    assert [r.status_code for r in respostas] == [403] * 3


@pytest.mark.parametrize("endereco", ["/permissoes/{papel}", "/permissoes/{papel}/limites", "/permissoes/{papel}/copiar", "/papeis/add", "/grupos/add",
                                      "/usuarios/edit/{pessoa}", "/desligar/{pessoa}"])
def test_who_has_not_proved_himself_lately_is_asked_before_the_form_opens_and_before_it_is_saved(app, http, admin, endereco: str) -> None:
    with app.app_context(), transacao() as s:
        ana = f.um_usuario(s, "Atendente", usuario="ana").id
    endereco = endereco.format(papel=papel_id(app, "Atendente"), pessoa=ana)
    antes = direitos(app, "Atendente")
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=20)):
        respostas = [http.get(endereco), http.post(endereco, data={"name": "x", "p": ""})]
    assert ["confirmar" in (r.location or "") for r in respostas] == [True, True], [(r.status_code, r.location) for r in respostas]
    assert direitos(app, "Atendente") == antes


def test_the_list_begins_with_the_team(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Cliente", usuario="fregues")
        f.um_usuario(s, "Financeiro", usuario="saiu", active=False)
        grupo = Group(name="portal", label="Portal", description="", roles=[], users=[])
        s.add(grupo)
    nomes = {aba: http.get(aba).text for aba in ("/usuarios/list/", *_abas(http))}
    inicio = nomes["/usuarios/list/"]
    assert ">chefe<" in inicio and ">fregues<" not in inicio and ">saiu<" not in inicio
    desligados, clientes, todos = (nomes[aba] for aba in _abas(http)[-3:])
    assert ">saiu<" in desligados and ">chefe<" not in desligados
    assert ">fregues<" in clientes and ">chefe<" not in clientes
    assert all(f">{nome}<" in todos for nome in ("chefe", "fregues", "saiu"))
    assert "fregues" not in http.get("/usuarios/exportar/csv").text


def _abas(http) -> list[str]:
    pagina = http.get("/usuarios/list/").text
    return [h.replace("&amp;", "&") for h in re.findall(r'href="(/usuarios/list/[^"]*)"', pagina.split('class="visoes"')[1].split("</nav>")[0])]


def test_a_right_taken_from_a_group_member_closes_his_page_and_the_menu(app, http, admin) -> None:
    with app.app_context(), transacao() as s:
        pessoa = f.um_usuario(s, "Tecnico", usuario="rui")
        papel = s.scalars(select(Role).where(Role.name == "Atendente")).one()
        s.add(Group(name="balcao", label="Balcão", description="", roles=[papel], users=[s.get(User, pessoa.id)]))
    rui, chave = app.test_client(), papel_id(app, "Atendente")
    rui.entrar("rui")
    assert rui.get("/faturamento/list/").status_code == 200 and 'href="/faturamento/list/"' in rui.get("/").text
    pagina = http.get(f"/permissoes/{chave}").text
    salvar_papel(http, chave, [c for c in marcadas(pagina) if c != valor(pagina, "Ver: Faturas")])
    assert rui.get("/faturamento/list/").status_code == 403 and 'href="/faturamento/list/"' not in rui.get("/").text
