"""Screens of users, roles and groups: only an administrator changes them, somebody can always administer."""

from __future__ import annotations

import re

import pytest
from flask_appbuilder.menu import MenuApi
from flask_appbuilder.security.sqla.models import Group, PermissionView, Role, User
from sqlalchemy import select

from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios import consultas, papeis, permissoes_tela
from app.usuarios.models import SessaoUsuario
from tests import fabricas as f
from tests.usuarios.apoio import marcadas, papel_id, salvar_papel


def outro(app, papel: str = "Gerente", nome: str = "ana") -> int:
    with app.app_context(), transacao() as s:
        return f.um_usuario(s, papel, usuario=nome).id


def dar(app, papel: str, visao: str) -> None:
    """Tick every box of a screen for a role."""
    with app.app_context(), transacao() as s:
        alvo = s.scalars(select(Role).where(Role.name == papel)).one()
        alvo.permissions += [p for p in s.scalars(select(PermissionView)) if p.view_menu.name == visao and p not in alvo.permissions]


def _senha(pagina: str) -> str:
    return re.search(r'<code id="senha-nova">([^<]+)</code>', pagina).group(1)


def test_a_stale_page_does_not_bring_back_who_was_dismissed(app, http, admin) -> None:
    ana = outro(app)
    versao = re.search(r'name="versao_registro" value="([^"]+)"', http.get(f"/usuarios/edit/{ana}").text)[1]
    dados = {"first_name": "Ana", "last_name": "Lima", "username": "ana", "email": "ana@exemplo.com.br", "versao_registro": versao}
    demitida = http.post(f"/usuarios/edit/{ana}", data={**dados, "roles": [papel_id(app, "Atendente")]})
    assert demitida.status_code == 302
    resposta = http.post(f"/usuarios/edit/{ana}", data={**dados, "last_name": "Lima Souza", "active": "y", "roles": [papel_id(app, "Gerente")]})
    assert "Outra pessoa alterou este registro." in resposta.text and 'value="Lima Souza"' in resposta.text
    with app.app_context():
        pessoa = db.session.get(User, ana)
        assert (pessoa.active, [p.name for p in pessoa.roles], pessoa.last_name) == (False, ["Atendente"], "Lima")
    assert http.post(f"/usuarios/edit/{ana}", data={**dados, "roles": [papel_id(app, "Atendente")]}).status_code == 302      # the same again


@pytest.mark.parametrize(("mudanca", "motivo"), [
    ({"email": "chefe@exemplo.com.br"}, "existe"), ({"email": "não é"}, "e-mail válido"), ({"username": "com espaço"}, "sem espaços"), ({"roles": []}, "papel"),
    ({"roles": ["999999"]}, "Uma das opções não existe mais"), ({"groups": ["999999"]}, "Uma das opções não existe mais"),
])
def test_a_wrong_user_is_refused_with_what_was_typed(app, http, admin, mudanca: dict, motivo: str) -> None:
    dados = {"first_name": "Ana", "last_name": "Lima", "username": "ana", "email": "ana@exemplo.com.br", "roles": [papel_id(app, "Financeiro")]}
    resposta = http.post(f"/usuarios/edit/{outro(app)}", data={**dados, "active": "y", **mudanca})
    assert motivo in resposta.text and 'value="Lima"' in resposta.text


def test_a_ticked_box_does_not_make_an_administrator(app, http) -> None:
    eu = outro(app, "Gerente", "ana")
    for visao in ("UsuarioView", "ConviteView", "PapelView", "GrupoView"):
        dar(app, "Gerente", visao)
    http.entrar("ana")
    admin_id = papel_id(app, "Admin")
    dados = {"first_name": "A", "last_name": "B", "username": "ana", "email": "ana@exemplo.com.br", "roles": [admin_id], "active": "y"}
    assert http.get("/usuarios/list/").status_code == 200
    respostas = [
        http.post(f"/usuarios/edit/{eu}", data=dados), http.post("/convites/novo", data={**dados, "username": "novo"}), http.get("/convites/novo"),
        http.post(f"/usuarios/action/redefinir_senha/{eu}"), http.post(f"/permissoes/{papel_id(app, 'Gerente')}", data={"p": "1"}),
        http.post("/papeis/add", data={"name": "x"}), http.post("/grupos/add", data={"name": "x", "roles": [admin_id]}),
    ]
    assert [r.status_code for r in respostas] == [403] * len(respostas)


@pytest.mark.parametrize("mudanca", [{"active": None}, {"roles": "Gerente"}])
def test_the_last_administrator_stays(app, http, admin, mudanca: dict) -> None:
    dados = {"first_name": "A", "last_name": "B", "username": "chefe", "email": "chefe@exemplo.com.br", "active": "y", "roles": [papel_id(app, "Admin")]}
    dados |= {k: [papel_id(app, v)] if k == "roles" else v for k, v in mudanca.items()}
    resposta = http.post(f"/usuarios/edit/{admin}", data={k: v for k, v in dados.items() if v})
    assert resposta.status_code == 200 and ("administrador ativo" in resposta.text or "próprio acesso" in resposta.text)
    with app.app_context(), transacao() as s:
        assert consultas.existe_admin(s)


