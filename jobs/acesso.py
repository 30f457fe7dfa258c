"""Access: the last use of keys written down, sessions and codes that are long over forgotten."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.core import relogio
from app.core.execucao import tarefa
from app.usuarios import acessos_novos
from app.usuarios.models import CodigoConfirmacao, DispositivoConfiavel, SessaoUsuario, TokenRecuperacao
from app.usuarios.services.chaves import guardar_usos
from app.usuarios.services.sessoes import GUARDADAS


@tarefa("guardar_uso_chaves")
def guardar_uso_chaves(sessao: Session) -> dict[str, int]:
    """Counters of Redis into the table; the same use written again changes nothing."""
    return {"chaves": guardar_usos(sessao)}


@tarefa("avisar_acessos_novos")
def avisar_acessos_novos(sessao: Session) -> dict[str, int]:
    """Mail to whoever entered by a browser never seen before."""
    return {"avisos": acessos_novos.avisar(sessao)}


@tarefa("esquecer_acessos")
def esquecer_acessos(sessao: Session) -> dict[str, int]:
    """Rows of sessions, trusted browsers, recovery links and codes go 90 days after their end."""
    limite = relogio.agora() - GUARDADAS
    contagens = {}
    for tabela in (SessaoUsuario, DispositivoConfiavel, TokenRecuperacao, CodigoConfirmacao):
        apagar = delete(tabela).where(tabela.expira_em < limite).execution_options(synchronize_session=False)
        contagens[tabela.__tablename__] = sessao.execute(apagar).rowcount
    return contagens
