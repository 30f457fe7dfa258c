"""Ending, pausing and changing a contract: plan, discount and additional services by days, to the centavo; nothing twice, nothing for ever unbilled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.contratos.estados import Cobranca, StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core.dinheiro import ZERO
from app.core.erros import RegraViolada, TransicaoInvalida, ValorInvalido
from app.faturamento.estados import Metodo, StatusInvoice, StatusLancamento, TipoLancamento
from app.faturamento.models import CicloFaturamento, ContratoCiclo, Credito, Invoice, ItemInvoice, Lancamento
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


def test_a_discount_that_ended_inside_the_period_is_not_taken_back(sessao) -> None:
    contrato = faturado(sessao, desconto_ate=dt.date(2026, 2, 12))
    assert faturas(sessao) == D("128.73")      # 3 of 28 days of 10,00
    verbo(sessao, dt.date(2026, 2, 23), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == -(D("49.95") + D("14.95"))


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
    assert acerto(sessao) == D("-14.00")      # 28,00 a month became nothing, for half of it


def test_the_discount_is_whole_again_when_the_price_is(sessao) -> None:
    contrato = faturado(sessao, preco=D("56.00"), desconto=D("28.00"))
    for dia, preco in ((dt.date(2026, 2, 24), "14.00"), (dt.date(2026, 3, 3), "56.00")):
        verbo(sessao, dia, "mudar_plano", contrato.id, f.um_plano(sessao).id, preco=D(preco))
    assert acerto(sessao) == D("-7.00")      # one week for nothing instead of 28,00 a month, then as before


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


def test_what_is_left_of_a_contract_of_a_long_cycle_is_billed_by_the_next_run(sessao) -> None:
    """Billed for a year on 10 February and ended on the 19th: its fine less its credit, now and not in a year."""
    f.um_ciclo(sessao, "Anual", meses=12, dias=365)
    fidelidade = {"fidelidade_ate": dt.date(2027, 2, 9), "beneficio_fidelidade": D("365.00")}
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("10.00"), ciclo="Anual", **fidelidade)
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    invoice = sessao.scalars(select(Invoice)).one()
    with em(INICIO):
        FaturamentoService(sessao).registrar_pagamento(invoice.id, D("120.00"), Metodo.pix, em=INICIO, referencia="anual")
    verbo(sessao, dt.date(2026, 2, 19), "encerrar_contrato", contrato.id, motivo="mudou")
    rodar(sessao, dt.date(2026, 2, 20), contrato.cliente_id)
    final = sessao.scalars(select(Invoice).where(Invoice.id != invoice.id)).one()
    assert final.valor_total == D("355.00") - (D("120.00") - D("3.29")) and acerto(sessao) == 0


def juntado(sessao, desde: dt.date = dt.date(2026, 3, 1)) -> tuple[Contrato, Decimal]:
    """A second contract of 28,00 that begins in a cycle billed until 9 April, and what was invoiced before it."""
    primeiro = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 2, 28), primeiro.cliente_id)
    antes = faturas(sessao)
    segundo = f.um_contrato(sessao, cliente_id=primeiro.cliente_id, faturar=False, inicio=desde, preco=D("28.00"), status=StatusContrato.rascunho)
    ciclo_id = sessao.scalar(select(ContratoCiclo.ciclo_faturamento_id).where(ContratoCiclo.contrato_id == primeiro.id))
    verbo(sessao, desde, "ativar_contrato", segundo.id, dia_vencimento=10, ciclo_faturamento_id=ciclo_id)
    return segundo, antes


def test_ended_before_the_next_invoice_it_owes_its_days(sessao) -> None:
    segundo, _antes = juntado(sessao)
    verbo(sessao, dt.date(2026, 3, 5), "encerrar_contrato", segundo.id, motivo="mudou")
    assert acerto(sessao) == D("5.00")


def test_changed_before_the_next_invoice_each_day_has_its_price(sessao) -> None:
    segundo, antes = juntado(sessao)
    verbo(sessao, dt.date(2026, 3, 5), "mudar_plano", segundo.id, f.um_plano(sessao, preco=D("56.00")).id)
    rodar(sessao, dt.date(2026, 3, 31), segundo.cliente_id)
    assert faturas(sessao) + acerto(sessao) - antes == 4 * D(1) + 5 * D(2) + 2 * D("56.00") + D("28.00")      # to 9 March, March, April; the first's April


def test_back_from_a_pause_and_ended_before_the_next_invoice(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 28), "suspender_a_pedido", contrato.id)
    verbo(sessao, dt.date(2026, 3, 1), "retomar", contrato.id)
    verbo(sessao, dt.date(2026, 3, 5), "encerrar_contrato", contrato.id, motivo="mudou")
    assert faturas(sessao) + acerto(sessao) == D("18.00") + D("5.00")


def test_after_the_first_days_came_late_they_do_not_come_again(sessao) -> None:
    segundo, antes = juntado(sessao)
    for dia in (dt.date(2026, 3, 31), dt.date(2026, 4, 30)):
        rodar(sessao, dia, segundo.cliente_id)
    assert faturas(sessao) - antes == D("9.00") + 3 * D("28.00") + 2 * D("28.00")      # 1 to 9 March, March, April, May; the first's April and May
    assert sessao.scalar(select(ContratoCiclo.atrasado).where(ContratoCiclo.contrato_id == segundo.id)) is False


def test_periods_worth_nothing_were_billed_for_nothing(sessao) -> None:
    """Free since February; from 10 May at 150,00 less 100,00: 50,00 a month, and nothing for the months gone."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("100.00"), desconto=D("100.00"))
    for dia in (dt.date(2026, 2, 28), dt.date(2026, 4, 30)):
        rodar(sessao, dia, contrato.cliente_id)
    assert faturas(sessao) == 0
    verbo(sessao, dt.date(2026, 5, 10), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("150.00")).id)
    assert acerto(sessao) == D("50.00")
    rodar(sessao, dt.date(2026, 5, 31), contrato.cliente_id)
    assert faturas(sessao) + acerto(sessao) == D("100.00")      # May's and June's
    verbo(sessao, dt.date(2026, 5, 31), "encerrar_contrato", contrato.id, motivo="mudou")
    assert faturas(sessao) + acerto(sessao) == (D("50.00") * 22 / 31).quantize(D("0.01"))


