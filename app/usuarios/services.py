"""Users and their way in: accounts, passwords, sessions that end, lock-outs that end by themselves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import auditoria, relogio
from app.core.ator import agindo_como
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.usuarios import consultas, senhas
from app.usuarios.models import Perfil

TENTATIVAS_LIVRES = 5
NOME_DE_USUARIO, _EMAIL = re.compile(r"[\w.@+-]{3,128}"), re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ESPERA, ESPERA_MAXIMA = dt.timedelta(minutes=1), dt.timedelta(hours=1)
ESQUECER_FALHAS = dt.timedelta(hours=24)


def espera(falhas: int) -> dt.timedelta:
    """How long an account waits after that many failures in a row: nothing up to four, then 1, 2, 4 … minutes, never over an hour."""
    if falhas < TENTATIVAS_LIVRES:
        return dt.timedelta(0)
    return min(ESPERA * 2 ** min(falhas - TENTATIVAS_LIVRES, 10), ESPERA_MAXIMA)


@dataclass(frozen=True)
class Conta:
    """What is needed to check a password outside any transaction. ``resumo`` is None when nobody may enter now."""

    usuario_id: int | None = None
    resumo: str | None = None


def garantir_perfil(sessao: Session, usuario_id: int) -> Perfil:
    """The user's profile, locked; made when it does not exist."""
    sessao.execute(insert(Perfil).values(usuario_id=usuario_id).on_conflict_do_nothing(index_elements=["usuario_id"]))
    return sessao.scalars(select(Perfil).where(Perfil.usuario_id == usuario_id).with_for_update(key_share=True).execution_options(populate_existing=True)).one()


class EntradaService:
    """Signing in. The attempt is counted before the password is checked, so that many at once are not free."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def tentar(self, entrada: str) -> Conta:
        """Count an attempt of whoever this user name or e-mail is. A locked or inactive account gives an empty Conta."""
        usuario = consultas.achar(self.sessao, entrada)
        if usuario is None or not usuario.is_active:
            return Conta()
        perfil, agora = garantir_perfil(self.sessao, usuario.id), relogio.agora()
        if perfil.travado_ate is not None and perfil.travado_ate > agora:
            return Conta(usuario.id)
        falhas = 1 if perfil.updated_at < agora - ESQUECER_FALHAS else min(perfil.falhas + 1, 1000)
        self._marcar(perfil, falhas=falhas, travado_ate=agora + espera(falhas) if espera(falhas) else None)
        return Conta(usuario.id, usuario.password)

    def concluir(self, conta: Conta, certa: bool) -> User | None:
        """The user when the password was right, with the failures forgotten; None otherwise. Both are audited."""
        if conta.usuario_id is None:
            return None
        with agindo_como(conta.usuario_id if certa else None):
            auditoria.registrar(self.sessao, "entrada" if certa else "falha_entrada", "ab_user", conta.usuario_id)
        usuario = self.sessao.get(User, conta.usuario_id)
        if not certa:
            usuario.fail_login_count = (usuario.fail_login_count or 0) + 1
            return None
        self._marcar(garantir_perfil(self.sessao, usuario.id), falhas=0, travado_ate=None)
        usuario.login_count, usuario.fail_login_count = (usuario.login_count or 0) + 1, 0
        usuario.last_login = relogio.local(relogio.agora()).replace(tzinfo=None)      # the framework's column has no zone
        return usuario

    def liberar(self, usuario_id: int) -> None:
        """An administrator's word: the account may try again at once."""
        self._marcar(garantir_perfil(self.sessao, usuario_id), falhas=0, travado_ate=None)
        auditoria.registrar(self.sessao, "destravar", "ab_user", usuario_id)

    def _marcar(self, perfil: Perfil, **valores: object) -> None:
        # by statement: counters of failures are no news for the audit trail, which has its own rows for entries
        self.sessao.execute(update(Perfil).where(Perfil.usuario_id == perfil.usuario_id).values(updated_at=relogio.agora(), **valores))


