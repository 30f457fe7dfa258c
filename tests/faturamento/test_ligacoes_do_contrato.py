"""The page of a contract offers only what its state allows, and its forms do nothing over what somebody else did."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import func, select

from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoHistorico
from app.core import relogio
from app.core.transacao import transacao
from tests import fabricas as f

S = StatusContrato


@pytest.mark.parametrize(("status", "oferece"), [
    (S.rascunho, {"ativar", "mudar-plano", "encerrar"}), (S.ativo, {"mudar-plano", "suspender", "encerrar", "novo"}),
    (S.suspenso, {"retomar", "mudar-plano", "encerrar"}),
    (S.cancelado, set()),
], ids=lambda v: v.name if isinstance(v, S) else "")
def test_a_contract_offers_what_its_state_allows(app, http, status: StatusContrato, oferece: set[str]) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        contrato_id = f.um_contrato(s, status=status, faturar=False).id
    http.entrar("chefe")
    pagina = http.get(f"/contratos/show/{contrato_id}").text
    ligacoes = {n: f"/contratos/{contrato_id}/{n}" for n in ("ativar", "mudar-plano", "suspender", "retomar", "encerrar")}
    ligacoes["novo"] = f"/bloqueios/novo?contrato={contrato_id}"
    assert {nome for nome, endereco in ligacoes.items() if f'href="{endereco}"' in pagina} == oferece
    assert "/ativar" not in http.get("/contratos/list/").text


def test_a_form_opened_before_somebody_elses_change_does_nothing(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        contrato_id = f.um_contrato(s).id
        rapido, lento = f.um_plano(s, nome="Rápido").id, f.um_plano(s, nome="Lento").id
    http.entrar("chefe")
    endereco = f"/contratos/{contrato_id}/mudar-plano"
    versao = re.search(r'name="versao" type="hidden" value="([^"]+)"', http.get(endereco).text)[1]
    dados = {"em": f"{relogio.hoje()}", "preco": "", "versao": versao}
    with relogio.mover_para(relogio.agora() + dt.timedelta(seconds=5)):
        assert http.post(endereco, data={**dados, "plano_id": rapido}).status_code == 302
        tarde = http.post(endereco, data={**dados, "plano_id": lento})
    assert tarde.status_code == 200 and "O contrato mudou depois que esta página foi aberta" in tarde.text and "Rápido ·" in tarde.text
    with app.app_context(), transacao() as s:
        assert s.get_one(Contrato, contrato_id).plano_id == rapido
    atual = re.search(r'name="versao" type="hidden" value="([^"]+)"', tarde.text)[1]
    assert http.post(endereco, data={**dados, "versao": atual, "plano_id": lento}).status_code == 302


def test_a_form_sent_twice_does_its_work_once_and_says_so(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        contrato_id, plano_id = f.um_contrato(s).id, f.um_plano(s, nome="Rápido").id
    http.entrar("chefe")
    endereco = f"/contratos/{contrato_id}/mudar-plano"
    pagina = http.get(endereco).text
    campos = {n: re.search(rf'name="{n}" type="hidden" value="([^"]+)"', pagina)[1] for n in ("versao", "chave")}
    dados = {**campos, "em": f"{relogio.hoje()}", "preco": "", "plano_id": plano_id}
    respostas = [http.post(endereco, data=dados, follow_redirects=True).text for _n in range(2)]
    assert "Mudar plano: feito." in respostas[0] and "Mudar plano: isto já estava feito." in respostas[1]
    assert "O contrato mudou depois que esta página foi aberta" in http.post(endereco, data={**dados, "preco": "77,00"}).text      # not the same work
    with app.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(ContratoHistorico).where(ContratoHistorico.contrato_id == contrato_id)) == 2
