"""Customers: registering, and the lock with which every verb that moves money, access or a contract begins."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.brasil.documentos import cnpj_valido, cpf_valido, normalizar_documento
from app.clientes.models import Cliente, StatusCliente, TipoPessoa
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido


def travar_cliente(sessao: Session, cliente_id: int) -> Cliente:
    """Lock the customer's row until the commit (FOR NO KEY UPDATE: children may still be inserted) and read it again.

    The first of the lock order cliente → contrato → ciclo_faturamento → invoice → cobranca → acesso_rede. Raises NaoEncontrado.
    """
    consulta = select(Cliente).where(Cliente.id == cliente_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    cliente = sessao.scalar(consulta)
    if cliente is None:
        raise NaoEncontrado(_("Cliente não encontrado."), cliente_id=cliente_id)
    return cliente


class ClienteService:
    """Verbs of customers."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def cadastrar(self, *, nome: str, cpf_cnpj: str, **dados: Any) -> Cliente:
        """Register a customer; the kind of person follows the document. Raises ValorInvalido, or Conflito when the document exists."""
        documento = normalizar_documento(cpf_cnpj)
        if not (cpf_valido(documento) or cnpj_valido(documento)):
            raise ValorInvalido(_("CPF ou CNPJ inválido."), campo="cpf_cnpj")
        existente = self.sessao.scalar(select(Cliente.id).where(Cliente.cpf_cnpj == documento))
        if existente is not None:
            raise Conflito(_("Já existe um cliente com este CPF ou CNPJ."), campo="cpf_cnpj", codigo="documento_repetido", cliente_id=existente)
        tipo = TipoPessoa.PF if len(documento) == 11 else TipoPessoa.PJ
        cliente = Cliente(nome=nome.strip(), cpf_cnpj=documento, tipo_pessoa=tipo, **dados)
        self.sessao.add(cliente)
        self.sessao.flush()
        return cliente

    def definir_status(self, cliente_id: int, status: StatusCliente) -> Cliente:
        """Set the status computed by whoever knows contracts and blocks (bloqueio.consultas.recalcular_status)."""
        cliente = travar_cliente(self.sessao, cliente_id)
        if cliente.status is not status:
            cliente.status = status
            self.sessao.flush()
        return cliente
