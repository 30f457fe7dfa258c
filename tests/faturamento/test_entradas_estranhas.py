"""Odd input: zero, negative, huge, not a number, days to come, somebody else's reference, customers without e-mail or address."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.bloqueio.models import Bloqueio
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.core import relogio
from app.core.erros import Conflito, RegraViolada, TransicaoInvalida, ValorInvalido
from app.faturamento import documentos
from app.faturamento.estados import Metodo, StatusInvoice, TipoLancamento
from app.faturamento.models import Credito, Invoice, Lancamento, Pagamento
from app.faturamento.services import FaturamentoService, ItemManual, Recebido
from app.notificacoes.eventos_da_casa import MODELOS
from app.notificacoes.models import Notificacao
from app.notificacoes.regras import renderizar
from app.rede.models import Incidente
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import VENCIMENTO, avisado, em, faturado

D = Decimal
HOJE, NOITE = dt.date(2026, 2, 11), dt.date(2026, 2, 25)
RUINS = [D(0), D("-1"), D("0.004"), D("NaN"), D("Infinity"), D("1e20")]


@pytest.fixture
def servico(sessao):
    """Billing on the day after the due date."""
    with em(HOJE):
        yield FaturamentoService(sessao)


@pytest.mark.parametrize("valor", RUINS, ids=str)
@pytest.mark.parametrize("verbo", ["registrar_pagamento", "registrar_pagamentos", "lancar", "creditar", "gerar_invoice", "mudar_plano"])
def test_an_amount_that_is_none_is_refused_in_words_at_its_field(sessao, servico, verbo: str, valor: Decimal) -> None:
    _s, invoice = faturado(sessao)
    contrato_id = invoice.itens[0].contrato_id
    chamadas = {
        "registrar_pagamento": lambda: servico.registrar_pagamento(invoice.id, valor, Metodo.pix, em=HOJE, referencia="x"),
        "registrar_pagamentos": lambda: _levantar(servico.registrar_pagamentos([Recebido(invoice.id, valor, Metodo.pix, HOJE, "x")])),
        "lancar": lambda: servico.lancar(invoice.cliente_id, tipo=TipoLancamento.acrescimo, descricao="x", valor=valor, a_partir_de=HOJE),
        "creditar": lambda: servico.creditar(invoice.cliente_id, valor=valor, motivo="x"),
        "gerar_invoice": lambda: servico.gerar_invoice(invoice.cliente_id, [ItemManual("x", valor)], vencimento=HOJE, em=HOJE),
        "mudar_plano": lambda: servico.mudar_plano(contrato_id, f.um_plano(sessao).id, em=HOJE, preco=valor),
    }
    de_graca = verbo == "mudar_plano" and valor == 0      # a plan may be free
    if de_graca:
        chamadas[verbo]()
        return
    with pytest.raises((ValorInvalido, RegraViolada)) as erro:
        chamadas[verbo]()
    assert erro.value.campo or erro.value.codigo == "sem_valor"
    assert not any(sessao.scalar(select(func.count()).select_from(m)) for m in (Pagamento, Lancamento, Credito))


def _levantar(resultados) -> None:
    for r in resultados:
        if r.erro:
            raise r.erro


def test_a_payment_of_a_day_to_come_is_refused(sessao, servico) -> None:
    _s, invoice = faturado(sessao)
    amanha = HOJE + dt.timedelta(days=1)
    for chamar in (
        lambda: servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=amanha, referencia="x"),
        lambda: _levantar(servico.registrar_pagamentos([Recebido(invoice.id, D("99.90"), Metodo.pix, amanha, "x")])),
    ):
        with pytest.raises(ValorInvalido) as erro:
            chamar()
        assert erro.value.campo == "em" and invoice.status is StatusInvoice.emitida


@pytest.mark.parametrize("referencia", ["", "  "])
def test_a_payment_without_reference_is_refused_or_the_second_would_be_lost_as_a_repetition(sessao, servico, referencia: str) -> None:
    _s, invoice = faturado(sessao)
    with pytest.raises(ValorInvalido) as erro:
        servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=HOJE, referencia=referencia)
    assert erro.value.campo == "referencia"


@pytest.mark.parametrize("em_lote", [False, True])
def test_the_reference_of_another_invoice_is_not_taken_for_paid(sessao, servico, em_lote: bool) -> None:
    (_s, uma), (_t, outra) = faturado(sessao), faturado(sessao)
    servico.registrar_pagamento(uma.id, D("99.90"), Metodo.pix, em=HOJE, referencia="e2e-1")
    with pytest.raises(Conflito) as erro:
        if em_lote:
            _levantar(servico.registrar_pagamentos([Recebido(outra.id, D("99.90"), Metodo.pix, HOJE, "e2e-1")]))
        else:
            servico.registrar_pagamento(outra.id, D("99.90"), Metodo.pix, em=HOJE, referencia="e2e-1")
    assert erro.value.codigo == "referencia_repetida" and outra.status is StatusInvoice.emitida


def test_a_reference_typed_again_after_its_reversal_is_refused_and_a_gateways_is_quiet(sessao, servico) -> None:
    for gateway in ("manual", "gateway"):
        _s, invoice = faturado(sessao)
        pago = servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=HOJE, referencia="r", gateway=gateway)
        servico.estornar_pagamento(pago.id, motivo="engano", em=HOJE)
        if gateway == "manual":
            with pytest.raises(RegraViolada) as erro:
                servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=HOJE, referencia="r")
            assert erro.value.codigo == "referencia_estornada"
        else:
            assert servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.pix, em=HOJE, referencia="r", gateway=gateway).id == pago.id
        assert invoice.saldo == D("99.90")


def _bloqueado(sessao) -> tuple[FaturamentoService, Invoice]:
    servico, invoice = faturado(sessao)
    with em(HOJE):
        avisado(sessao, servico, HOJE)
    with em(NOITE):
        assert servico.bloquear_clientes_vencidos(hoje=NOITE) == 1
    return servico, invoice


def test_an_old_payment_recorded_today_frees_nobody_who_owes_something_else_today(sessao) -> None:
    """Paid on the due date, told by the bank two weeks later: that day nothing was late, today another invoice is."""
    servico, invoice = _bloqueado(sessao)
    contrato = sessao.get_one(Contrato, invoice.itens[0].contrato_id)
    f.uma_invoice(sessao, contrato=contrato, vencimento=dt.date(2026, 2, 12), valor=D("50.00"))
    with em(NOITE):
        servico.registrar_pagamento(invoice.id, D("99.90"), Metodo.boleto, em=VENCIMENTO, referencia="banco")
    assert sessao.scalar(select(func.count()).where(Bloqueio.fim.is_(None))) == 1


def test_a_reversal_lets_the_next_night_block_again_with_the_notice_it_had(sessao) -> None:
    servico, invoice = _bloqueado(sessao)
    with em(NOITE):
        pago = servico.registrar_pagamento(invoice.id, D("110"), Metodo.cartao, em=NOITE, referencia="c")
    assert sessao.scalar(select(func.count()).where(Bloqueio.fim.is_(None))) == 0
    seguinte = NOITE + dt.timedelta(days=1)
    with em(seguinte):
        servico.estornar_pagamento(pago.id, motivo="contestada", em=seguinte)
        assert invoice.status is StatusInvoice.vencida
        assert servico.bloquear_clientes_vencidos(hoje=seguinte) == 1


def test_a_cancelled_customers_debt_is_told_and_blocks_nobody(sessao) -> None:
    servico, invoice = faturado(sessao)
    with em(HOJE):
        servico.encerrar_contrato(invoice.itens[0].contrato_id, em=HOJE, motivo="mudou")
        avisado(sessao, servico, HOJE)
    with em(NOITE):
        assert servico.bloquear_clientes_vencidos(hoje=NOITE) == 0
        servico.registrar_pagamento(invoice.id, invoice.saldo, Metodo.pix, em=NOITE, referencia="x")
    assert invoice.status is StatusInvoice.paga
    with em(NOITE), pytest.raises(TransicaoInvalida):
        servico.encerrar_contrato(invoice.itens[0].contrato_id, em=NOITE, motivo="de novo")


@pytest.mark.parametrize(("verbo", "argumentos"), [
    ("encerrar_contrato", {"motivo": "mudou"}), ("suspender_a_pedido", {}), ("ativar_contrato", {"dia_vencimento": 10}), ("retomar", {}),
])
def test_a_verb_pressed_twice_does_nothing_the_second_time(sessao, servico, verbo: str, argumentos: dict) -> None:
    """A fidelity fine, days given back and the first day of billing count once; resuming what runs would forget days not billed yet."""
    status = {"ativar_contrato": StatusContrato.rascunho, "retomar": StatusContrato.suspenso}.get(verbo, StatusContrato.ativo)
    contrato = f.um_contrato(sessao, inicio=VENCIMENTO, status=status, faturar=verbo != "ativar_contrato")
    contrato.fidelidade_ate, contrato.beneficio_fidelidade = dt.date(2027, 2, 9), D("365.00")
    sessao.flush()
    getattr(servico, verbo)(contrato.id, em=HOJE, **argumentos)
    antes = [sessao.scalar(select(func.count()).select_from(m)) for m in (Lancamento, Credito)], contrato.data_inicio, contrato.data_fim
    with pytest.raises(TransicaoInvalida):
        getattr(servico, verbo)(contrato.id, em=HOJE, **argumentos)
    assert ([sessao.scalar(select(func.count()).select_from(m)) for m in (Lancamento, Credito)], contrato.data_inicio, contrato.data_fim) == antes


def test_a_customer_without_address_and_e_mail_is_billed_printed_blocked_by_hand_and_released(sessao) -> None:
    cliente = f.um_cliente(sessao, email=None)
    sessao.delete(cliente.enderecos[0])
    sessao.flush()
    f.gravar(sessao, Incidente(titulo="Fibra", municipio="Campinas", inicio=relogio.instante(dt.date(2026, 2, 20))))
    f.uma_politica(sessao, exige_aviso=False)
    servico, invoice = faturado(sessao, cliente_id=cliente.id)
    with em(NOITE):
        assert servico.enviar_lembrete_pagamento(hoje=VENCIMENTO) == servico.avisar_vencidas(hoje=NOITE) == 0
        assert servico.bloquear_clientes_vencidos(hoje=NOITE) == 1      # an outage of a town is not an outage of nowhere
        servico.registrar_pagamento(invoice.id, D("110"), Metodo.pix, em=NOITE, referencia="x")
    assert sessao.scalar(select(func.count()).where(Bloqueio.fim.is_(None))) == 0
    assert sessao.scalar(select(func.count()).select_from(Notificacao)) == 0
    assert documentos.pdf_da_invoice(invoice.id).startswith(b"%PDF")      # last: it ends the transaction


def test_of_two_contracts_the_parked_one_does_not_hold_the_other_back(sessao) -> None:
    ruim = f.um_contrato(sessao, inicio=VENCIMENTO, preco=D("999999999.99"))
    bom = f.um_contrato(sessao, cliente_id=ruim.cliente_id, inicio=VENCIMENTO)
    servico, dia = FaturamentoService(sessao), dt.date(2026, 2, 1)
    with em(dia):
        servico.gerar_invoices_automaticas(hoje=dia)
    assert [i.contrato_id for i in sessao.scalars(select(Invoice)).one().itens] == [bom.id]


def test_a_draft_for_next_week_is_given_up_today(sessao, servico) -> None:
    contrato = f.um_contrato(sessao, inicio=HOJE + dt.timedelta(days=7), status=StatusContrato.rascunho, faturar=False)
    servico.encerrar_contrato(contrato.id, em=HOJE, motivo="desistiu")
    assert (contrato.status, contrato.data_fim) == (StatusContrato.cancelado, contrato.data_inicio)


@pytest.mark.parametrize(("politica", "dia"), [({}, "20/02/2026"), ({"dias_bloqueio": 16, "dias_apos_aviso": 15}, "26/02/2026")])
def test_the_notice_says_the_day_from_which_this_provider_may_block(sessao, politica: dict, dia: str) -> None:
    f.uma_politica(sessao, **politica)
    servico, _invoice = faturado(sessao)
    with em(HOJE):
        servico.avisar_vencidas(hoje=HOJE)
    dados = sessao.scalars(select(Notificacao.dados).where(Notificacao.evento == "aviso_vencida")).one()
    (corpo,) = (c for evento, canal, _assunto, c in MODELOS if evento == "aviso_vencida" and canal.name == "email")
    comuns = {"provedor": "P", "telefone_provedor": "1"}
    assert f"a partir de {dia}" in renderizar("x", corpo, {**comuns, **dados}, hoje=HOJE)[1]


def test_what_is_owed_may_be_received_however_much_it_is(sessao, servico) -> None:
    """The ceiling is for a hand that slipped, not for an invoice of many lines."""
    f.uma_empresa(sessao)
    cliente_id = f.um_cliente(sessao).id
    invoice = servico.gerar_invoice(cliente_id, [ItemManual("Enlace", D("9999999.00"), 3)], vencimento=HOJE, em=HOJE)
    with pytest.raises(ValorInvalido):
        servico.registrar_pagamento(invoice.id, D("59999995.00"), Metodo.pix, em=HOJE, referencia="errado")
    assert servico.registrar_pagamento(invoice.id, D("29999997.00"), Metodo.pix, em=HOJE, referencia="certo").valor_credito == 0
