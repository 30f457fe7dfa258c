"""The page of a contract offers only what its state allows."""

from __future__ import annotations

import pytest

from app.contratos.estados import StatusContrato
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
