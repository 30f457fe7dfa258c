"""Additional services: when they may begin, what an end gives back, on the screen and in the API; never a day twice, never a day lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core import relogio
from app.core.erros import Conflito, RegraViolada, ValorInvalido
from app.core.models import Evento
from app.core.transacao import transacao
from app.faturamento.models import ContratoCiclo, Credito, Invoice, ItemInvoice
from app.faturamento.services import FaturamentoService
from app.planos.models import Adicional
from tests import fabricas as f
from tests.faturamento.test_acertos import INICIO, acerto, faturas, rodar, um_adicional
from tests.faturamento.test_ciclo_de_vida import em

D = Decimal


def faturado(sessao, **kw) -> tuple[Contrato, ContratoItem]:
    """A plan and a service of 28,00 each, billed for 10 February to 9 March: R$ 1,00 a day."""
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, preco=D("28.00"), **kw)
    item = um_adicional(sessao, contrato, "28.00")
    rodar(sessao, dt.date(2026, 1, 31), contrato.cliente_id)
    return contrato, item


def encerrar(sessao, item: ContratoItem, ate: dt.date | None, hoje: dt.date) -> None:
    """As the form does: the column first, the service before anything is written."""
    try:
        with em(hoje), sessao.no_autoflush:
            item.ate = ate
            FaturamentoService(sessao).encerrar_adicional(item)
    except ValorInvalido:
        sessao.expire(item)
        raise
    sessao.flush()


def contratar(sessao, contrato: Contrato, de: dt.date, hoje: dt.date, **kw) -> ContratoItem:
    """One more service of 28,00, added on a day."""
    adicional = f.gravar(sessao, Adicional(nome=f"Telefone {de} {hoje}", preco=D("28.00")))
    item = ContratoItem(contrato=contrato, adicional=adicional, de=de, **{"preco": D("28.00"), "quantidade": 1, **kw})
    with em(hoje), sessao.no_autoflush:
        FaturamentoService(sessao).contratar_adicional(item)
    return f.gravar(sessao, item)


def test_an_end_inside_a_billed_period_gives_its_days_back_and_abates_the_open_invoice(sessao) -> None:
    contrato, item = faturado(sessao)
    encerrar(sessao, item, dt.date(2026, 2, 16), dt.date(2026, 2, 16))
    invoice = sessao.scalars(select(Invoice)).one()
    assert (faturas(sessao), acerto(sessao), invoice.valor_creditado) == (D("56.00"), D("-21.00"), D("21.00"))
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)
    assert faturas(sessao) == D("56.00") + D("28.00")      # March: the plan alone
    assert "IP fixo" in sessao.scalars(select(Evento).where(Evento.tipo == "adicional_encerrado")).one().dados["servico"]


def test_a_later_end_of_the_same_service_gives_back_only_the_rest(sessao) -> None:
    _contrato, item = faturado(sessao)
    encerrar(sessao, item, dt.date(2026, 3, 1), dt.date(2026, 2, 12))
    encerrar(sessao, item, dt.date(2026, 2, 16), dt.date(2026, 2, 16))
    assert acerto(sessao) == D("-21.00")


def test_an_end_that_was_billed_already_is_not_put_off(sessao) -> None:
    _contrato, item = faturado(sessao)
    encerrar(sessao, item, dt.date(2026, 2, 16), dt.date(2026, 2, 12))
    for ate in (None, dt.date(2026, 2, 20)):
        with pytest.raises(ValorInvalido) as erro:
            encerrar(sessao, item, ate, dt.date(2026, 2, 13))
        assert (erro.value.codigo, erro.value.campo) == ("fim_ja_faturado", "ate")


def test_an_end_still_to_be_billed_may_be_put_off(sessao) -> None:
    contrato, item = faturado(sessao)
    encerrar(sessao, item, dt.date(2026, 3, 20), dt.date(2026, 2, 12))
    encerrar(sessao, item, None, dt.date(2026, 2, 13))
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)
    assert (faturas(sessao), acerto(sessao)) == (2 * D("56.00"), 0)


def test_the_end_of_the_contract_has_settled_its_services(sessao) -> None:
    contrato, item = faturado(sessao)
    with em(dt.date(2026, 2, 23)):
        FaturamentoService(sessao).encerrar_contrato(contrato.id, em=dt.date(2026, 2, 23), motivo="mudou")
    with pytest.raises(RegraViolada) as erro:
        encerrar(sessao, item, dt.date(2026, 2, 23), dt.date(2026, 2, 24))
    sessao.expire(item)
    assert (erro.value.codigo, acerto(sessao)) == ("contrato_encerrado", D("-28.00"))


@pytest.mark.parametrize("ate", [dt.date(2026, 2, 9), dt.date(2026, 2, 17)])
def test_an_end_before_the_beginning_or_before_the_last_change_is_refused(sessao, ate: dt.date) -> None:
    contrato, item = faturado(sessao)
    with em(dt.date(2026, 2, 23)):
        FaturamentoService(sessao).mudar_plano(contrato.id, f.um_plano(sessao).id, em=dt.date(2026, 2, 20))
    antes = acerto(sessao)
    with pytest.raises(ValorInvalido) as erro:
        encerrar(sessao, item, ate, dt.date(2026, 2, 23))
    assert (erro.value.campo, acerto(sessao)) == ("ate", antes)


@pytest.mark.parametrize(("de", "linhas"), [
    (dt.date(2026, 3, 8), {"2026-03-08": "2.00", "2026-03-10": "28.00"}), (dt.date(2026, 3, 10), {"2026-03-10": "28.00"}),
])
def test_a_service_added_after_two_periods_were_billed_loses_no_day(sessao, de: dt.date, linhas: dict) -> None:
    contrato, _item = faturado(sessao)
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)      # March is billed ahead
    item = contratar(sessao, contrato, de, dt.date(2026, 3, 8))
    rodar(sessao, dt.date(2026, 3, 31), contrato.cliente_id)
    rodar(sessao, dt.date(2026, 4, 30), contrato.cliente_id)
    dele = select(ItemInvoice.periodo_inicio, ItemInvoice.valor_total).where(ItemInvoice.chave.like(f"c%:item:{item.id}:%")).order_by(ItemInvoice.id)
    assert {str(dia): str(valor) for dia, valor in sessao.execute(dele)} == {**linhas, "2026-04-10": "28.00", "2026-05-10": "28.00"}
    assert sessao.get(ContratoItem, item.id, populate_existing=True).atrasado is False


def test_a_service_added_and_ended_before_the_next_invoice_is_in_it(sessao) -> None:
    contrato, _item = faturado(sessao)
    rodar(sessao, dt.date(2026, 2, 28), contrato.cliente_id)
    antes = faturas(sessao)
    item = contratar(sessao, contrato, dt.date(2026, 3, 1), dt.date(2026, 3, 1))
    encerrar(sessao, item, dt.date(2026, 3, 5), dt.date(2026, 3, 5))
    rodar(sessao, dt.date(2026, 3, 31), contrato.cliente_id)
    assert (faturas(sessao) - antes, acerto(sessao)) == (D("5.00") + 2 * D("28.00"), 0)      # five days of it; April's plan and first service


def test_a_service_ended_with_its_contract_is_billed_until_that_day(sessao) -> None:
    contrato, _item = faturado(sessao)
    contratar(sessao, contrato, dt.date(2026, 2, 20), dt.date(2026, 2, 20))
    sessao.expire(contrato)
    with em(dt.date(2026, 2, 23)):
        FaturamentoService(sessao).encerrar_contrato(contrato.id, em=dt.date(2026, 2, 23), motivo="mudou")
    assert acerto(sessao) == D("4.00") - D("28.00")      # 4 days of the new one; 14 of plan and first service come back


@pytest.mark.parametrize(("mudanca", "campo"), [
    ({"de": dt.date(1900, 1, 1)}, "de"), ({"de": INICIO - dt.timedelta(days=1)}, "de"), ({"de": dt.date(2027, 3, 1)}, "de"),
    ({"preco": D("300000000000")}, "preco"), ({"preco": D("-1")}, "preco"), ({"preco": D("NaN")}, "preco"), ({"quantidade": 0}, "quantidade"),
    ({"quantidade": 1000}, "quantidade"), ({"ate": INICIO}, "ate"),
])
def test_what_cannot_be_is_refused_at_its_field(sessao, mudanca: dict, campo: str) -> None:
    contrato, _item = faturado(sessao)
    with pytest.raises(ValorInvalido) as erro:
        contratar(sessao, contrato, **{"de": dt.date(2026, 2, 20), "hoje": dt.date(2026, 2, 20), **mudanca})
    assert erro.value.campo == campo


def test_the_same_service_from_the_same_day_is_there_once(sessao) -> None:
    contrato, _item = faturado(sessao)
    item = contratar(sessao, contrato, dt.date(2026, 2, 20), dt.date(2026, 2, 20))
    with em(dt.date(2026, 2, 20)), sessao.no_autoflush, pytest.raises(Conflito, match="já está no contrato desde 20/02/2026"):
        FaturamentoService(sessao).contratar_adicional(ContratoItem(contrato=contrato, adicional=item.adicional, de=item.de, preco=item.preco, quantidade=1))
    sessao.expire(contrato)


def test_a_service_begins_with_the_first_charged_day_at_the_earliest(sessao) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=dt.date(2026, 1, 5), preco=D("28.00"))
    sessao.scalars(select(ContratoCiclo).where(ContratoCiclo.contrato_id == contrato.id)).one().desde = dt.date(2026, 3, 1)
    with pytest.raises(ValorInvalido) as erro:
        contratar(sessao, contrato, dt.date(2026, 2, 27), dt.date(2026, 2, 28))
    assert "01/03/2026" in str(erro.value)


@pytest.mark.parametrize(("status", "codigo"), [(StatusContrato.suspenso, "contrato_suspenso"), (StatusContrato.cancelado, "contrato_encerrado")])
def test_a_paused_or_ended_contract_takes_no_service(sessao, status: StatusContrato, codigo: str) -> None:
    contrato = f.um_contrato(sessao, dia=10, inicio=INICIO, status=status)
    with pytest.raises(RegraViolada) as erro:
        contratar(sessao, contrato, INICIO, INICIO)
    assert erro.value.codigo == codigo


def test_on_the_screen_the_end_says_what_it_does_and_the_credit_is_there(app, http) -> None:
    hoje = relogio.hoje()
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Atendente", usuario="ana")
        contrato = f.um_contrato(s, dia=hoje.day, inicio=hoje, preco=D("28.00"))
        adicional = f.gravar(s, Adicional(nome="IP fixo", preco=D("25.00"))).id
        contrato_id, cliente_id, numero_do_contrato = contrato.id, contrato.cliente_id, contrato.numero
    http.entrar("ana")
    dados = {"contrato": contrato_id, "adicional": adicional, "quantidade": "", "preco": "", "de": hoje.isoformat(), "ate": ""}
    formulario = http.get(f"/contratos/adicionais/add?_flt_0_contrato={contrato_id}").text
    assert f'value="{hoje.isoformat()}"' in formulario and "Em branco, o preço do serviço." in formulario and numero_do_contrato in formulario
    recusa = http.post("/contratos/adicionais/add", data={**dados, "de": "1900-01-01"}).text
    assert "O serviço pode começar de" in recusa
    http.post("/contratos/adicionais/add", data=dados)
    with app.app_context(), transacao() as s:
        item = s.scalars(select(ContratoItem)).one()
        assert (item.quantidade, item.preco) == (1, D("25.00"))
        FaturamentoService(s).gerar_invoices_automaticas(hoje=hoje, cliente_id=cliente_id)
        assert s.scalar(select(func.count()).where(ItemInvoice.chave.like("%:item:%"))) >= 1
        numero = item.id
    pagina = http.get(f"/contratos/adicionais/edit/{numero}").text
    assert "O que já foi faturado depois dele volta como crédito." in pagina and f"IP fixo × 1 · {numero_do_contrato} · Cliente" in pagina
    http.post(f"/contratos/adicionais/edit/{numero}", data={"ate": hoje.isoformat()})
    with app.app_context(), transacao() as s:
        credito = s.scalars(select(Credito)).one()
        assert "IP fixo até" in credito.motivo and s.get(ContratoItem, numero).ate == hoje
        assert s.scalars(select(Invoice).where(Invoice.cliente_id == cliente_id).order_by(Invoice.id)).first().valor_creditado > 0
