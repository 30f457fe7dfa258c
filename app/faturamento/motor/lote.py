"""One lot of the run, in the caller's transaction: claim, read, calculate, write, advance, tell."""

from __future__ import annotations

import datetime as dt
import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core import auditoria, configuracao, eventos, relogio
from app.core.ator import ator_id
from app.core.dinheiro import ZERO
from app.faturamento import declaracoes  # noqa: F401 - the settings read below
from app.faturamento.models import LoteFaturamento
from app.faturamento.motor import historico, leitura, marcas, mensagens
from app.faturamento.motor.calculo import Conta, calcular
from app.faturamento.motor.conflitos import resolver
from app.faturamento.motor.emitente import Emitentes, Politica, ler_politica
from app.faturamento.motor.escrita import Emissao, Emitida, Lavratura, dados_do_evento, gravar
from app.faturamento.motor.leitura import Devido

RECUSAS = (psycopg.IntegrityError, psycopg.DataError)


@dataclass(frozen=True)
class Pedido:
    """What to bill: cycles due on ``hoje`` (all, or those of one customer, or one cycle). ``ate``: last due date; default from the setting."""

    hoje: dt.date
    execucao_id: int | None = None
    cliente_id: int | None = None
    ciclo_id: int | None = None
    limite: int | None = None
    adiantar_ate: dt.date | None = None

    @property
    def ate(self) -> dt.date:
        """The last nominal due date that is issued now."""
        return self.adiantar_ate or self.hoje + dt.timedelta(days=configuracao.ler("faturamento.dias_antecedencia"))

    @property
    def filtro(self) -> str:
        """SQL that narrows the due cycles."""
        return (leitura.DO_CLIENTE if self.cliente_id else "") + (leitura.DO_CICLO if self.ciclo_id else "")


@dataclass
class Lote:
    """What one lot did. ``ciclos`` is how many due rows it claimed: zero means there was nothing left to claim.

    ``ha_mais``: another lot would find something, because this one was full or some of its cycles are still behind.
    """

    ciclos: int = 0
    ha_mais: bool = False
    sem_valor: int = 0
    estacionados: int = 0
    ja_emitidas: int = 0
    emitidas: list[Emitida] = field(default_factory=list)

    @property
    def valor(self) -> Decimal:
        """Sum of what was issued."""
        return sum((e.emissao.fatura.total for e in self.emitidas), ZERO)


def faturar_lote(sessao: Session, pedido: Pedido) -> Lote:
    """Bill one lot of due cycles in the caller's transaction, each at its next due date.

    Rows another worker or verb holds are passed by (SKIP LOCKED). Repeating it is safe: what was billed is no longer due.
    """
    comeco, c = time.perf_counter(), leitura.cursor(sessao)
    limite = pedido.limite or configuracao.ler("faturamento.tamanho_lote")
    parametros = {"ate": pedido.ate, "cliente_id": pedido.cliente_id, "ciclo_id": pedido.ciclo_id, "limite": limite}
    with sem_coletor():
        devidos = leitura.ler_devidos(c, pedido.filtro + leitura.ORDEM + leitura.TRAVA, **parametros)
        lote = Lote(ciclos=len(devidos), ha_mais=len(devidos) == limite)
        if devidos:
            _faturar(sessao, c, pedido, devidos, lote)
            anotar(sessao, pedido, lote, int((time.perf_counter() - comeco) * 1000))
    return lote


@contextmanager
def sem_coletor() -> Iterator[None]:
    """Leave the cyclic collector out while a lot is worked on: it would walk the whole heap again and again for tuples that make no cycle."""
    ligado = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if ligado:
            gc.enable()


def _faturar(sessao: Session, c: psycopg.Cursor, pedido: Pedido, devidos: Sequence[Devido], lote: Lote) -> None:
    contexto = leitura.ler_contexto(c, [d.ciclo for d in devidos])
    prazo = dt.timedelta(days=configuracao.ler("faturamento.prazo_minimo_dias"))
    conta = calcular(contexto, devidos, Emitentes(sessao), hoje=pedido.hoje, prazo=prazo)
    lavratura = Lavratura(pedido.hoje, relogio.agora(), ler_politica(sessao), pedido.execucao_id, ator_id())
    _gravar(sessao, c, conta.emissoes, lavratura, conta, lote)
    feitos = [d.ciclo for d, _e in conta.emissoes] + [d.ciclo for d in conta.sem_valor]
    with historico.dos_ciclos(sessao, [d.ciclo.id for d in devidos], pedido.execucao_id):
        proximos = marcas.avancar(c, feitos)
        marcas.por_em_dia(c, contexto.atrasados(feitos))
        marcas.desativar(c, leitura.sem_futuro(c, [d.ciclo for d in conta.sem_valor if d.ciclo.id not in contexto.contratos]))
        marcas.estacionar(c, conta.problemas, pedido.execucao_id, lavratura.agora)
    lote.ha_mais |= any(data <= pedido.ate for data in proximos)
    mensagens.pedir_despacho(sessao, lote.emitidas)
    lote.sem_valor, lote.estacionados = len(conta.sem_valor), len(conta.problemas)


