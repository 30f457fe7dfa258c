"""Handlers of the tests with real processes, of the shapes the real ones have: small ones, slices, exports, poison, schedule."""

from __future__ import annotations

import os
import time
from typing import Any

from sqlalchemy.orm import Session

from app.core import agenda, arquivos, relogio
from app.core.execucao import Avanco, Execucao, longa, tarefa
from app.core.models import Evento

AGENDA = (
    agenda.Job("teste_agenda", agenda.cada(seconds=1), "", agenda.cada_dia),
    agenda.Job("despachar_notificacoes", agenda.cada(seconds=5), ""),      # the real ones find what a killed one had claimed
    agenda.Job("aplicar_rede", agenda.cada(seconds=5), ""),
)


def anotar(sessao: Session, tipo: str, n: int) -> None:
    """Proof of one effect in the database."""
    sessao.add(Evento(tipo=tipo, cliente_id=n, dados={}, em=relogio.agora()))


@tarefa("teste_bloqueio")
def bloquear(sessao: Session, *, n: int) -> None:
    """One block."""
    anotar(sessao, "bloqueio", n)
    sessao.flush()
    time.sleep(0.02)


@tarefa("teste_agenda")
def ocorrencia(sessao: Session) -> None:
    """One run of the schedule."""
    anotar(sessao, "agenda", 0)


@tarefa("teste_veneno", tentativas=3)
def veneno(_sessao: Session) -> None:
    """Ends its process without a word."""
    os._exit(9)


@longa("teste_longa")
def contar(sessao: Session, cursor: dict[str, Any] | None, *, n: int, ate: int = 20) -> Avanco:
    """Twenty slices, each with its own proof."""
    i = cursor["i"] if cursor else 0
    anotar(sessao, f"fatia{n}", i)
    time.sleep(0.05)
    return Avanco({"i": i + 1} if i + 1 < ate else None, feitos=1, total=ate)


@longa("teste_exportacao", recomeca=True)
def exportar(execucao: Execucao, *, n: int, linhas: int = 20) -> None:
    """A file made of lines that take their time; cannot resume."""
    partes = []
    for i in range(linhas):
        time.sleep(0.05)
        partes.append(f"{i}\n".encode())
        execucao.avancar(1, total=linhas)
    with execucao.concluir() as sessao:
        arquivos.guardar(sessao, f"exportacao-{n}.csv", "text/csv", partes)
