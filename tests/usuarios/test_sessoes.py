"""Sessions end when they must: by the clock of the role, by a word, by rights that changed; and what signing in costs."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select, update

from app.core import relogio
from app.core.ator import agindo_como
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios.convites import ConviteService
from app.usuarios.models import LimitePapel, SessaoUsuario
from app.usuarios.services import ChaveApiService, UsuarioService
from tests import fabricas as f
from tests.comandos import comandos, reais
from tests.conftest import Navegador

AGORA = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture
def ana(app: Flask) -> int:
    with app.app_context(), transacao() as s:
        return f.um_usuario(s, "Gerente", usuario="ana").id


def limitar(app: Flask, papel: str, **limites: object) -> None:
    with app.app_context(), transacao() as s:
        papel_id = s.scalar(select(Role.id).where(Role.name == papel))
        if not s.execute(update(LimitePapel).where(LimitePapel.papel_id == papel_id).values(**limites)).rowcount:
            s.add(LimitePapel(papel_id=papel_id, **limites))


def andar(http, *, minutos: int, pagina: str = "/perfil/") -> int:
    with relogio.mover_para(AGORA + dt.timedelta(minutes=minutos)):
        return http.get(pagina).status_code


def test_signing_in_is_three_statements_beside_the_hash(app, http, ana) -> None:
    with app.app_context():
        motor = db.engine
    with comandos(motor) as feitos:
        assert http.entrar("ana").status_code == 302
    assert len(reais(feitos)) <= 3, reais(feitos)


def test_a_session_without_a_click_ends_and_says_why(app, http, ana) -> None:
    limitar(app, "Gerente", ociosa_minutos=30, sessao_horas=4)
    with relogio.mover_para(AGORA):
        http.entrar("ana")
    assert [andar(http, minutos=n) for n in (29, 58, 87)] == [200] * 3, "each click begins the wait anew"
    with relogio.mover_para(AGORA + dt.timedelta(minutes=118)):
        assert http.get("/perfil/").status_code == 302
        assert "A sessão terminou por falta de uso." in http.get("/login/").text


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(app, http, ana) -> None:
    limitar(app, "Gerente", ociosa_minutos=30, sessao_horas=4)
    with relogio.mover_para(AGORA):
        http.entrar("ana")
    for n in range(5, 30, 5):
        with relogio.mover_para(AGORA + dt.timedelta(minutes=n)):
            assert http.get("/perfil/", headers={"HX-Request": "true"}).status_code == 200
    assert andar(http, minutos=31) == 302


def test_a_session_has_an_end_however_busy_it_is(app, http, ana) -> None:
    limitar(app, "Gerente", ociosa_minutos=60, sessao_horas=2)
    with relogio.mover_para(AGORA):
        http.entrar("ana")
    assert [andar(http, minutos=n) for n in range(20, 120, 20)] == [200] * 5
    assert andar(http, minutos=121) == 302
    assert "tempo máximo" in http.get("/login/").text


def test_the_shortest_of_the_roles_counts_by_group_too(app, http) -> None:
    limitar(app, "Gerente", ociosa_minutos=120)
    limitar(app, "Financeiro", ociosa_minutos=10)
    with app.app_context(), transacao() as s:
        grupo = f.um_grupo(s, "Financeiro")
        bia = f.um_usuario(s, "Gerente", usuario="bia")
        bia.groups = [grupo]
    with relogio.mover_para(AGORA):
        http.entrar("bia")
    assert andar(http, minutos=11) == 302


def test_the_person_is_seen_to_the_minute_and_not_written_at_each_click(app, http, ana) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
    with app.app_context():
        motor = db.engine
    with relogio.mover_para(AGORA + dt.timedelta(seconds=50)), comandos(motor) as feitos:
        http.get("/perfil/")
    assert not [c for c in reais(feitos) if c.startswith("UPDATE")]
    assert andar(http, minutos=2) == 200
    with app.app_context():
        assert db.session.scalar(select(SessaoUsuario.vista_em)) == AGORA + dt.timedelta(minutes=2)


def test_one_lists_and_ends_the_own_sessions_and_nobody_elses(app, http, ana) -> None:
    outro, alheio = app.test_client(), app.test_client()
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="bia")
    for cliente, nome in ((http, "ana"), (outro, "ana"), (alheio, "bia")):
        cliente.entrar(nome)
    with app.app_context():
        dela, de_fora = db.session.scalars(select(SessaoUsuario.id).order_by(SessaoUsuario.id)).all()[1:]
    assert http.get("/perfil/seguranca").text.count("Encerrar</button>") == 1
    assert http.post(f"/perfil/sessoes/{de_fora}/encerrar").status_code == 404
    assert http.post(f"/perfil/sessoes/{dela}/encerrar").status_code == 302
    assert (http.get("/").status_code, outro.get("/").status_code, alheio.get("/").status_code) == (200, 302, 200)
    assert "Esta sessão foi encerrada." in outro.get("/login/").text


def test_ending_the_others_leaves_this_one(app, http, ana) -> None:
    outros = [app.test_client() for _n in range(3)]
    for cliente in (http, *outros):
        cliente.entrar("ana")
    assert http.post("/perfil/sessoes/encerrar-outras").status_code == 302
    assert [c.get("/").status_code for c in (http, *outros)] == [200, 302, 302, 302]
    with app.app_context():
        acao = db.session.scalars(select(UserAuditLog.depois).where(UserAuditLog.action == "encerrar_sessao")).one()
    assert acao == {"sessoes": 3, "motivo": "encerrada"}


def _outro_papel(s, ana: int) -> None:
    s.get(User, ana).roles = list(s.scalars(select(Role).where(Role.name == "Financeiro")))


def _um_direito_a_menos(s, _ana: int) -> None:
    papel = s.scalars(select(Role).where(Role.name == "Gerente")).one()
    papel.permissions = papel.permissions[1:]


def _um_grupo(s, ana: int) -> None:
    s.get(User, ana).groups = [f.um_grupo(s, "Financeiro")]


def _outro_limite(s, _ana: int) -> None:
    papel_id = s.scalar(select(Role.id).where(Role.name == "Gerente"))
    s.scalars(select(LimitePapel).where(LimitePapel.papel_id == papel_id)).one().sessao_horas = 3


@pytest.mark.parametrize("mudar", [_outro_papel, _um_direito_a_menos, _um_grupo, _outro_limite])
def test_rights_that_changed_give_the_session_another_name_and_the_old_one_dies(app, http, ana, mudar) -> None:
    with relogio.mover_para(AGORA):
        http.entrar("ana")
        velha = http.get_cookie("crm").value
        with app.app_context(), transacao() as s:
            mudar(s, ana)
        assert http.get("/perfil/").status_code == 200
    atrasada = app.test_client()
    atrasada.set_cookie("crm", velha)
    with relogio.mover_para(AGORA + dt.timedelta(seconds=30)):
        assert atrasada.get("/perfil/", headers={"HX-Request": "true"}).status_code == 200, "what was on its way still arrives"
    atrasada.set_cookie("crm", velha)
    with relogio.mover_para(AGORA + dt.timedelta(seconds=61)):
        assert (atrasada.get("/perfil/").status_code, http.get("/perfil/").status_code) == (302, 200)


def test_a_form_sent_after_the_session_was_ended_elsewhere_comes_back_to_what_was_typed(app, http, ana) -> None:
    http.entrar("ana")
    with app.app_context(), transacao() as s:
        UsuarioService(s).encerrar_sessoes(ana, motivo="senha_trocada")
    resposta = http.post("/clientes/add", data={"nome": "Quem foi digitado"})
    assert resposta.status_code == 302 and "_digitado%3D1" in resposta.location and "/clientes/add" in resposta.location
    pagina = http.get("/login/").text
    assert "nada foi gravado" in pagina and "A senha desta conta foi trocada." in pagina


def test_the_name_in_the_cookie_is_not_in_the_database(app, http, ana) -> None:
    http.entrar("ana")
    with http.session_transaction() as s:
        nome = s["sid"]
    with app.app_context():
        linha = db.session.execute(select(SessaoUsuario.__table__)).one()
    assert nome not in str(linha)


def test_who_was_dismissed_is_told_so_at_the_next_click(app, http, ana) -> None:
    http.entrar("ana")
    with app.app_context(), transacao() as s:
        UsuarioService(s).desativar(ana)
    assert http.get("/clientes/list/").status_code == 302
    assert "Este acesso foi desativado. Fale com o administrador." in http.get("/login/").text
    with app.app_context():
        assert not db.session.get(User, ana).active


def test_the_name_before_reads_and_does_nothing_else(app, http, ana) -> None:
    http.entrar("ana")
    velha = http.get_cookie("crm").value
    with app.app_context(), transacao() as s:
        _um_grupo(s, ana)
    assert http.get("/perfil/").status_code == 200
    atrasada = app.test_client()
    atrasada.set_cookie("crm", velha)
    assert atrasada.get("/perfil/").status_code == 200
    assert atrasada.post("/perfil/sessoes/encerrar-outras").location.startswith("/login/")
    assert http.get("/perfil/").status_code == 200


def test_pages_asked_for_at_once_when_rights_change_keep_their_person(app_real) -> None:
    app_real.config["WTF_CSRF_ENABLED"] = False
    app_real.test_client_class = Navegador
    with app_real.app_context(), transacao() as s:
        ana = f.um_usuario(s, "Gerente", usuario="ana").id
    http = app_real.test_client()
    http.entrar("ana")
    http.get("/perfil/")      # a page puts its token into the session
    biscoito = http.get_cookie("crm").value
    with app_real.app_context(), transacao() as s:
        _um_grupo(s, ana)

    def pedir(_n: int) -> tuple[int, str | None]:
        cliente = app_real.test_client()
        cliente.set_cookie("crm", biscoito)
        resposta = cliente.get("/perfil/")
        return resposta.status_code, next((c for c in resposta.headers.getlist("Set-Cookie") if c.startswith("crm=")), None)

    with ThreadPoolExecutor(8) as fios:
        respostas = list(fios.map(pedir, range(16)))
    assert {status for status, _novo in respostas} == {200}
    assert len([novo for _status, novo in respostas if novo]) == 1, "one of them gives the session its new name"


def test_nothing_a_dismissed_person_left_opens_a_way_back(app, http, ana) -> None:
    with app.app_context(), transacao() as s:
        outro = f.um_usuario(s, "Gerente", usuario="outro").id
        with agindo_como(ana):
            papel = s.scalars(select(Role).where(Role.name == "Admin")).one()
            convite, link = ConviteService(s).convidar(email="porta@exemplo.com.br", nome="Porta", sobrenome="Aberta", papeis=[papel])
            chave, texto = ChaveApiService(s).criar(outro, nome="ERP", escopos_dados=["cliente:ler"], dias=None)
        UsuarioService(s).desativar(ana)
    assert http.get("/convite/" + link.rpartition("/")[2]).status_code == 404
    assert http.get("/api/v1/cliente/", headers={"Authorization": f"Bearer {texto}"}).status_code == 401


def _exigir_2fa(app: Flask, exige: bool) -> None:
    """As the screen of limits does."""
    with app.app_context(), transacao() as s:
        s.scalars(select(LimitePapel).join(Role).where(Role.name == "Financeiro")).one().exige_2fa = exige


def test_a_second_factor_that_becomes_obligatory_holds_at_once_for_what_is_open(app, http) -> None:
    """Also for what asks for no page: programs with tokens, and scripts of a page."""
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Financeiro", usuario="bia")
    token = http.post("/api/v1/security/login", json={"username": "bia", "password": f.SENHA}).json["access_token"]
    http.entrar("bia")
    chamar = {"headers": {"Authorization": f"Bearer {token}"}}
    script = {"headers": {"Sec-Fetch-Mode": "cors"}}
    programa = app.test_client()
    assert (programa.get("/api/v1/invoice/", **chamar).status_code, http.get("/faturamento/list/", **script).status_code) == (200, 200)
    _exigir_2fa(app, True)
    assert (programa.get("/api/v1/invoice/", **chamar).status_code, http.get("/faturamento/list/", **script).status_code) == (401, 302)
    http.post("/confirmar/", data={"prova": f.SENHA}, **script)      # the password alone opens nothing more
    assert http.get("/faturamento/list/", **script).location.startswith("/perfil/segundo-fator")
    _exigir_2fa(app, False)
    assert (programa.get("/api/v1/invoice/", **chamar).status_code, http.get("/faturamento/list/", **script).status_code) == (200, 200)