def _gravar(
    sessao: Session, c: psycopg.Cursor, emissoes: list[tuple[Devido, Emissao]], lavratura: Lavratura, conta: Conta, lote: Lote
) -> None:
    """Write all at once; when the tables refuse something, halves, until the one that is refused is alone and is looked at."""
    if not emissoes:
        return
    try:
        with ponto_de_retorno(sessao):
            lote.emitidas += emitir_juntas(sessao, c, [e for _d, e in emissoes], lavratura)
        return
    except RECUSAS as erro:
        motivo = erro.diag.message_primary or type(erro).__name__
    if len(emissoes) > 1:
        meio = len(emissoes) // 2
        _gravar(sessao, c, emissoes[:meio], lavratura, conta, lote)
        _gravar(sessao, c, emissoes[meio:], lavratura, conta, lote)
    else:
        _gravar_recusada(sessao, c, *emissoes[0], lavratura, conta, lote, motivo)


def _gravar_recusada(
    sessao: Session, c: psycopg.Cursor, devido: Devido, emissao: Emissao, lavratura: Lavratura, conta: Conta, lote: Lote, motivo: str
) -> None:
    """What somebody else has billed meanwhile is left out; data that no invoice can hold parks the customer."""
    restante = resolver(c, emissao)
    if restante is None:
        lote.ja_emitidas += 1
        return
    try:
        with ponto_de_retorno(sessao):
            lote.emitidas += emitir_juntas(sessao, c, [restante], lavratura)
    except RECUSAS:
        conta.emissoes[:] = [par for par in conta.emissoes if par[0] is not devido]
        conta.problemas.append((devido, motivo))


@contextmanager
def ponto_de_retorno(sessao: Session) -> Iterator[None]:
    """A savepoint that is on the wire at once: the session's own would wait for its first statement, and ours go by the driver's cursor."""
    with sessao.begin_nested():
        sessao.connection()
        yield


def emitir_juntas(sessao: Session, c: psycopg.Cursor, emissoes: Sequence[Emissao], lavratura: Lavratura) -> list[Emitida]:
    """Write invoices with their messages, consume their one-off charges and credit, and tell the timeline."""
    com_reacoes = bool(eventos.reacoes_de("invoice_emitida"))
    with historico.da_emissao(sessao, emissoes, lavratura) as contar:
        emitidas = gravar(c, emissoes, lavratura, mensagens.copia_das_mensagens(c, emissoes), com_eventos=not com_reacoes)
        contar(emitidas, marcas.consumir(c, emitidas))
    if com_reacoes:
        for e in emitidas:
            eventos.registrar(sessao, "invoice_emitida", cliente_id=e.emissao.cliente_id, **dados_do_evento(e))
    return emitidas


def anotar(sessao: Session, pedido: Pedido, lote: Lote, duracao_ms: int) -> None:
    """The lot's row of the run, and one audit row for all its invoices."""
    if pedido.execucao_id:
        valores = {"execucao_id": pedido.execucao_id, "invoices": len(lote.emitidas), "sem_valor": lote.sem_valor, "valor": lote.valor}
        sessao.execute(insert(LoteFaturamento).values(**valores, duracao_ms=duracao_ms, em=relogio.agora()))
    if lote.emitidas:
        ids = [e.id for e in lote.emitidas]
        depois = {"quantidade": len(ids), "valor": str(lote.valor), "primeira": min(ids), "ultima": max(ids)}
        auditoria.registrar(sessao, "emitir", "invoice", None, depois=depois, execucao_id=pedido.execucao_id)


__all__ = ["Lote", "Pedido", "Politica", "anotar", "emitir_juntas", "faturar_lote", "ponto_de_retorno"]
