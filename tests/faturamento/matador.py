"""``python -m tests.faturamento.matador EXECUCAO CLIENTES MORTES SEMENTE``: two workers of a run and a person issuing single invoices, killed again and again.

Like RQ's worker, the parent imports the application once and forks a child for the work; unlike it, it kills that child after a random delay and
forks the next. Only the parent kills, and only children it has not waited for: a number cannot have become somebody else's. One JSON line a child.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core import filas  # noqa: F401 - brings in RQ, which a child's first publication would import
from app.core.embutidos.processos import morre_com_o_pai
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.services import FaturamentoService, ItemManual
from jobs.faturamento import emitir_rodada
from tests.conftest import fazer_app
from tests.faturamento.devidos import HOJE

FASES = ("nascendo", "antes", "dentro", "confirmando", "depois", "terminado")
NASCENDO, ANTES, DENTRO, CONFIRMANDO, DEPOIS, TERMINADO = range(len(FASES))
TRABALHADORES, AVULSA = ("trabalhador1", "trabalhador2"), "avulsas"
ESCALA, PACIENCIA = 0.03, 60.0                    # first guess of a lot's seconds; no child may take longer
CEDO, ALCANCE = 0.15, 2.1                         # how many lots a child lives at most: a third of them hardly begins
VAGA = struct.Struct("<BxxxIdd")                  # phase, lots committed, begun at, first commit at
PROXIMO = """
SELECT cliente_id FROM (SELECT cliente_id FROM ciclo_faturamento WHERE ativo AND estacionado_em IS NULL AND proximo_vencimento <= date '2025-12-11'
                         ORDER BY proximo_vencimento, id LIMIT 40) frente ORDER BY random() LIMIT 1
"""


class Filho(NamedTuple):
    """A living child and when it is to die."""

    nome: str
    pid: int
    vaga: Vaga
    atraso: float


class Vaga:
    """What a child tells of itself in shared memory, which survives it."""

    def __init__(self) -> None:
        self._memoria = mmap.mmap(-1, VAGA.size)

    def ler(self) -> tuple[int, int, float, float]:
        """(phase, lots committed, begun at, first commit at)."""
        return VAGA.unpack(self._memoria[:])

    def marcar(self, fase: int) -> None:
        """The child passes from one phase to the next."""
        _antes, lotes, inicio, primeiro = self.ler()
        agora = time.monotonic()
        if fase == DEPOIS:
            lotes, primeiro = lotes + 1, primeiro or agora
        self._memoria[:] = VAGA.pack(fase, lotes, inicio or agora, primeiro)


def trabalhar(vaga: Vaga, execucao_id: int, demora: float) -> None:
    """The run's task, slice by slice, each with its cursor in a transaction, as ``rodar_longa`` calls it. Takes it up after ``demora`` at most."""
    vaga.marcar(ANTES)
    time.sleep(random.uniform(0, demora))
    cursor = None
    while True:
        vaga.marcar(ANTES)
        with transacao() as sessao:
            sessao.connection()
            vaga.marcar(DENTRO)
            cursor = emitir_rodada(sessao, cursor, execucao_id=execucao_id).cursor
            sessao.flush()
            vaga.marcar(CONFIRMANDO)
        vaga.marcar(DEPOIS)
        if cursor is None:
            return


def avulsas(vaga: Vaga, clientes: int, parar: mmap.mmap) -> None:
    """A person who issues invoices of single customers: whoever comes next in the run, anybody, and now and then one by hand."""
    while not parar[0]:
        vaga.marcar(ANTES)
        with transacao() as sessao:
            vaga.marcar(DENTRO)
            servico, cliente_id = FaturamentoService(sessao), random.randint(1, clientes)
            if random.random() < 0.1:
                servico.gerar_invoice(cliente_id, [ItemManual("Visita técnica", Decimal("50.00"))], vencimento=HOJE, em=HOJE)
            else:
                servico.gerar_invoices_automaticas(hoje=HOJE, cliente_id=_proximo(sessao) or cliente_id)
            vaga.marcar(CONFIRMANDO)
        vaga.marcar(DEPOIS)
        time.sleep(random.uniform(0, 0.01))


def _proximo(sessao: Session) -> int | None:
    """Half of the time, one of the customers a worker is about to claim or holds."""
    return sessao.scalar(text(PROXIMO)) if random.random() < 0.5 else None


