"""Sessions as rows: opened, seen, given another name, ended. What a browser or program carries is a random name of which the row has the SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from flask_appbuilder.security.sqla.models import Group, Role, User
from flask_babel import gettext as _
from sqlalchemy import event, insert, inspect, literal, or_, select, update
from sqlalchemy.orm import Session

from app.core import auditoria, relogio
from app.core.ator import agindo_como, ator
from app.core.erros import NaoEncontrado
from app.core.models import UserAuditLog
from app.usuarios import consultas
from app.usuarios.models import LimitePapel, SessaoUsuario, TipoSessao

PASSO = dt.timedelta(minutes=1)      # how exactly "last seen" is kept
SOBREVIDA = dt.timedelta(minutes=1)      # how long the old name of a session serves what was on its way
MAIOR_ESPERA = 32_767      # minutes the column holds
GUARDADAS = dt.timedelta(days=90)


def novo_nome() -> str:
    """256 random bits in 43 letters."""
    return secrets.token_urlsafe(32)


def resumir(nome: str) -> str:
    """SHA-256 of a random name, in hex: enough, because nobody guesses 256 bits."""
    return hashlib.sha256(nome.encode()).hexdigest()


class SessaoService:
    """Verbs of sessions."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def abrir(self, usuario_id: int, regra: consultas.RegraDaSessao, *, tipo: TipoSessao, falta_2fa: bool = False, dispositivo_id: int | None = None) -> str:
        """Open a session of somebody who has just proved who it is and audit the entry, in one statement. Returns its name."""
        nome, agora = novo_nome(), relogio.agora()
        ociosa = regra.ociosa_minutos if tipo is TipoSessao.navegador else min(regra.horas * 60, MAIOR_ESPERA)
        with agindo_como(usuario_id):
            quem = ator()
            linha = auditoria.linha("entrada", "ab_user", usuario_id, depois={"por": tipo.name})
        nova = insert(SessaoUsuario).values(
            usuario_id=usuario_id, tipo=tipo, resumo=resumir(nome), aberta_em=agora, vista_em=agora, confirmada_em=agora, falta_2fa=falta_2fa,
            expira_em=agora + regra.duracao, ociosa_minutos=ociosa, dispositivo_id=dispositivo_id, ip=quem.ip, agente=quem.agente)
        self.sessao.execute(insert(UserAuditLog.__table__).values(**linha).add_cte(nova.cte("nova_sessao")))
        return nome

    def tocar(self, sessao_id: int) -> None:
        """The person is there."""
        self._mudar(sessao_id, vista_em=relogio.agora())

    def girar(self, sessao_id: int, usuario_id: int, antigo: str, *, confirmada: bool = False) -> str | None:
        """Give the session called ``antigo`` another name and the limits its person has now. Returns the new name; None when it is called
        otherwise already: of requests at the same moment one does it.

        The old name reads for one more minute what was on its way. ``confirmada``: the person has just proved again who it is, and the old
        name is worth nothing: whoever has a copy of it has not.
        """
        nome, agora, regra = novo_nome(), relogio.agora(), consultas.regra_da_sessao(self.sessao, usuario_id)
        valores: dict[str, Any] = {"confirmada_em": agora} if confirmada else {}
        comando = update(SessaoUsuario).where(SessaoUsuario.id == sessao_id, SessaoUsuario.resumo == resumir(antigo)).values(
            resumo=resumir(nome), resumo_anterior=None if confirmada else SessaoUsuario.resumo, girada_em=agora, girar=False,
            expira_em=SessaoUsuario.aberta_em + literal(regra.duracao), ociosa_minutos=regra.ociosa_minutos, falta_2fa=regra.falta_2fa, **valores)
        return nome if self.sessao.execute(comando.execution_options(synchronize_session=False)).rowcount else None

    def encerrar(self, sessao_id: int, *, usuario_id: int | None = None, motivo: str = "encerrada") -> None:
        """End one session (of that person, when given); ending it again does nothing. Raises NaoEncontrado."""
        dela = [SessaoUsuario.id == sessao_id] + ([SessaoUsuario.usuario_id == usuario_id] if usuario_id is not None else [])
        dono = self.sessao.scalar(select(SessaoUsuario.usuario_id).where(*dela))
        if dono is None:
            raise NaoEncontrado(_("Sessão não encontrada."), sessao_id=sessao_id)
        if self._encerrar(SessaoUsuario.id == sessao_id, motivo=motivo):
            auditoria.registrar(self.sessao, "encerrar_sessao", "ab_user", dono, depois={"sessao": sessao_id, "motivo": motivo})

    def sair(self, usuario_id: int, sessao_id: int | None) -> None:
        """The person goes: this session ends."""
        self._encerrar(SessaoUsuario.id == sessao_id, motivo="saida")
        auditoria.registrar(self.sessao, "saida", "ab_user", usuario_id)

    def encerrar_do_usuario(self, usuario_id: int, *, motivo: str, menos: int | None = None) -> int:
        """End every session and token of the person, but the one ``menos``. Returns how many there were."""
        mais = [SessaoUsuario.id != menos] if menos is not None else []
        quantas = self._encerrar(SessaoUsuario.usuario_id == usuario_id, *mais, motivo=motivo)
        if quantas:
            auditoria.registrar(self.sessao, "encerrar_sessao", "ab_user", usuario_id, depois={"sessoes": quantas, "motivo": motivo})
        return quantas

    def renovar(self, nome: str, rotacao: int) -> tuple[int, int] | None:
        """A refresh token was used: (user's id, the number of the next one). One that had been used before ends the session: None."""
        linha = self.sessao.execute(
            select(SessaoUsuario.id, SessaoUsuario.usuario_id, SessaoUsuario.rotacao)
            .where(SessaoUsuario.resumo == resumir(nome), SessaoUsuario.encerrada_em.is_(None)).with_for_update(key_share=True)).first()
        if linha is None:
            return None
        if linha.rotacao != rotacao:
            self.encerrar(linha.id, motivo="repetida")
            return None
        self._mudar(linha.id, rotacao=rotacao + 1, vista_em=relogio.agora())
        return linha.usuario_id, rotacao + 1

    def _encerrar(self, *quais: Any, motivo: str) -> int:
        comando = update(SessaoUsuario).where(*quais, SessaoUsuario.encerrada_em.is_(None)).values(encerrada_em=relogio.agora(), motivo=motivo)
        return self.sessao.execute(comando.execution_options(synchronize_session=False)).rowcount

    def _mudar(self, sessao_id: int, **valores: Any) -> None:
        comando = update(SessaoUsuario).where(SessaoUsuario.id == sessao_id).values(**valores)
        self.sessao.execute(comando.execution_options(synchronize_session=False))


