"""Ending, pausing and changing a contract: plan, discount and additional services by days, to the centavo; nothing twice, nothing for ever unbilled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.contratos.estados import Cobranca, StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core.dinheiro import ZERO
from app.core.erros import RegraViolada, ValorInvalido
from app.faturamento.estados import StatusLancamento, TipoLancamento
from app.faturamento.models import ContratoCiclo, Credito, Invoice, ItemInvoice, Lancamento
from app.faturamento.services import FaturamentoService
from app.planos.models import Adicional
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import em

D = Decimal
INICIO = dt.date(2026, 2, 10)


def um_adicional(sessao, contrato: Contrato, preco: str = "29.90", *, de: dt.date = INICIO, ate: dt.date | None = None, quantidade: int = 1) -> ContratoItem:
    """An additional service of the contract."""
    adicional = f.gravar(sessao, Adicional(nome=f"IP fixo {preco}", preco=D(preco)))
    return f.gravar(sessao, ContratoItem(contrato_id=contrato.id, adicional_id=adicional.id, quantidade=quantidade, preco=D(preco), de=de, ate=ate))


def rodar(sessao, ate: dt.date, cliente_id: int) -> None:
    """The daily run of the customer, once for what is due up to a day."""
    with em(ate):
        FaturamentoService(sessao).gerar_invoices_automaticas(hoje=ate, cliente_id=cliente_id)


def faturado(sessao, ate: dt.date = dt.date(2026, 1, 31), **kw: object) -> Contrato:
    """A contract since 10 February, R$ 99,90 less a discount, with a static address at R$ 29,90; billed for 10 February to 9 March."""
    kw = {"desconto": D("10.00"), "preco": D("99.90"), **kw}
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, **kw)
    um_adicional(sessao, contrato)
    rodar(sessao, ate, contrato.cliente_id)
    sessao.refresh(contrato)
    return contrato


def faturas(sessao) -> Decimal:
    return sessao.scalar(select(func.sum(Invoice.valor_total))) or ZERO


def acerto(sessao) -> Decimal:
    """What waits for the next invoice, charges less discounts less credit, and less what abated the invoices that are open."""
    mais, menos = (
        sessao.scalar(select(func.sum(Lancamento.valor)).where(Lancamento.tipo == tipo, Lancamento.status == StatusLancamento.aberto)) or ZERO
        for tipo in (TipoLancamento.acrescimo, TipoLancamento.desconto)
    )
    return mais - menos - (sessao.scalar(select(func.sum(Credito.saldo))) or ZERO) - (sessao.scalar(select(func.sum(Invoice.valor_abatido))) or ZERO)


def verbo(sessao, dia: dt.date, nome: str, *a: object, **kw: object) -> object:
    """A verb on its day."""
    with em(dia):
        return getattr(FaturamentoService(sessao), nome)(*a, em=dia, **kw)


def test_what_is_kept_and_what_is_given_back_are_the_month(sessao) -> None:
    contrato = faturado(sessao)
    assert faturas(sessao) == D("119.80")      # 99,90 - 10,00 + 29,90
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")      # 14 of 28 days
    assert acerto(sessao) == D("-59.90") == -(D("49.95") - D("5.00") + D("14.95"))


@pytest.mark.parametrize("dias", range(1, 29))
def test_each_day_of_use_costs_its_part_and_the_rest_comes_back(sessao, dias: int) -> None:
    """Kept = the rounded parts of plan, discount and service for those days, whatever the day."""
    contrato = faturado(sessao, preco=D("99.99"), desconto=D("7.77"))
    verbo(sessao, INICIO + dt.timedelta(days=dias - 1), "encerrar_contrato", contrato.id, motivo="mudou")
    ficou = faturas(sessao) + acerto(sessao)
    exato = (D("99.99") - D("7.77") + D("29.90")) * dias / 28
    assert abs(ficou - exato) <= D("0.015") and (dias < 28 or ficou == faturas(sessao))


def test_a_discount_that_was_not_billed_any_more_is_not_taken_back(sessao) -> None:
    contrato = faturado(sessao, desconto_ate=dt.date(2026, 2, 9))
    assert faturas(sessao) == D("129.80")
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == -(D("49.95") + D("14.95"))


def test_a_discount_that_ends_inside_the_period_was_whole_and_comes_back_by_days(sessao) -> None:
    contrato = faturado(sessao, desconto_ate=dt.date(2026, 2, 12))
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == D("-59.90")


def test_a_service_that_came_after_the_invoice_is_charged_for_its_days(sessao) -> None:
    contrato = faturado(sessao)
    um_adicional(sessao, contrato, "28.00", de=dt.date(2026, 2, 20))
    sessao.expire(contrato)
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == D("-59.90") + D("4.00")      # 4 of 28 days


def test_a_service_that_had_ended_is_given_back_until_its_own_end(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    um_adicional(sessao, contrato, "28.00", ate=dt.date(2026, 2, 23))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    assert faturas(sessao) == D("42.00")
    verbo(sessao, dt.date(2026, 2, 24), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == D("-13.00")      # 13 days of the plan, none of the service


def test_a_contract_billed_after_use_pays_what_it_used_with_discount_and_services(sessao) -> None:
    contrato = faturado(sessao, cobranca=Cobranca.vencida)
    assert faturas(sessao) == ZERO
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == D("49.95") - D("5.00") + D("14.95")


def test_a_change_of_plan_charges_the_difference_and_the_discount_stays(sessao) -> None:
    contrato = faturado(sessao)
    verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("127.90")).id)
    assert acerto(sessao) == D("14.00")      # 28,00 for 14 of 28 days


def test_a_change_to_a_price_below_the_discount_takes_the_discounts_excess_back(sessao) -> None:
    contrato = faturado(sessao, preco=D("56.00"), desconto=D("28.00"))
    verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, f.um_plano(sessao).id, preco=D("14.00"))
    assert contrato.desconto == D("14.00") and acerto(sessao) == D("-14.00")      # 28,00 a month became nothing, for half of it


def test_days_before_the_change_that_are_billed_later_cost_the_old_price(sessao) -> None:
    """Billed after use: the run will charge all at the new price, so the old days are put right now."""
    contrato = faturado(sessao, cobranca=Cobranca.vencida, desconto=ZERO, preco=D("56.00"))
    verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("84.00")).id)
    rodar(sessao, dt.date(2026, 3, 1), contrato.cliente_id)
    assert faturas(sessao) == D("28.00") + D("42.00") + D("29.90")


@pytest.mark.parametrize("segundo", [dt.date(2026, 2, 24), dt.date(2026, 3, 3)])
def test_two_changes_and_an_end_in_one_month_cost_each_day_at_its_price(sessao, segundo: dt.date) -> None:
    contrato = faturado(sessao, desconto=ZERO, preco=D("28.00"))
    verbo(sessao, dt.date(2026, 2, 17), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("56.00")).id)
    verbo(sessao, segundo, "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("84.00")).id)
    verbo(sessao, dt.date(2026, 3, 5), "encerrar_contrato", contrato.id, motivo="mudou")      # 24 days
    segundos = (segundo - dt.date(2026, 2, 17)).days
    servico = D("29.90") - D("4.27")      # 4 of 28 days come back
    assert faturas(sessao) + acerto(sessao) == 7 * D(1) + segundos * D(2) + (17 - segundos) * D(3) + servico


@pytest.mark.parametrize("volta", [dt.date(2026, 2, 20), dt.date(2026, 3, 10), dt.date(2026, 3, 15)])
def test_a_pause_gives_back_its_days_and_they_are_billed_once_when_it_ends(sessao, volta: dt.date) -> None:
    """Billed month 28,00: R$ 1,00 a day. Paused from 15 February; whatever the day of return, each day of service is paid once."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 15), "suspender_a_pedido", contrato.id)
    assert faturas(sessao) + acerto(sessao) == D("5.00")
    rodar(sessao, min(volta, dt.date(2026, 2, 28)), contrato.cliente_id)
    verbo(sessao, volta, "retomar", contrato.id)
    rodar(sessao, dt.date(2026, 4, 1), contrato.cliente_id)
    em_marco = (dt.date(2026, 3, 10) - volta).days if volta < dt.date(2026, 3, 10) else 0
    ate_abril = (dt.date(2026, 4, 10) - max(volta, dt.date(2026, 3, 10))).days
    # February's period has 28 days at 1,00; March's 31 at 28/31; April's 30 days are billed ahead
    esperado = D(5) + D(em_marco) + (D(28) * ate_abril / 31).quantize(D("0.01")) + D(28)
    assert faturas(sessao) + acerto(sessao) == esperado