@pytest.mark.parametrize("nome", ["encerrar_contrato", "mudar_plano", "suspender_a_pedido"])
@pytest.mark.parametrize("dia", [dt.date(2026, 2, 24), dt.date(2026, 2, 9)])
def test_a_change_is_not_for_a_day_to_come_nor_before_the_contract(sessao, nome: str, dia: dt.date) -> None:
    contrato = faturado(sessao)
    a = {"encerrar_contrato": {"motivo": "x"}, "mudar_plano": {"plano_id": contrato.plano_id}}.get(nome, {})
    with em(dt.date(2026, 2, 23)), pytest.raises(ValorInvalido) as erro:
        getattr(FaturamentoService(sessao), nome)(contrato.id, em=dia, **a)
    assert erro.value.campo == "em"


@pytest.mark.parametrize("ato", ["mudar_plano", "suspender_a_pedido", "retomar"])
@pytest.mark.parametrize("nome", ["mudar_plano", "encerrar_contrato", "suspender_a_pedido", "retomar"])
def test_nothing_is_dated_before_what_happened_last(sessao, ato: str, nome: str) -> None:
    """Each act settles the days after it as they are then: another before it would settle them as they were not."""
    contrato = faturado(sessao)
    novo = f.um_plano(sessao, preco=D("199.90"))
    with em(dt.date(2026, 2, 23)):
        servico = FaturamentoService(sessao)
        if ato == "retomar":
            servico.suspender_a_pedido(contrato.id, em=dt.date(2026, 2, 18))
        getattr(servico, ato)(contrato.id, em=dt.date(2026, 2, 20), **({"plano_id": novo.id} if ato == "mudar_plano" else {}))
        if nome == "retomar" and ato != "suspender_a_pedido":
            servico.suspender_a_pedido(contrato.id, em=dt.date(2026, 2, 20))
        a = {"encerrar_contrato": {"motivo": "x"}, "mudar_plano": {"plano_id": contrato.plano_id}}.get(nome, {})
        antes = acerto(sessao)
        with pytest.raises((ValorInvalido, RegraViolada, TransicaoInvalida)) as erro:
            getattr(servico, nome)(contrato.id, em=dt.date(2026, 2, 19), **a)
    assert acerto(sessao) == antes
    if erro.type is ValorInvalido:
        assert (erro.value.campo, erro.value.codigo) == ("em", "antes_da_mudanca") and "20/02/2026" in erro.value.mensagem
    else:      # paused: no plan change; not active or not paused: no such step
        assert ato == "suspender_a_pedido" or nome == "retomar"


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


