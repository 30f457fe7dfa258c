"""Tables of the base layer: company, settings, holidays, files, timeline, audit, tasks, counters and the identity of the copy."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.modelos import Carimbo
from app.core.tipos import N_, Rotulado, coluna_enum, pk
from app.extensions import db

_ABERTO = {"sigilo": "aberto"}      # the provider's own, which is printed on every invoice


class TipoChavePix(Rotulado):
    """Kinds of Pix key (Bacen, Manual de Padrões para Iniciação do Pix)."""

    cpf = N_("CPF")
    cnpj = N_("CNPJ")
    email = N_("E-mail")
    telefone = N_("Telefone")
    aleatoria = N_("Aleatória")


class Empresa(Carimbo, db.Model):
    """The provider itself; more than one when it bills under several CNPJs. The one with the lowest id is the default."""

    __tablename__ = "empresa"

    id: Mapped[pk]
    razao_social: Mapped[str]
    nome_fantasia: Mapped[str | None]
    cnpj: Mapped[str] = mapped_column(sa.String(14), unique=True, info=_ABERTO)
    inscricao_estadual: Mapped[str | None] = mapped_column(sa.String(20))
    email: Mapped[str | None] = mapped_column(info=_ABERTO)
    telefone: Mapped[str | None] = mapped_column(sa.String(20), info=_ABERTO)
    site: Mapped[str | None]
    cep: Mapped[str | None] = mapped_column(sa.String(8))
    logradouro: Mapped[str | None]
    numero: Mapped[str | None] = mapped_column(sa.String(20))
    complemento: Mapped[str | None]
    bairro: Mapped[str | None]
    municipio: Mapped[str | None]
    uf: Mapped[str | None] = mapped_column(sa.String(2))
    chave_pix: Mapped[str | None] = mapped_column(sa.String(77), info=_ABERTO)
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("arquivo.id", ondelete="SET NULL"))
    matiz: Mapped[int] = mapped_column(sa.SmallInteger, server_default="255")
    ativo: Mapped[bool] = mapped_column(server_default=sa.true())

    __table_args__ = (CheckConstraint("matiz BETWEEN 0 AND 359", name="matiz"),)

    def __str__(self) -> str:
        return self.nome_fantasia or self.razao_social


class Configuracao(Carimbo, db.Model):
    """A setting that differs from the default declared in code (core.configuracao)."""

    __tablename__ = "configuracao"

    chave: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    valor: Mapped[object] = mapped_column(JSONB)


class Feriado(Carimbo, db.Model):
    """A holiday the operator adds beside the national bank holidays (municipal, local closing)."""

    __tablename__ = "feriado"

    id: Mapped[pk]
    data: Mapped[dt.date] = mapped_column(unique=True)
    nome: Mapped[str]

    def __str__(self) -> str:
        return f"{self.data:%d/%m/%Y} {self.nome}"


class Arquivo(db.Model):
    """A file kept as rows, so that a database backup is complete. Content in ArquivoParte, at most 1 MiB each."""

    __tablename__ = "arquivo"

    id: Mapped[pk]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    nome: Mapped[str]
    tipo: Mapped[str] = mapped_column(sa.String(100))
    tamanho: Mapped[int]
    dono_tabela: Mapped[str | None] = mapped_column(sa.String(63))
    dono_id: Mapped[int | None]
    expira_em: Mapped[dt.datetime | None] = mapped_column(index=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    criado_por_id: Mapped[int | None]

    __table_args__ = (Index("ix_arquivo_dono", "dono_tabela", "dono_id"),)

    def __str__(self) -> str:
        return self.nome


class ArquivoParte(db.Model):
    """One piece of a file, in order."""

    __tablename__ = "arquivo_parte"

    arquivo_id: Mapped[int] = mapped_column(ForeignKey("arquivo.id", ondelete="CASCADE"), primary_key=True)
    n: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    dados: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (CheckConstraint("octet_length(dados) <= 1048576", name="tamanho"),)


class Anexo(db.Model):
    """A file attached to any record."""

    __tablename__ = "anexo"

    id: Mapped[pk]
    tabela: Mapped[str] = mapped_column(sa.String(63))
    registro_id: Mapped[int]
    arquivo_id: Mapped[int] = mapped_column(ForeignKey("arquivo.id", ondelete="CASCADE"))
    arquivo: Mapped[Arquivo] = relationship()

    __table_args__ = (Index("ix_anexo_registro", "tabela", "registro_id"),)


class Evento(db.Model):
    """A fact on the timeline of a customer. Written by core.eventos.registrar, never changed."""

    __tablename__ = "evento"

    id: Mapped[pk]
    tipo: Mapped[str] = mapped_column(sa.String(60))
    cliente_id: Mapped[int | None] = mapped_column(BigInteger)      # no FK: bulk COPY of the billing run
    dados: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    em: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ator_id: Mapped[int | None]

    __table_args__ = (Index("ix_evento_cliente", "cliente_id", "id"),)


class UserAuditLog(db.Model):
    """Who changed what: before and after, in the same transaction. Partitioned by month; a trigger refuses every change of a row.

    Bulk runs write one row with the run's id, which the rows they made carry.
    """

    __tablename__ = "user_audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    timestamp: Mapped[dt.datetime] = mapped_column(primary_key=True, server_default=func.now())
    user_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(30))
    resource: Mapped[str] = mapped_column(sa.String(63))
    resource_id: Mapped[str | None] = mapped_column(sa.String(100))
    antes: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    depois: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    ip_address: Mapped[str | None] = mapped_column(sa.String(45))
    user_agent: Mapped[str | None] = mapped_column(sa.String(300))
    execucao_id: Mapped[int | None]
    rota: Mapped[str | None] = mapped_column(sa.String(120))            # endpoint, "job:name" or the command line
    request_id: Mapped[str | None] = mapped_column(sa.String(64))       # the same for all that one request, task or command did
    como_cliente_id: Mapped[int | None]                                 # an employee was looking as this customer

    __table_args__ = (
        Index("ix_user_audit_log_recurso", "resource", "resource_id"),
        Index("ix_user_audit_log_usuario", "user_id", "timestamp"),
        Index("ix_user_audit_log_request", "request_id"),
        Index("ix_user_audit_log_execucao", "execucao_id", postgresql_where=text("execucao_id IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (timestamp)"},
    )
    __mapper_args__ = {"primary_key": ["id"]}


class FiltroSalvo(Carimbo, db.Model):
    """A list's filters saved under a name, for one user or for all (usuario_id null)."""

    __tablename__ = "filtro_salvo"

    id: Mapped[pk]
    visao: Mapped[str] = mapped_column(sa.String(100))
    nome: Mapped[str] = mapped_column(sa.String(60))
    consulta: Mapped[str] = mapped_column(Text)
    usuario_id: Mapped[int | None] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("visao", "nome", "usuario_id"),)


