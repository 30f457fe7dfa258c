"""A customer's account for property tests: every verb that moves his money, on real tables, and what must hold after each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal as D
from typing import Any, TypeVar

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core import relogio
from app.core.erros import DominioError
from app.faturamento.estados import Metodo, StatusInvoice, StatusPagamento, TipoItem, TipoLancamento
from app.faturamento.models import Credito, Invoice, Lancamento, Pagamento
from app.faturamento.services import FaturamentoService, ItemManual
from app.faturamento.services.pagamentos import Recebido, ReferenciaRepetida
from tests import fabricas as f

T = TypeVar("T")
COMECO = dt.date(2026, 2, 1)
TOLERANCIA = D("0.05")
ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
VIVAS = (*ABERTAS, StatusInvoice.paga)
VERBOS = (
    "emitir", "a_mao", "pagar_exato", "pagar_parte", "pagar_so_o_principal", "pagar_a_mais", "pagar_o_que_esta_pago", "pagar_em_lote", "repetir", "estornar",
    "estornar_de_novo", "creditar", "cancelar", "reemitir", "cobrar_avulso", "dar_desconto", "desistir_do_avulso", "marcar_vencidas",
)
CREDITO_TOMADO = "Crédito usado de um pagamento estornado%"

FATURAS = """
SELECT i.id, i.status::text AS status, i.valor_total, i.valor_pago, i.valor_abatido, i.desconto_pontual, i.data_pagamento IS NOT NULL AS tem_data,
       coalesce((SELECT sum(x.valor_total) FROM item_invoice x WHERE x.invoice_id = i.id), 0) AS itens,
       coalesce(p.principal, 0) AS principal, coalesce(p.abatido, 0) AS abatido, coalesce(p.quantos, 0) AS pagamentos
  FROM invoice i LEFT JOIN (SELECT invoice_id, sum(valor_principal) principal, sum(valor_abatido) abatido, count(*) quantos
                              FROM pagamento WHERE status = 'confirmado' GROUP BY 1) p ON p.invoice_id = i.id
 WHERE i.cliente_id = :c ORDER BY i.id
"""
CREDITOS = """
SELECT c.id, c.valor, c.saldo, p.status::text AS pagamento, p.recibo,
       coalesce((SELECT -sum(x.valor_total) FROM item_invoice x WHERE x.situacao = 'cobrada' AND x.chave LIKE 'credito:' || c.id || ':%'), 0)
         AS usado,
       coalesce((SELECT sum(l.valor) FROM lancamento l WHERE l.motivo = p.recibo AND l.status <> 'cancelado'
                  AND l.descricao LIKE :tomado), 0) AS cobrado
  FROM credito c LEFT JOIN pagamento p ON p.id = c.pagamento_id WHERE c.cliente_id = :c ORDER BY c.id
"""
CONTA = """
SELECT (SELECT coalesce(sum(x.valor_total), 0) FROM item_invoice x JOIN invoice i ON i.id = x.invoice_id
         WHERE i.cliente_id = :c AND i.status <> 'cancelada' AND coalesce(x.chave, '') !~ '^(lanc|credito):') AS servicos,
       (SELECT coalesce(sum(CASE tipo WHEN 'acrescimo' THEN valor ELSE -valor END), 0) FROM lancamento
         WHERE cliente_id = :c AND status <> 'cancelado' AND descricao NOT LIKE :tomado) AS avulsos,
       (SELECT coalesce(sum(p.valor - p.valor_multa - p.valor_juros), 0) FROM pagamento p JOIN invoice i ON i.id = p.invoice_id
         WHERE i.cliente_id = :c AND p.status = 'confirmado') AS pago,
       (SELECT coalesce(sum(p.valor_abatido), 0) FROM pagamento p JOIN invoice i ON i.id = p.invoice_id
         WHERE i.cliente_id = :c AND p.status = 'confirmado') AS perdoado,
       (SELECT coalesce(sum(valor), 0) FROM credito WHERE cliente_id = :c AND pagamento_id IS NULL) AS presenteado,
       (SELECT coalesce(sum(valor_total - valor_pago - valor_abatido), 0) FROM invoice WHERE cliente_id = :c AND status <> 'cancelada') AS em_aberto,
       (SELECT coalesce(sum(CASE tipo WHEN 'acrescimo' THEN valor ELSE -valor END), 0) FROM lancamento WHERE cliente_id = :c AND status = 'aberto')
         AS a_cobrar,
       (SELECT coalesce(sum(saldo), 0) FROM credito WHERE cliente_id = :c) AS em_maos
