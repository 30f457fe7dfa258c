"""A customer's contracts by days: every verb that begins, changes, pauses and ends them, with runs, cancellations and reissues, and what each day costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal as D
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.contratos.estados import Cobranca, StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core import relogio
from app.core.erros import DominioError
from app.faturamento.estados import Metodo, StatusInvoice, StatusLancamento, TipoLancamento
from app.faturamento.models import Credito, Invoice, Lancamento
from app.faturamento.services import FaturamentoService
from app.planos.models import Adicional
from tests import fabricas as f

T = TypeVar("T")
COMECO, UM_DIA = dt.date(2026, 2, 10), dt.timedelta(days=1)
PERIODO = 30      # days of the cycle: a price of 30 × n is n reais a day, exactly
ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
VERBOS = (
    "rodar", "ativar", "mudar_plano", "suspender", "retomar", "encerrar", "contratar", "encerrar_adicional", "cancelar", "reemitir", "pagar",
    "creditar", "aplicar",
)


@dataclass
class Livro:
    """What a contract should cost, day by day, kept by the test itself."""

    inicio: dt.date
    precos: list[tuple[dt.date, int]]
    desconto: int
    desconto_ate: dt.date | None
    pausas: list[list[dt.date | None]] = field(default_factory=list)
    fim: dt.date | None = None
    servicos: dict[int, list] = field(default_factory=dict)      # id → [reais a day, from, until]

    def de(self, dia: dt.date) -> int:
        """Reais of one day."""
        if dia < self.inicio or (self.fim and dia > self.fim) or any(a <= dia and (b is None or dia < b) for a, b in self.pausas):
            return 0
        preco = [p for desde, p in self.precos if desde <= dia or desde == self.precos[0][0]][-1]
        desconto = min(preco, self.desconto) if self.desconto_ate is None or dia <= self.desconto_ate else 0
        return preco - desconto + sum(p for p, a, b in self.servicos.values() if a <= dia and (b is None or dia <= b))


class Historia:
    """A customer with a contract, and a second that may join its cycle; ``passo`` does one verb, ``acabar`` ends all and compares."""

    def __init__(self, sessao: Session, semente: int) -> None:
        self.sessao, self.servico, self.dia, self.presentes = sessao, FaturamentoService(sessao), COMECO, 0
        f.uma_politica(sessao, tolerancia=D(0), multa_percentual=D(0), juros_mensal=D(0), desconto_pontual_percentual=D(0))
        f.um_ciclo(sessao, "Trintena", meses=None, dias=PERIODO)
        primeiro = f.um_contrato(sessao, dia=10, inicio=COMECO, ciclo="Trintena", **self._condicoes(semente))
        self.cliente_id, self.ciclo_id = primeiro.cliente_id, self._ciclo(primeiro)
        segundo = f.um_contrato(
            sessao, inicio=COMECO, faturar=False, cliente_id=self.cliente_id, status=StatusContrato.rascunho, **self._condicoes(semente // 16))
        self.adicional = f.gravar(sessao, Adicional(nome="IP fixo", preco=D(1))).id
        self.contratos = [primeiro.id, segundo.id]
        self.livros = {primeiro.id: self._livro(primeiro)}

    @staticmethod
    def _condicoes(x: int) -> dict:
        desconto = {"desconto": D(30 * (x % 4)), "desconto_ate": COMECO + dt.timedelta(days=45) if x % 2 else None}
        return {"preco": D(90), "cobranca": Cobranca.vencida if x % 16 > 11 else Cobranca.antecipada, **desconto}

    @staticmethod
    def _livro(contrato: Contrato) -> Livro:
        return Livro(contrato.data_inicio, [(contrato.data_inicio, int(contrato.preco) // 30)], int(contrato.desconto) // 30, contrato.desconto_ate)

    def _ciclo(self, contrato: Contrato) -> int:
        return self.servico._ligacao(contrato).ciclo_faturamento_id

    def passo(self, verbo: str, x: int, dias: int) -> bool:
        """Do ``verbo`` ``dias`` later, some of them for a day before; ``x`` chooses. Whether it was done; what is refused changes nothing."""
        self.dia += dt.timedelta(days=dias)
        em, ponto = self.dia - dt.timedelta(days=(x // 7) % 4), self.sessao.begin_nested()
        try:
            with relogio.mover_para(self.dia):
                anotar = getattr(self, verbo)(x, em)
            self.sessao.flush()
            ponto.commit()
        except DominioError:
            ponto.rollback()
            return False
        finally:
            self.sessao.expire_all()
        if callable(anotar):
            anotar()
        return anotar is not False

    # ---- verbs: each does it and says how the book changes, or False when there was nothing to do

    def rodar(self, _x: int, _em: dt.date) -> object:
        """The daily run."""
        return bool(self.servico.gerar_invoices_automaticas(hoje=self.dia, cliente_id=self.cliente_id)) and None

    def ativar(self, x: int, em: dt.date) -> object:
        """The second contract joins the cycle."""
        contrato = self.servico.ativar_contrato(self.contratos[1], em=em, dia_vencimento=10, ciclo_faturamento_id=self.ciclo_id)
        return lambda: self.livros.__setitem__(contrato.id, self._livro(contrato))

    def mudar_plano(self, x: int, em: dt.date) -> object:
        """To nothing, or 1 to 5 reais a day."""
        contrato, preco = self._um(x), x % 6
        self.servico.mudar_plano(contrato, f.um_plano(self.sessao, preco=D(30 * preco)).id, em=em)
        return lambda: self.livros[contrato].precos.append((em, preco))

    def suspender(self, x: int, em: dt.date) -> object:
        """A pause."""
        contrato = self._um(x)
        self.servico.suspender_a_pedido(contrato, em=em)
        return lambda: self.livros[contrato].pausas.append([em, None])

    def retomar(self, x: int, em: dt.date) -> object:
        """Back."""
        contrato = self._um(x)
        self.servico.retomar(contrato, em=em)
        return lambda: self.livros[contrato].pausas[-1].__setitem__(1, em)

    def encerrar(self, x: int, em: dt.date) -> object:
        """Sometimes one of them ends in the middle."""
        contrato = self._um(x)
        if x % 3:
            return False
        self.servico.encerrar_contrato(contrato, em=em, motivo="mudou")
        return lambda: setattr(self.livros[contrato], "fim", em)

    def contratar(self, x: int, em: dt.date) -> object:
        """An additional service, twice 1 or 2 reais a day."""
        contrato, preco = self.sessao.get_one(Contrato, self._um(x)), 1 + x % 2
        adicional = self.sessao.get_one(Adicional, self.adicional)
        item = ContratoItem(contrato=contrato, adicional=adicional, preco=D(30 * preco), quantidade=2, de=em - dt.timedelta(days=x % 40))
        with self.sessao.no_autoflush:
            self.servico.contratar_adicional(item)
        f.gravar(self.sessao, item)
        return lambda: self.livros[contrato.id].servicos.__setitem__(item.id, [2 * preco, item.de, None])

    def encerrar_adicional(self, x: int, em: dt.date) -> object:
        """It ends, or its end is put off."""
        item = _um(self.sessao.scalars(select(ContratoItem).where(ContratoItem.contrato_id.in_(self.contratos)).order_by(ContratoItem.id)).all(), x)
        if item is None:
            return False
        with self.sessao.no_autoflush:
            item.ate = em + dt.timedelta(days=x % 20)
            self.servico.encerrar_adicional(item)
        numero, contrato, ate = item.id, item.contrato_id, item.ate
        return lambda: self.livros[contrato].servicos[numero].__setitem__(2, ate)

    def cancelar(self, x: int, _em: dt.date) -> object:
        """An open invoice."""
        invoice = _um(self._invoices(ABERTAS), x)
        return invoice is not None and bool(self.servico.cancelar(invoice.id, motivo="engano", em=self.dia)) and None

    def reemitir(self, x: int, _em: dt.date) -> object:
        """In the place of a cancelled one."""
        invoice = _um(self._invoices((StatusInvoice.cancelada,)), x)
        return invoice is not None and bool(self.servico.reemitir(invoice.id, em=self.dia)) and None

    def pagar(self, x: int, _em: dt.date) -> object:
        """An open invoice, its balance."""
        invoice = _um(self._invoices(ABERTAS), x)
        if invoice is None:
            return False
        return bool(self.servico.registrar_pagamento(invoice.id, invoice.saldo, Metodo.pix, em=self.dia, referencia=f"dias-{invoice.id}")) and None

    def creditar(self, x: int, _em: dt.date) -> object:
        """A gift."""
        self.servico.creditar(self.cliente_id, valor=D(1 + x % 50), motivo="cortesia")
        return lambda: setattr(self, "presentes", self.presentes + 1 + x % 50)

    def aplicar(self, x: int, _em: dt.date) -> object:
        """Credit on an open invoice."""
        invoice = _um(self._invoices(ABERTAS), x)
        return invoice is not None and bool(self.servico.aplicar_credito(invoice.id, em=self.dia)) and None

    # ---- the end

    def acabar(self) -> None:
        """Every contract ends today and every cancelled invoice is issued again: what was charged is what the days cost."""
        for contrato, livro in self.livros.items():
            if livro.fim is None:
                with relogio.mover_para(self.dia):
                    self.servico.encerrar_contrato(contrato, em=self.dia, motivo="fim")
                livro.fim = self.dia
        self._conferir("with cancelled invoices", self._por_emitir())
        for invoice in self._invoices((StatusInvoice.cancelada,)):
            if self._sem_substituta(invoice):
                try:
                    with relogio.mover_para(self.dia):
                        self.servico.reemitir(invoice.id, em=self.dia)
                except DominioError as erro:
                    assert erro.codigo == "sem_valor", erro
        self._conferir("all issued again", D(0))

    def _conferir(self, quando: str, falta: D) -> None:
        inicio = min(livro.inicio for livro in self.livros.values())
        dias = [inicio + n * UM_DIA for n in range((self.dia - inicio).days + 1)]
        esperado = sum(livro.de(dia) for livro in self.livros.values() for dia in dias) - self.presentes
        assert self.cobrado() + falta == esperado, f"{quando}: charged {self.cobrado()} + {falta}, owed {esperado}"

    def cobrado(self) -> D:
        """Invoices less what abated them, what waits to be charged, less credit in hand."""
        vivas = select(func.coalesce(func.sum(Invoice.valor_total - Invoice.valor_abatido), 0)).where(
            Invoice.cliente_id == self.cliente_id, Invoice.status != StatusInvoice.cancelada)
        total = self.sessao.scalar(vivas) - self.sessao.scalar(
            select(func.coalesce(func.sum(Credito.saldo), 0)).where(Credito.cliente_id == self.cliente_id))
        for tipo, sinal in ((TipoLancamento.acrescimo, 1), (TipoLancamento.desconto, -1)):
            total += sinal * self.sessao.scalar(select(func.coalesce(func.sum(Lancamento.valor), 0)).where(
                Lancamento.cliente_id == self.cliente_id, Lancamento.status == StatusLancamento.aberto, Lancamento.tipo == tipo))
        return total

    def _por_emitir(self) -> D:
        """What the cancelled invoices that were not issued again would bill of their days."""
        faltam = [i for i in self._invoices((StatusInvoice.cancelada,)) if i.ciclo_faturamento_id and self._sem_substituta(i)]
        return sum((linha.valor_total for i in faltam for linha in self.servico._linhas_devidas(i)), D(0))

    def _sem_substituta(self, invoice: Invoice) -> bool:
        """A period counts once, whichever of its cancelled invoices is issued again."""
        mesmas = select(Invoice).where(
            Invoice.ciclo_faturamento_id == invoice.ciclo_faturamento_id, Invoice.competencia_inicio == invoice.competencia_inicio,
            Invoice.cliente_id == self.cliente_id)
        outras = self.sessao.scalars(mesmas).all()
        if invoice.ciclo_faturamento_id is None:
            return self.servico.substituta_de(invoice.id) is None
        return all(o.status is StatusInvoice.cancelada for o in outras) and invoice.id == max(o.id for o in outras)

    def _invoices(self, situacoes: Sequence[StatusInvoice]) -> Sequence[Invoice]:
        consulta = select(Invoice).where(Invoice.cliente_id == self.cliente_id, Invoice.status.in_(situacoes))
        return self.sessao.scalars(consulta.order_by(Invoice.id)).all()

    def _um(self, x: int) -> int:
        return self.contratos[x % len(self.livros)]


def _um(lista: Sequence[T], x: int) -> T | None:
    return lista[x % len(lista)] if lista else None
