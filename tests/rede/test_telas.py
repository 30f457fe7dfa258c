"""The network's screens: secrets never come back, only what can be driven is chosen, an outage has an area."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.extensions import db
from app.rede.estados import EstadoAcesso as E
from app.rede.models import AcessoRede, EventoRede, Incidente, Pop, Servidor
from app.rede.services import RedeService
from tests import fabricas as f

EM = relogio.instante(dt.date(2026, 3, 2))


@pytest.fixture
def gerente(app, http):
    """A manager, signed in."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Gerente").username
    http.entrar(nome)
    return http


def guardado(app, modelo, **por):
    """The stored row."""
    with app.app_context():
        return db.session.scalars(select(modelo).options(undefer("*")).filter_by(**por)).one_or_none()


def dados_do_servidor(**mudancas) -> dict:
    return {"nome": "BRAS Centro", "tipo": "simulado", "ip": "10.0.0.1", "porta_coa": "3799", "segredo": "s3gredo-do-nas", "ativo": "y", **mudancas}


def test_a_secret_is_stored_encrypted_and_never_shown(app, gerente) -> None:
    assert gerente.post("/rede/servidores/add", data=dados_do_servidor()).status_code == 302
    servidor = guardado(app, Servidor, nome="BRAS Centro")
    assert servidor.segredo == "s3gredo-do-nas"
    with app.app_context():
        cru = db.session.scalar(select(Servidor.__table__.c.segredo).with_only_columns(db.text("segredo::text")).select_from(Servidor.__table__))
        auditado = [str(linha.depois) for linha in db.session.scalars(select(UserAuditLog).where(UserAuditLog.resource == "servidor"))]
    assert "s3gredo" not in cru and auditado and not any("s3gredo" in a for a in auditado)
    for pagina in (f"edit/{servidor.id}", f"show/{servidor.id}", "list/", "exportar/csv"):
        resposta = gerente.get(f"/rede/servidores/{pagina}")
        assert resposta.status_code == 200 and "s3gredo" not in resposta.text, pagina


def test_a_blank_secret_keeps_the_stored_one(app, gerente) -> None:
    gerente.post("/rede/servidores/add", data=dados_do_servidor())
    servidor = guardado(app, Servidor, nome="BRAS Centro")
    gerente.post(f"/rede/servidores/edit/{servidor.id}", data=dados_do_servidor(nome="BRAS Norte", segredo=""))
    assert guardado(app, Servidor, nome="BRAS Norte").segredo == "s3gredo-do-nas"
    gerente.post(f"/rede/servidores/edit/{servidor.id}", data=dados_do_servidor(nome="BRAS Norte", segredo="outro"))
    assert guardado(app, Servidor, nome="BRAS Norte").segredo == "outro"


def test_the_same_save_of_a_server_sent_again_is_no_conflict(app, gerente) -> None:
    gerente.post("/rede/servidores/add", data=dados_do_servidor())
    endereco = f"/rede/servidores/edit/{guardado(app, Servidor, nome='BRAS Centro').id}"
    versao = re.search(r'name="versao_registro" value="([^"]+)"', gerente.get(endereco).text)[1]
    corpo = dados_do_servidor(porta_coa="3800", segredo="", versao_registro=versao)
    assert [gerente.post(endereco, data=corpo).status_code for _vez in range(2)] == [302, 302]
    assert "Outra pessoa alterou" in gerente.post(endereco, data={**corpo, "porta_coa": "3801"}).text


@pytest.mark.parametrize(("mudanca", "frase"), [
    ({"tipo": "radius"}, "FreeRADIUS ainda não está disponível"), ({"tipo": "routeros"}, "RouterOS ainda não está disponível"),
    ({"ip": "10.0.0"}, "Informe um endereço IP"), ({"porta_coa": "70000"}, "De 1 a 65535"),
])
def test_a_server_that_cannot_be_driven_or_reached_is_refused_at_its_field(app, gerente, mudanca, frase) -> None:
    resposta = gerente.post("/rede/servidores/add", data=dados_do_servidor(**mudanca))
    assert resposta.status_code == 200 and frase in resposta.text and "BRAS Centro" in resposta.text
    assert guardado(app, Servidor, nome="BRAS Centro") is None


def test_a_pop_in_use_is_not_deleted(app, gerente) -> None:
    gerente.post("/rede/pops/add", data={"nome": "Centro", "municipio": "Campinas", "uf": "sp"})
    pop = guardado(app, Pop, nome="Centro")
    assert pop.uf == "SP"
    gerente.post("/rede/servidores/add", data=dados_do_servidor(pop=str(pop.id)))
    gerente.post(f"/rede/pops/delete/{pop.id}")
    assert guardado(app, Pop, nome="Centro") is not None


