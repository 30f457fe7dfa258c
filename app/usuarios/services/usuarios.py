"""Accounts and their passwords."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import auditoria, limites, relogio
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.usuarios import consultas, senhas
from app.usuarios.models import Convite, DispositivoConfiavel, Perfil, TokenRecuperacao
from app.usuarios.services.chaves import ChaveApiService
from app.usuarios.services.entrada import POR_CONTA
from app.usuarios.services.sessoes import SessaoService

NOME_DE_USUARIO, _EMAIL = re.compile(r"[\w.@+-]{3,128}"), re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def garantir_perfil(sessao: Session, usuario_id: int) -> Perfil:
    """The user's profile, locked; made when it does not exist."""
    sessao.execute(insert(Perfil).values(usuario_id=usuario_id).on_conflict_do_nothing(index_elements=["usuario_id"]))
    return sessao.scalars(select(Perfil).where(Perfil.usuario_id == usuario_id).with_for_update(key_share=True).execution_options(populate_existing=True)).one()


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

    def dar_senha(self, usuario: User, *, trocar_senha: bool = True) -> str:
        """Give a generated password, returned once; every session of the user ends and the next entry asks for a new one."""
        senha = senhas.gerar()
        self._gravar(usuario, senha, trocar_senha=trocar_senha)
        return senha

    def redefinir_senha(self, usuario_id: int) -> str:
        """``dar_senha`` by id. Raises NaoEncontrado."""
        return self.dar_senha(self._usuario(usuario_id))

    def trocar_senha(self, usuario_id: int, *, atual: str, nova: str, sessao_id: int | None = None) -> None:
        """A person changes the own password; every session but ``sessao_id``, and every browser trusted, ends.

        Raises ValorInvalido at ``atual`` when it is not the present one, at ``nova`` when the new one is refused.
        """
        usuario = self._usuario(usuario_id)
        if not senhas.confere(usuario.password, atual):
            raise ValorInvalido(_("A senha atual não está correta."), codigo="senha_errada", campo="atual")
        if atual == nova:
            raise ValorInvalido(_("A nova senha precisa ser diferente da atual."), codigo="senha_igual", campo="nova")
        senhas.conferir(nova, dados=senhas.dados_de(self.sessao, usuario), campo="nova")
        self._gravar(usuario, nova, trocar_senha=False, menos=sessao_id)
        auditoria.registrar(self.sessao, "trocar_senha", "ab_user", usuario_id)

    def gravar_senha(self, usuario_id: int, senha: str) -> None:
        """Set a password without asking anything; every session, token and trusted browser of the user ends."""
        self._gravar(self._usuario(usuario_id), senha, trocar_senha=False)

    def encerrar_sessoes(self, usuario_id: int, *, motivo: str = "encerrada", menos: int | None = None) -> int:
        """End every session and token of the user, but the session ``menos``. Returns how many there were."""
        return SessaoService(self.sessao).encerrar_do_usuario(usuario_id, motivo=motivo, menos=menos)

    def desativar(self, usuario_id: int) -> None:
        """The person leaves: sessions end at once, with the keys that act as the person or that the person made, and the invitations the person
        sent and nobody took over. Raises NaoEncontrado."""
        self._usuario(usuario_id).active = False
        self.sessao.flush()
        self.encerrar_sessoes(usuario_id, motivo="desativada")
        ChaveApiService(self.sessao).revogar_do_usuario(usuario_id)
        abertos = select(Convite).where(Convite.criado_por_id == usuario_id, Convite.aceito_em.is_(None), Convite.revogado_em.is_(None))
        for convite in self.sessao.scalars(abertos.order_by(Convite.id).with_for_update()):
            convite.revogado_em = relogio.agora()
        self.sessao.flush()

    def _gravar(self, usuario: User, senha: str, *, trocar_senha: bool, menos: int | None = None) -> None:
        usuario.password = senhas.resumir(senha)
        self.sessao.flush()
        garantir_perfil(self.sessao, usuario.id).trocar_senha = trocar_senha
        self.sessao.flush()
        limites.esquecer(POR_CONTA, usuario.id)
        for dela in (DispositivoConfiavel, TokenRecuperacao):
            self.sessao.execute(delete(dela).where(dela.usuario_id == usuario.id).execution_options(synchronize_session=False))
        self.encerrar_sessoes(usuario.id, motivo="senha_trocada", menos=menos)

    def _usuario(self, usuario_id: int) -> User:
        usuario = self.sessao.get(User, usuario_id)
        if usuario is None:
            raise NaoEncontrado(_("Usuário não encontrado."), usuario_id=usuario_id)
        return usuario
