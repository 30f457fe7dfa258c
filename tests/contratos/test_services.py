"""Contracts: numbers, prices, versions and states; nothing here bills or touches the network."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoHistorico
from app.contratos.services import ContratoService
from app.core.dinheiro import ZERO
from app.core.erros import Conflito, NaoEncontrado, RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.models import UserAuditLog
from tests import fabricas as f

INICIO = dt.date(2026, 11, 25)


@pytest.fixture
def servico(sessao) -> ContratoService:
    return ContratoService(sessao)


def criar(sessao, **kw) -> Contrato:
    cliente_id = kw.pop("cliente_id", None) or f.um_cliente(sessao).id
    plano_id = kw.pop("plano_id", None) or f.um_plano(sessao).id
    return ContratoService(sessao).criar_contrato(cliente_id, plano_id, **{"data_inicio": INICIO, **kw})


def versoes(sessao, contrato: Contrato) -> list[tuple[int, Decimal]]:
    consulta = select(ContratoHistorico.versao, ContratoHistorico.preco).where(ContratoHistorico.contrato_id == contrato.id)
    return [tuple(v) for v in sessao.execute(consulta.order_by(ContratoHistorico.versao))]


def test_contracts_are_numbered_within_the_year_of_their_start(sessao) -> None:
    numeros = [criar(sessao).numero, criar(sessao).numero, criar(sessao, data_inicio=dt.date(2019, 3, 1)).numero]
    assert numeros == ["2026-00001", "2026-00002", "2019-00001"]


def test_a_new_contract_is_a_draft_at_the_plans_price_with_its_first_version(sessao) -> None:
    contrato = criar(sessao, plano_id=f.um_plano(sessao, preco=Decimal("120.00")).id)
    assert (contrato.status, contrato.preco, contrato.desconto) == (StatusContrato.rascunho, Decimal("120.00"), ZERO)
    assert versoes(sessao, contrato) == [(1, Decimal("120.00"))]


def test_login_and_password_are_made_when_not_given_and_the_password_is_secret(sessao) -> None:
    contrato = criar(sessao)
    assert contrato.login_pppoe == f"c{contrato.numero.replace('-', '')}" and len(contrato.senha_pppoe) == 10
    guardado = sessao.scalar(text("select senha_pppoe from contrato where id = :id"), {"id": contrato.id})
    auditado = sessao.scalars(select(UserAuditLog.depois).where(UserAuditLog.resource == "contrato", UserAuditLog.resource_id == str(contrato.id))).all()
    assert contrato.senha_pppoe not in guardado and {a["senha_pppoe"] for a in auditado if "senha_pppoe" in a} == {"***"}


def test_given_login_and_password_are_kept(sessao) -> None:
    contrato = criar(sessao, login_pppoe="ana", senha_pppoe="segredo")
    assert (contrato.login_pppoe, contrato.senha_pppoe) == ("ana", "segredo")


def test_a_login_belongs_to_one_contract(sessao) -> None:
    criar(sessao, login_pppoe="ana")
    with pytest.raises(Conflito) as recusa:
        criar(sessao, login_pppoe="ana")
    assert recusa.value.campo == "login_pppoe"


def test_the_address_must_be_the_customers_own(sessao) -> None:
    alheio = f.um_cliente(sessao).enderecos[0].id
    with pytest.raises(ValorInvalido) as recusa:
        criar(sessao, endereco_instalacao_id=alheio)
    assert recusa.value.campo == "endereco_instalacao_id"


@pytest.mark.parametrize("desconto", [Decimal("100.00"), Decimal("-0.01")])
def test_a_discount_is_between_nothing_and_the_price(sessao, desconto) -> None:
    with pytest.raises(ValorInvalido) as recusa:
        criar(sessao, plano_id=f.um_plano(sessao, preco=Decimal("99.99")).id, desconto=desconto)
    assert recusa.value.campo == "desconto"


def test_a_plan_that_is_not_sold_any_more_makes_no_contract(sessao) -> None:
    with pytest.raises(RegraViolada) as recusa:
        criar(sessao, plano_id=f.um_plano(sessao, ativo=False).id)
    assert recusa.value.codigo == "plano_inativo"


def test_customer_and_plan_must_exist(sessao) -> None:
    with pytest.raises(NaoEncontrado):
        criar(sessao, cliente_id=999_999)
    with pytest.raises(NaoEncontrado):
        criar(sessao, plano_id=999_999)


def test_fidelity_runs_for_the_plans_months_from_the_start(sessao) -> None:
    contrato = criar(sessao, plano_id=f.um_plano(sessao, fidelidade_meses=12).id)
    assert (contrato.fidelidade_ate, contrato.data_renovacao) == (dt.date(2027, 11, 24), dt.date(2027, 11, 25))
    assert criar(sessao).fidelidade_ate is None


def test_additional_services_come_with_the_contract(sessao) -> None:
    from app.planos.models import Adicional

    ip = f.gravar(sessao, Adicional(nome="IP fixo", preco=Decimal("25.00")))
    contrato = criar(sessao, itens=[{"adicional_id": ip.id, "quantidade": 2, "preco": Decimal("20.00"), "de": INICIO}])
    assert [(i.adicional_id, i.quantidade, i.preco) for i in contrato.itens] == [(ip.id, 2, Decimal("20.00"))]


def test_activation_counts_from_the_real_day(sessao, servico) -> None:
    contrato = criar(sessao)
    servico.ativar(contrato.id, em=dt.date(2026, 12, 3))
    assert (contrato.status, contrato.data_inicio) == (StatusContrato.ativo, dt.date(2026, 12, 3))


def test_a_contract_is_suspended_resumed_and_ended(sessao, servico) -> None:
    contrato = criar(sessao)
    servico.ativar(contrato.id, em=INICIO)
    assert servico.suspender(contrato.id, em=INICIO).status is StatusContrato.suspenso
    assert servico.retomar(contrato.id, em=INICIO).status is StatusContrato.ativo
    servico.cancelar(contrato.id, em=dt.date(2026, 12, 31), motivo="Mudou de cidade")
    assert (contrato.status, contrato.data_fim, contrato.motivo_cancelamento) == (StatusContrato.cancelado, dt.date(2026, 12, 31), "Mudou de cidade")
    with pytest.raises(TransicaoInvalida):
        servico.ativar(contrato.id, em=INICIO)


def test_resuming_is_no_way_to_begin_and_beginning_no_way_to_resume(sessao, servico) -> None:
    contrato = criar(sessao)
    with pytest.raises(TransicaoInvalida):
        servico.retomar(contrato.id, em=INICIO)
    servico.ativar(contrato.id, em=INICIO)
    servico.suspender(contrato.id, em=INICIO)
    with pytest.raises(TransicaoInvalida):
        servico.ativar(contrato.id, em=INICIO + dt.timedelta(days=30))
    assert (contrato.status, contrato.data_inicio) == (StatusContrato.suspenso, INICIO)


def test_a_contract_cannot_end_before_it_began(sessao, servico) -> None:
    contrato = criar(sessao)
    servico.ativar(contrato.id, em=INICIO)
    with pytest.raises(ValorInvalido):
        servico.cancelar(contrato.id, em=INICIO - dt.timedelta(days=1), motivo="x")


def test_another_plan_is_a_new_version_the_old_price_stays_in_the_history_and_the_discount_stays(sessao, servico) -> None:
    contrato = criar(sessao, plano_id=f.um_plano(sessao, preco=Decimal("99.90")).id, desconto=Decimal("60.00"))
    menor = f.um_plano(sessao, preco=Decimal("49.90"))
    servico.mudar_plano(contrato.id, menor.id, em=INICIO)
    assert (contrato.plano.id, contrato.preco, contrato.desconto) == (menor.id, Decimal("49.90"), Decimal("60.00"))
    servico.mudar_plano(contrato.id, menor.id, em=INICIO, preco=Decimal("45.00"))
    assert versoes(sessao, contrato) == [(1, Decimal("99.90")), (2, Decimal("49.90")), (3, Decimal("45.00"))]


def test_a_contract_that_does_not_exist(sessao, servico) -> None:
    with pytest.raises(NaoEncontrado):
        servico.travar(999_999)
