"""Messages: written in the caller's transaction, rendered and sent by a task after the commit. Each key is used once for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import relogio, tarefas
from app.core.transacao import transacao_atual
from app.notificacoes.models import Canal, Notificacao, OptOut, StatusNotificacao

DESPACHAR = "despachar_notificacoes"


class NotificacaoService:
    """Verbs of messages."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def agendar(
        self, evento: str, *, chave: str, destinatario: str, canal: Canal = Canal.email, cliente_id: int | None = None, usuario_id: int | None = None,
        invoice_id: int | None = None, dados: Mapping[str, Any] | None = None, anexos: Sequence[Mapping[str, Any]] = (), quando: dt.datetime | None = None,
    ) -> Notificacao | None:
        """Write a message of an event; None when ``chave`` exists. ``dados`` (JSON) is what the template gets at dispatch.

        ``anexos`` name documents made at dispatch: ``{"pdf": "invoice", "id": 7, "nome": "fatura.pdf"}``. An address that opted out of
        the event or bounced gets a cancelled row that says so.
        """
        linha = {
            "evento": evento, "chave": chave, "destinatario": destinatario, "canal": canal, "cliente_id": cliente_id, "usuario_id": usuario_id,
            "invoice_id": invoice_id, "dados": dict(dados or {}), "anexos": list(anexos), "quando": quando or relogio.agora(),
            **self._recusa(evento, canal, destinatario),
        }
        comando = insert(Notificacao).values(**linha).on_conflict_do_nothing(index_elements=["chave"])
        novo = self.sessao.execute(comando.returning(Notificacao.id)).scalar()
        if novo is None:
            return None
        self.pedir_despacho()
        return self.sessao.get_one(Notificacao, novo)

    def agendar_em_lote(self, linhas: Sequence[Mapping[str, Any]]) -> int:
        """Many messages at once, as column mappings; existing keys are skipped. Returns how many were new."""
        if not linhas:
            return 0
        comando = insert(Notificacao).on_conflict_do_nothing(index_elements=["chave"]).returning(Notificacao.id)
        novas = len(self.sessao.execute(comando, list(linhas)).all())
        if novas:
            self.pedir_despacho()
        return novas

    def pedir_despacho(self) -> None:
        """One task of this transaction walks everything pending after the commit."""
        tarefas.agendar(self.sessao, DESPACHAR, chave=f"{DESPACHAR}:{transacao_atual(self.sessao)}")

    def _recusa(self, evento: str, canal: Canal, destinatario: str) -> dict[str, Any]:
        deste = or_(OptOut.evento.is_(None), OptOut.evento == evento)
        motivo = self.sessao.scalar(select(OptOut.motivo).where(OptOut.canal == canal, OptOut.destinatario == destinatario, deste).limit(1))
        return {} if motivo is None else {"status": StatusNotificacao.cancelada, "erro": motivo}