def test_a_month_billed_ahead_given_back_and_begun_again_on_its_first_day_is_billed_again(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)      # February's and March's
    verbo(sessao, dt.date(2026, 3, 1), "suspender_a_pedido", contrato.id)
    verbo(sessao, dt.date(2026, 3, 10), "retomar", contrato.id)
    rodar(sessao, dt.date(2026, 4, 1), contrato.cliente_id)
    assert faturas(sessao) + acerto(sessao) == D(19) + D(28) + D(28)


def test_an_end_after_a_pause_gives_nothing_back_twice(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 15), "suspender_a_pedido", contrato.id)
    verbo(sessao, dt.date(2026, 2, 20), "retomar", contrato.id)
    verbo(sessao, dt.date(2026, 3, 5), "encerrar_contrato", contrato.id, motivo="mudou")
    assert faturas(sessao) + acerto(sessao) == D(5) + D(14)      # 10 to 14 February, 20 February to 5 March


def test_a_paused_contract_that_ends_owes_nothing_more(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 15), "suspender_a_pedido", contrato.id)
    verbo(sessao, dt.date(2026, 2, 25), "encerrar_contrato", contrato.id, motivo="mudou")
    assert faturas(sessao) + acerto(sessao) == D(5)


def test_a_second_contract_that_joins_a_cycle_already_billed_pays_all_its_days(sessao) -> None:
    primeiro = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 2, 28), primeiro.cliente_id)      # its period of March is billed already
    antes = faturas(sessao)
    segundo = f.um_contrato(sessao, cliente_id=primeiro.cliente_id, faturar=False, inicio=dt.date(2026, 3, 5), preco=D("28.00"), status="rascunho")
    ciclo_id = sessao.scalar(select(ContratoCiclo.ciclo_faturamento_id).where(ContratoCiclo.contrato_id == primeiro.id))
    verbo(sessao, dt.date(2026, 3, 5), "ativar_contrato", segundo.id, dia_vencimento=10, ciclo_faturamento_id=ciclo_id)
    rodar(sessao, dt.date(2026, 4, 1), primeiro.cliente_id)
    dele = sessao.scalar(select(func.sum(ItemInvoice.valor_total)).where(ItemInvoice.contrato_id == segundo.id))
    assert dele == D(5) + D(28) + D(28) and faturas(sessao) == antes + D(28) + dele      # 5 to 9 March, March's period, April's