class EstadoTarefa(Rotulado):
    """Life of a task."""

    pendente = N_("Pendente")
    publicada = N_("Na fila")
    executando = N_("Executando")
    feita = N_("Feita")
    morta = N_("Falhou")
    cancelada = N_("Cancelada")


class Tarefa(db.Model):
    """Outbox, occurrences of the schedule and executions in one table. The database is the truth; Redis only carries it."""

    __tablename__ = "tarefa"

    id: Mapped[pk]
    nome: Mapped[str] = mapped_column(sa.String(100))
    argumentos: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    chave: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    fila: Mapped[str] = mapped_column(sa.String(20), server_default="rapida")
    prioridade: Mapped[int] = mapped_column(sa.SmallInteger, server_default="5")
    estado: Mapped[EstadoTarefa] = mapped_column(coluna_enum(EstadoTarefa), server_default="pendente")
    quando: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    arrendada_ate: Mapped[dt.datetime | None]
    tentativas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="0")
    max_tentativas: Mapped[int] = mapped_column(sa.SmallInteger, server_default="8")
    erro: Mapped[str | None] = mapped_column(Text)
    cursor: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    progresso: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int | None]
    contagens: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    cancelar: Mapped[bool] = mapped_column(server_default=sa.false())
    agenda: Mapped[str | None] = mapped_column(sa.String(60))       # name in jobs/agenda.py when it is an occurrence of the schedule
    referencia: Mapped[dt.date | None]                              # the occurrence's own day: its `hoje`
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    iniciada_em: Mapped[dt.datetime | None]
    terminada_em: Mapped[dt.datetime | None]
    criado_por_id: Mapped[int | None]

    __table_args__ = (
        Index("ix_tarefa_pronta", "fila", "prioridade", "quando", postgresql_where=text("estado = 'pendente'")),
        Index("ix_tarefa_arrendada", "arrendada_ate", postgresql_where=text("estado IN ('publicada', 'executando')")),
        Index("ix_tarefa_agenda", "agenda", "referencia", postgresql_where=text("agenda IS NOT NULL")),
        Index("ix_tarefa_terminada", "terminada_em", postgresql_where=text("terminada_em IS NOT NULL")),
        Index("ix_tarefa_estado", "estado", "id"),
    )

    def __str__(self) -> str:
        return f"{self.nome} #{self.id}"


class EstadoAgenda(db.Model):
    """Up to when each job of the schedule was turned into tasks; survives the loss of Redis."""

    __tablename__ = "estado_agenda"

    nome: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    ultima: Mapped[dt.datetime]
    ativa: Mapped[bool] = mapped_column(server_default=sa.true())


class Pulso(db.Model):
    """Last sign of life of each kind of process (worker rapida, worker longa, clock)."""

    __tablename__ = "pulso"

    processo: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    em: Mapped[dt.datetime]


class Numeracao(db.Model):
    """Gapless yearly counters (contract numbers, protocols). Invoice numbers are a sequence instead."""

    __tablename__ = "numeracao"

    serie: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    proximo: Mapped[int]


class Instancia(db.Model):
    """Which installation this database believes it belongs to. One row. See core.instancia."""

    __tablename__ = "instancia"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, server_default="1", autoincrement=False)
    identidade: Mapped[str] = mapped_column(sa.String(64))
    public_url: Mapped[str]
    efeitos_ligados: Mapped[bool] = mapped_column(server_default=sa.true())
    confirmada_em: Mapped[dt.datetime | None]

    __table_args__ = (CheckConstraint("id = 1", name="unica"),)


class FeitoUmaVez(db.Model):
    """What was done for one opening of a form, by its key; forgotten after some days. See core.uma_vez."""

    __tablename__ = "feito_uma_vez"

    chave: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    resultado: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), index=True)