# ---- rights that change

@event.listens_for(Session, "after_flush")
def _girar_sessoes(sessao: Session, _contexto: object) -> None:
    """Whose rights or limits changed gets, at the next page, another name for the session and its limits anew; whoever changed them."""
    mudados = [(quem, onde) for objeto in sessao.dirty for quem, onde in _tocados(objeto)]
    if not mudados:
        return
    usuarios, papeis, grupos = ({chave for nome, chave in mudados if nome == tipo} for tipo in ("usuario", "papel", "grupo"))
    pessoas = select(User.id).where(or_(
        User.id.in_(usuarios), User.roles.any(Role.id.in_(papeis)), User.groups.any(or_(Group.id.in_(grupos), Group.roles.any(Role.id.in_(papeis))))))
    abertas = (SessaoUsuario.usuario_id.in_(pessoas), SessaoUsuario.encerrada_em.is_(None))
    sessao.execute(update(SessaoUsuario).where(*abertas).values(girar=True).execution_options(synchronize_session=False))


def _tocados(objeto: object) -> list[tuple[str, int]]:
    """What of people, roles and groups this change touches."""
    if isinstance(objeto, LimitePapel):
        return [("papel", objeto.papel_id)]
    for classe, nome, relacoes in ((User, "usuario", ("roles", "groups")), (Role, "papel", ("permissions",)), (Group, "grupo", ("roles", "users"))):
        if isinstance(objeto, classe):
            mudou = any(inspect(objeto).attrs[relacao].history.has_changes() for relacao in relacoes if relacao in inspect(objeto).dict)
            return [(nome, objeto.id)] if mudou else []
    return []