class Matador:
    """The parent."""

    def __init__(self, app: Flask, execucao_id: int, clientes: int, mortes: int, semente: int) -> None:
        self.app, self.mortes, self.sorte = app, mortes, random.Random(semente)
        self.parar, self._morre_comigo = mmap.mmap(-1, 1), morre_com_o_pai(signal.SIGKILL)
        self.papeis: dict[str, Callable[[Vaga], None]] = {nome: lambda v: trabalhar(v, execucao_id, self.lote / 2) for nome in TRABALHADORES}
        self.papeis[AVULSA] = lambda v: avulsas(v, clientes, self.parar)
        self.lote, self.filhos, self.acabaram = ESCALA, {}, set()

    def rodar(self) -> None:
        """Kill until it is enough, then let them end."""
        for nome in self.papeis:
            self._nascer(nome)
        while self.filhos:
            for filho in list(self.filhos.values()):
                self._olhar(filho)
            if set(TRABALHADORES) <= self.acabaram:
                self.parar[0] = 1
            time.sleep(0.0005)

    def _nascer(self, nome: str) -> None:
        vaga, semente = Vaga(), self.sorte.random()
        pid = os.fork()
        if not pid:
            self._viver(nome, vaga, semente)
        alcance = CEDO if self.sorte.random() < 0.33 else ALCANCE
        self.filhos[nome] = Filho(nome, pid, vaga, self.sorte.uniform(0, alcance * self.lote))

    def _viver(self, nome: str, vaga: Vaga, semente: float) -> None:
        """The child, which never returns."""
        try:
            if self._morre_comigo:
                self._morre_comigo()
            random.seed(semente)
            with self.app.app_context():
                db.engine.dispose(close=False)
                self.papeis[nome](vaga)
            vaga.marcar(TERMINADO)
            os._exit(0)
        finally:      # an exception: told, and not passed on to the parent's code
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)

    def _olhar(self, filho: Filho) -> None:
        fase, _lotes, inicio, _primeiro = filho.vaga.ler()
        vivo = time.monotonic() - inicio if fase != NASCENDO else 0.0
        if vivo > PACIENCIA:
            raise RuntimeError(f"{filho.nome} hangs in the phase {FASES[fase]}")
        if vivo and self.mortes > 0 and vivo >= filho.atraso:
            os.kill(filho.pid, signal.SIGKILL)
            self._enterrar(filho, os.waitpid(filho.pid, 0)[1])
            return
        pid, situacao = os.waitpid(filho.pid, os.WNOHANG)
        if pid:
            self._enterrar(filho, situacao)

    def _enterrar(self, filho: Filho, situacao: int) -> None:
        fase, lotes, inicio, primeiro = filho.vaga.ler()
        morto = os.WIFSIGNALED(situacao)
        relato = {"nome": filho.nome, "morto": morto, "saida": situacao, "fase": FASES[fase], "lotes": lotes, "vida": round(time.monotonic() - inicio, 4)}
        sys.stdout.write(json.dumps(relato) + "\n")
        sys.stdout.flush()
        del self.filhos[filho.nome]
        if not morto:
            self.acabaram.add(filho.nome)
            return
        if filho.nome in TRABALHADORES:
            self.mortes -= 1
            self._medir(primeiro - inicio if primeiro else 0.0, filho.atraso)
        self._nascer(filho.nome)

    def _medir(self, primeiro: float, atraso: float) -> None:
        """What a first lot takes on this machine now, so that deaths fall before, within and after it."""
        if primeiro:
            self.lote += 0.3 * (primeiro - self.lote)
        elif atraso > self.lote:
            self.lote = atraso * 1.2

    def aquecer(self, execucao_id: int) -> None:
        """Do a lot and take it back: compiled statements and late imports are the children's from their birth, as nobody kills those."""
        with self.app.app_context():
            emitir_rodada(db.session(), None, execucao_id=execucao_id)
            db.session.rollback()
            db.session.remove()
            db.engine.dispose()


def main(argumentos: list[str]) -> int:
    """Run; the tests give the servers in the environment."""
    execucao_id, clientes, mortes, semente = map(int, argumentos)
    app = fazer_app(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
    matador = Matador(app, execucao_id, clientes, mortes, semente)
    matador.aquecer(execucao_id)
    matador.rodar()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
