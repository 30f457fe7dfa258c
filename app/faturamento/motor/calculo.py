"""A lot's invoices from what was read: one calculation per due cycle, failures set aside with their reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.core.erros import DominioError
from app.faturamento.motor.emitente import Emitentes
from app.faturamento.motor.escrita import Emissao
from app.faturamento.motor.leitura import Contexto, Devido
from app.faturamento.regras import Fatura, calcular_fatura, periodos

FALHAS = (DominioError, ValueError, ArithmeticError)      # what wrong data makes the rules raise; anything else is a bug and stops the run


@dataclass
class Conta:
    """Outcome of calculating a lot: what to issue, which cycles only advance, and which customers are left aside (with the reason)."""

    emissoes: list[tuple[Devido, Emissao]] = field(default_factory=list)
    sem_valor: list[Devido] = field(default_factory=list)
    problemas: list[tuple[Devido, str]] = field(default_factory=list)


def calcular(contexto: Contexto, devidos: Iterable[Devido], emitentes: Emitentes, *, hoje: dt.date, prazo: dt.timedelta) -> Conta:
    """The invoice of each due cycle at its present due date."""
    conta, minimo = Conta(), hoje + prazo
    for devido, fatura in _faturas(contexto, devidos, conta):
        if fatura.sem_valor:
            conta.sem_valor.append(devido)
        else:
            conta.emissoes.append((devido, _emissao(contexto, devido, fatura, emitentes, minimo)))
    return conta


def _faturas(contexto: Contexto, devidos: Iterable[Devido], conta: Conta) -> Iterator[tuple[Devido, Fatura]]:
    contratos, itens, creditos = contexto.contratos, contexto.itens, contexto.creditos
    for devido in devidos:
        ciclo = devido.ciclo
        lancamentos = contexto.lancamentos_de(ciclo) if ciclo.id in contexto.lancamentos else ()
        credito = creditos.get(ciclo.cliente_id, ())
        try:
            fatura = calcular_fatura(
                ciclo, contratos.get(ciclo.id, ()), itens=itens, cobrados=contexto.cobrados, lancamentos=lancamentos, creditos=credito
            )
        except FALHAS as erro:
            conta.problemas.append((devido, str(erro)))
            continue
        if fatura.lancamentos or fatura.creditos:
            contexto.consumir(ciclo, fatura)
        yield devido, fatura


def _emissao(contexto: Contexto, devido: Devido, fatura: Fatura, emitentes: Emitentes, minimo: dt.date) -> Emissao:
    ciclo = devido.ciclo
    atual = periodos(ciclo.vencimento, ciclo.dia, ciclo.meses, ciclo.dias).atual
    contratos = contexto.contratos.get(ciclo.id)
    empresa_id, copia_id = emitentes.de(contratos[0].empresa_id if contratos else None)
    return Emissao(
        fatura, ciclo.cliente_id, devido.nome, devido.documento, contexto.enderecos.get(ciclo.cliente_id, ""), devido.email, ciclo.id,
        atual.inicio, atual.fim, max(ciclo.vencimento, minimo), empresa_id, copia_id,
    )
