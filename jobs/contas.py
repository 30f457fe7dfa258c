"""Mail about accounts that a public page asked for: made here, so that the page does the same work for accounts that do not exist."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.execucao import tarefa
from app.portal.cadastro import ENVIAR_CODIGO, CadastroService
from app.usuarios.recuperacao import ENVIAR, RecuperacaoService


@tarefa(ENVIAR)
def enviar_recuperacao(sessao: Session, *, usuario_id: int | None, ip: str | None = None) -> dict[str, int]:
    """A link for a new password; nothing when there is no such account."""
    return {"links": int(usuario_id is not None and RecuperacaoService(sessao).enviar(usuario_id, ip=ip) is not None)}


@tarefa(ENVIAR_CODIGO)
def enviar_codigo_cadastro(sessao: Session, *, cliente_id: int | None, canal: str) -> dict[str, int]:
    """The code with which a customer makes the portal's account; nothing when there is no such customer."""
    return {"codigos": int(cliente_id is not None and CadastroService(sessao).enviar_codigo(cliente_id, canal=canal))}