def test_accesses_are_found_by_contract_login_and_customer_and_show_their_history(app, gerente) -> None:
    with app.app_context(), transacao() as s:
        cliente = f.um_cliente(s, nome="Zuleica Brandão")
        contrato = f.um_contrato(s, cliente_id=cliente.id, login_pppoe="zu123", faturar=False)
        f.um_contrato(s, login_pppoe="outro", faturar=False)
        acesso = s.scalars(select(AcessoRede).where(AcessoRede.contrato_id == contrato.id)).one()
        s.add(EventoRede(contrato_id=contrato.id, acao="bloqueado", ok=False, detalhe="sem resposta do BRAS", em=EM))
        acesso_id, numero, contrato_id = acesso.id, contrato.numero, contrato.id
    for texto in ("brandao", "zu123", numero):
        pagina = gerente.get(f"/rede/acessos/list/?q={texto}").text
        assert "zu123" in pagina and "outro" not in pagina, texto
    pagina = gerente.get(f"/rede/acessos/show/{acesso_id}").text
    assert "sem resposta do BRAS" in pagina and "Bloqueado" in pagina and "Zuleica" in pagina
    assert "zu123" in gerente.get(f"/contratos/show/{contrato_id}").text


def test_pending_accesses_have_a_list_and_are_sent_again_by_a_button(app, gerente) -> None:
    with app.app_context(), transacao() as s:
        em_dia = f.um_contrato(s, login_pppoe="emdia", faturar=False)
        acesso = s.scalars(select(AcessoRede).where(AcessoRede.contrato_id == em_dia.id)).one()
        acesso.versao_aplicada, acesso.aplicado, acesso_id = acesso.versao, E.liberado, acesso.id
        pendente = f.um_contrato(s, login_pppoe="pendente1", faturar=False)
        RedeService(s).definir(pendente.id, E.bloqueado, em=EM)
    pagina = gerente.get("/rede/acessos/list/?_flt_7_versao=sim").text
    assert "pendente1" in pagina and "emdia" not in pagina
    gerente.post("/rede/acessos/action_post", data={"action": "reaplicar", "rowid": [acesso_id]})
    assert guardado(app, AcessoRede, id=acesso_id).versao == 2


@pytest.mark.parametrize(("dados", "frase"), [({}, "Informe a área"), ({"bairro": "Centro"}, "Informe o município do bairro")])
def test_an_outage_without_an_area_is_refused(app, gerente, dados, frase) -> None:
    resposta = gerente.post("/rede/incidentes/add", data={"titulo": "Fibra rompida", **dados})
    assert frase in resposta.text and guardado(app, Incidente, titulo="Fibra rompida") is None


def test_an_outage_is_opened_edited_and_closed_once(app, gerente) -> None:
    gerente.post("/rede/incidentes/add", data={"titulo": "Fibra rompida", "municipio": "Campinas"})
    incidente = guardado(app, Incidente, titulo="Fibra rompida")
    assert incidente.situacao.name == "aberto" and incidente.inicio is not None
    gerente.post(f"/rede/incidentes/action/encerrar/{incidente.id}")
    fim = guardado(app, Incidente, id=incidente.id).fim
    gerente.post(f"/rede/incidentes/action/encerrar/{incidente.id}")
    encerrado = guardado(app, Incidente, id=incidente.id)
    assert encerrado.situacao.name == "encerrado" and encerrado.fim == fim is not None


def test_an_outage_announced_for_later_is_programmed_until_it_begins(app, gerente) -> None:
    agora = relogio.agora()
    with app.app_context(), transacao() as s:
        for titulo, inicio in (("Troca de baterias", agora + dt.timedelta(hours=9)), ("Fibra rompida", agora)):
            numero = f.gravar(s, Incidente(titulo=titulo, municipio="Campinas", inicio=inicio)).id
    linhas = {titulo: linha for linha in gerente.get("/rede/incidentes/list/").text.split("<tr")[1:] for titulo in ("Troca", "Fibra") if titulo in linha}
    assert "Programado" in linhas["Troca"] and "Em andamento" not in linhas["Troca"]
    assert "Em andamento" in linhas["Fibra"] and "Em andamento" in gerente.get(f"/rede/incidentes/show/{numero}").text
    gerente.post(f"/rede/incidentes/action/encerrar/{numero}")
    assert "Encerrado" in gerente.get(f"/rede/incidentes/show/{numero}").text
