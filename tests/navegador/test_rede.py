"""Network and blocking in a real browser: nothing on the pages is wrong in any of four ways of looking."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.core import relogio
from app.core.transacao import transacao
from app.extensions import db
from app.rede.models import AcessoRede, EventoRede, Incidente, Pop, Servidor
from tests import fabricas as f
from tests.navegador.base import EXTREMOS, dentro, examinar

pytestmark = [pytest.mark.navegador, pytest.mark.lento]
FOTOS = os.environ.get("CRM_FOTOS")


@pytest.fixture
def casa(app_real: Flask) -> Iterator[dict[str, int]]:
    """A site, a server that is silent, accesses done and to be done, a block in force and one that ended, an outage."""
    with app_real.app_context():
        with transacao() as s:
            agora = relogio.agora()
            f.um_usuario(s, "Admin", usuario="chefe")
            pop = f.gravar(s, Pop(nome="Centro", municipio="Campinas", uf="SP"))
            servidor = f.gravar(s, Servidor(nome="BRAS Centro", ip="10.0.0.1", pop_id=pop.id, segredo="x", ultimo_erro="sem resposta"))
            f.gravar(s, Incidente(titulo="Fibra rompida na Rua A", municipio="Campinas", bairro="Centro", inicio=agora))
            contrato, livre = f.um_contrato(s, faturar=False), f.um_contrato(s, faturar=False)
            bloqueios = BloqueioService(s)
            aberto = bloqueios.bloquear(contrato.id, MotivoBloqueio.manual, em=agora, explicacao="uso indevido").id
            bloqueios.bloquear(livre.id, MotivoBloqueio.seguranca, em=agora, explicacao="senha vazada")
            bloqueios.desbloquear(livre.id, motivo=MotivoBloqueio.seguranca, em=agora, explicacao="trocou a senha")
            acesso = s.scalars(select(AcessoRede).where(AcessoRede.contrato_id == contrato.id)).one()
            acesso.servidor_id, acesso.erro = servidor.id, "sem resposta"
            s.add(EventoRede(contrato_id=contrato.id, servidor_id=servidor.id, acao="bloqueado", ok=False, detalhe="sem resposta", em=agora))
            ids = {"acesso": acesso.id, "aberto": aberto, "servidor": servidor.id, "contrato": contrato.id}
        db.session.remove()
    yield ids


@pytest.mark.parametrize("modo", EXTREMOS, ids=lambda m: m.nome)
def test_the_pages_of_network_and_blocking_have_nothing_wrong(app_real: Flask, casa: dict, modo) -> None:
    caminhos = {
        "acessos": "/rede/acessos/list/", "acesso": f"/rede/acessos/show/{casa['acesso']}", "incidentes": "/rede/incidentes/list/",
        "incidente": "/rede/incidentes/add", "servidores": "/rede/servidores/list/", "servidor": f"/rede/servidores/edit/{casa['servidor']}",
        "pops": "/rede/pops/list/", "pop": "/rede/pops/add", "bloqueios": "/bloqueios/list/", "bloqueio": f"/bloqueios/show/{casa['aberto']}",
        "bloquear": f"/bloqueios/novo?contrato={casa['contrato']}", "contrato": f"/contratos/show/{casa['contrato']}",
    }
    achados = {}
    with dentro(app_real, modo=modo) as pagina:
        for nome, caminho in caminhos.items():
            achados[nome] = examinar(pagina, caminho)
            if FOTOS:
                pagina.screenshot(path=f"{FOTOS}/rede-{nome}-{modo.nome}.png", full_page=True)
    assert {nome: falhas for nome, falhas in achados.items() if falhas} == {}
