"""Customers: registering, and the lock with which every verb that moves money, access or a contract begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.brasil.documentos import cnpj_valido, cpf_valido
from app.clientes.models import Cliente, StatusCliente, TipoPessoa
from app.core import eventos, relogio
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.core.tipos import N_

ANOTACAO_MAXIMA = 2000
NASCIDO_DESDE = dt.date(1900, 1, 1)
eventos.declarar("cliente_cadastrado", N_("Cliente cadastrado"), "user-plus")
eventos.declarar("anotacao", "{texto}", "message")


def travar_cliente(sessao: Session, cliente_id: int) -> Cliente:
    """Lock the customer's row until the commit (FOR NO KEY UPDATE: children may still be inserted) and read it again.

    The first of the lock order cliente → contrato → ciclo_faturamento → invoice → cobranca → acesso_rede. Raises NaoEncontrado.
    """
    consulta = select(Cliente).where(Cliente.id == cliente_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    cliente = sessao.scalar(consulta)
    if cliente is None:
        raise NaoEncontrado(_("Cliente não encontrado."), cliente_id=cliente_id)
    return cliente


def travar_clientes(sessao: Session, cliente_ids: Collection[int]) -> dict[int, Cliente]:
    """``travar_cliente`` for many at once, ids ascending; those that do not exist are left out."""
    consulta = select(Cliente).where(Cliente.id.in_(cliente_ids)).order_by(Cliente.id).with_for_update(key_share=True)
    return {c.id: c for c in sessao.scalars(consulta.execution_options(populate_existing=True))}


class ClienteService:
    """Verbs of customers."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def cadastrar(self, *, nome: str, cpf_cnpj: str, **dados: Any) -> Cliente:
        """Register a customer; the kind of person follows the document. Raises ValorInvalido, or Conflito when the document exists."""
        return self.incluir(Cliente(nome=nome.strip(), cpf_cnpj=cpf_cnpj, **dados))

    def incluir(self, cliente: Cliente) -> Cliente:
        """Register a customer already filled in (the form's): checks as ``cadastrar`` and the fact on the timeline."""
        return self.incluir_varios([cliente])[0]

    def incluir_varios(self, clientes: Sequence[Cliente]) -> list[Cliente]:
        """``incluir`` for many, in their order; raises for all of them what one of them raises."""
        if not all(c.nome for c in clientes):
            raise ValorInvalido(_("Informe o nome."), campo="nome")
        with self.sessao.no_autoflush:
            self._conferir_documentos(clientes)
        _conferir_nascimentos(clientes)
        self.sessao.add_all(clientes)
        self.sessao.flush()
        eventos.registrar_varios(self.sessao, "cliente_cadastrado", [(c.id, {}) for c in clientes])
        return list(clientes)

    def conferir_documento(self, cliente: Cliente) -> None:
        """A valid document that no other customer has, and a possible birth date; sets the kind of person.

        Raises ValorInvalido or Conflito (``dados["cliente_id"]`` has it).
        """
        self._conferir_documentos([cliente])
        _conferir_nascimentos([cliente])

    def _conferir_documentos(self, clientes: Sequence[Cliente]) -> None:
        consulta = select(Cliente.cpf_cnpj, Cliente.id).where(Cliente.cpf_cnpj.in_([c.cpf_cnpj or "" for c in clientes]))
        donos: dict[str, int | None] = dict(self.sessao.execute(consulta).all())
        for cliente in clientes:
            documento = cliente.cpf_cnpj or ""
            if not (cpf_valido(documento) or cnpj_valido(documento)):
                raise ValorInvalido(_("CPF ou CNPJ inválido: confira os números."), campo="cpf_cnpj")
            if documento in donos and (cliente.id is None or donos[documento] != cliente.id):
                raise Conflito(
                    _("Já existe um cliente com este CPF ou CNPJ."), campo="cpf_cnpj", codigo="documento_repetido", cliente_id=donos[documento],
                )
            donos[documento] = cliente.id
            cliente.tipo_pessoa = TipoPessoa.PF if len(documento) == 11 else TipoPessoa.PJ

    def anotar(self, cliente_id: int, texto: str) -> int:
        """Write an internal note on the timeline; returns the fact's id. Raises ValorInvalido without text, NaoEncontrado."""
        limpo = texto.replace("\0", "").strip()
        if not limpo:
            raise ValorInvalido(_("Escreva a anotação."), campo="texto")
        travar_cliente(self.sessao, cliente_id)
        return eventos.registrar(self.sessao, "anotacao", cliente_id=cliente_id, texto=limpo[:ANOTACAO_MAXIMA]).id

    def definir_status(self, devidos: Mapping[int, StatusCliente]) -> None:
        """Set the status of customers computed by whoever knows contracts and blocks (bloqueio.consultas.recalcular_status)."""
        clientes = travar_clientes(self.sessao, devidos.keys())
        for cliente in clientes.values():
            if cliente.status is not devidos[cliente.id]:
                cliente.status = devidos[cliente.id]
        self.sessao.flush()


def _conferir_nascimentos(clientes: Sequence[Cliente]) -> None:
    if any(c.data_nascimento and not NASCIDO_DESDE <= c.data_nascimento <= relogio.hoje() for c in clientes):
        raise ValorInvalido(_("Confira a data de nascimento: ela vai de 1900 até hoje."), campo="data_nascimento")