class UsuarioService:
    """Accounts and passwords."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def criar(self, *, usuario: str, email: str, nome: str, sobrenome: str, papeis: Sequence[str], trocar_senha: bool = True) -> tuple[User, str]:
        """A user with a generated password, returned once. Raises Conflito when user name or e-mail is taken, ValorInvalido for an unknown role
        or what is no user name or e-mail."""
        if not NOME_DE_USUARIO.fullmatch(usuario):
            raise ValorInvalido(_("Use de 3 a 128 letras, números, ponto, hífen ou @, sem espaços."), campo="username")
        if not _EMAIL.fullmatch(email):
            raise ValorInvalido(_("Informe um e-mail válido."), campo="email")
        if consultas.achar(self.sessao, usuario) or consultas.achar(self.sessao, email):
            raise Conflito(_("Já existe um usuário com esse nome ou e-mail."), campo="username")
        achados = self.sessao.scalars(select(Role).where(Role.name.in_(papeis))).all()
        if len(achados) != len(set(papeis)):
            raise ValorInvalido(_("Papel desconhecido."), campo="roles")
        novo = User(username=usuario, email=email.lower(), first_name=nome, last_name=sobrenome, active=True)
        novo.roles = list(achados)
        self.sessao.add(novo)
        return novo, self.dar_senha(novo, trocar_senha=trocar_senha)

    def alterar_perfil(self, usuario_id: int, *, nome: str, sobrenome: str, idioma: str) -> None:
        """What a person says of the own account. ``idioma`` is one of the configured ``LANGUAGES``. Raises NaoEncontrado."""
        usuario = self._usuario(usuario_id)
        usuario.first_name, usuario.last_name = nome, sobrenome
        garantir_perfil(self.sessao, usuario_id).idioma = idioma

    def dar_senha(self, usuario: User, *, trocar_senha: bool = True) -> str:
        """Give a generated password, returned once; every session of the user ends and the next entry asks for a new one."""
        senha = senhas.gerar()
        self._gravar(usuario, senha, trocar_senha=trocar_senha)
        return senha

    def redefinir_senha(self, usuario_id: int) -> str:
        """``dar_senha`` by id. Raises NaoEncontrado."""
        return self.dar_senha(self._usuario(usuario_id))

    def trocar_senha(self, usuario_id: int, *, atual: str, nova: str) -> int:
        """A person changes the own password. Returns the new session version: the other sessions end.

        Raises ValorInvalido at ``atual`` when it is not the present one, at ``nova`` when the new one is refused.
        """
        usuario = self._usuario(usuario_id)
        if not senhas.confere(usuario.password, atual):
            raise ValorInvalido(_("A senha atual não está correta."), codigo="senha_errada", campo="atual")
        if atual == nova:
            raise ValorInvalido(_("A nova senha precisa ser diferente da atual."), codigo="senha_igual", campo="nova")
        senhas.conferir(nova, dados=(usuario.username, usuario.email, usuario.first_name, usuario.last_name), campo="nova")
        return self._gravar(usuario, nova, trocar_senha=False)

    def gravar_senha(self, usuario_id: int, senha: str) -> int:
        """Set a password without asking anything (the framework's own commands). Returns the new session version."""
        return self._gravar(self._usuario(usuario_id), senha, trocar_senha=False)

    def encerrar_sessoes(self, usuario_id: int) -> int:
        """End every session and token of the user. Returns the new session version."""
        perfil = garantir_perfil(self.sessao, usuario_id)
        perfil.versao_sessao += 1
        self.sessao.flush()
        return perfil.versao_sessao

    def _gravar(self, usuario: User, senha: str, *, trocar_senha: bool) -> int:
        usuario.password = senhas.resumir(senha)
        self.sessao.flush()
        perfil = garantir_perfil(self.sessao, usuario.id)
        perfil.trocar_senha, perfil.falhas, perfil.travado_ate = trocar_senha, 0, None
        perfil.versao_sessao += 1
        self.sessao.flush()
        return perfil.versao_sessao

    def _usuario(self, usuario_id: int) -> User:
        usuario = self.sessao.get(User, usuario_id)
        if usuario is None:
            raise NaoEncontrado(_("Usuário não encontrado."), usuario_id=usuario_id)
        return usuario
