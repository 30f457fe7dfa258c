"""Handlers of the tests with real processes, of the shapes the real ones have: messages walked by one task, blocks, exports, poison, schedule."""

from __future__ import annotations

import datetime as dt
import os
import smtplib
import time
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core import agenda, arquivos, relogio
from app.core.execucao import CONTINUAR, Avanco, Execucao, efeito, longa, tarefa
from app.core.models import Evento
from app.notificacoes.models import Notificacao, StatusNotificacao

RESERVA = dt.timedelta(seconds=10)
AGENDA = (
    agenda.Job("teste_agenda", agenda.cada(seconds=1), "", agenda.cada_dia),
    agenda.Job("teste_mensagens", agenda.cada(seconds=5), ""),      # finds what a killed one had reserved
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


@efeito("teste_mensagens")
def despachar(execucao: Execucao) -> object:
    """Send what is pending, twenty at a time, one connection each."""
    while not execucao.prazo_esgotado:
        with execucao.transacao() as sessao:
            lote = _reservar(sessao)
        if not lote:
            return None
        for notificacao_id, destinatario in lote:
            _enviar(notificacao_id, destinatario)
            with execucao.transacao() as sessao:
                sessao.get(Notificacao, notificacao_id).status = StatusNotificacao.enviada
    return CONTINUAR


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


def _reservar(sessao: Session) -> list[tuple[int, str]]:
    agora = relogio.agora()
    livres = select(Notificacao).where(
        Notificacao.status == StatusNotificacao.pendente, Notificacao.quando <= agora,
        or_(Notificacao.reservada_ate.is_(None), Notificacao.reservada_ate < agora))
    lote = sessao.scalars(livres.order_by(Notificacao.quando, Notificacao.id).limit(20).with_for_update(skip_locked=True)).all()
    for n in lote:
        n.reservada_ate = agora + RESERVA
    return [(n.id, n.destinatario) for n in lote]


def _enviar(notificacao_id: int, destinatario: str) -> None:
    onde = urlsplit(current_app.config["SMTP_URL"])
    mensagem = EmailMessage()
    mensagem["From"], mensagem["To"], mensagem["Message-ID"] = "crm@exemplo.com.br", destinatario, f"<{notificacao_id}@exemplo.com.br>"
    mensagem.set_content("Olá")
    with smtplib.SMTP(onde.hostname, onde.port, timeout=10) as smtp:
        smtp.send_message(mensagem)
