"""What a handler that works outside a transaction is given, and the heartbeat that keeps a living process's claim."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import relogio
from app.core.execucao import posse as posses
from app.core.execucao.posse import Cancelada, Posse
from app.core.transacao import transacao
from app.extensions import db

log = logging.getLogger(__name__)
PRAZO_POR_VEZ = 180.0


class Execucao:
    """One attempt of an ``@efeito`` or of a ``@longa(recomeca=True)``.

    ``id`` of the task, ``tentativa``, and ``chave``: the same for every attempt, hence the idempotency key of outside calls.
    """

    def __init__(self, posse: Posse) -> None:
        self.posse, self.id, self.tentativa, self.chave = posse, posse.id, posse.tentativa, f"tarefa-{posse.id}"
        self.concluida = False
        self._inicio, self._feitos, self._total, self._contagens = time.monotonic(), 0, None, Counter[str]()

    @property
    def prazo_esgotado(self) -> bool:
        """Whether the handler has run for so long that it should return CONTINUAR at the next convenient place."""
        return time.monotonic() - self._inicio > PRAZO_POR_VEZ

    @contextmanager
    def transacao(self) -> Iterator[Session]:
        """A transaction that commits only while the attempt is still ours, and renews the claim. Raises Cancelada before, Perdida at its end."""
        self.exigir_livre()
        with transacao() as sessao:
            if posses.pediram_parar(sessao, self.posse):
                raise Cancelada
            yield sessao
            sessao.flush()
            posses.renovar(sessao, self.posse, **self.relato())

    @contextmanager
    def concluir(self) -> Iterator[Session]:
        """The last transaction: what is recorded in it and the mark of the task commit together."""
        self.exigir_livre()
        with transacao() as sessao:
            yield sessao
            sessao.flush()
            posses.concluir(sessao, self.posse, **self.relato())
        self.concluida = True

    def avancar(self, feitos: int = 1, *, total: int | None = None, **contagens: int) -> None:
        """Progress for the screen, written by the next transaction: rows done since the last call, expected total, counts by name."""
        self._feitos += feitos
        self._total = self._total if total is None else total
        self._contagens.update(contagens)

    def relato(self) -> dict[str, Any]:
        """Columns of the progress so far."""
        total = {} if self._total is None else {"total": self._total}
        return {"progresso": self._feitos, "contagens": dict(self._contagens), **total}

    @staticmethod
    def exigir_livre() -> None:
        """An outside call must not run with a transaction open: reading a row or a setting between two transactions opens one."""
        if db.session().in_transaction():
            raise RuntimeError("the database was used outside execucao.transacao(): copy plain data inside it")


class Batimento:
    """Renews the claim from a thread while its process lives, however long a call takes."""

    def __init__(self, posse: Posse) -> None:
        self._posse, self._motor, self._prazo = posse, db.engine, posses.arrendamento()
        self._parar = threading.Event()

    def __enter__(self) -> Batimento:
        threading.Thread(target=self._bater, name=f"batimento-{self._posse.id}", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._parar.set()

    def _bater(self) -> None:
        while not self._parar.wait(self._prazo.total_seconds() / 4):
            try:
                with self._motor.begin() as conexao:
                    if not conexao.execute(posses.comando_renovar(self._posse, relogio.agora() + self._prazo)).rowcount:
                        return
            except SQLAlchemyError as erro:
                log.warning("heartbeat failed tarefa=%s error=%s", self._posse.id, erro)
