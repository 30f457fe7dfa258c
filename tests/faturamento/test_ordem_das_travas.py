"""Every verb about an invoice holds its customer before it locks or writes anything else: two of them wait for each other and never in a circle."""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import relogio
from app.faturamento.estados import Metodo
from app.faturamento.models import CicloFaturamento, ClienteEstacionado, Invoice
from app.faturamento.services import FaturamentoService, Recebido
from tests import fabricas as f
from tests.comandos import comandos

EM, VALOR = dt.date(2026, 3, 20), Decimal("40.00")
TRAVA = re.compile(r"SELECT\b.*?\bFROM (\w+)\b.*\bFOR (?:NO KEY )?UPDATE\b|(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)\b", re.DOTALL)
SO_LEEM = {"substituta_de"}
DE_PAGAMENTO = {"receber", "registrar_pagamentos", "estornar_pagamento"}      # by the receipt or the payment, which names the invoice
Verbo = Callable[[], object]


def recebido(invoice: Invoice) -> Recebido:
    return Recebido(invoice.id, VALOR, Metodo.pix, EM, f"e2e-{invoice.id}")


def pago(servico: FaturamentoService, invoice: Invoice) -> int:
    return servico.registrar_pagamento(invoice.id, VALOR, Metodo.pix, em=EM, referencia="antes").id


def com_credito(servico: FaturamentoService, invoice: Invoice) -> Verbo:
    servico.creditar(invoice.cliente_id, valor=VALOR, motivo="cortesia")
    return partial(servico.aplicar_credito, invoice.id, em=EM)


def cancelada(servico: FaturamentoService, invoice: Invoice) -> Verbo:
    servico.cancelar(invoice.id, motivo="engano", em=EM)
    return partial(servico.reemitir, invoice.id, em=EM)


VERBOS: dict[str, Callable[[FaturamentoService, Invoice], Verbo]] = {
    "registrar_pagamento": lambda s, i: partial(s.registrar_pagamento, i.id, VALOR, Metodo.pix, em=EM, referencia="e2e"),
    "receber": lambda s, i: partial(s.receber, recebido(i)),
    "registrar_pagamentos": lambda s, i: partial(s.registrar_pagamentos, [recebido(i), recebido(f.uma_invoice(s.sessao))]),
    "estornar_pagamento": lambda s, i: partial(s.estornar_pagamento, pago(s, i), motivo="devolvido", em=EM),
    "cancelar": lambda s, i: partial(s.cancelar, i.id, motivo="engano", em=EM),
    "reemitir": cancelada,
    "aplicar_credito": com_credito,
    "reenviar": lambda s, i: partial(s.reenviar, i.id, em=relogio.instante(EM)),
    "registrar_aviso_manual": lambda s, i: partial(s.registrar_aviso_manual, i.id, motivo="por telefone", em=relogio.instante(EM)),
}


@contextmanager
def travando(sessao: Session) -> Iterator[list[str]]:
    """The tables whose rows were locked, in order: by a query, or written."""
    tabelas: list[str] = []
    with comandos(sessao.get_bind()) as feitos:
        yield tabelas
    tabelas += [achado[1] or achado[2] for achado in map(TRAVA.match, feitos) if achado]


def test_no_verb_of_an_invoice_is_missing_here() -> None:
    verbos = {nome for nome, v in inspect.getmembers(FaturamentoService, inspect.isfunction) if "invoice_id" in inspect.signature(v).parameters}
    assert {v for v in verbos if not v.startswith("_")} | DE_PAGAMENTO == set(VERBOS) | SO_LEEM


@pytest.mark.parametrize("por", ["ciclo", "estacionado"])
def test_the_customer_is_locked_before_the_cycle(sessao, por: str) -> None:
    """One who is held meanwhile is waited for: a run passes him by."""
    ciclo = sessao.scalars(select(CicloFaturamento).where(CicloFaturamento.cliente_id == f.um_contrato(sessao).cliente_id)).one()
    dados = {"cliente_id": ciclo.cliente_id, "ciclo_faturamento_id": ciclo.id, "vencimento": EM, "motivo": "sem endereço"}
    estacionado = f.gravar(sessao, ClienteEstacionado(**dados))
    servico = FaturamentoService(sessao)
    with relogio.mover_para(EM), travando(sessao) as tabelas:
        assert servico.faturar_ciclo(ciclo.id, hoje=EM) if por == "ciclo" else servico.tentar_estacionado(estacionado.id, hoje=EM)
    assert tabelas[:2] == ["cliente", "ciclo_faturamento"]


@pytest.mark.parametrize("verbo", VERBOS)
def test_the_customer_is_locked_before_the_invoice(sessao, verbo: str) -> None:
    invoice = f.uma_invoice(sessao)
    with relogio.mover_para(EM):
        fazer = VERBOS[verbo](FaturamentoService(sessao), invoice)
        sessao.flush()
        with travando(sessao) as tabelas:
            fazer()
            sessao.flush()
    assert tabelas[:2] == ["cliente", "invoice"]
