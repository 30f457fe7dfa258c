"""What is written over or deleted, class by class. Statements only: what a mapped change writes to the audit trail would be the very data that must go.

Each function may run again and again, and returns how many rows it touched, by table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, delete, null, or_, select, update
from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio
from app.clientes.models import AcessoPortal, Cliente, Consentimento, Contato, Endereco
from app.contratos.models import Contrato, ContratoHistorico
from app.core.models import Anexo, Arquivo, Evento, FiltroSalvo
from app.faturamento.models import Cobranca, Credito, Invoice, Lancamento, Pagamento
from app.integracoes.models import ImportacaoLinha
from app.notificacoes.models import EnvioMensagem, Notificacao, OptOut, StatusNotificacao
from app.privacidade.models import PedidoTitular
from app.privacidade.regras import ClasseDado
from app.rede.models import AcessoRede, EventoRede
from app.usuarios.models import CodigoConfirmacao, DispositivoConfiavel, Perfil, SessaoUsuario, TokenRecuperacao
from app.usuarios.services import UsuarioService

NINGUEM = "anonimo.invalid"      # a domain of nobody (RFC 2606)
COM_PESSOA = ("anotacao", "mensagem_falhou", "portal_acesso_dado", "portal_acesso_retirado")      # facts whose data name somebody


@dataclass
class Apagador:
    """One customer on his way to ``codigo``: ``anon-`` and his key in nine hex digits, which say nothing of the document (its hash is soon guessed)."""

    sessao: Session
    cliente_id: int

    def __post_init__(self) -> None:
        self.codigo = f"anon-{self.cliente_id:09x}"
        self.contagens: Counter[str] = Counter()
        self.contratos = select(Contrato.id).where(Contrato.cliente_id == self.cliente_id)
        self.invoices = select(Invoice.id).where(Invoice.cliente_id == self.cliente_id)

    def fazer(self, classe: ClasseDado) -> None:
        """Everything of a class."""
        POR_CLASSE[classe](self)
        self.sessao.expire_all()

    def mudar(self, modelo: Any, *onde: ColumnElement[bool], **valores: Any) -> None:
        """Write over the rows that do not say it yet."""
        diferentes = or_(*(getattr(modelo, nome).is_distinct_from(valor) for nome, valor in valores.items()))
        self._executar(modelo, update(modelo).where(*onde, diferentes).values(valores))

    def tirar(self, modelo: Any, *onde: ColumnElement[bool]) -> None:
        """Delete."""
        self._executar(modelo, delete(modelo).where(*onde))

    def _executar(self, modelo: Any, comando: Any) -> None:
        feitas = self.sessao.execute(comando.execution_options(synchronize_session=False)).rowcount
        if feitas:
            self.contagens[modelo.__tablename__] += feitas


def _agora(a: Apagador) -> None:
    dele = Cliente.id == a.cliente_id
    documento, *enderecos = a.sessao.execute(select(Cliente.cpf_cnpj, Cliente.email, Cliente.telefone, Cliente.whatsapp).where(dele)).one()
    contatos = a.sessao.execute(select(Contato.email, Contato.telefone).where(Contato.cliente_id == a.cliente_id)).all()
    enderecos = [e for e in (*enderecos, *(e for contato in contatos for e in contato)) if e]
    a.tirar(OptOut, OptOut.destinatario.in_(enderecos))
    a.tirar(FiltroSalvo, or_(*(FiltroSalvo.consulta.contains(texto, autoescape=True) for texto in (documento, *enderecos))))
    a.tirar(CodigoConfirmacao, or_(CodigoConfirmacao.alvo == f"cliente:{a.cliente_id}", CodigoConfirmacao.destino.in_(enderecos)))
    a.tirar(Contato, Contato.cliente_id == a.cliente_id)
    usados = select(Contrato.endereco_instalacao_id).where(Contrato.cliente_id == a.cliente_id, Contrato.endereco_instalacao_id.is_not(None))
    a.tirar(Endereco, Endereco.cliente_id == a.cliente_id, Endereco.id.not_in(usados))
    a.mudar(Endereco, Endereco.cliente_id == a.cliente_id, latitude=None, longitude=None)
    vazios = dict.fromkeys(("nome_fantasia", "rg_ie", "data_nascimento", "email", "telefone", "whatsapp", "observacoes"))
    a.mudar(Cliente, dele, **vazios)
    a.mudar(Contrato, Contrato.cliente_id == a.cliente_id, senha_pppoe=None)
    _mensagens(a)
    a.mudar(Evento, Evento.cliente_id == a.cliente_id, Evento.tipo.in_(COM_PESSOA), dados={})
    a.mudar(ImportacaoLinha, ImportacaoLinha.cliente_id == a.cliente_id, dados=None, detalhe=None)
    _arquivos(a)
    _portal(a)


def _mensagens(a: Apagador) -> None:
    dele = Notificacao.cliente_id == a.cliente_id
    a.mudar(Notificacao, dele, Notificacao.status == StatusNotificacao.pendente, status=StatusNotificacao.cancelada)
    a.mudar(Notificacao, dele, destinatario=a.codigo, assunto=None, corpo=None, dados={}, anexos=[], erro=None)
    a.mudar(EnvioMensagem, EnvioMensagem.notificacao_id.in_(select(Notificacao.id).where(dele)), resposta=None)


def _arquivos(a: Apagador) -> None:
    """What was uploaded about him, and the copies of his data that were made for him."""
    anexos = select(Anexo.arquivo_id).where(Anexo.tabela == "cliente", Anexo.registro_id == a.cliente_id)
    pedidos = select(PedidoTitular.id).where(PedidoTitular.cliente_id == a.cliente_id)
    a.tirar(Arquivo, or_(
        Arquivo.id.in_(anexos), sa.and_(Arquivo.dono_tabela == "cliente", Arquivo.dono_id == a.cliente_id),
        sa.and_(Arquivo.dono_tabela == "pedido_titular", Arquivo.dono_id.in_(pedidos)),
    ))


def _portal(a: Apagador) -> None:
    """Accounts that enter for nobody else lose their names and can enter no more."""
    contas = a.sessao.scalars(select(AcessoPortal.usuario_id).where(AcessoPortal.cliente_id == a.cliente_id).order_by(AcessoPortal.usuario_id)).all()
    a.tirar(AcessoPortal, AcessoPortal.cliente_id == a.cliente_id)
    de_outros = select(AcessoPortal.usuario_id)
    for usuario_id in a.sessao.scalars(select(User.id).where(User.id.in_(contas), User.id.not_in(de_outros)).order_by(User.id)).all():
        nome = f"{a.codigo}-{usuario_id}"
        UsuarioService(a.sessao).encerrar_sessoes(usuario_id)
        foto = select(Perfil.foto_id).where(Perfil.usuario_id == usuario_id, Perfil.foto_id.is_not(None))
        a.tirar(Arquivo, Arquivo.id.in_(foto))
        a.mudar(Perfil, Perfil.usuario_id == usuario_id, totp_secret=null(), codigos_recuperacao=null())
        for modelo in (SessaoUsuario, DispositivoConfiavel, TokenRecuperacao):
            a.tirar(modelo, modelo.usuario_id == usuario_id)
        a.mudar(User, User.id == usuario_id, active=False, username=nome, email=f"{nome}@{NINGUEM}", first_name=a.codigo, last_name="", password="!")


def _conexao(a: Apagador) -> None:
    a.mudar(Contrato, Contrato.cliente_id == a.cliente_id, login_pppoe=None)
    a.mudar(AcessoRede, AcessoRede.contrato_id.in_(a.contratos), login=None)
    a.tirar(EventoRede, EventoRede.contrato_id.in_(a.contratos))


def _defesa(a: Apagador) -> None:
    a.tirar(Consentimento, Consentimento.cliente_id == a.cliente_id)
    a.mudar(Bloqueio, Bloqueio.contrato_id.in_(a.contratos), aviso_destinatario=None, explicacao=None, motivo_desbloqueio=None)
    a.tirar(Evento, Evento.cliente_id == a.cliente_id)


def _fiscal(a: Apagador) -> None:
    """Who it was; amounts, dates and municipality stay."""
    a.mudar(Invoice, Invoice.cliente_id == a.cliente_id, pagador_nome=a.codigo, pagador_documento=a.codigo, pagador_endereco="", observacoes=None)
    a.mudar(Pagamento, Pagamento.invoice_id.in_(a.invoices), observacoes=None)
    a.mudar(Cobranca, Cobranca.invoice_id.in_(a.invoices), linha_digitavel=None, codigo_barras=None, pix_copia_e_cola=None, url=None)
    a.mudar(Lancamento, Lancamento.cliente_id == a.cliente_id, motivo=None)
    a.mudar(Credito, Credito.cliente_id == a.cliente_id, motivo="")
    a.mudar(Contrato, Contrato.cliente_id == a.cliente_id, termo=None, motivo_cancelamento=None)
    a.mudar(ContratoHistorico, ContratoHistorico.contrato_id.in_(a.contratos), termo=None)
    vazio = {"cep": None, "logradouro": a.codigo, "numero": "", "complemento": None, "bairro": None}
    a.mudar(Endereco, Endereco.cliente_id == a.cliente_id, **vazio)
    pedidos = PedidoTitular.cliente_id == a.cliente_id
    a.mudar(PedidoTitular, pedidos, motivo="", resposta=None)
    a.mudar(Cliente, Cliente.id == a.cliente_id, nome=a.codigo, cpf_cnpj=a.codigo)


POR_CLASSE: Mapping[ClasseDado, Callable[[Apagador], None]] = {
    ClasseDado.agora: _agora, ClasseDado.conexao: _conexao, ClasseDado.defesa: _defesa, ClasseDado.fiscal: _fiscal,
}
