"""Customers: people and companies, their addresses, contacts and consents, and who may enter the portal for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.brasil.documentos import normalizar_documento, normalizar_telefone
from app.core import sigilo
from app.core.busca import coluna_busca, coluna_ordem, indice_busca
from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk
from app.extensions import db

_DOCUMENTO, _TELEFONE, _EMAIL = {"sigilo": "documento"}, {"sigilo": "telefone"}, {"sigilo": "email"}


class TipoPessoa(Rotulado):
    """Natural or legal person."""

    PF = N_("Pessoa física")
    PJ = N_("Pessoa jurídica")


class StatusCliente(Rotulado):
    """Set by contratos and bloqueio only, never typed: bloqueado = every active contract is blocked."""

    prospecto = N_("Prospecto")
    ativo = N_("Ativo")
    bloqueado = N_("Bloqueado")
    inativo = N_("Inativo")


class TipoEndereco(Rotulado):
    """What an address is for."""

    instalacao = N_("Instalação")
    cobranca = N_("Cobrança")


class CanalContato(Rotulado):
    """Channels a consent is given for (LGPD)."""

    email = N_("E-mail")
    whatsapp = N_("WhatsApp")
    sms = N_("SMS")


class Cliente(Carimbo, db.Model):
    """A customer. Documents and telephones are stored normalised (no punctuation, CNPJ letters in capitals)."""

    __tablename__ = "cliente"

    id: Mapped[pk]
    tipo_pessoa: Mapped[TipoPessoa] = mapped_column(coluna_enum(TipoPessoa), server_default="PF")
    nome: Mapped[str]
    nome_fantasia: Mapped[str | None]
    cpf_cnpj: Mapped[str] = mapped_column(Text, unique=True, info=_DOCUMENTO)
    rg_ie: Mapped[str | None] = mapped_column(sa.String(30), info=_DOCUMENTO)
    data_nascimento: Mapped[dt.date | None] = mapped_column(info={"sigilo": "nascimento"})
    email: Mapped[str | None] = mapped_column(info=_EMAIL)
    telefone: Mapped[str | None] = mapped_column(sa.String(20), info=_TELEFONE)
    whatsapp: Mapped[str | None] = mapped_column(sa.String(20), info=_TELEFONE)
    status: Mapped[StatusCliente] = mapped_column(coluna_enum(StatusCliente), server_default="prospecto")
    observacoes: Mapped[str | None] = mapped_column(Text)
    ordem: Mapped[str] = coluna_ordem("nome")
    busca: Mapped[str] = coluna_busca("nome", "nome_fantasia", "cpf_cnpj", "email", "telefone", "substr(telefone, 3)", "whatsapp", "substr(whatsapp, 3)")

    enderecos: Mapped[list[Endereco]] = relationship(back_populates="cliente", order_by="Endereco.id")
    contatos: Mapped[list[Contato]] = relationship(back_populates="cliente", order_by="Contato.id")

    __table_args__ = (
        CheckConstraint("cpf_cnpj ~ '^([0-9]{11}|[0-9A-Z]{12}[0-9]{2}|anon-[0-9a-f]{9})$'", name="cpf_cnpj_normalizado"),
        CheckConstraint("nome <> ''", name="nome"),
        indice_busca("cliente"),
        Index("ix_cliente_ordem", "ordem", "id"),
        Index("ix_cliente_status", "status", "id"),
        Index("ix_cliente_status_ordem", "status", "ordem", "id"),
        Index("ix_cliente_created_at", "created_at", "id"),
    )

    @validates("cpf_cnpj")
    def _normalizar_documento(self, _chave: str, valor: str) -> str:
        return normalizar_documento(valor)

    @validates("telefone", "whatsapp")
    def _normalizar_telefone(self, _chave: str, valor: str | None) -> str | None:
        return (normalizar_telefone(valor) or valor) if valor else None      # what has no digit is for ``conferir_contato`` to refuse

    @validates("email")
    def _normalizar_email(self, _chave: str, valor: str | None) -> str | None:
        return valor.strip().lower() or None if valor else None

    @property
    def documento(self) -> str:
        """CPF or CNPJ with its punctuation, masked for who may not see it."""
        return sigilo.documento(self.cpf_cnpj)

    def __str__(self) -> str:
        return self.nome


class Endereco(Carimbo, db.Model):
    """An address of a customer. ``codigo_ibge`` is the municipality's 7 digits."""

    __tablename__ = "endereco"

    id: Mapped[pk]
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    tipo: Mapped[TipoEndereco] = mapped_column(coluna_enum(TipoEndereco), server_default="instalacao")
    cep: Mapped[str | None] = mapped_column(sa.String(8))
    logradouro: Mapped[str]
    numero: Mapped[str] = mapped_column(sa.String(20), server_default="S/N")
    complemento: Mapped[str | None]
    bairro: Mapped[str | None]
    municipio: Mapped[str]
    uf: Mapped[str] = mapped_column(sa.String(2))
    codigo_ibge: Mapped[str | None] = mapped_column(sa.String(7))
    latitude: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 6))

    cliente: Mapped[Cliente] = relationship(back_populates="enderecos")

    __table_args__ = (Index("ix_endereco_cliente", "cliente_id", "id"), Index("ix_endereco_municipio", "uf", "municipio", "bairro"))

    def __str__(self) -> str:
        partes = [f"{self.logradouro}, {self.numero}", self.complemento, self.bairro, f"{self.municipio}/{self.uf}"]
        return " – ".join(p for p in partes if p)


