"""What a run would issue, calculated by the same path without locking or saving anything."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg
from sqlalchemy.orm import Session

from app.core import configuracao
from app.core.dinheiro import ZERO
from app.faturamento.motor import leitura
from app.faturamento.motor.calculo import Conta, calcular
from app.faturamento.motor.emitente import Emitentes
from app.faturamento.motor.escrita import Emissao
from app.faturamento.motor.leitura import Contexto, Devido
from app.faturamento.motor.lote import Pedido
from app.faturamento.motor.pendencias import calcular_pendencias
from app.faturamento.regras import Item, periodos

AMOSTRA = 20
PAGINA = 2000


@dataclass(frozen=True)
class Prevista:
    """An invoice of the preview."""

    cliente_id: int
    cliente: str
    vencimento: dt.date
    valor_total: Decimal
    itens: tuple[Prevista.Linha, ...]

    @dataclass(frozen=True)
    class Linha:
        """A line of it."""

        descricao: str
        valor_total: Decimal


@dataclass(frozen=True)
class Problema:
    """A customer who would not be billed."""

    cliente_id: int
    cliente: str
    motivo: str


@dataclass
class Previa:
    """Totals of what is due up to ``ate``, the first invoices, the value by plan, and who would be left aside."""

    ate: dt.date
    quantidade: int = 0
    valor: Decimal = ZERO
    sem_valor: int = 0
    amostra: list[Prevista] = field(default_factory=list)
    problemas: list[Problema] = field(default_factory=list)
    por_plano: Counter[str] = field(default_factory=Counter)


def prever(sessao: Session, pedido: Pedido) -> Previa:
    """The preview of a run; a cycle several periods behind counts as many invoices. Memory does not grow with the base."""
    c, previa, emitentes = leitura.cursor(sessao), Previa(pedido.ate), _SemCopia()
    prazo = dt.timedelta(days=configuracao.ler("faturamento.prazo_minimo_dias"))
    for pagina in _paginas(c, pedido):
        contexto = leitura.ler_contexto(c, [d.ciclo for d in pagina], ate=previa.ate)
        while pagina:
            conta = calcular(contexto, pagina, emitentes, hoje=pedido.hoje, prazo=prazo)
            _somar(previa, conta, contexto)
            pagina = [s for d in _andaram(conta) if (s := _seguinte(d)).ciclo.vencimento <= previa.ate]
    for emissao in [] if pedido.ciclo_id else calcular_pendencias(sessao, pedido.hoje, emitentes, cliente_id=pedido.cliente_id, trava=False):
        previa.quantidade += 1
        previa.valor += emissao.fatura.total
        _mostrar(previa, emissao)
    return previa


class _SemCopia(Emitentes):
    """A preview copies no company."""

    def __init__(self) -> None: ...

    def de(self, empresa_id: int | None) -> tuple[int | None, int | None]:
        return empresa_id, None


def _paginas(c: psycopg.Cursor, pedido: Pedido) -> Iterator[list[Devido]]:
    """Due cycles by customer, so that one customer's cycles share his credit as in the run."""
    depois = 0
    while True:
        parametros = {"ate": pedido.ate, "cliente_id": pedido.cliente_id, "ciclo_id": pedido.ciclo_id, "depois": depois, "limite": PAGINA}
        pagina = leitura.ler_devidos(c, pedido.filtro + leitura.DEPOIS_DO_CLIENTE + leitura.ORDEM_POR_CLIENTE, **parametros)
        if len(pagina) == PAGINA and pagina[0].ciclo.cliente_id != pagina[-1].ciclo.cliente_id:
            ultimo = pagina[-1].ciclo.cliente_id      # he may have more cycles beyond the page
            pagina = [d for d in pagina if d.ciclo.cliente_id != ultimo]
        if not pagina:
            return
        yield pagina
        depois = pagina[-1].ciclo.cliente_id


def _andaram(conta: Conta) -> Iterator[Devido]:
    yield from (d for d, _e in conta.emissoes)
    yield from conta.sem_valor


def _seguinte(devido: Devido) -> Devido:
    ciclo = devido.ciclo
    proximo = periodos(ciclo.vencimento, ciclo.dia, ciclo.meses, ciclo.dias).proximo
    return devido._replace(ciclo=ciclo._replace(vencimento=proximo))


def _somar(previa: Previa, conta: Conta, contexto: Contexto) -> None:
    previa.sem_valor += len(conta.sem_valor)
    previa.problemas += [Problema(d.ciclo.cliente_id, d.nome, motivo) for d, motivo in conta.problemas]
    previa.quantidade += len(conta.emissoes)
    nomes = {x.id: x.plano_nome for lista in contexto.contratos.values() for x in lista}
    for _devido, e in conta.emissoes:
        previa.valor += e.fatura.total
        contexto.cobrados.update(_cobrados(e.fatura.itens))
        for item in e.fatura.itens:
            previa.por_plano[nomes.get(item.contrato_id, "—")] += item.valor_total
        _mostrar(previa, e)


def _mostrar(previa: Previa, e: Emissao) -> None:
    if len(previa.amostra) < AMOSTRA:
        linhas = tuple(Prevista.Linha(i.descricao, i.valor_total) for i in e.fatura.itens)
        previa.amostra.append(Prevista(e.cliente_id, e.nome, e.vencimento, e.fatura.total, linhas))


def _cobrados(itens: list[Item]) -> Iterator[tuple[str, int, dt.date]]:
    for i in itens:
        if i.tipo == "plano" and i.inicio:
            yield "plano", i.contrato_id, i.inicio
        elif i.chave and ":item:" in i.chave:
            yield "item", int(i.chave.split(":")[2]), i.inicio