def test_an_administrator_by_group_counts_and_the_group_stays_so(app, http, admin) -> None:
    """Editing somebody else is not refused, and the group may not lose the role while it is the only way in."""
    alvo = outro(app)
    with app.app_context(), transacao() as s:
        papel = s.scalars(select(Role).where(Role.name == "Admin")).one()
        grupo = Group(name="chefia", label="Chefia", description="", roles=[papel], users=[s.get(User, admin)])
        s.add(grupo)
        s.get(User, admin).roles = []
        s.flush()
        grupo_id = grupo.id
        assert consultas.existe_admin(s) and not consultas.existe_admin(s, alem_de=[admin])
    dados = {"first_name": "Ana", "last_name": "Lima", "username": "ana", "email": "ana@exemplo.com.br", "active": "y", "roles": [papel_id(app, "Gerente")]}
    assert http.post(f"/usuarios/edit/{alvo}", data=dados).status_code == 302
    resposta = http.post(f"/grupos/edit/{grupo_id}", data={"name": "chefia", "label": "Chefia", "description": "", "roles": [papel_id(app, "Gerente")]})
    assert resposta.status_code == 200 and "administrador ativo" in resposta.text
    with app.app_context(), transacao() as s:
        assert consultas.existe_admin(s)


def test_an_administrator_resets_a_password_and_the_sessions_end(app, http, admin) -> None:
    alvo = outro(app)
    ana = app.test_client()
    ana.entrar("ana")
    senha = _senha(http.post(f"/usuarios/action/redefinir_senha/{alvo}").text)
    assert ana.get("/").status_code == 302
    assert ana.entrar("ana").status_code == 200
    assert ana.entrar("ana", senha).location == "/"


def test_an_administrator_frees_a_locked_account(app, http, admin) -> None:
    alvo = outro(app)
    ana = app.test_client()
    for _n in range(5):
        ana.entrar("ana", "senha-errada-1")
    assert ana.entrar("ana").status_code == 200
    http.post(f"/usuarios/action/destravar/{alvo}")
    assert ana.entrar("ana").status_code == 302


def test_who_is_made_inactive_does_not_come_back_with_the_old_session(app, http, admin) -> None:
    alvo = outro(app)
    ana = app.test_client()
    ana.entrar("ana")
    dados = {"first_name": "A", "last_name": "B", "username": "ana", "email": "ana@exemplo.com.br", "roles": [papel_id(app, "Gerente")]}
    http.post(f"/usuarios/edit/{alvo}", data=dados)
    http.post(f"/usuarios/edit/{alvo}", data={**dados, "active": "y"})
    assert ana.get("/").status_code == 302
    with app.app_context(), transacao() as s:
        assert s.get(User, alvo).active and s.scalar(select(SessaoUsuario.motivo).where(SessaoUsuario.usuario_id == alvo)) == "desativada"


def test_nobody_can_be_deleted(app, http, admin) -> None:
    assert http.post(f"/usuarios/delete/{outro(app)}").status_code == 404


@pytest.mark.parametrize("nome", sorted(papeis.FIXOS))
def test_the_roles_of_the_house_keep_their_names(app, http, admin, nome: str) -> None:
    chave = papel_id(app, nome)
    http.post(f"/papeis/edit/{chave}", data={"name": "Outro nome"})
    http.post(f"/papeis/delete/{chave}")
    assert papel_id(app, nome) == chave


def test_a_stale_page_does_not_give_back_a_permission_that_was_taken(app, http, admin) -> None:
    endereco = f"/permissoes/{papel_id(app, 'Financeiro')}"
    pagina = http.get(endereco).text
    versao, caixas = re.search(r'name="versao" value="([^"]+)"', pagina)[1], marcadas(pagina)
    assert [http.post(endereco, data={"p": caixas[1:], "versao": versao}).status_code for _vez in range(2)] == [302, 302]      # the same again
    velha = http.post(endereco, data={"p": [caixas[0], *caixas[2:]], "versao": versao})
    sem_versao = http.post(endereco, data={"p": [caixas[0], *caixas[2:]]})
    assert all("Outra pessoa mudou as permissões deste papel" in r.text for r in (velha, sem_versao))
    agora = marcadas(http.get(endereco).text)
    assert caixas[0] not in agora and caixas[1] in agora


def test_unticking_a_box_closes_the_page_at_the_next_click(app, http, admin) -> None:
    outro(app)
    ana = app.test_client()
    ana.entrar("ana")
    assert ana.get("/feriados/list/").status_code == 200
    chave = papel_id(app, "Gerente")
    pagina = http.get(f"/permissoes/{chave}")
    assert pagina.status_code == 200 and "Feriados do provedor" in pagina.text
    assert salvar_papel(http, chave, []).status_code == 302
    assert ana.get("/feriados/list/").status_code == 403


