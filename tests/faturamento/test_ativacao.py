"""Contracts drafted and activated by the lot leave the rows of one by one."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from app.clientes.models import Cliente, StatusCliente
from app.contratos.models import Contrato
from app.contratos.services import ContratoService, NovoContrato
from app.core import configuracao, relogio
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.faturamento.models import ContratoCiclo
from app.faturamento.services import FaturamentoService, Inicio
from tests import fabricas as f

D = Decimal
HOJE = dt.date(2026, 3, 3)
TABELAS = ("contrato", "contrato_item", "contrato_historico", "ciclo_faturamento", "contrato_ciclo", "acesso_rede", "cliente", "evento", "numeracao",
           "user_audit_log")
DE_CADA_UM = {"id", "resource_id", "contrato_id", "ciclo_faturamento_id", "senha_pppoe", "mudou_em", "proxima"}


@pytest.fixture(autouse=True)
def _meio_dia():
    with relogio.mover_para(HOJE):
        yield


def novos(sessao) -> list[NovoContrato]:
    """Five contracts of four customers, in three years, on two plans."""
    planos = [f.um_plano(sessao, fidelidade_meses=12), f.um_plano(sessao, preco=D("150.00"))]
    clientes = [f.um_cliente(sessao) for _n in range(4)]
    return [
        NovoContrato(clientes[0].id, planos[0].id, HOJE), NovoContrato(clientes[1].id, planos[1].id, dt.date(2024, 5, 9), preco=D("99")),
        NovoContrato(clientes[2].id, planos[0].id, HOJE, desconto=D("10"), desconto_ate=dt.date(2026, 6, 1), login_pppoe="bia"),
        NovoContrato(clientes[3].id, planos[1].id, dt.date(2023, 1, 31), endereco_instalacao_id=clientes[3].enderecos[0].id),
        NovoContrato(clientes[0].id, planos[1].id, dt.date(2024, 7, 1)),
    ]


def inicio(contrato: Contrato) -> Inicio:
    """Its own first day and a due day from its number."""
    passado = {} if contrato.data_inicio == HOJE else {"primeiro": HOJE, "faturar_desde": HOJE}
    return Inicio(contrato.id, contrato.data_inicio, 5 + int(contrato.numero[-1]), **passado)


def retrato(sessao) -> dict[str, list[str]]:
    """All rows of the tables, without what is counted by the database, drawn or of another wall clock."""
    sessao.flush()
    return {t: sorted(_linha(dict(linha)) for linha in sessao.execute(text(f"SELECT * FROM {t}")).mappings()) for t in TABELAS}


def _linha(linha: dict) -> str:
    limpa = {k: {x: y for x, y in v.items() if x not in DE_CADA_UM} if isinstance(v, dict) else v for k, v in linha.items() if k not in DE_CADA_UM}
    return json.dumps(limpa, default=str, sort_keys=True)


def test_a_lot_leaves_the_rows_of_one_by_one(sessao) -> None:
    pedidos = novos(sessao)
    antes = sessao.begin_nested()
    for pedido in pedidos:
        contrato = ContratoService(sessao).criar_contratos([pedido])[0]
        FaturamentoService(sessao).ativar_contratos([inicio(contrato)])
    esperado = retrato(sessao)
    antes.rollback()
    sessao.expire_all()
    contratos = ContratoService(sessao).criar_contratos(pedidos)
    FaturamentoService(sessao).ativar_contratos([inicio(c) for c in contratos])
    obtido = retrato(sessao)
    for tabela in TABELAS:
        assert obtido[tabela] == esperado[tabela], tabela
    assert [c.numero for c in contratos] == ["2026-00001", "2024-00001", "2026-00002", "2023-00001", "2024-00002"]
    assert set(sessao.scalars(select(Cliente.status).where(Cliente.id.in_([p.cliente_id for p in pedidos])))) == {StatusCliente.ativo}


def test_contracts_of_one_cycle_make_one_bill(sessao) -> None:
    servico = FaturamentoService(sessao)
    primeiro, _b, _c, _d, segundo = ContratoService(sessao).criar_contratos(novos(sessao))
    servico.ativar_contratos([inicio(primeiro)])
    ciclo_id = sessao.scalars(select(ContratoCiclo.ciclo_faturamento_id)).one()
    servico.ativar_contratos([inicio(segundo)._replace(ciclo_faturamento_id=ciclo_id)])
    assert sessao.execute(select(func.count(), func.count(ContratoCiclo.ciclo_faturamento_id.distinct()))).one() == (2, 1)


@pytest.mark.parametrize(("estragar", "erro"), [
    (lambda p: p._replace(cliente_id=999_999_999), NaoEncontrado), (lambda p: p._replace(plano_id=999_999_999), NaoEncontrado),
    (lambda p: p._replace(desconto=D("1000")), ValorInvalido), (lambda p: p._replace(endereco_instalacao_id=999_999_999), ValorInvalido),
    (lambda p: p._replace(login_pppoe="bia"), Conflito),
])
def test_one_bad_contract_refuses_the_lot(sessao, estragar, erro: type[Exception]) -> None:
    pedidos = novos(sessao)
    pedidos[-1] = estragar(pedidos[-1])
    with pytest.raises(erro):
        ContratoService(sessao).criar_contratos(pedidos)
    assert sessao.scalar(select(func.count()).select_from(Contrato)) == 0


def test_an_unknown_contract_or_a_due_day_that_does_not_exist_is_refused(sessao) -> None:
    contrato = ContratoService(sessao).criar_contratos(novos(sessao))[0]
    with pytest.raises(ValorInvalido):
        FaturamentoService(sessao).ativar_contratos([inicio(contrato)._replace(dia_vencimento=32)])
    with pytest.raises(NaoEncontrado):
        FaturamentoService(sessao).ativar_contratos([inicio(contrato), inicio(contrato)._replace(contrato_id=999_999_999)])


def rascunho(sessao) -> Contrato:
    return ContratoService(sessao).criar_contrato(f.um_cliente(sessao).id, f.um_plano(sessao).id, data_inicio=HOJE)


@pytest.mark.parametrize(("em", "desde", "codigo"), [
    ("1990-01-01", None, "data_antiga"), ("0001-01-01", None, "data_antiga"), ("1990-01-01", "2026-03-03", "data_antiga"),
    ("2026-03-04", None, "ativacao_futura"), ("2099-01-01", None, "ativacao_futura"), ("2026-01-30", None, "ativacao_retroativa"),
    ("2020-01-01", "2020-01-01", "ativacao_retroativa"), ("2026-03-03", "2026-03-02", "cobranca_antes"), ("2026-03-03", "2099-01-01", "data_distante"),
])
def test_a_day_of_activation_that_cannot_be_meant_is_refused_in_words(sessao, em: str, desde: str | None, codigo: str) -> None:
    contrato = rascunho(sessao)
    with pytest.raises(ValorInvalido) as erro:
        FaturamentoService(sessao).ativar_contrato(
            contrato.id, em=dt.date.fromisoformat(em), dia_vencimento=10, faturar_desde=desde and dt.date.fromisoformat(desde)
        )
    assert erro.value.codigo == codigo


def test_a_service_that_began_long_ago_is_billed_from_the_day_that_is_said(sessao) -> None:
    contrato = rascunho(sessao)
    FaturamentoService(sessao).ativar_contrato(contrato.id, em=dt.date(2020, 5, 5), dia_vencimento=10, faturar_desde=HOJE)
    junto = sessao.scalars(select(ContratoCiclo)).one()
    assert (contrato.data_inicio, junto.desde, junto.ciclo_faturamento.proximo_vencimento) == (dt.date(2020, 5, 5), HOJE, dt.date(2026, 3, 10))


def test_how_far_back_an_activation_bills_is_a_setting(sessao) -> None:
    configuracao.gravar(sessao, "contratos.ativacao_retroativa_dias", 60)
    contrato = FaturamentoService(sessao).ativar_contrato(rascunho(sessao).id, em=dt.date(2026, 1, 10), dia_vencimento=10)
    assert contrato.data_inicio == dt.date(2026, 1, 10)


@pytest.mark.parametrize(("dia", "codigo"), [("0001-01-01", "data_antiga"), ("1999-12-31", "data_antiga"), ("2027-03-05", "data_distante")])
def test_what_an_importer_brings_and_a_draft_obey_the_same_limits(sessao, dia: str, codigo: str) -> None:
    contrato, dia = rascunho(sessao), dt.date.fromisoformat(dia)
    with pytest.raises(ValorInvalido) as erro:
        FaturamentoService(sessao).ativar_contratos([Inicio(contrato.id, dia, 10, primeiro=HOJE, faturar_desde=HOJE)])
    assert erro.value.codigo == codigo
    with pytest.raises(ValorInvalido) as erro:
        ContratoService(sessao).criar_contrato(contrato.cliente_id, contrato.plano_id, data_inicio=dia)
    assert erro.value.codigo == codigo
