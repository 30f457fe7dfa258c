"""A customer makes the own account of the portal: who reads at the address on file is the customer.

What a stranger may see is the same for every document: nothing here answers before the code does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.brasil.documentos import mascarar_documento, normalizar_documento
from app.clientes.models import AcessoPortal, Cliente, StatusCliente
from app.contratos.models import Contrato
from app.core import limites, relogio, sigilo, tarefas
from app.core.erros import NaoEncontrado
from app.core.limites import Limite
from app.core.tipos import N_
from app.core.transacao import transacao
from app.notificacoes.ambiente import tem_saida
from app.notificacoes.models import Canal, CanalEnvio
from app.notificacoes.services import NotificacaoService
from app.portal.services import PortalService
from app.usuarios import links, recuperacao, senhas
from app.usuarios.codigos import CodigoService

ENVIAR_CODIGO, FINALIDADE = "enviar_codigo_cadastro", "cadastro"
CADASTRO_ENDERECO = limites.declarar(Limite("cadastro_endereco", N_("Cadastros no portal, por endereço"), livres=10))
CADASTRO_DOCUMENTO = limites.declarar(Limite(
    "cadastro_documento", N_("Cadastros no portal, por documento"), livres=4, de=limites.Quem.documento, espera=dt.timedelta(minutes=5)))
CODIGO_ENDERECO = limites.declarar(Limite("codigo_endereco", N_("Códigos errados no cadastro do portal, por endereço"), livres=10))
_DE_TELEFONE = (Canal.whatsapp, Canal.sms)
_FIM_DO_TELEFONE = -8      # digits without area code and the mobile's 9, as people remember them


def canais(sessao: Session) -> list[Canal]:
    """Ways a code can be asked for: e-mail, and what else has a provider that is not stopped."""
    linhas = sessao.scalars(select(CanalEnvio).where(CanalEnvio.canal.in_(_DE_TELEFONE)).order_by(CanalEnvio.canal))
    return [Canal.email, *(linha.canal for linha in linhas if tem_saida(linha.canal, linha))]


def pedir_codigo(documento: str, canal: Canal) -> None:
    """Have a code sent if the document is a customer's who reads in that channel. Whether it is, a task finds out: here the same statements run
    for every document. More than a few in a row for one document are not sent. Opens its own transactions."""
    documento = normalizar_documento(documento)
    livre = not limites.tentar(CADASTRO_DOCUMENTO, f"{sigilo.mascarar_documento(documento)} {links.resumir(documento)[:16]}").espera
    with transacao() as sessao:
        cliente_id = sessao.scalar(select(Cliente.id).where(Cliente.cpf_cnpj == documento))
        tarefas.agendar(sessao, ENVIAR_CODIGO, cliente_id=cliente_id if livre else None, canal=canal.name)


def contato(cliente: Cliente, canal: Canal) -> str | None:
    """The customer's address in a channel."""
    return {Canal.email: cliente.email, Canal.whatsapp: cliente.whatsapp or cliente.telefone, Canal.sms: cliente.telefone}.get(canal)


def dados_do_cliente(cliente: Cliente) -> list[str | None]:
    """What a password of the customer may not be made of."""
    telefones = [t[_FIM_DO_TELEFONE:] for t in (cliente.telefone, cliente.whatsapp) if t]
    return [cliente.nome, cliente.nome_fantasia, cliente.cpf_cnpj, cliente.email, *telefones, *senhas.datas(cliente.data_nascimento)]


def _da_pessoa(sessao: Session, usuario_id: int) -> Sequence[Cliente]:
    consulta = select(Cliente).join(AcessoPortal, AcessoPortal.cliente_id == Cliente.id).where(AcessoPortal.usuario_id == usuario_id)
    return sessao.scalars(consulta.order_by(AcessoPortal.id)).all()


def _contato_da_pessoa(sessao: Session, usuario_id: int) -> tuple[Canal, str] | None:
    pares = [(canal, para) for canal in canais(sessao) for cliente in _da_pessoa(sessao, usuario_id) if (para := contato(cliente, canal))]
    return next(iter(pares), None)


senhas.conhecer(lambda sessao, usuario_id: [dado for cliente in _da_pessoa(sessao, usuario_id) for dado in dados_do_cliente(cliente)])
recuperacao.contato_por(_contato_da_pessoa)


class CadastroService:
    """Verbs of a customer's own registration."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def enviar_codigo(self, cliente_id: int, *, canal: str) -> bool:
        """Send the code, or, when somebody enters for this customer already, the word that it is so. False when nothing was sent."""
        cliente = self.sessao.get(Cliente, cliente_id)
        para = contato(cliente, Canal[canal]) if cliente is not None and self._pode(cliente) else None
        if para is None:
            return False
        if self._tem_acesso(cliente_id):
            self._dizer_que_tem(cliente, Canal[canal], para)
        else:
            CodigoService(self.sessao).enviar(FINALIDADE, _alvo(cliente_id), destino=para, canal=Canal[canal], cliente_id=cliente_id)
        return True

    def conferir(self, documento: str, codigo: str) -> tuple[int, int] | None:
        """(customer, code) when the code is right for the document. A wrong one counts as a try, and that must be committed."""
        cliente_id = self.sessao.scalar(select(Cliente.id).where(Cliente.cpf_cnpj == normalizar_documento(documento)))
        codigo_id = CodigoService(self.sessao).conferir(FINALIDADE, _alvo(cliente_id or 0), codigo)
        return (cliente_id, codigo_id) if cliente_id and codigo_id else None

    def concluir(self, cliente_id: int, codigo_id: int, *, senha: str) -> User:
        """Use up the code and make the account: user name = document, linked to the customer.

        Raises NaoEncontrado when the code served meanwhile, ValorInvalido at ``senha`` (then the code still serves), Conflito when somebody
        enters for the customer already.
        """
        cliente = self.sessao.get_one(Cliente, cliente_id)
        senhas.conferir(senha, dados=dados_do_cliente(cliente))
        if not CodigoService(self.sessao).usar(codigo_id):
            raise NaoEncontrado(_("Código errado ou vencido."), codigo="codigo_errado")
        return PortalService(self.sessao).registrar(cliente_id, senha=senha)

    def _pode(self, cliente: Cliente) -> bool:
        if cliente.status is not StatusCliente.inativo:
            return True
        return self.sessao.scalar(select(Contrato.id).where(Contrato.cliente_id == cliente.id).limit(1)) is not None

    def _tem_acesso(self, cliente_id: int) -> bool:
        return self.sessao.scalar(select(AcessoPortal.id).where(AcessoPortal.cliente_id == cliente_id).limit(1)) is not None

    def _dizer_que_tem(self, cliente: Cliente, canal: Canal, para: str) -> None:
        enderecos = {"entrar": links.endereco("/login/"), "recuperar": links.endereco("/recuperar/")}
        dados = {"nome": cliente.nome, "documento": mascarar_documento(cliente.cpf_cnpj), **enderecos}
        chave = f"portal_ja_existe:{cliente.id}:{relogio.agora():%Y%m%d%H%M%S%f}"
        NotificacaoService(self.sessao).agendar("portal_ja_existe", chave=chave, destinatario=para, canal=canal, cliente_id=cliente.id, dados=dados)


def _alvo(cliente_id: int) -> str:
    return f"cliente:{cliente_id}"
