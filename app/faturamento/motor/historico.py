"""What the trail keeps of invoices made by hand, row by row. A run has its own row instead, which its invoices name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contratos.models import ContratoItem
from app.core import auditoria
from app.faturamento.models import CicloFaturamento, ClienteEstacionado, ContratoCiclo, Credito, Invoice, ItemInvoice, Lancamento
from app.faturamento.motor.escrita import Emissao, Emitida, Lavratura

Contar = Callable[[Sequence[Emitida], Sequence[int]], None]


@contextmanager
def da_emissao(sessao: Session, emissoes: Sequence[Emissao], lavratura: Lavratura) -> Iterator[Contar]:
    """Tell of the charges and credit that are used meanwhile; the caller tells which invoices and charges it made."""
    if lavratura.execucao_id is not None:
        yield lambda _emitidas, _lancamentos: None
        return
    lancamentos = [i for e in emissoes for i, _v in e.fatura.lancamentos]
    creditos = [i for e in emissoes for i, _v in e.fatura.creditos]
    with auditoria.observar(sessao, lancamento=Lancamento.id.in_(lancamentos), credito=Credito.id.in_(creditos)):
        yield lambda emitidas, novos: _contar(sessao, emitidas, novos)


def _contar(sessao: Session, emitidas: Sequence[Emitida], lancamentos: Sequence[int]) -> None:
    ids = [e.id for e in emitidas]
    auditoria.registrar_criadas(sessao, "invoice", Invoice.id.in_(ids))
    auditoria.registrar_criadas(sessao, "item_invoice", ItemInvoice.invoice_id.in_(ids))
    if lancamentos:
        auditoria.registrar_criadas(sessao, "lancamento", Lancamento.id.in_(lancamentos))


def dos_ciclos(sessao: Session, ciclos: Sequence[int], execucao_id: int | None) -> AbstractContextManager[None]:
    """Tell of the cycles and their contracts' marks that are changed meanwhile, and of customers left aside."""
    return nullcontext() if execucao_id is not None else _dos_ciclos(sessao, ciclos)


@contextmanager
def _dos_ciclos(sessao: Session, ciclos: Sequence[int]) -> Iterator[None]:
    ligacoes = ContratoCiclo.ciclo_faturamento_id.in_(ciclos)
    itens = ContratoItem.contrato_id.in_(select(ContratoCiclo.contrato_id).where(ligacoes))
    deles = ClienteEstacionado.ciclo_faturamento_id.in_(ciclos)
    ja = list(sessao.scalars(select(ClienteEstacionado.id).where(deles)))
    with auditoria.observar(sessao, ciclo_faturamento=CicloFaturamento.id.in_(ciclos), contrato_ciclo=ligacoes, contrato_item=itens):
        yield
    auditoria.registrar_criadas(sessao, "cliente_estacionado", deles & ClienteEstacionado.id.not_in(ja))
