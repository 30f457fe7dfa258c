"""Runs: the command's, the job's slices, stopping, and runs whose task has died."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.clientes.models import Cliente
from app.core import configuracao, relogio
from app.core.erros import RegraViolada
from app.core.transacao import transacao
from app.faturamento import consultas
from app.faturamento.estados import StatusExecucao, StatusInvoice
from app.faturamento.models import ClienteEstacionado, ExecucaoFaturamento, Invoice, LoteFaturamento
from app.faturamento.services import FaturamentoService
from jobs.faturamento import emitir_rodada, gerar_invoices_diarias
from tests import fabricas as f
from tests.faturamento.test_motor import HOJE, ciclo_de, um_devido


@pytest.fixture(autouse=True)
def no_dia():
    """The clock at the day of the run."""
    with relogio.mover_para(HOJE):
        yield


def quantas(sessao) -> int:
    return sessao.scalar(select(func.count()).select_from(Invoice))


def test_the_command_goes_on_until_a_cycle_far_behind_is_up_to_date(sessao) -> None:
    um_devido(sessao, vencimento=dt.date(2026, 9, 10))
    assert FaturamentoService.rodar_do_dia(hoje=HOJE) == 4
    assert FaturamentoService.rodar_do_dia(hoje=HOJE) == 0


def correr(sessao, fatia, **argumentos) -> list:
    """Slices until the cursor ends."""
    cursor, avancos = None, []
    while not avancos or cursor:
        avancos.append(fatia(sessao, cursor, **argumentos))
        cursor = avancos[-1].cursor
    return avancos


def test_the_job_runs_lot_by_lot_and_closes_its_run(sessao) -> None:
    configuracao.gravar(sessao, "faturamento.tamanho_lote", 10)
    for _ in range(25):
        um_devido(sessao)
    avancos = correr(sessao, gerar_invoices_diarias, hoje=HOJE)
    execucao = sessao.scalars(select(ExecucaoFaturamento)).one()
    assert (execucao.status, execucao.esperado, execucao.origem) == (StatusExecucao.concluida, 25, "agenda")
    assert sum(a.feitos for a in avancos) == quantas(sessao) == 25
    assert sorted(sessao.scalars(select(LoteFaturamento.invoices))) == [5, 10, 10]
    relatorio = consultas.relatorio_da_execucao(sessao, execucao.id)
    assert (relatorio.emitidas, relatorio.valor, relatorio.terminou) == (25, execucao.valor_esperado, True)


def test_a_person_stops_a_run_after_the_present_lot(sessao) -> None:
    configuracao.gravar(sessao, "faturamento.tamanho_lote", 10)
    for _ in range(25):
        um_devido(sessao)
    execucao = FaturamentoService(sessao).iniciar_execucao(hoje=HOJE)
    avanco = emitir_rodada(sessao, None, execucao_id=execucao.id)
    execucao.parar = True
    sessao.flush()
    assert emitir_rodada(sessao, avanco.cursor, execucao_id=execucao.id).cursor is None
    assert (execucao.status, quantas(sessao)) == (StatusExecucao.interrompida, 10)


def test_a_second_run_is_refused_while_one_goes_on(sessao) -> None:
    f.uma_empresa(sessao)
    FaturamentoService(sessao).iniciar_execucao(hoje=HOJE)
    with pytest.raises(RegraViolada) as erro:
        FaturamentoService(sessao).iniciar_execucao(hoje=HOJE)
    assert erro.value.codigo == "rodada_em_andamento"


def test_a_run_that_gives_no_sign_of_life_does_not_stand_in_the_way(sessao) -> None:
    f.uma_empresa(sessao)
    morta = FaturamentoService(sessao).iniciar_execucao(hoje=HOJE)
    with relogio.mover_para(relogio.instante(HOJE) + dt.timedelta(minutes=16)):
        assert FaturamentoService(sessao).iniciar_execucao(hoje=HOJE).id != morta.id
    assert morta.status is StatusExecucao.interrompida


def test_a_parked_customer_is_billed_once_his_data_is_right(sessao) -> None:
    contrato = um_devido(sessao, preco=Decimal("100000000.00"))
    servico = FaturamentoService(sessao)
    servico.gerar_invoices_automaticas(hoje=HOJE)
    parado = sessao.scalars(select(ClienteEstacionado)).one()
    contrato.preco = Decimal("99.90")
    sessao.flush()
    assert len(servico.tentar_estacionado(parado.id, hoje=HOJE)) == 1
    assert parado.resolvido_em is not None
    assert servico.tentar_estacionado(parado.id, hoje=HOJE) == []


def mudou(sessao, antes: str, agora: str, **kw: object) -> int:
    """A contract billed ``antes`` reais last month, of ``agora`` reais a month from now on. Its customer's id."""
    contrato = um_devido(sessao, preco=Decimal(agora))
    passada = {"vencimento": dt.date(2026, 11, 10), "ciclo_faturamento_id": ciclo_de(sessao, contrato).id, **kw}
    f.uma_invoice(sessao, contrato=contrato, valor=Decimal(antes), **passada)
    return contrato.cliente_id