class Contato(Carimbo, db.Model):
    """Another person to speak to about a customer."""

    __tablename__ = "contato"

    id: Mapped[pk]
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    nome: Mapped[str]
    papel: Mapped[str | None] = mapped_column(sa.String(60))
    email: Mapped[str | None] = mapped_column(info=_EMAIL)
    telefone: Mapped[str | None] = mapped_column(sa.String(20), info=_TELEFONE)
    recebe_faturas: Mapped[bool] = mapped_column(server_default=sa.false())

    cliente: Mapped[Cliente] = relationship(back_populates="contatos")

    __table_args__ = (Index("ix_contato_cliente", "cliente_id", "id"),)

    def __str__(self) -> str:
        return self.nome


class Consentimento(Carimbo, db.Model):
    """LGPD: a customer's yes or no for a channel, dated; the newest counts."""

    __tablename__ = "consentimento"

    id: Mapped[pk]
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"))
    canal: Mapped[CanalContato] = mapped_column(coluna_enum(CanalContato))
    finalidade: Mapped[str] = mapped_column(sa.String(60))
    concedido: Mapped[bool]
    em: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    origem: Mapped[str] = mapped_column(sa.String(60))
    versao_texto: Mapped[str | None] = mapped_column(sa.String(40))
    evidencia: Mapped[str | None] = mapped_column(Text)

    cliente: Mapped[Cliente] = relationship()

    __table_args__ = (Index("ix_consentimento_cliente", "cliente_id", "canal", "id"),)


class OQueViu(Rotulado):
    """How somebody came to see a customer's personal data."""

    pagina = N_("Página do cliente")
    documento = N_("Documento mostrado a pedido")
    api = N_("API")
    exportacao = N_("Lista exportada")
    titular = N_("Arquivo com todos os dados")
    portal = N_("Portal, como o cliente")
    tela = N_("Outra tela com o documento")
    lista = N_("Lista com documentos")


class AcessoDadoPessoal(db.Model):
    """Who saw whose personal data, once per hour and kind (of a list: once per hour and route). A trigger refuses every change, and deleting before 5 years."""

    __tablename__ = "acesso_dado_pessoal"

    id: Mapped[pk]
    cliente_id: Mapped[int | None] = mapped_column(BigInteger)      # null: a list
    usuario_id: Mapped[int]
    em: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    hora: Mapped[dt.datetime]
    o_que: Mapped[OQueViu] = mapped_column(coluna_enum(OQueViu))
    rota: Mapped[str | None] = mapped_column(sa.String(200))

    __table_args__ = (
        UniqueConstraint("cliente_id", "usuario_id", "o_que", "hora"),
        Index("uq_acesso_dado_pessoal_lista", "usuario_id", "rota", "hora", unique=True, postgresql_where=sa.text("o_que = 'lista'")),
        Index("ix_acesso_dado_pessoal_usuario", "usuario_id", "id"), Index("ix_acesso_dado_pessoal_em", "em"),
    )


class AcessoPortal(Carimbo, db.Model):
    """Which user enters the portal for which customer; several people per company, several companies per person."""

    __tablename__ = "acesso_portal"

    id: Mapped[pk]
    usuario_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    cliente_id: Mapped[int] = mapped_column(ForeignKey("cliente.id"), index=True)
    papel: Mapped[str] = mapped_column(sa.String(20), server_default="titular")

    __table_args__ = (UniqueConstraint("usuario_id", "cliente_id"),)
