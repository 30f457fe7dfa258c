"""First texts of every kind of message."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.notificacoes.eventos_da_casa import DESLIGADOS, MODELOS
from app.notificacoes.models import ModeloMensagem


def semear(sessao: Session) -> None:
    """Write the templates that do not exist; what the provider changed stays."""
    linhas = [
        {"evento": evento, "canal": canal, "assunto": assunto, "corpo": corpo, "ativo": (evento, canal) not in DESLIGADOS}
        for evento, canal, assunto, corpo in MODELOS
    ]
    sessao.execute(insert(ModeloMensagem).on_conflict_do_nothing(index_elements=["evento", "canal"]), linhas)
