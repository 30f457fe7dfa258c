"""Two payments of one customer at the same instant, on connections of their own: he ends released, nobody waits for ever, nothing is stored twice."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.clientes.models import Cliente, StatusCliente
from app.core import relogio
from app.core.erros import Conflito
from app.core.models import Evento
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.estados import Metodo, StatusInvoice
from app.faturamento.models import Credito, Invoice, Pagamento
from app.faturamento.services import FaturamentoService, Recebido
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede
from tests.conftest import copiar_banco, desligar, fazer_app
from tests.fabricas import um_contrato, uma_invoice, uma_politica

EM, VENCIMENTO, VALOR, DEVIDO = dt.date(2026, 3, 20), dt.date(2026, 2, 10), D("99.90"), D("103.17")      # 2,00 fine, 38 days of 1 %
RODADAS, PACIENCIA = 6, 60


class Devedor(NamedTuple):
    """A blocked customer and his two overdue invoices."""

    cliente_id: int
    contrato_id: int
    invoices: tuple[int, int]


@pytest.fixture(scope="module")
def app_dos_pagamentos(servidores, url_modelo) -> Iterator[Flask]:
    """One application on a database where commits are real."""
    app = fazer_app(copiar_banco(servidores, url_modelo, "simultaneos"), servidores.redis_a_parte(7))
    yield app
    desligar(app)


def um_devedor(app: Flask, *, bloqueado: bool = True) -> Devedor:
    """Blocked for debt (or about to be), committed."""
    with app.app_context(), transacao() as sessao:
        contrato = um_contrato(sessao, inicio=dt.date(2026, 1, 10))
        invoices = [uma_invoice(sessao, contrato=contrato, vencimento=VENCIMENTO, valor=VALOR).id for _ in range(2)]
        if bloqueado:
            BloqueioService(sessao).bloquear(contrato.id, MotivoBloqueio.inadimplencia, em=relogio.instante(EM))
        return Devedor(contrato.cliente_id, contrato.id, (invoices[0], invoices[1]))


def juntos(app: Flask, *fazeres: Callable[[FaturamentoService], object]) -> list[object]:
    """Each in a thread with a connection and a transaction of its own, begun before any of them works. Their results; raises what they raise."""
    largada = threading.Barrier(len(fazeres))

    def correr(fazer: Callable[[FaturamentoService], object]) -> object:
        with app.app_context():
            try:
                with relogio.mover_para(EM), transacao() as sessao:
                    sessao.connection()
                    largada.wait(PACIENCIA)
                    return fazer(FaturamentoService(sessao))
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(fazeres)) as linhas:
        return [futuro.result(PACIENCIA) for futuro in [linhas.submit(correr, fazer) for fazer in fazeres]]


def pagar(invoice_id: int, referencia: str, valor: D = DEVIDO) -> Callable[[FaturamentoService], int]:
    """One payment; its id."""
    return lambda servico: servico.registrar_pagamento(invoice_id, valor, Metodo.pix, em=EM, referencia=referencia).id


def contar(app: Flask, *consultas) -> list[object]:
    """The scalar of each query."""
    with app.app_context(), transacao() as sessao:
        return [sessao.scalar(consulta) for consulta in consultas]


def conferir_liberado(app: Flask, devedor: Devedor) -> None:
    """Paid, and his access open."""
    pagas = select(func.count()).where(Invoice.cliente_id == devedor.cliente_id, Invoice.status == StatusInvoice.paga)
    abertos = select(func.count()).where(Bloqueio.contrato_id == devedor.contrato_id, Bloqueio.fim.is_(None))
    acesso = select(AcessoRede.desejado).where(AcessoRede.contrato_id == devedor.contrato_id)
    status = select(Cliente.status).where(Cliente.id == devedor.cliente_id)
    assert contar(app, pagas, abertos, acesso, status) == [2, 0, EstadoAcesso.liberado, StatusCliente.ativo]


@pytest.mark.parametrize("rodada", range(RODADAS))
def test_two_payments_that_together_settle_the_debt_release_the_customer(app_dos_pagamentos: Flask, rodada: int) -> None:
    devedor = um_devedor(app_dos_pagamentos)
    primeira, segunda = devedor.invoices if rodada % 2 else reversed(devedor.invoices)
    juntos(app_dos_pagamentos, pagar(primeira, f"a{devedor.cliente_id}"), pagar(segunda, f"b{devedor.cliente_id}"))
    conferir_liberado(app_dos_pagamentos, devedor)
    liberado = select(func.count()).where(Evento.cliente_id == devedor.cliente_id, Evento.tipo == "cliente_liberado")
    assert contar(app_dos_pagamentos, liberado) == [1]


@pytest.mark.parametrize("rodada", range(RODADAS))
def test_a_payment_and_the_nightly_block_at_once_end_released(app_dos_pagamentos: Flask, rodada: int) -> None:
    """The job looks again under the customer's lock: whoever comes first, a customer who owes nothing is not blocked."""
    devedor = um_devedor(app_dos_pagamentos, bloqueado=False)
    with app_dos_pagamentos.app_context(), transacao() as sessao:
        uma_politica(sessao, exige_aviso=False)
    juntos(app_dos_pagamentos, pagar(devedor.invoices[0], f"c{devedor.cliente_id}"))
    fazeres = [pagar(devedor.invoices[1], f"d{devedor.cliente_id}"), lambda servico: servico.bloquear_um(devedor.contrato_id, hoje=EM)]
    juntos(app_dos_pagamentos, *(fazeres if rodada % 2 else reversed(fazeres)))
    conferir_liberado(app_dos_pagamentos, devedor)