def test_a_contract_back_from_a_pause_leaves_the_due_dates_of_another_in_its_cycle(sessao) -> None:
    """The run has stopped since February; A owes its months all the same when B, paused, comes back in May."""
    a = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    b = f.um_contrato(sessao, cliente_id=a.cliente_id, faturar=False, inicio=INICIO, preco=D("28.00"), status=StatusContrato.rascunho)
    ciclo_id = sessao.scalar(select(ContratoCiclo.ciclo_faturamento_id).where(ContratoCiclo.contrato_id == a.id))
    verbo(sessao, INICIO, "ativar_contrato", b.id, dia_vencimento=10, ciclo_faturamento_id=ciclo_id)
    verbo(sessao, INICIO, "suspender_a_pedido", b.id)
    verbo(sessao, dt.date(2026, 5, 20), "retomar", b.id)
    rodar(sessao, dt.date(2026, 5, 31), a.cliente_id)
    por_contrato = dict(sessao.execute(select(ItemInvoice.contrato_id, func.sum(ItemInvoice.valor_total)).group_by(ItemInvoice.contrato_id)).all())
    assert por_contrato == {a.id: 5 * D("28.00"), b.id: (28 * D(21) / 31).quantize(D("0.01")) + D("28.00")}      # Feb to June; 20 May to 9 June, June


# ---- cancelled and issued again


def reemitida(sessao, contrato: Contrato, dia: dt.date) -> Invoice:
    """The contract's first invoice cancelled and issued again on a day."""
    primeira = sessao.scalars(select(Invoice).where(Invoice.cliente_id == contrato.cliente_id).order_by(Invoice.id)).first()
    verbo(sessao, dia, "cancelar", primeira.id, motivo="engano")
    return verbo(sessao, dia, "reemitir", primeira.id)


def test_a_plan_changed_while_a_draft_counts_from_the_first_day(sessao) -> None:
    """Though service began before the day of the change."""
    outro = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"))
    contrato = f.um_contrato(sessao, cliente_id=outro.cliente_id, faturar=False, inicio=INICIO, preco=D("28.00"), status=StatusContrato.rascunho)
    verbo(sessao, dt.date(2026, 2, 15), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("56.00")).id)
    with em(dt.date(2026, 2, 15)):
        FaturamentoService(sessao).ativar_contrato(contrato.id, em=INICIO, dia_vencimento=10)
    rodar(sessao, dt.date(2026, 2, 15), contrato.cliente_id)
    dele = sessao.scalars(select(Invoice).join(Invoice.itens).where(ItemInvoice.contrato_id == contrato.id)).one()
    verbo(sessao, dt.date(2026, 2, 16), "cancelar", dele.id, motivo="engano")
    assert (acerto(sessao), verbo(sessao, dt.date(2026, 2, 16), "reemitir", dele.id).valor_total) == (0, D("56.00"))


@pytest.mark.parametrize("antes", [True, False])
def test_issued_again_after_a_plan_change_each_day_has_its_price_and_nothing_is_left_to_settle(sessao, antes: bool) -> None:
    """100,00 until 23 February, 200,00 from then on: 150,00, whether the plan changed before the invoice was cancelled or after."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("100.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    primeira, dia = sessao.scalars(select(Invoice)).one(), dt.date(2026, 2, 24)
    passos = [("mudar_plano", contrato.id, {"plano_id": f.um_plano(sessao, preco=D("200.00")).id}), ("cancelar", primeira.id, {"motivo": "engano"})]
    for nome, alvo, a in passos if antes else reversed(passos):
        verbo(sessao, dia, nome, alvo, **a)
    nova = verbo(sessao, dia, "reemitir", primeira.id)
    assert [(i.periodo_inicio.day, i.valor_total) for i in nova.itens] == [(10, D("50.00")), (24, D("100.00"))]
    assert (nova.valor_total, acerto(sessao)) == (D("150.00"), 0)
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)
    assert faturas(sessao) - D("100.00") == D("150.00") + D("200.00")      # less the cancelled one


def test_issued_again_after_a_pause_bills_the_days_before_it(sessao) -> None:
    """280,00, paused from 24 to 26 February: 140,00 until then, 110,00 from 27 February with the next."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("280.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 24), "suspender_a_pedido", contrato.id)
    verbo(sessao, dt.date(2026, 2, 27), "retomar", contrato.id)
    nova = reemitida(sessao, contrato, dt.date(2026, 2, 27))
    assert (nova.valor_total, nova.saldo, acerto(sessao)) == (D("140.00"), D("140.00"), 0)
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)
    assert faturas(sessao) - D("280.00") == D("140.00") + D("110.00") + D("280.00")