@pytest.mark.parametrize("nome", ["encerrar_contrato", "mudar_plano", "suspender_a_pedido"])
@pytest.mark.parametrize("dia", [dt.date(2026, 2, 24), dt.date(2026, 2, 9)])
def test_a_change_is_not_for_a_day_to_come_nor_before_the_contract(sessao, nome: str, dia: dt.date) -> None:
    contrato = faturado(sessao)
    a = {"encerrar_contrato": {"motivo": "x"}, "mudar_plano": {"plano_id": contrato.plano_id}}.get(nome, {})
    with em(dt.date(2026, 2, 23)), pytest.raises(ValorInvalido) as erro:
        getattr(FaturamentoService(sessao), nome)(contrato.id, em=dia, **a)
    assert erro.value.campo == "em"


@pytest.mark.parametrize(("nome", "dia"), [
    ("mudar_plano", dt.date(2026, 2, 19)), ("encerrar_contrato", dt.date(2026, 2, 12)), ("suspender_a_pedido", dt.date(2026, 2, 19)),
])
def test_nothing_is_dated_before_the_last_plan_change(sessao, nome: str, dia: dt.date) -> None:
    """A change settles the days after it at the price in force: another before it would settle them at a price they did not have."""
    contrato = faturado(sessao)
    novo = f.um_plano(sessao, preco=D("199.90"))
    with em(dt.date(2026, 2, 23)):
        servico = FaturamentoService(sessao)
        servico.mudar_plano(contrato.id, novo.id, em=dt.date(2026, 2, 20))
        a = {"encerrar_contrato": {"motivo": "x"}, "mudar_plano": {"plano_id": contrato.plano_id}}.get(nome, {})
        antes = acerto(sessao)
        with pytest.raises(ValorInvalido) as erro:
            getattr(servico, nome)(contrato.id, em=dia, **a)
    assert (erro.value.campo, erro.value.codigo, acerto(sessao)) == ("em", "antes_da_mudanca", antes) and "20/02/2026" in erro.value.mensagem


def test_another_change_on_the_same_day_or_later_is_settled_to_the_centavo(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    for preco in ("56.00", "84.00"):
        verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D(preco)).id)
    assert acerto(sessao) == D("28.00")      # 14 of 28 days at 84,00 instead of 28,00


def test_an_ended_contract_changes_no_plan(sessao) -> None:
    contrato = faturado(sessao)
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")
    with pytest.raises(RegraViolada) as erro:
        verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, contrato.plano_id)
    assert erro.value.codigo == "contrato_encerrado"


def test_a_paused_contract_changes_its_plan_only_after_it_is_back(sessao) -> None:
    """Days of the pause are never billed, so that there is no difference of them to settle."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 15), "suspender_a_pedido", contrato.id)
    antes = acerto(sessao)
    with pytest.raises(RegraViolada, match="está suspenso"):
        verbo(sessao, dt.date(2026, 2, 20), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("56.00")).id)
    assert acerto(sessao) == antes
    verbo(sessao, dt.date(2026, 2, 20), "retomar", contrato.id)
    assert verbo(sessao, dt.date(2026, 2, 20), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("56.00")).id).preco == D("56.00")


def test_a_draft_given_up_owes_no_fidelity_fine(sessao) -> None:
    fidelidade = {"fidelidade_ate": dt.date(2027, 2, 9), "beneficio_fidelidade": D("600.00")}
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, status=StatusContrato.rascunho, **fidelidade)
    verbo(sessao, dt.date(2026, 2, 1), "encerrar_contrato", contrato.id, motivo="desistiu")
    assert sessao.scalars(select(Lancamento)).all() == []
