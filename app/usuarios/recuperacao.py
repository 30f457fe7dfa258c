"""Who forgot the password: a link to the address of the account, good once and for half an hour, that sets a new one."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Callable

from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.core import auditoria, limites, relogio, tarefas
from app.core.ator import agindo_como, ator
from app.core.erros import NaoEncontrado
from app.core.limites import Limite
from app.core.tipos import N_
from app.core.transacao import transacao
from app.notificacoes.models import Canal
from app.notificacoes.services import NotificacaoService
from app.usuarios import consultas, links, senhas
from app.usuarios.models import TokenRecuperacao
from app.usuarios.services import UsuarioService

log = logging.getLogger(__name__)
ENVIAR = "enviar_recuperacao"
VALIDADE = dt.timedelta(minutes=30)
RECUPERAR_ENDERECO = limites.declarar(Limite("recuperar_endereco", N_("Pedidos de nova senha, por endereço"), livres=10))
RECUPERAR_CONTA = limites.declarar(
    Limite("recuperar_conta", N_("Pedidos de nova senha, por conta"), livres=4, de=limites.Quem.conta, espera=dt.timedelta(minutes=5)))
_SEM_CORREIO = (".invalid", ".test", ".example", ".localhost", ".localdomain", "@localhost")      # nobody reads there (RFC 6761)
_contatos: list[Callable[[Session, int], tuple[Canal, str] | None]] = []
T = TokenRecuperacao


def contato_por(quem: Callable[[Session, int], tuple[Canal, str] | None]) -> None:
    """``quem(sessao, usuario_id)`` knows where people read whose account has no e-mail that is (customers, by their register)."""
    _contatos.append(quem)


def entregavel(email: str) -> bool:
    """Whether mail to this address can reach anybody."""
    return "@" in email and not email.lower().endswith(_SEM_CORREIO)


def destino(sessao: Session, usuario: User) -> tuple[Canal, str] | None:
    """Where messages about the account go; None when there is nowhere."""
    if entregavel(usuario.email):
        return Canal.email, usuario.email
    return next((achado for quem in _contatos if (achado := quem(sessao, usuario.id))), None)


def pedir(entrada: str) -> None:
    """Somebody wants a new password for this user name, e-mail or document. The same is done, in the same statements, whether or not there is
    such an account: what differs happens later, in a task. More than a few in a row for one account are not sent. Opens its own transactions."""
    with transacao() as sessao:
        usuario_id = consultas.quem_e(sessao, entrada)
    conta = usuario_id or f"x{links.resumir(entrada.lower())[:16]}"
    livre = not limites.tentar(RECUPERAR_CONTA, conta).espera
    with transacao() as sessao:
        tarefas.agendar(sessao, ENVIAR, usuario_id=usuario_id if livre else None, ip=ator().ip)


def avisar_troca(sessao: Session, usuario: User) -> None:
    """Tell the person that the password was changed, when and from where."""
    canal, para = destino(sessao, usuario) or (None, "")
    if canal is not Canal.email:
        return
    dados = {"nome": usuario.first_name, "quando": f"{relogio.local(relogio.agora()):%d/%m/%Y %H:%M}", "ip": ator().ip or "-"}
    NotificacaoService(sessao).agendar(
        "senha_trocada", chave=f"senha_trocada:{usuario.id}:{secrets.token_hex(8)}", destinatario=para, usuario_id=usuario.id, dados=dados)


class RecuperacaoService:
    """Verbs of links that set a password."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def enviar(self, usuario_id: int, *, ip: str | None = None) -> TokenRecuperacao | None:
        """A new link on its way to the person, the old ones dead; None for an account that is gone or inactive, or without an address."""
        usuario = self.sessao.get(User, usuario_id, with_for_update={"key_share": True}, populate_existing=True)
        achado = destino(self.sessao, usuario) if usuario is not None and usuario.is_active else None
        if achado is None:
            log.info("no password link usuario=%s", usuario_id)
            return None
        agora, (token, resumo), (canal, para) = relogio.agora(), links.novo(), achado
        self.sessao.execute(delete(T).where(T.usuario_id == usuario_id).execution_options(synchronize_session=False))
        linha = T(usuario_id=usuario_id, resumo=resumo, created_at=agora, expira_em=agora + VALIDADE, ip=ip)
        self.sessao.add(linha)
        self.sessao.flush()
        NotificacaoService(self.sessao).agendar(
            "recuperar_senha", chave=f"recuperar:{linha.id}", destinatario=para, canal=canal, usuario_id=usuario_id, vale_ate=linha.expira_em,
            dados={"nome": usuario.first_name, "minutos": VALIDADE // dt.timedelta(minutes=1)}, segredos={"link": links.endereco(f"/recuperar/{token}")})
        return linha

    def achar(self, token: str) -> User | None:
        """Whose link this is, while it can be used. Reading uses nothing up: mail scanners open links too."""
        linha = self.sessao.query(T).filter(T.resumo == links.resumir(token), T.usado_em.is_(None), T.expira_em > relogio.agora()).one_or_none()
        usuario = self.sessao.get(User, linha.usuario_id) if linha is not None else None
        return usuario if usuario is not None and usuario.is_active else None

    def redefinir(self, token: str, senha: str) -> User:
        """Use the link up and set the password: every session ends, trusted browsers are forgotten, the second factor stays as it is.

        Raises NaoEncontrado for a link that is used, old or of nobody, ValorInvalido at ``senha`` (then the link still serves).
        """
        usar = update(T).where(T.resumo == links.resumir(token), T.usado_em.is_(None), T.expira_em > relogio.agora()).values(usado_em=relogio.agora())
        usuario_id = self.sessao.scalar(usar.returning(T.usuario_id).execution_options(synchronize_session=False))
        usuario = self.sessao.get(User, usuario_id) if usuario_id else None
        if usuario is None or not usuario.is_active:
            raise NaoEncontrado(_("Este link não vale mais."), codigo="link_invalido")
        senhas.conferir(senha, dados=senhas.dados_de(self.sessao, usuario))
        with agindo_como(usuario.id):
            UsuarioService(self.sessao).gravar_senha(usuario.id, senha)
            auditoria.registrar(self.sessao, "recuperar_senha", "ab_user", usuario.id)
        avisar_troca(self.sessao, usuario)
        return usuario
