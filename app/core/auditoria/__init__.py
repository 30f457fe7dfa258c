"""Before and after of every change, written in the same transaction: what the ORM flushes, and what statements change in one go.

Views, API, services, commands and role edits are all caught, by events of the session (``eventos``, ``comandos``) and not by the framework's hooks.
What passes by the session (SQL of the billing engine on the driver's cursor) is declared in ``politica.EM_MASSA`` and writes one row with its run's id.

The rows of a record, in the order of their ids, are its life: replayed (``criar`` sets the row, ``alterar`` the columns it names, ``permissao`` also
who left and who came in many-to-many relations, ``excluir`` ends it) they give exactly the row, but for generated columns, secrets (``***``) and the
columns of ``politica.SEM_HISTORICO``. When a row was made and changed, and by whom, is the audit row's own time and person unless it says otherwise.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core.auditoria import comandos, eventos  # noqa: F401 - the session's listeners
from app.core.auditoria.linhas import linha as _linha
from app.core.auditoria.politica import EM_MASSA, SEM_HISTORICO, em_massa, ignorar, secreto, sem_historico
from app.core.auditoria.valores import de_json, mascarar, para_json
from app.core.models import UserAuditLog

__all__ = [
    "EM_MASSA", "SEM_HISTORICO", "alterar_em_massa", "de_json", "em_massa", "ignorar", "linha", "observar", "para_json", "registrar", "registrar_criadas",
    "secreto", "sem_historico",
]


def registrar(
    sessao: Session, acao: str, recurso: str, recurso_id: Any, *, antes: dict | None = None, depois: dict | None = None, execucao_id: int | None = None
) -> None:
    """Write one audit row by hand: bulk runs, log-ins, exports, views of secrets. What is secret in ``antes`` and ``depois`` is masked."""
    antes, depois = (d and mascarar(recurso, d) for d in (antes, depois))
    sessao.execute(insert(UserAuditLog.__table__), [_linha(acao, recurso, recurso_id, antes, depois, execucao_id)])


def linha(acao: str, recurso: str, recurso_id: Any, *, antes: dict | None = None, depois: dict | None = None) -> dict[str, Any]:
    """The columns of such a row, for whoever writes it as part of a statement of its own."""
    antes, depois = (d and mascarar(recurso, d) for d in (antes, depois))
    return _linha(acao, recurso, recurso_id, antes, depois)


registrar_criadas, observar, alterar_em_massa = comandos.registrar_criadas, comandos.observar, comandos.alterar_em_massa