"""
DESFEITOS = """
SELECT p.recibo, sum(CASE l.tipo WHEN 'acrescimo' THEN l.valor ELSE -l.valor END) FROM pagamento p JOIN invoice i ON i.id = p.invoice_id
  JOIN lancamento l ON l.motivo = p.recibo AND l.status <> 'cancelado' AND l.descricao NOT LIKE :tomado
 WHERE i.cliente_id = :c AND p.status = 'estornado' GROUP BY 1 HAVING sum(CASE l.tipo WHEN 'acrescimo' THEN l.valor ELSE -l.valor END) <> 0
"""


class Conta:
    """One customer with a contract; ``passo`` does one verb, ``conferir`` says what must hold."""

    def __init__(self, sessao: Session) -> None:
        self.sessao, self.servico = sessao, FaturamentoService(sessao)
        f.uma_politica(sessao, desconto_pontual_percentual=D("5"), tolerancia=TOLERANCIA)
        self.cliente_id = f.um_contrato(sessao, dia=10, inicio=dt.date(2026, 1, 10)).cliente_id
        self.dia, self.n, self.meus = COMECO, 0, []

    def passo(self, verbo: str, x: int, dias: int) -> bool | None:
        """Do ``verbo`` ``dias`` later; ``x`` chooses. Returns whether there was something to do, None when the service refuses it."""
        self.dia, self.n = self.dia + dt.timedelta(days=dias), self.n + 1
        instante = relogio.instante(self.dia) + dt.timedelta(seconds=self.n)
        ponto = self.sessao.begin_nested()
        try:
            with relogio.mover_para(instante):
                feito = getattr(self, verbo)(x)
            self.sessao.flush()
            ponto.commit()
            return feito
        except DominioError:
            ponto.rollback()
            return None
        finally:
            self.sessao.expire_all()

    # ---- verbs: each says whether there was something to do

    def emitir(self, _x: int) -> bool:
        """What the run issues."""
        return bool(self.servico.gerar_invoices_automaticas(hoje=self.dia, cliente_id=self.cliente_id))

    def a_mao(self, x: int) -> bool:
        """An invoice by hand, with a discount line."""
        itens = [ItemManual("Visita", _valor(x), 1 + x % 3), ItemManual("Cortesia", D("1.00"), tipo=TipoItem.desconto)]
        return bool(self.servico.gerar_invoice(self.cliente_id, itens, vencimento=self.dia + dt.timedelta(days=x % 15), em=self.dia))

    def pagar_exato(self, x: int) -> bool:
        """What settles it today, no more: paid, and nothing left to charge or to give back."""
        invoice = _um(self._invoices(ABERTAS), x)
        devido = self.servico.valor_atualizado(invoice, self.dia).total if invoice else 0
        if not devido:
            return False
        antes = self._em_maos(), self._acrescimos()
        self._pagar(invoice, devido)
        assert (invoice.status, invoice.saldo, self._em_maos(), self._acrescimos()) == (StatusInvoice.paga, 0, *antes)
        return True

    def pagar_parte(self, x: int) -> bool:
        """Less than the balance: exactly that much less is owed."""
        invoice = _um(self._invoices(ABERTAS), x)
        valor = min(_valor(x), invoice.saldo / 2).quantize(D("0.01")) if invoice else D(0)
        if not valor or invoice.saldo - valor <= invoice.desconto_pontual + TOLERANCIA:
            return False
        saldo = invoice.saldo
        self._pagar(invoice, valor)
        assert (saldo - invoice.saldo, invoice.status in ABERTAS) == (valor, True)
        return True

    def pagar_so_o_principal(self, x: int) -> bool:
        """Late, without the charges: paid, and they wait for the next invoice."""
        invoice = _um(self._invoices(ABERTAS), x)
        if invoice is None:
            return False
        devido, antes = self.servico.valor_atualizado(invoice, self.dia), self._acrescimos()
        self._pagar(invoice, devido.principal)
        encargos = devido.multa + devido.juros
        assert self._acrescimos() - antes == (encargos if encargos > TOLERANCIA else 0)
        return encargos > TOLERANCIA

    def pagar_a_mais(self, x: int) -> bool:
        """More than what settles it: the rest is the customer's."""
        invoice = _um(self._invoices(ABERTAS), x)
        if invoice is None:
            return False
        devido, antes = self.servico.valor_atualizado(invoice, self.dia).total, self._em_maos()
        self._pagar(invoice, devido + _valor(x))
        assert (invoice.status, self._em_maos() - antes) == (StatusInvoice.paga, _valor(x))
        return True

    def pagar_o_que_esta_pago(self, x: int) -> bool:
        """The whole is the customer's."""
        invoice = _um(self._invoices((StatusInvoice.paga,)), x)
        if invoice is None:
            return False
        antes = self._em_maos()
        self._pagar(invoice, _valor(x))
        assert self._em_maos() - antes == _valor(x)
        return True

    def pagar_em_lote(self, x: int) -> bool:
        """A return file: two payments of one invoice, the second line twice."""
        invoice = _um(self._invoices(VIVAS), x)
        if invoice is None:
            return False
        linhas = [Recebido(invoice.id, _valor(x + n), Metodo.boleto, self.dia, f"lote-{self.cliente_id}-{self.n}-{n}") for n in (0, 1, 1)]
        um, dois, repetido = self.servico.registrar_pagamentos(linhas)
        assert (um.pagamento.valor, dois.pagamento.valor, repetido.pagamento, repetido.repetido) == (_valor(x), _valor(x + 1), dois.pagamento, True)
        return True

    def repetir(self, x: int) -> bool:
        """The same receipt again: the first payment, and nothing else changes; of another amount it is refused."""
        pagamento = _um(self._pagamentos(), x)
        if pagamento is None:
            return False
        antes, igual = self.tudo(), {"em": pagamento.data_pagamento, "referencia": pagamento.numero_referencia}
        with pytest.raises(ReferenciaRepetida):
            self.servico.registrar_pagamento(pagamento.invoice_id, pagamento.valor + 1, pagamento.metodo, **igual)
        de_novo = self.servico.registrar_pagamento(pagamento.invoice_id, pagamento.valor, pagamento.metodo, **igual)
        assert (de_novo.id, self.tudo()) == (pagamento.id, antes)
        return True

    def estornar(self, x: int) -> bool:
        """Any confirmed payment, some with the bank's date of tomorrow."""
        pagamento, em = _um(self._pagamentos(StatusPagamento.confirmado), x), self.dia + dt.timedelta(days=x % 3 // 2)
        return pagamento is not None and bool(self.servico.estornar_pagamento(pagamento.id, motivo="devolvido", em=em))

    def estornar_de_novo(self, x: int) -> bool:
        """Changes nothing."""
        pagamento = _um(self._pagamentos(StatusPagamento.estornado), x)
        if pagamento is None:
            return False
        antes = self.tudo()
        self.servico.estornar_pagamento(pagamento.id, motivo="devolvido", em=self.dia)
        assert self.tudo() == antes
        return True

    def creditar(self, x: int) -> bool:
        """Credit by hand."""
        return bool(self.servico.creditar(self.cliente_id, valor=_valor(x), motivo="cortesia"))

    def cancelar(self, x: int) -> bool:
        """Any invoice; the service refuses those that received money."""
        invoice = _um(self._invoices(VIVAS), x)
        return invoice is not None and bool(self.servico.cancelar(invoice.id, motivo="engano", em=self.dia))

    def reemitir(self, x: int) -> bool:
        """In the place of a cancelled one."""
        invoice = _um(self._invoices((StatusInvoice.cancelada,)), x)
        return invoice is not None and bool(self.servico.reemitir(invoice.id, em=self.dia))

    def cobrar_avulso(self, x: int) -> bool:
        """A charge in instalments."""
        return self._lancar(TipoLancamento.acrescimo, x)

    def dar_desconto(self, x: int) -> bool:
        """A discount, sometimes larger than the next invoice."""
        return self._lancar(TipoLancamento.desconto, x)

    def desistir_do_avulso(self, x: int) -> bool:
        """What a person has charged is given up."""
        meu = _um(self.meus, x)
        return meu is not None and bool(self.servico.cancelar_lancamento(meu, motivo="engano"))

    def marcar_vencidas(self, _x: int) -> bool:
        """The job of 00:05."""
        return bool(self.servico.marcar_vencidas(hoje=self.dia))

    # ---- what must hold

    def conferir(self) -> None:
        """Raises AssertionError with the row that does not hold."""
        for i in self._linhas(FATURAS):
            saldo = i.valor_total - i.valor_pago - i.valor_abatido
            assert i.itens == i.valor_total >= 0, f"items do not sum to the invoice: {i}"
            assert (i.principal, i.abatido) == (i.valor_pago, i.valor_abatido), f"payments are not what the invoice says was paid: {i}"
            assert saldo >= 0, f"negative balance: {i}"
            assert i.abatido <= i.desconto_pontual + TOLERANCIA * i.pagamentos, f"more forgiven than promised: {i}"
            if i.status == "cancelada":
                assert not i.principal + i.abatido, f"cancelled with money: {i}"
            else:
                assert (i.status == "paga") == (saldo == 0) == i.tem_data, f"state and balance disagree: {i}"
        for c in self._linhas(CREDITOS):
            assert 0 <= c.saldo <= c.valor and c.saldo == (c.cobrado if c.pagamento == "estornado" else c.valor) - c.usado, f"credit: {c}"
        self._conferir_conta()

    def _conferir_conta(self) -> None:
        (conta,) = self._linhas(CONTA)
        emitido, recebido = conta.servicos + conta.avulsos, conta.pago + conta.perdoado + conta.presenteado
        assert emitido - recebido == conta.em_aberto + conta.a_cobrar - conta.em_maos, f"the account does not close: {conta}"
        assert not (sobras := self._linhas(DESFEITOS)), f"charges of a reversed payment remain: {sobras}"

    def tudo(self) -> list[Any]:
        """Every figure, to see that nothing changed."""
        self.sessao.flush()
        return [self._linhas(consulta) for consulta in (FATURAS, CREDITOS, CONTA)]

    def _linhas(self, consulta: str) -> Sequence[Any]:
        parametros = {"c": self.cliente_id, "tomado": CREDITO_TOMADO}
        return self.sessao.execute(text(consulta), {k: v for k, v in parametros.items() if f":{k}" in consulta}).all()

    # ---- choosing

    def _invoices(self, situacoes: Sequence[StatusInvoice]) -> Sequence[Invoice]:
        consulta = select(Invoice).where(Invoice.cliente_id == self.cliente_id, Invoice.status.in_(situacoes))
        return self.sessao.scalars(consulta.order_by(Invoice.id)).all()

    def _pagamentos(self, *situacoes: StatusPagamento) -> Sequence[Pagamento]:
        consulta = select(Pagamento).join(Pagamento.invoice).where(Invoice.cliente_id == self.cliente_id)
        consulta = consulta.where(Pagamento.status.in_(situacoes)) if situacoes else consulta
        return self.sessao.scalars(consulta.order_by(Pagamento.id)).all()

    def _em_maos(self) -> D:
        return sum(self.sessao.scalars(select(Credito.saldo).where(Credito.cliente_id == self.cliente_id)), D(0))

    def _acrescimos(self) -> D:
        return sum(self.sessao.scalars(select(Lancamento.valor).where(
            Lancamento.cliente_id == self.cliente_id, Lancamento.tipo == TipoLancamento.acrescimo)), D(0))

    def _pagar(self, invoice: Invoice, valor: D) -> Pagamento:
        return self.servico.registrar_pagamento(invoice.id, valor, Metodo.pix, em=self.dia, referencia=f"e2e-{self.cliente_id}-{self.n}")

    def _lancar(self, tipo: TipoLancamento, x: int) -> bool:
        feitos = self.servico.lancar(
            self.cliente_id, tipo=tipo, descricao="Avulso", valor=_valor(x), a_partir_de=self.dia, parcelas=1 + x % 3, motivo="pedido"
        )
        self.meus += [lancamento.id for lancamento in feitos]
        return True


def _valor(x: int) -> D:
    """Between 0,03 and 250,02 reais."""
    return D(x % 25_000 + 3) / 100


def _um(lista: Sequence[T], x: int) -> T | None:
    return lista[x % len(lista)] if lista else None