def test_the_matrix_gives_the_menu_with_the_screen_and_is_audited(app, http, admin) -> None:
    chave = papel_id(app, "Tecnico")
    with app.app_context(), transacao() as s:
        ver = [p.id for p in s.scalars(select(PermissionView)) if p.view_menu.name == "FeriadoView" and p.permission.name in ("can_list", "can_show")]
    salvar_papel(http, chave, [",".join(map(str, ver)), "999999", "lixo"])
    with app.app_context(), transacao() as s:
        direitos = {(p.view_menu.name, p.permission.name) for p in s.get(Role, chave).permissions}
    assert direitos == {("FeriadoView", "can_list"), ("FeriadoView", "can_show"), ("Feriados", "menu_access"), ("Configuracoes", "menu_access")}
    assert "permissions" in http.get("/auditoria/list/?_flt_1_resource=ab_role").text or http.get("/auditoria/list/").status_code == 200


def test_the_matrix_has_words_for_every_screen_and_action(app) -> None:
    with app.test_request_context():
        titulos = [linha.titulo for linha in permissoes_tela.linhas_da_matriz(db.session())]
    proprias = {
        p for v in app.appbuilder.baseviews if not isinstance(v, MenuApi) for p in v.base_permissions or ()
        if p not in permissoes_tela._COLUNA_DA_PERMISSAO and p not in getattr(v, "actions", {})
    }
    assert [t for t in titulos if re.search(r"(View|Api)\b|\bOpen\b|[a-z][A-Z]", t)] == []
    assert sorted(titulos) == sorted(set(titulos)), "two rows of one name"
    assert proprias - set(permissoes_tela.ACOES) == set()


@pytest.mark.parametrize("nome", ["Admin", "Public"])
def test_rights_of_admin_and_public_are_not_edited(app, http, admin, nome: str) -> None:
    chave = papel_id(app, nome)
    assert http.get(f"/permissoes/{chave}").status_code == 200
    assert http.post(f"/permissoes/{chave}", data={"p": "1"}).status_code == 403


TELAS = ["/usuarios/list/", "/convites/list/", "/convites/novo", "/papeis/list/", "/papeis/add", "/grupos/list/", "/grupos/add", "/perfil/"]


@pytest.mark.parametrize("tela", TELAS)
def test_the_screens_open_in_portuguese(http, admin, tela: str) -> None:
    resposta = http.get(tela)
    assert resposta.status_code == 200
    texto = re.sub(r"<[^>]+>|\{.*?\}", " ", resposta.text.split("<main")[1].split("</main>")[0])
    assert not re.search(r"\b(User|Role|Password|Username|Email|Groups?)\b", texto)


def test_the_profile_changes_the_own_name_only(app, http, admin) -> None:
    assert http.post("/perfil/", data={"first_name": "Novo", "last_name": "Nome", "username": "x", "roles": "1"}).status_code == 302
    with app.app_context(), transacao() as s:
        assert (s.get(User, admin).get_full_name(), s.get(User, admin).username) == ("Novo Nome", "chefe")


def test_no_screen_promises_limits_that_nothing_reads(http, admin) -> None:
    assert http.get("/limites/list/").status_code == 404
    assert "Limites por papel" not in http.get("/papeis/list/").text


def test_no_screen_has_two_boxes_of_one_name_and_one_box_gives_all_it_says(app, http, admin) -> None:
    chave = papel_id(app, "Tecnico")
    pagina = http.get(f"/permissoes/{chave}").text
    acessos = next(x for x in pagina.split("<tr>") if "Mudar servidor" in x)
    assert acessos.count(">Mudar servidor<") == 1
    ids = re.search(r'value="([\d,]+)"[^>]*>Mudar servidor<', acessos).group(1)
    salvar_papel(http, chave, [ids])
    with app.app_context(), transacao() as s:
        direitos = {(p.view_menu.name, p.permission.name) for p in s.get(Role, chave).permissions}
    assert direitos == {("AcessoRedeView", "can_mudar_servidor"), ("AcessoRedeView", "mudar_servidor")}


def test_the_audit_names_columns_no_screen_shows(app, http, admin) -> None:
    alvo = outro(app)
    http.post(f"/usuarios/action/redefinir_senha/{alvo}")
    with app.app_context(), transacao() as s:
        do_perfil = select(UserAuditLog.id).where(UserAuditLog.resource == "perfil", UserAuditLog.resource_id == str(alvo))
        chave = s.scalars(do_perfil.order_by(UserAuditLog.id.desc())).first()
    pagina = http.get(f"/auditoria/show/{chave}").text
    assert "Precisa trocar a senha" in pagina and "Trocar senha</t" not in pagina
