"""What an invoice holds: periods, proportional parts, discounts, one-off charges and credit. Pure rules, no database."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.erros import RegraViolada
from app.faturamento.regras import (
    LIMITE,
    DadosCiclo,
    DadosContrato,
    DadosCredito,
    DadosItem,
    DadosLancamento,
    Periodo,
    calcular_fatura,
    fechar,
    multa_fidelidade,
    periodos,
    preco_do_periodo,
    proporcional,
    proximo,
)

dinheiro = st.decimals(min_value=D("0.00"), max_value=D("5000.00"), places=2)
datas = st.dates(min_value=dt.date(2024, 1, 1), max_value=dt.date(2032, 12, 31))


def ciclo(vencimento: dt.date, *, dia: int | None = None, meses: int | None = 1, dias: int = 30) -> DadosCiclo:
    return DadosCiclo(1, 9, dia or vencimento.day, meses, dias, vencimento)


def contrato(inicio: dt.date = dt.date(2024, 1, 10), **kw) -> DadosContrato:
    padroes = {
        "id": 12, "plano_id": 3, "plano_nome": "Fibra 500", "preco": D("99.90"), "desconto": D("0.00"), "desconto_ate": None, "antecipada": True, "fim": None,
    }
    return DadosContrato(**{**padroes, "inicio": inicio, **kw})


def faturar(c: DadosCiclo, *contratos: DadosContrato, itens=(), **kw):
    return calcular_fatura(c, contratos, itens={12: itens} if itens else {}, **kw)


def test_a_paid_ahead_contract_is_billed_for_the_period_that_begins_on_the_due_date() -> None:
    (item,) = faturar(ciclo(dt.date(2026, 12, 10)), contrato()).itens
    assert (item.inicio, item.fim, item.valor_total) == (dt.date(2026, 12, 10), dt.date(2027, 1, 9), D("99.90"))
    assert item.chave == "c12:plano:3:2026-12-10"
    assert item.descricao == "Fibra 500 – 10/12/2026 a 09/01/2027"


def test_a_contract_paid_in_arrears_is_billed_for_the_period_that_has_ended() -> None:
    (item,) = faturar(ciclo(dt.date(2026, 12, 10)), contrato(antecipada=False)).itens
    assert (item.inicio, item.fim) == (dt.date(2026, 11, 10), dt.date(2026, 12, 9))


def test_the_first_invoice_brings_the_days_before_it_and_the_next_period() -> None:
    parte, cheio = faturar(ciclo(dt.date(2026, 12, 10)), contrato(dt.date(2026, 11, 12))).itens
    assert parte.descricao == "Fibra 500 – 12/11/2026 a 09/12/2026 (28/30 dias)"
    assert (parte.valor_total, cheio.valor_total) == (D("93.24"), D("99.90"))


def test_days_that_were_billed_do_not_come_again() -> None:
    inicio = dt.date(2026, 11, 12)
    itens = faturar(ciclo(dt.date(2026, 12, 10)), contrato(inicio), cobrados={("plano", 12, inicio)}).itens
    assert [i.inicio for i in itens] == [dt.date(2026, 12, 10)]


def test_a_contract_begun_before_the_previous_period_never_brings_it_again() -> None:
    assert len(faturar(ciclo(dt.date(2026, 12, 10)), contrato(dt.date(2026, 11, 9))).itens) == 1


def test_the_first_invoice_in_arrears_is_only_the_days_of_use() -> None:
    (item,) = faturar(ciclo(dt.date(2026, 12, 10)), contrato(dt.date(2026, 11, 12), antecipada=False)).itens
    assert (item.inicio, item.valor_total) == (dt.date(2026, 11, 12), D("93.24"))


def test_the_last_period_goes_until_the_last_day_of_the_contract() -> None:
    (item,) = faturar(ciclo(dt.date(2026, 12, 10)), contrato(fim=dt.date(2026, 12, 25))).itens
    assert item.fim == dt.date(2026, 12, 25)
    assert item.valor_total == D("51.56")
    assert item.descricao.endswith("(16/31 dias)")


def test_a_contract_that_ended_before_the_period_owes_nothing() -> None:
    assert faturar(ciclo(dt.date(2026, 12, 10)), contrato(fim=dt.date(2026, 12, 9))).sem_valor


@pytest.mark.parametrize(("meses", "dias", "proximos", "preco"), [
    (1, 30, ["2026-12-10", "2027-01-10"], "99.90"),
    (2, 60, ["2026-12-10", "2027-02-10"], "199.80"),
    (3, 90, ["2026-12-10", "2027-03-10"], "299.70"),
    (6, 180, ["2026-12-10", "2027-06-10"], "599.40"),
    (12, 365, ["2026-12-10", "2027-12-10"], "1198.80"),
    (None, 15, ["2026-12-10", "2026-12-25"], "49.95"),
])
def test_every_cycle_has_its_next_due_date_and_its_price(meses, dias, proximos, preco) -> None:
    c = ciclo(dt.date.fromisoformat(proximos[0]), meses=meses, dias=dias)
    assert str(proximo(c.vencimento, c.dia, meses, dias)) == proximos[1]
    assert faturar(c, contrato()).total == D(preco)


@pytest.mark.parametrize(("dia", "primeiro", "seguintes"), [
    (31, "2027-01-31", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
    (31, "2028-01-31", ["2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]),
    (30, "2027-01-30", ["2027-02-28", "2027-03-30", "2027-04-30", "2027-05-30"]),
    (29, "2027-01-29", ["2027-02-28", "2027-03-29", "2027-04-29", "2027-05-29"]),
    (29, "2028-01-29", ["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29"]),
])
def test_the_due_day_is_clamped_to_the_month_and_comes_back(dia, primeiro, seguintes) -> None:
    vencimento, vistos = dt.date.fromisoformat(primeiro), []
    for _ in seguintes:
        vencimento = proximo(vencimento, dia, 1, 30)
        vistos.append(str(vencimento))
    assert vistos == seguintes


@given(datas, st.integers(1, 31), st.sampled_from([(1, 30), (2, 60), (3, 90), (6, 180), (12, 365), (None, 15), (None, 30)]))
def test_periods_follow_each_other_without_a_day_missing_or_twice(data, dia, tamanho) -> None:
    from app.core.datas import primeiro_vencimento

    ps = periodos(primeiro_vencimento(data, dia), dia, *tamanho)
    seguinte = periodos(ps.proximo, dia, *tamanho)
    assert seguinte.anterior == ps.atual
    assert ps.anterior.fim + dt.timedelta(days=1) == ps.atual.inicio
    assert seguinte.atual.inicio == ps.atual.fim + dt.timedelta(days=1)


@given(dinheiro, datas, st.integers(1, 31), st.lists(st.integers(0, 30), max_size=6))
def test_parts_that_cover_the_period_sum_exactly_to_the_price(preco, inicio, dias, cortes) -> None:
    periodo = Periodo(inicio, inicio + dt.timedelta(days=dias - 1))
    limites = sorted({0, dias, *(c for c in cortes if c < dias)})
    partes = [
        proporcional(preco, periodo, inicio + dt.timedelta(days=a), inicio + dt.timedelta(days=b - 1)) for a, b in zip(limites, limites[1:], strict=False)
    ]
    assert sum(partes) == preco
    assert all(p >= 0 for p in partes)


@given(
    dinheiro, dinheiro, datas, st.integers(1, 31), st.integers(0, 400), st.booleans(), st.lists(dinheiro, max_size=4),
    st.lists(st.tuples(st.booleans(), dinheiro), max_size=4),
)
def test_items_sum_to_the_invoice_and_it_is_never_negative(preco, desconto, data, dia, antes, antecipada, creditos, lancamentos) -> None:
    from app.core.datas import primeiro_vencimento

    venc = primeiro_vencimento(data, dia)
    c = contrato(venc - dt.timedelta(days=antes), preco=max(preco, desconto), desconto=min(preco, desconto), antecipada=antecipada)
    fatura = faturar(
        ciclo(venc, dia=dia), c,
        creditos=[DadosCredito(n, v, "pago a mais") for n, v in enumerate(creditos)],
        lancamentos=[DadosLancamento(n, None, mais, "servico", "Avulso", v + D("0.01")) for n, (mais, v) in enumerate(lancamentos)],
    )
    assert fatura.total == sum(i.valor_total for i in fatura.itens) >= 0
    assert all(i.quantidade * i.valor_unitario == i.valor_total for i in fatura.itens)
    chaves = [i.chave for i in fatura.itens]
    assert len(chaves) == len(set(chaves))


@given(dinheiro, st.integers(1, 31), st.integers(0, 27))
def test_the_bulk_path_and_by_hand_bill_the_same_month_when_a_contract_begins_in_the_middle(preco, dia, depois) -> None:
    """Days before the start + what is billed = the month."""
    ps = periodos(dt.date(2027, 5, min(dia, 31)), dia, 1, 30)
    inicio = ps.anterior.inicio + dt.timedelta(days=depois)
    itens = faturar(ciclo(ps.atual.inicio, dia=dia), contrato(inicio, preco=preco)).itens
    cobrado = sum(i.valor_total for i in itens if i.inicio < ps.atual.inicio)
    antes = proporcional(preco, ps.anterior, ps.anterior.inicio, inicio - dt.timedelta(days=1)) if depois else D(0)
    assert cobrado + antes == preco_do_periodo(preco, 1, 30)


def test_a_discount_runs_until_its_last_day() -> None:
    com = contrato(desconto=D("10.00"), desconto_ate=dt.date(2027, 1, 9))
    assert faturar(ciclo(dt.date(2026, 12, 10)), com).total == D("89.90")
    assert faturar(ciclo(dt.date(2027, 1, 10)), com).total == D("99.90")


@pytest.mark.parametrize(("meses", "ate", "desconto"), [
    (1, dt.date(2026, 12, 10), "0.32"),          # 1 of 31 days
    (3, dt.date(2027, 1, 9), "10.33"),           # 31 of 90 days of 30,00
    (12, dt.date(2027, 1, 31), "17.42"),         # 53 of 365 days of 120,00
])
def test_a_discount_that_ends_inside_a_period_counts_by_its_days(meses, ate, desconto) -> None:
    plano, linha = faturar(ciclo(dt.date(2026, 12, 10), meses=meses), contrato(desconto=D("10.00"), desconto_ate=ate)).itens
    assert (linha.valor_total, linha.fim, plano.fim > ate) == (-D(desconto), ate, True)


def test_a_discount_takes_away_the_price_at_most() -> None:
    assert faturar(ciclo(dt.date(2026, 12, 10)), contrato(desconto=D("120.00"))).total == 0


def test_an_additional_service_is_billed_from_its_first_day_and_until_its_last() -> None:
    item = DadosItem(7, 12, "IP fixo", 2, D("15.00"), dt.date(2026, 12, 20), None)
    fatura = faturar(ciclo(dt.date(2026, 12, 10)), contrato(), itens=[item])
    assert [i.descricao for i in fatura.itens][1] == "2 × IP fixo – 20/12/2026 a 09/01/2027 (21/31 dias)"
    seguinte = faturar(ciclo(dt.date(2027, 1, 10)), contrato(), itens=[item], cobrados={("item", 7, item.de)})
    assert (seguinte.itens[1].quantidade, seguinte.itens[1].valor_total) == (2, D("30.00"))


def test_a_service_added_after_the_invoice_of_its_period_comes_with_the_next() -> None:
    item = DadosItem(7, 12, "IP fixo", 1, D("31.00"), dt.date(2026, 12, 20), None)
    fatura = faturar(ciclo(dt.date(2027, 1, 10)), contrato(), itens=[item])
    assert [i.valor_total for i in fatura.itens] == [D("21.00"), D("99.90"), D("31.00")]


def test_a_customer_of_two_contracts_gets_one_invoice() -> None:
    fatura = faturar(ciclo(dt.date(2026, 12, 10)), contrato(), contrato(id=13, preco=D("50.00")))
    assert fatura.total == D("149.90")


def test_credit_never_makes_the_total_negative_and_the_rest_stays() -> None:
    fatura = faturar(ciclo(dt.date(2026, 12, 10)), contrato(), creditos=[DadosCredito(5, D("60.00"), "a"), DadosCredito(6, D("60.00"), "b")])
    assert fatura.total == 0
    assert fatura.creditos == [(5, D("60.00")), (6, D("39.90"))]
    assert not fatura.sem_valor


def test_a_discount_that_does_not_fit_is_split() -> None:
    desconto = DadosLancamento(8, None, False, "desconto", "Cortesia", D("150.00"))
    fatura = faturar(ciclo(dt.date(2026, 12, 10)), contrato(), lancamentos=[desconto])
    assert (fatura.total, fatura.lancamentos, fatura.divididos) == (D("0.00"), [(8, D("99.90"))], [(8, D("50.10"))])


def test_an_instalment_says_which_it_is() -> None:
    linha = fechar([], [DadosLancamento(8, 12, True, "servico", "Instalação", D("50.00"), 2, 3)]).itens[0]
    assert (linha.descricao, linha.chave) == ("Instalação (2/3)", "lanc:8")


def test_a_total_that_no_charge_can_carry_is_refused() -> None:
    with pytest.raises(RegraViolada) as erro:
        faturar(ciclo(dt.date(2026, 12, 10)), contrato(preco=LIMITE + D("0.01")))
    assert erro.value.codigo == "total_invalido"


def test_a_free_contract_makes_no_invoice() -> None:
    assert faturar(ciclo(dt.date(2026, 12, 10)), contrato(preco=D("0.00"))).sem_valor


def test_the_fidelity_fine_is_the_benefit_times_what_was_not_kept() -> None:
    assert multa_fidelidade(D("365.00"), dt.date(2026, 1, 1), dt.date(2026, 12, 31), dt.date(2026, 10, 22)) == (D("70.00"), 70, 365)
    assert multa_fidelidade(D("365.00"), dt.date(2026, 1, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 5))[0] == 0
    assert multa_fidelidade(D("365.00"), dt.date(2026, 1, 1), dt.date(2026, 12, 31), dt.date(2025, 12, 20)) == (D("365.00"), 365, 365)
