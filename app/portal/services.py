"""Who may enter the portal for which customer: accounts made, linked and taken back by the staff."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes.models import AcessoPortal, Cliente
from app.clientes.services import travar_cliente
from app.core import eventos
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.core.numeros import MAIOR_INTEIRO
from app.core.tipos import N_
from app.usuarios import consultas
from app.usuarios.services import UsuarioService

NOME_MAXIMO, SEM_CORREIO = 64, "portal.invalid"      # a domain of nobody (RFC 6761)
eventos.declarar("portal_acesso_dado", N_("Acesso ao portal dado a {usuario}"), "key")
eventos.declarar("portal_acesso_retirado", N_("Acesso ao portal retirado de {usuario}"), "key")


class PortalService:
    """Verbs of the customer's way in."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao
        self.usuarios = UsuarioService(sessao)

    def dar_acesso(self, cliente_id: int, *, usuario: str | None = None, email: str | None = None) -> tuple[User, str]:
        """A user of the role Cliente linked to the customer, and the first password, shown once and changed at the first entry.

        ``usuario`` is the customer's CPF or CNPJ (digits) and ``email`` the customer's when left out. An account that lost its last customer
        comes back with a new password. Raises ValorInvalido without an e-mail, Conflito when the user name or e-mail is somebody's.
        """
        cliente = travar_cliente(self.sessao, cliente_id)
        usuario, email = (usuario or cliente.cpf_cnpj).lower(), (email or cliente.email or "").lower()
        if not email:
            raise ValorInvalido(_("Informe um e-mail: o cliente não tem um no cadastro."), campo="email")
        antigo = consultas.achar(self.sessao, usuario)
        if antigo is not None and antigo.username == usuario and self._esquecido(antigo):
            pessoa, senha = antigo, self._trazer_de_volta(antigo, email)
        else:
            nome, _espaco, sobrenome = cliente.nome.partition(" ")
            pessoa, senha = self.usuarios.criar(
                usuario=usuario, email=email, nome=nome[:NOME_MAXIMO], sobrenome=sobrenome[:NOME_MAXIMO], papeis=[consultas.PAPEL_CLIENTE])
        self._ligar(cliente, pessoa)
        return pessoa, senha

    def registrar(self, cliente_id: int, *, senha: str) -> User:
        """The customer's own account, who proved who it is: user name = CPF or CNPJ, with the password chosen.

        Without an e-mail of its own (none on file, or somebody's account has it) it gets an address of nobody; mail goes to the customer's contact.
        Raises Conflito when somebody enters for this customer already: more people get in by that person or by the staff.
        """
        cliente = travar_cliente(self.sessao, cliente_id)
        if self.sessao.scalar(select(AcessoPortal.id).where(AcessoPortal.cliente_id == cliente_id).limit(1)) is not None:
            raise Conflito(_("Este cliente já tem acesso à área do cliente. Outras pessoas entram a pedido de quem já entra, pela nossa equipe."))
        livre = cliente.email and consultas.achar(self.sessao, cliente.email) is None
        pessoa, _provisoria = self.dar_acesso(cliente_id, email=cliente.email if livre else f"{cliente.cpf_cnpj.lower()}@{SEM_CORREIO}")
        self.usuarios.gravar_senha(pessoa.id, senha)
        return pessoa

    def ligar_usuario(self, cliente_id: int, usuario_id: int) -> AcessoPortal:
        """Let an existing user of the role Cliente enter for one more customer; linking again changes nothing.

        Raises NaoEncontrado, ValorInvalido for a user of the staff.
        """
        cliente = travar_cliente(self.sessao, cliente_id)
        pessoa = self.sessao.get(User, usuario_id) if usuario_id <= MAIOR_INTEIRO else None
        if pessoa is None:
            raise NaoEncontrado(_("Usuário não encontrado."), usuario_id=usuario_id)
        if not self._so_cliente(pessoa):
            raise ValorInvalido(_("Só um usuário com o papel Cliente do portal pode ser ligado."), campo="usuario")
        return self._ligar(cliente, pessoa)

    def retirar_acesso(self, acesso_id: int) -> Cliente:
        """Undo the link; a user who enters for nobody any more becomes inactive and is signed out. Raises NaoEncontrado."""
        cliente_id = self.sessao.scalar(select(AcessoPortal.cliente_id).where(AcessoPortal.id == acesso_id))
        cliente = travar_cliente(self.sessao, cliente_id) if cliente_id else None
        acesso = self.sessao.get(AcessoPortal, acesso_id, populate_existing=True) if cliente else None
        if acesso is None:
            raise NaoEncontrado(_("Acesso ao portal não encontrado."), acesso_id=acesso_id)
        pessoa = self.sessao.get_one(User, acesso.usuario_id)
        self.sessao.delete(acesso)
        self.sessao.flush()
        if self._esquecido(pessoa):
            pessoa.active = False
            self.usuarios.encerrar_sessoes(pessoa.id)
        eventos.registrar(self.sessao, "portal_acesso_retirado", cliente_id=cliente.id, usuario=pessoa.username)
        return cliente

    def _ligar(self, cliente: Cliente, pessoa: User) -> AcessoPortal:
        consulta = select(AcessoPortal).where(AcessoPortal.usuario_id == pessoa.id, AcessoPortal.cliente_id == cliente.id)
        if (existente := self.sessao.scalar(consulta)) is not None:
            return existente
        acesso = AcessoPortal(usuario_id=pessoa.id, cliente_id=cliente.id)
        self.sessao.add(acesso)
        self.sessao.flush()
        eventos.registrar(self.sessao, "portal_acesso_dado", cliente_id=cliente.id, usuario=pessoa.username)
        return acesso

    def _esquecido(self, pessoa: User) -> bool:
        """A customer's account that enters for nobody."""
        liga = select(AcessoPortal.id).where(AcessoPortal.usuario_id == pessoa.id).limit(1)
        return self._so_cliente(pessoa) and self.sessao.scalar(liga) is None

    def _so_cliente(self, pessoa: User) -> bool:
        papeis = {papel.name for papel in (*pessoa.roles, *(p for grupo in pessoa.groups for p in grupo.roles))}
        return papeis == {consultas.PAPEL_CLIENTE}

    def _trazer_de_volta(self, pessoa: User, email: str) -> str:
        dono = consultas.achar(self.sessao, email)
        if dono is not None and dono.id != pessoa.id:
            raise Conflito(_("Já existe um usuário com esse nome ou e-mail."), campo="email")
        pessoa.active, pessoa.email = True, email
        return self.usuarios.dar_senha(pessoa)
