"""The network as the CRM knows it: sites, access servers, each contract's desired and applied access, outages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.contratos.models import Contrato
from app.core import auditoria, relogio
from app.core.busca import coluna_ordem
from app.core.cifra import TextoCifrado
from app.core.modelos import Carimbo
from app.core.tipos import N_, coluna_enum, pk, regra
from app.extensions import db
from app.rede.estados import EstadoAcesso, MomentoIncidente, SemServidor, SituacaoIncidente, TipoServidor


class Pop(Carimbo, db.Model):
    """A site of the network."""

    __tablename__ = "pop"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(unique=True)
    endereco: Mapped[str | None]
    municipio: Mapped[str | None]
    uf: Mapped[str | None] = mapped_column(sa.String(2))
    latitude: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 6))
    ordem: Mapped[str] = coluna_ordem("nome")

    __table_args__ = (Index("ix_pop_ordem", "ordem", "id"),)

    def __str__(self) -> str:
        return self.nome


class Servidor(Carimbo, db.Model):
    """An access server (NAS). Its secret is encrypted and never shown again."""

    __tablename__ = "servidor"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(unique=True)
    pop_id: Mapped[int | None] = mapped_column(ForeignKey("pop.id"), index=True)
    ip: Mapped[str] = mapped_column(sa.String(45))
    tipo: Mapped[TipoServidor] = mapped_column(coluna_enum(TipoServidor), server_default="simulado")
    usuario: Mapped[str | None] = mapped_column(sa.String(64))
    segredo: Mapped[str | None] = mapped_column(TextoCifrado, deferred=True)
    porta_coa: Mapped[int] = mapped_column(sa.Integer, server_default="3799")
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())
    ultimo_contato_em: Mapped[dt.datetime | None]
    ultimo_erro: Mapped[str | None] = mapped_column(Text)
    pausado_ate: Mapped[dt.datetime | None]
    ordem: Mapped[str] = coluna_ordem("nome")

    pop: Mapped[Pop | None] = relationship()

    __table_args__ = (regra("porta_coa BETWEEN 1 AND 65535", "porta_coa", N_("A porta vai de 1 a 65535.")), Index("ix_servidor_ordem", "ordem", "id"))

    def __str__(self) -> str:
        return self.nome


class AcessoRede(db.Model):
    """What the network must be for a contract (desejado, versao) and what it is known to be (aplicado, versao_aplicada)."""

    __tablename__ = "acesso_rede"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(ForeignKey("contrato.id"), unique=True)
    servidor_id: Mapped[int | None] = mapped_column(ForeignKey("servidor.id"), index=True)
    login: Mapped[str | None] = mapped_column(sa.String(64), info={"sigilo": "aberto"})
    grupo: Mapped[str | None] = mapped_column(sa.String(64))
    desejado: Mapped[EstadoAcesso] = mapped_column(coluna_enum(EstadoAcesso, nome="desejado"), server_default="liberado")
    aplicado: Mapped[EstadoAcesso | None] = mapped_column(coluna_enum(EstadoAcesso, nome="aplicado"))
    versao: Mapped[int] = mapped_column(server_default="1")
    versao_aplicada: Mapped[int] = mapped_column(server_default="0")
    mudou_em: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    aplicado_em: Mapped[dt.datetime | None]
    tentativas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    proxima: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    reservado_ate: Mapped[dt.datetime | None]
    erro: Mapped[str | None] = mapped_column(Text)

    contrato: Mapped[Contrato] = relationship()
    servidor: Mapped[Servidor | None] = relationship()

    __table_args__ = (Index("ix_acesso_rede_pendente", "proxima", "id", postgresql_where=text("versao <> versao_aplicada")),)

    @property
    def esta(self) -> EstadoAcesso | SemServidor | None:
        """What the access is known to be; without a server nothing was done to it."""
        return self.aplicado if self.servidor_id else SemServidor.sem_servidor

    def __str__(self) -> str:
        return self.login or f"#{self.contrato_id}"


class EventoRede(db.Model):
    """What was done to the network for a contract, and what the server answered. Never changed."""

    __tablename__ = "evento_rede"

    id: Mapped[pk]
    contrato_id: Mapped[int] = mapped_column(BigInteger)
    servidor_id: Mapped[int | None]
    acao: Mapped[str] = mapped_column(sa.String(40))
    ok: Mapped[bool]
    detalhe: Mapped[str | None] = mapped_column(Text)
    em: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())

    __table_args__ = (Index("ix_evento_rede_contrato", "contrato_id", "id"),)

    @property
    def acao_rotulo(self) -> str:
        """The order as people say it: the label of the state that was asked for."""
        estado = EstadoAcesso.__members__.get(self.acao)
        return estado.rotulo if estado else self.acao


class Incidente(Carimbo, db.Model):
    """An outage: while it is open, blocking pauses for the customers of its POP, server or neighbourhoods."""

    __tablename__ = "incidente"

    id: Mapped[pk]
    titulo: Mapped[str]
    descricao: Mapped[str | None] = mapped_column(Text)
    situacao: Mapped[SituacaoIncidente] = mapped_column(coluna_enum(SituacaoIncidente), server_default="aberto")
    pop_id: Mapped[int | None] = mapped_column(ForeignKey("pop.id"), index=True)
    servidor_id: Mapped[int | None] = mapped_column(ForeignKey("servidor.id"), index=True)
    municipio: Mapped[str | None]
    bairro: Mapped[str | None]
    inicio: Mapped[dt.datetime] = mapped_column(server_default=sa.func.now())
    previsao: Mapped[dt.datetime | None]
    fim: Mapped[dt.datetime | None]

    pop: Mapped[Pop | None] = relationship()
    servidor: Mapped[Servidor | None] = relationship()

    __table_args__ = (
        regra("fim IS NULL OR fim >= inicio", "periodo", N_("O fim não pode ser antes do início.")),
        Index("ix_incidente_situacao", "situacao", "id"),
    )

    @property
    def momento(self) -> MomentoIncidente:
        """What to tell people about it now."""
        if self.situacao is SituacaoIncidente.aberto and self.inicio > relogio.agora():
            return MomentoIncidente.programado
        return MomentoIncidente[self.situacao.name]

    @property
    def area(self) -> str:
        """Whom it reaches: site, server, municipality and neighbourhood, as far as they were said."""
        lugar = f"{self.municipio} ({self.bairro})" if self.bairro else self.municipio
        return " · ".join(str(parte) for parte in (self.pop, self.servidor, lugar) if parte)

    def __str__(self) -> str:
        return self.titulo


auditoria.sem_historico(
    "acesso_rede", "versao", "versao_aplicada", "aplicado", "aplicado_em", "tentativas", "proxima", "reservado_ate", "erro",
    motivo="how an order is carried out: each attempt is a row of evento_rede")
auditoria.sem_historico("servidor", "ultimo_contato_em", "ultimo_erro", "pausado_ate", motivo="whether the server answers: each attempt is in evento_rede")
