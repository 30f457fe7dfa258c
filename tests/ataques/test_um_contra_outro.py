"""Two technicians and two customers against each other: every route of the URL map with the other's keys. Nothing is read, nothing changes.

The routes come from the map, so a new one is attacked from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_appbuilder.api import BaseApi
from werkzeug.test import TestResponse

from app.core.transacao import transacao
from tests import fabricas as f
from tests.ataques.vitimas import Vitima, coisas_de, um_assinante, uma_pessoa
from tests.matriz import tabela
from tests.matriz.mapa import NINGUEM, Rota, classe_da, rotas

# routes whose row is one person's alone: endpoint → kind of key; anything but 403 and 404 is a leak
DE_UMA_PESSOA = {
    "FiltrosSalvosView.excluir": "filtro", "SegurancaView.encerrar": "sessao", "arquivo": "arquivo",
    "PortalView.pdf": "invoice", "PortalView.recibo": "pagamento",
}
FORA = {    # they end the attacker's own session
    ("EntradaView.logout", "POST"), ("EntradaView.logout", "GET"), ("EntradaView.login", "GET"), ("EntradaView.login", "POST"), ("SegurancaApi.logout", "POST"),
}


@pytest.fixture
def sem_saidas(app: Flask, http) -> Iterator:
    """A browser on an application that reaches nothing outside."""
    app.config["EFEITOS_EXTERNOS"] = False
    yield http
    app.config["EFEITOS_EXTERNOS"] = True


def _chaves(rota: Rota, vitima: Vitima) -> list[int]:
    """The victim's keys worth trying there: all of them on routes that are not the roles' own, or the one of that kind."""
    if str(NINGUEM) not in rota.caminho:
        return [0]
    if rota.endpoint in DE_UMA_PESSOA and DE_UMA_PESSOA[rota.endpoint] in vitima.ids:
        return [vitima.ids[DE_UMA_PESSOA[rota.endpoint]]]
    fechada = rota.dona in tabela.TELAS or (vitima.papel == "Cliente" and not rota.caminho.startswith(("/portal", "/arquivos")))
    return [vitima.ids["aviso" if "Notificacao" in rota.dona else "usuario"]] if fechada else sorted(set(vitima.ids.values()))


def _pedidos(app: Flask, vitima: Vitima, tudo: bool) -> Iterator[tuple[Rota, str, dict]]:
    """(route, path, body) of every attempt: rows, actions one by one and in bulk, hidden columns as order, filter and export.

    Without ``tudo`` only where things are one person's: what a role opens or shuts was seen from the other side already.
    """
    for rota in rotas(app):
        if (rota.endpoint, rota.metodo) in FORA or rota.endpoint.endswith("static") or (rota.dona in tabela.TELAS and not tudo):
            continue
        for chave in _chaves(rota, vitima):
            yield rota, rota.caminho.replace(str(NINGUEM), str(chave)), {}
        if rota.operacao in ("list", "exportar", "ver") and rota.metodo == "GET" and not rota.api and vitima.papel in tabela.quem(rota.dona, "ver"):
            for consulta in (f"_oc_{rota.dona}=password&_od_{rota.dona}=desc", f"_flt_0_usuario_id={vitima.ids['usuario']}", f"q={vitima.marca}"):
                yield rota, f"{rota.caminho.replace(str(NINGUEM), '1')}?{consulta}", {}
    for visao in (v for v in app.appbuilder.baseviews if tudo and getattr(v, "actions", None) and not isinstance(v, BaseApi)):
        for nome in visao.actions:
            dona = type(visao).__name__
            base = Rota("", "POST", f"{dona}.action", dona, "action", False)
            yield base, f"{visao.route_base}/action/{nome}/{vitima.ids['aviso']}", {}
            yield base, f"{visao.route_base}/action_post", {"action": nome, "rowid": vitima.ids["aviso"]}
            yield base, f"{visao.route_base}/action_post?_flt_0_id={vitima.ids['aviso']}", {"action": nome, "todos": "1"}


def _atacar(app: Flask, http, atacante: Vitima, vitima: Vitima, tudo: bool) -> tuple[list[str], int]:
    token = http.post("/api/v1/security/login", json={"username": atacante.usuario, "password": f.SENHA}).json.get("access_token")
    http.entrar(atacante.usuario)
    cabecalhos = {"Authorization": f"Bearer {token}"} if token else {}
    queixas, vistos = [], 0
    for rota, caminho, dados in _pedidos(app, vitima, tudo):
        extra = {"json": {}, "headers": cabecalhos} if rota.api and rota.metodo != "GET" else {"headers": cabecalhos} if rota.api else {"data": dados}
        if rota.metodo == "GET" and not rota.api:
            extra = {}
        resposta: TestResponse = http.open(caminho, method=rota.metodo, **extra)
        classe, texto = classe_da(resposta), resposta.get_data()
        resposta.close()
        vistos += 1
        if vitima.marca.encode() in texto and f"q={vitima.marca}" not in caminho:
            queixas.append(f"{rota.metodo} {caminho}: shows what is {vitima.usuario}'s")
        if classe == "erro" or (rota.endpoint in DE_UMA_PESSOA and str(NINGUEM) in rota.caminho and classe not in ("nada", "proibido")):
            queixas.append(f"{rota.metodo} {caminho}: {classe} {resposta.status_code}")
    inicio = http.get("/portal/" if atacante.papel == "Cliente" else "/perfil/")
    assert inicio.status_code == 200 and atacante.marca in inicio.text, "the attacker was signed out on the way: what was seen afterwards says nothing"
    return queixas, vistos


@pytest.mark.parametrize(("papel", "quantos"), [("Cliente", 400), ("Tecnico", 500)], ids=["customers", "technicians"])
def test_one_gets_nothing_of_the_other(app: Flask, sem_saidas, papel: str, quantos: int) -> None:
    fazer = um_assinante if papel == "Cliente" else lambda s, nome: uma_pessoa(s, nome, papel)
    with app.app_context(), transacao() as s:
        um, outro = fazer(s, "maria"), fazer(s, "jorge")
    for atacante, vitima, tudo in ((um, outro, True), (outro, um, False)):
        http = app.test_client()
        with app.app_context(), transacao() as s:
            antes = coisas_de(s, vitima)
        queixas, vistos = _atacar(app, http, atacante, vitima, tudo)
        assert queixas == [] and vistos > (quantos if tudo else 40), vistos
        with app.app_context(), transacao() as s:
            assert coisas_de(s, vitima) == antes


def test_options_and_information_of_the_api_name_nobody(app: Flask, sem_saidas) -> None:
    """Remote selects and ``_info``: a technician finds no account, no key and no message of anybody."""
    with app.app_context(), transacao() as s:
        uma_pessoa(s, "maria", "Tecnico")
        vitima = uma_pessoa(s, "jorge", "Tecnico")
    token = sem_saidas.post("/api/v1/security/login", json={"username": "maria", "password": f.SENHA}).json["access_token"]
    sem_saidas.entrar("maria")
    with app.app_context():
        fontes = sorted(set(re.findall(r"\w+", " ".join(map(str, app.extensions.get("fontes", {}) or {})))) | {"usuario", "cliente", "contrato"})
    respostas = [sem_saidas.get(f"/opcoes/{fonte}?q={vitima.marca[:9]}") for fonte in fontes]
    apis = [v.resource_name for v in app.appbuilder.baseviews if isinstance(v, BaseApi) and getattr(v, "resource_name", None)]
    respostas += [sem_saidas.get(f"/api/v1/{nome}/_info", headers={"Authorization": f"Bearer {token}"}) for nome in apis]
    assert [r.request.path for r in respostas if vitima.marca in r.text or r.status_code >= 500] == []
