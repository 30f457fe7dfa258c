"""The form that activates a contract: of its own due day, or together with another contract of the customer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.contratos.estados import StatusContrato
from app.core.relogio import hoje
from app.core.transacao import transacao
from app.faturamento.models import CicloFaturamento, ContratoCiclo
from tests import fabricas as f


@pytest.fixture
def casa(app, http) -> tuple[int, int, int]:
    """(draft to activate, the customer's cycle, another customer's cycle), a manager signed in."""
    with app.app_context(), transacao() as s:
        cliente = f.um_cliente(s)
        ciclos = [s.scalar(select(ContratoCiclo.ciclo_faturamento_id).where(ContratoCiclo.contrato_id == f.um_contrato(s, cliente_id=c, dia=20).id))
                  for c in (cliente.id, f.um_cliente(s).id)]
        rascunho = f.um_contrato(s, cliente_id=cliente.id, faturar=False, status=StatusContrato.rascunho, inicio=hoje())
        f.um_usuario(s, "Gerente", usuario="gerente")
        ids = rascunho.id, ciclos[0], ciclos[1]
    http.entrar("gerente")
    return ids


def ativar(http, casa: tuple[int, int, int], vencimento: int):
    with http.application.app_context(), transacao() as s:
        ciclo = f.um_ciclo(s).id
    dados = {"em": hoje().isoformat(), "dia_vencimento": "10", "ciclo_id": ciclo, "ciclo_faturamento_id": vencimento}
    return http.post(f"/contratos/{casa[0]}/ativar", data=dados)


def ciclo_de(app, contrato_id: int) -> tuple[int, int]:
    with app.app_context(), transacao() as s:
        consulta = select(CicloFaturamento.id, CicloFaturamento.dia_vencimento).join(ContratoCiclo, ContratoCiclo.ciclo_faturamento_id == CicloFaturamento.id)
        return tuple(s.execute(consulta.where(ContratoCiclo.contrato_id == contrato_id)).one())


def test_a_contract_joins_the_due_day_of_another_of_its_customer(app, http, casa) -> None:
    pagina = http.get(f"/contratos/{casa[0]}/ativar").text
    assert "Vencimento próprio" in pagina and f'value="{casa[1]}">Mensal dia 20' in pagina and f'value="{casa[2]}">Mensal dia' not in pagina
    assert ativar(http, casa, casa[1]).status_code == 302
    assert ciclo_de(app, casa[0]) == (casa[1], 20)


def test_by_default_a_contract_has_a_due_day_of_its_own(app, http, casa) -> None:
    assert ativar(http, casa, 0).status_code == 302
    ciclo, dia = ciclo_de(app, casa[0])
    assert ciclo not in casa[1:] and dia == 10


def test_the_cycle_of_another_customer_is_no_choice(app, http, casa) -> None:
    assert 'id="ciclo_faturamento_id-erro"' in ativar(http, casa, casa[2]).text