def test_paused_while_its_invoice_is_cancelled_it_owes_the_days_before_the_pause(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("280.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    primeira = sessao.scalars(select(Invoice)).one()
    verbo(sessao, dt.date(2026, 2, 20), "cancelar", primeira.id, motivo="engano")
    verbo(sessao, dt.date(2026, 2, 24), "suspender_a_pedido", contrato.id)
    assert acerto(sessao) == 0
    assert verbo(sessao, dt.date(2026, 2, 25), "reemitir", primeira.id).valor_total == D("140.00")


def test_a_courtesy_takes_back_what_a_pause_had_given_back(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("280.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 24), "suspender_a_pedido", contrato.id)
    verbo(sessao, dt.date(2026, 2, 24), "cancelar", sessao.scalars(select(Invoice)).one().id, motivo="cortesia")
    assert acerto(sessao) == 0


def test_a_period_given_as_a_courtesy_settles_nothing(sessao) -> None:
    contrato = faturado(sessao)
    verbo(sessao, dt.date(2026, 2, 20), "cancelar", sessao.scalars(select(Invoice)).one().id, motivo="cortesia")
    verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("199.90")).id)
    verbo(sessao, dt.date(2026, 3, 1), "encerrar_contrato", contrato.id, motivo="mudou")
    assert acerto(sessao) == 0


def test_cancelled_after_the_difference_was_billed_the_difference_comes_back(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("100.00"))
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    verbo(sessao, dt.date(2026, 2, 24), "mudar_plano", contrato.id, f.um_plano(sessao, preco=D("200.00")).id)
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)      # March: 200,00 and 50,00 of February
    primeira = sessao.scalars(select(Invoice).order_by(Invoice.id)).first()
    verbo(sessao, dt.date(2026, 3, 2), "cancelar", primeira.id, motivo="cortesia")
    assert acerto(sessao) == D("-50.00")
    nova = verbo(sessao, dt.date(2026, 3, 2), "reemitir", primeira.id)
    assert (sum(i.valor_total for i in nova.itens if i.tipo.name == "plano"), nova.saldo, acerto(sessao)) == (D("150.00"), D("100.00"), 0)


def test_an_invoice_of_charges_alone_is_issued_again_with_the_same_charges(sessao) -> None:
    """Nobody bills them a second time."""
    contrato = faturado(sessao, preco=D("28.00"), desconto=ZERO)
    verbo(sessao, dt.date(2026, 3, 9), "encerrar_contrato", contrato.id, motivo="mudou")
    with em(dt.date(2026, 3, 9)):
        FaturamentoService(sessao)._lancar(
            contrato.cliente_id, tipo=TipoLancamento.acrescimo, descricao="Equipamento", valor=D("80.00"), a_partir_de=dt.date(2026, 3, 9))
    sessao.get(CicloFaturamento, sessao.scalar(select(ContratoCiclo.ciclo_faturamento_id))).ativo = False
    rodar(sessao, dt.date(2026, 3, 10), contrato.cliente_id)
    avulsa = sessao.scalars(select(Invoice).where(Invoice.ciclo_faturamento_id.is_(None))).one()
    verbo(sessao, dt.date(2026, 3, 11), "cancelar", avulsa.id, motivo="endereço errado")
    nova = verbo(sessao, dt.date(2026, 3, 11), "reemitir", avulsa.id)
    rodar(sessao, dt.date(2026, 3, 12), contrato.cliente_id)
    vivas = select(Invoice).where(Invoice.ciclo_faturamento_id.is_(None), Invoice.status != StatusInvoice.cancelada)
    assert ([i.id for i in sessao.scalars(vivas)], nova.valor_total, acerto(sessao)) == ([nova.id], D("80.00"), 0)


def test_a_draft_given_up_owes_no_fidelity_fine(sessao) -> None:
    fidelidade = {"fidelidade_ate": dt.date(2027, 2, 9), "beneficio_fidelidade": D("600.00")}
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, status=StatusContrato.rascunho, **fidelidade)
    verbo(sessao, dt.date(2026, 2, 1), "encerrar_contrato", contrato.id, motivo="desistiu")
    assert sessao.scalars(select(Lancamento)).all() == []