def fora_da_curva(sessao) -> list[tuple[str, Decimal, Decimal]]:
    """(payer, before, now) in the report of a whole run."""
    execucao = FaturamentoService(sessao).iniciar_execucao(hoje=HOJE)
    correr(sessao, emitir_rodada, execucao_id=execucao.id)
    return [(linha.cliente, linha.antes, linha.agora) for linha in consultas.relatorio_da_execucao(sessao, execucao.id).fora_da_curva]


def nome_de(sessao, cliente_id: int) -> str:
    return sessao.get_one(Cliente, cliente_id).nome


def test_the_report_lists_what_is_further_from_last_month_than_the_setting_and_nothing_nearer(sessao) -> None:
    """30 % unless changed: exactly 30 % is near, a centavo more is not, upwards or downwards. The furthest first."""
    for agora in ("130.00", "100.00", "70.00"):
        mudou(sessao, "100.00", agora)
    mais, menos, dobro = (mudou(sessao, "100.00", agora) for agora in ("130.01", "69.98", "200.00"))
    um_devido(sessao)       # its first invoice: nothing to compare
    assert fora_da_curva(sessao) == [
        (nome_de(sessao, cliente_id), Decimal("100.00"), Decimal(agora)) for cliente_id, agora in ((dobro, "200.00"), (menos, "69.98"), (mais, "130.01"))
    ]


@pytest.mark.parametrize(("percentual", "listada"), [("9", True), ("10", False), ("50", False)])
def test_the_provider_says_how_far_is_far(sessao, percentual: str, listada: bool) -> None:
    configuracao.gravar(sessao, "faturamento.desvio_percentual", Decimal(percentual))
    mudou(sessao, "100.00", "110.00")
    assert bool(fora_da_curva(sessao)) is listada


def test_a_cancelled_invoice_is_nothing_to_compare_with(sessao) -> None:
    mudou(sessao, "500.00", "100.00", status=StatusInvoice.cancelada, motivo_cancelamento="engano")
    assert fora_da_curva(sessao) == []


def test_the_page_of_the_run_names_what_changed_much(app, http) -> None:
    with app.app_context(), transacao() as s:
        usuario = f.um_usuario(s, "Financeiro").username
        longe, perto = (nome_de(s, mudou(s, "100.00", agora)) for agora in ("150.00", "101.00"))
        execucao_id = FaturamentoService(s).iniciar_execucao(hoje=HOJE).id
        correr(s, emitir_rodada, execucao_id=execucao_id)
    http.entrar(usuario)
    pagina = http.get(f"/faturamento/rodada/{execucao_id}/progresso").text
    assert "Muito diferentes do mês anterior" in pagina and longe in pagina and "R$ 150,00" in pagina.replace("\xa0", " ") and perto not in pagina