@pytest.mark.parametrize("rodada", range(RODADAS))
def test_the_same_receipt_sent_twice_at_once_is_stored_once(app_dos_pagamentos: Flask, rodada: int) -> None:
    devedor = um_devedor(app_dos_pagamentos)
    dois = [pagar(devedor.invoices[0], f"mesmo{devedor.cliente_id}") for _ in range(2)]
    um, outro = juntos(app_dos_pagamentos, *dois)
    guardados = select(func.count()).select_from(Pagamento).where(Pagamento.invoice_id == devedor.invoices[0])
    credito = select(func.count()).where(Credito.cliente_id == devedor.cliente_id)
    contado = select(func.count()).where(Evento.cliente_id == devedor.cliente_id, Evento.tipo == "pagamento_recebido")
    assert (um == outro, contar(app_dos_pagamentos, guardados, credito, contado)) == (True, [1, 0, 1])


@pytest.mark.parametrize("rodada", range(RODADAS))
def test_one_reference_for_invoices_of_two_customers_at_once_is_one_payment_and_one_conflict(app_dos_pagamentos: Flask, rodada: int) -> None:
    um, outro = um_devedor(app_dos_pagamentos), um_devedor(app_dos_pagamentos)
    referencia, gateways = f"dois{um.cliente_id}", ("manual", "api" if rodada % 2 else "manual")

    def receber(devedor: Devedor, gateway: str) -> Callable[[FaturamentoService], object]:
        recebido = Recebido(devedor.invoices[0], DEVIDO, Metodo.pix, EM, referencia, gateway)

        def fazer(servico: FaturamentoService) -> object:
            try:
                return servico.receber(recebido).pagamento.id
            except Conflito as erro:
                return erro
        return fazer

    feitos = juntos(app_dos_pagamentos, receber(um, gateways[0]), receber(outro, gateways[1]))
    (erro,) = [x for x in feitos if isinstance(x, Conflito)]
    guardados = select(func.count()).select_from(Pagamento).where(Pagamento.numero_referencia == referencia)
    recibo = select(Pagamento.recibo).where(Pagamento.numero_referencia == referencia)
    quantos, qual = contar(app_dos_pagamentos, guardados, recibo)
    assert quantos == 1 and qual in erro.mensagem


def test_two_different_payments_of_one_invoice_settle_it_once_and_the_rest_is_credit(app_dos_pagamentos: Flask) -> None:
    devedor = um_devedor(app_dos_pagamentos)
    juntos(app_dos_pagamentos, *(pagar(devedor.invoices[0], f"{letra}{devedor.cliente_id}") for letra in "ef"))
    consultas = (select(Invoice.valor_pago).where(Invoice.id == devedor.invoices[0]), select(func.sum(Credito.saldo)).where(
        Credito.cliente_id == devedor.cliente_id))
    assert contar(app_dos_pagamentos, *consultas) == [VALOR, DEVIDO]


def test_a_reversal_and_a_payment_at_once_leave_the_balance_right(app_dos_pagamentos: Flask) -> None:
    devedor = um_devedor(app_dos_pagamentos)
    (primeiro,) = juntos(app_dos_pagamentos, pagar(devedor.invoices[0], f"g{devedor.cliente_id}", D("40.00")))
    juntos(
        app_dos_pagamentos, lambda servico: servico.estornar_pagamento(primeiro, motivo="devolvido", em=EM),
        pagar(devedor.invoices[0], f"h{devedor.cliente_id}", D("30.00")),
    )
    assert contar(app_dos_pagamentos, select(Invoice.valor_pago).where(Invoice.id == devedor.invoices[0])) == [D("30.00")]
