"""A lot of payments leaves exactly the rows that the same payments leave one by one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.clientes.models import Cliente, StatusCliente
from app.core import eventos, relogio
from app.core.erros import DominioError, NaoEncontrado, TransicaoInvalida, ValorInvalido
from app.faturamento.estados import DesejoCobranca, Metodo, StatusCobranca, StatusInvoice
from app.faturamento.models import Cobranca, Invoice, Pagamento
from app.faturamento.services import FaturamentoService, Recebido
from app.faturamento.services.pagamentos import ReferenciaRepetida
from tests import fabricas as f
from tests.comandos import comandos

D = Decimal
HOJE = dt.date(2026, 3, 3)
TABELAS = ("pagamento", "invoice", "credito", "lancamento", "cobranca", "bloqueio", "acesso_rede", "cliente", "evento", "notificacao", "numeracao",
           "user_audit_log")
DE_CADA_UM = {"id", "created_at", "updated_at", "resource_id", "pagamento_id", "tarefa_id"}      # counted by the database, different each time


@pytest.fixture(autouse=True)
def _meio_dia():
    with relogio.mover_para(HOJE):
        yield


def uma_base(sessao) -> list[Invoice]:
    """Eight open invoices of seven customers: some late, one of a blocked customer, one without e-mail, one with a charge at a gateway."""
    faturas = [f.uma_invoice(sessao, vencimento=dt.date(2026, 2, 10) + dt.timedelta(days=7 * (n % 5))) for n in range(7)]
    contrato = f.um_contrato(sessao, cliente_id=faturas[0].cliente_id)
    faturas.append(f.uma_invoice(sessao, contrato=contrato, vencimento=dt.date(2026, 3, 10)))
    sessao.get_one(Cliente, faturas[1].cliente_id).email = None
    for invoice in (faturas[0], faturas[2]):
        contrato_id = sessao.scalar(text("SELECT min(id) FROM contrato WHERE cliente_id = :c"), {"c": invoice.cliente_id})
        BloqueioService(sessao).bloquear(contrato_id, MotivoBloqueio.inadimplencia, em=relogio.agora())
    f.gravar(sessao, Cobranca(
        invoice_id=faturas[3].id, gateway="falso", valor=D("99.90"), chave_idempotencia="c-1", status=StatusCobranca.a_registrar,
    ))
    faturas[6].status = StatusInvoice.cancelada
    sessao.flush()
    return faturas


def recebido(invoice: Invoice, valor: str, referencia: str, em: dt.date = HOJE) -> Recebido:
    """A Pix payment."""
    return Recebido(invoice.id, D(valor), Metodo.pix, em, referencia)


def um_a_um(servico: FaturamentoService, lote: Sequence[Recebido]) -> list[Any]:
    """What each call returned or raised."""
    feitos: list[Any] = []
    for r in lote:
        try:
            feitos.append(servico.registrar_pagamento(**r._asdict()).recibo)
        except DominioError as erro:
            feitos.append(type(erro))
    return feitos


def em_lote(servico: FaturamentoService, lote: Sequence[Recebido]) -> list[Any]:
    """The same of a lot."""
    return [type(r.erro) if r.erro else r.pagamento.recibo for r in servico.registrar_pagamentos(lote)]


def retrato(sessao) -> dict[str, list[str]]:
    """All rows of the tables a payment may touch, without what the database counts."""
    sessao.flush()
    return {tabela: sorted(_linha(dict(linha)) for linha in sessao.execute(text(f"SELECT * FROM {tabela}")).mappings()) for tabela in TABELAS}


def _linha(linha: dict[str, Any]) -> str:
    if str(linha.get("chave", "")).startswith("pagamento_recebido:"):
        linha["chave"] = "pagamento_recebido"
    return json.dumps({k: _limpo(v) for k, v in linha.items() if k not in DE_CADA_UM}, default=str, sort_keys=True)


def _limpo(valor: Any) -> Any:
    return {k: v for k, v in valor.items() if k not in DE_CADA_UM} if isinstance(valor, dict) else valor


def comparar(sessao, lote: Sequence[Recebido]) -> list[Any]:
    """Both ways from the same base; returns the outcomes, which are the same."""
    antes = sessao.begin_nested()
    esperados = um_a_um(FaturamentoService(sessao), lote)
    esperado = retrato(sessao)
    antes.rollback()
    sessao.expire_all()
    assert em_lote(FaturamentoService(sessao), lote) == esperados
    obtido = retrato(sessao)
    for tabela in TABELAS:
        assert obtido[tabela] == esperado[tabela], tabela
    return esperados


def test_a_lot_of_every_kind_leaves_the_rows_of_one_by_one(sessao) -> None:
    a, b, c, d, e, g, cancelada, z = uma_base(sessao)
    lote = [
        recebido(a, "99.90", "a1"), recebido(b, "99.90", "b1"), recebido(c, "150.00", "c1"), recebido(d, "40.00", "d1"), recebido(e, "99.87", "e1"),
        recebido(a, "10.00", "a2"), recebido(z, "99.90", "z1"), recebido(d, "59.90", "d2"), recebido(g, "99.90", "a1"), recebido(g, "0.00", "g0"),
        recebido(cancelada, "99.90", "x1"), Recebido(999_999_999, D("1"), Metodo.boleto, HOJE, "n1"), recebido(g, "99.90", "g1", dt.date(2026, 2, 1)),
    ]
    resultados = comparar(sessao, lote)
    assert resultados[8:12] == [ReferenciaRepetida, ValorInvalido, TransicaoInvalida, NaoEncontrado]
    assert resultados[12] == "R2026-000009"
    assert sessao.get_one(Cliente, c.cliente_id).status is StatusCliente.ativo
    assert sessao.scalars(select(Cobranca.desejado)).one() is DesejoCobranca.cancelada


@pytest.mark.parametrize("semente", range(4))
def test_lots_by_chance_leave_the_rows_of_one_by_one(sessao, semente: int) -> None:
    sorteio = Random(semente)
    faturas = uma_base(sessao)
    valores = ("99.90", "99.90", "101.90", "30.00", "99.86", "250.00", "-1")
    lote = [
        recebido(sorteio.choice(faturas), sorteio.choice(valores), f"r{sorteio.randrange(30)}", HOJE - dt.timedelta(days=sorteio.randrange(20)))
        for _n in range(25)
    ]
    comparar(sessao, lote)


def test_the_same_lot_again_changes_nothing(sessao) -> None:
    faturas = uma_base(sessao)[:5]
    servico = FaturamentoService(sessao)
    lote = [recebido(i, "99.90", f"r{i.id}") for i in faturas]
    primeiros = [r.pagamento.id for r in servico.registrar_pagamentos(lote)]
    antes = retrato(sessao)
    outra_vez = servico.registrar_pagamentos(lote)
    assert [r.pagamento.id for r in outra_vez] == primeiros and all(r.repetido for r in outra_vez)
    assert retrato(sessao) == antes


def test_reactions_to_each_payment_are_started_as_one_by_one(sessao) -> None:
    originais = dict(eventos._REACOES)
    eventos.ligar_reacoes({"pagamento_recebido": ["contar_ao_mundo"]})
    try:
        FaturamentoService(sessao).registrar_pagamentos([recebido(i, "99.90", f"r{i.id}") for i in uma_base(sessao)[:4]])
    finally:
        eventos.ligar_reacoes(originais)
    recibos = sessao.scalars(text("SELECT argumentos ->> 'recibo' FROM tarefa WHERE nome = 'contar_ao_mundo' ORDER BY id")).all()
    assert recibos == sessao.scalars(select(Pagamento.recibo).order_by(Pagamento.id)).all() and len(recibos) == 4


def test_the_number_of_statements_does_not_grow_with_the_lot(sessao) -> None:
    faturas = [f.uma_invoice(sessao) for _n in range(30)]
    servico = FaturamentoService(sessao)
    with comandos(sessao.get_bind()) as poucos:
        servico.registrar_pagamentos([recebido(i, "99.90", f"r{i.id}") for i in faturas[:3]])
    with comandos(sessao.get_bind()) as muitos:
        servico.registrar_pagamentos([recebido(i, "99.90", f"r{i.id}") for i in faturas[3:]])
    assert len(muitos) <= len(poucos)
    assert servico.registrar_pagamentos([]) == []
