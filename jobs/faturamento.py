"""Jobs of billing: the run in lots, overdue marks, the ladder's messages, blocking at 22:00."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from sqlalchemy.orm import Session

from app.core import relogio
from app.core.execucao import Avanco, longa, tarefa
from app.faturamento.services import FaturamentoService
from app.faturamento.services.rodada import EMITIR, ESPERA, PACIENCIA

BLOQUEIOS_POR_FATIA = 50


@longa("gerar_invoices_diarias")
def gerar_invoices_diarias(sessao: Session, cursor: dict[str, Any] | None, *, hoje: dt.date) -> Avanco:
    """The day's run: opened in the first slice, then one lot a slice."""
    if cursor is None:
        execucao = FaturamentoService(sessao).abrir_execucao(hoje=hoje, origem="agenda")
        return Avanco({"execucao_id": execucao.id, "parado": 0}, total=execucao.esperado)
    return _fatia(sessao, cursor)


@longa(EMITIR)
def emitir_rodada(sessao: Session, cursor: dict[str, Any] | None, *, execucao_id: int) -> Avanco:
    """A run that a person started."""
    return _fatia(sessao, cursor or {"execucao_id": execucao_id, "parado": 0})


def _fatia(sessao: Session, cursor: dict[str, Any]) -> Avanco:
    """One lot. Rows that somebody else holds are tried again; when nothing moves any more they are left to who holds them."""
    servico = FaturamentoService(sessao)
    passo = servico.passo(cursor["execucao_id"])
    parado = 0 if passo.lote.ciclos else cursor["parado"] + 1
    fim = not passo.restam or parado > PACIENCIA
    if fim and passo.restam:
        servico.interromper(cursor["execucao_id"])
    elif parado and not fim:
        time.sleep(ESPERA)      # this transaction holds nothing
    contagens = {"invoices": len(passo.lote.emitidas), "sem_valor": passo.lote.sem_valor, "estacionados": passo.lote.estacionados}
    return Avanco(None if fim else {**cursor, "parado": parado}, feitos=len(passo.lote.emitidas), contagens=contagens)


@tarefa("marcar_invoices_vencidas")
def marcar_invoices_vencidas(sessao: Session, *, hoje: dt.date) -> dict[str, int]:
    """Label what is overdue."""
    return {"marcadas": FaturamentoService(sessao).marcar_vencidas(hoje=hoje)}


@tarefa("enviar_lembretes_pagamento")
def enviar_lembretes_pagamento(sessao: Session, *, hoje: dt.date) -> dict[str, int]:
    """Reminders of what falls due."""
    return {"lembretes": FaturamentoService(sessao).enviar_lembrete_pagamento(hoje=hoje)}


@tarefa("avisar_vencidas")
def avisar_vencidas(sessao: Session, *, hoje: dt.date) -> dict[str, int]:
    """Notices of what is overdue."""
    return {"avisos": FaturamentoService(sessao).avisar_vencidas(hoje=hoje)}


@longa("bloquear_clientes_vencidos")
def bloquear_clientes_vencidos(sessao: Session, cursor: dict[str, Any] | None, *, hoje: dt.date, confirmado: bool = False) -> Avanco:
    """The first slice chooses (and stops at the circuit breaker); each next one blocks some, looking again under each customer's lock."""
    servico = FaturamentoService(sessao)
    if cursor is None:
        previa = servico.conferir_disjuntor(servico.simular_bloqueio(hoje=hoje), confirmado=confirmado)
        fila = [e.contrato_id for e in previa.eleitos]
        return Avanco({"fila": fila} if fila else None, total=len(fila), contagens={"eleitos": len(fila)})
    fatia, resto = cursor["fila"][:BLOQUEIOS_POR_FATIA], cursor["fila"][BLOQUEIOS_POR_FATIA:]
    feitos = sum(servico.bloquear_um(contrato_id, hoje=hoje) for contrato_id in fatia)
    return Avanco({"fila": resto} if resto else None, feitos=len(fatia), contagens={"bloqueados": feitos})


@tarefa("expirar_desbloqueios_confianca")
def expirar_desbloqueios_confianca(sessao: Session) -> dict[str, int]:
    """Releases in trust whose time is over."""
    return {"expirados": FaturamentoService(sessao).expirar_desbloqueios(agora=relogio.agora())}
