"""What a signed-in customer may see. Every query starts from ``clientes_a_ver``: there is no other way in."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.clientes.models import AcessoPortal, Cliente
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.core import configuracao
from app.core.documentos_pdf import qr_svg
from app.faturamento import documentos
from app.faturamento.estados import StatusInvoice, StatusPagamento
from app.faturamento.models import Invoice, Pagamento
from app.faturamento.regras import ultimo_vencimento_em_atraso, valor_atualizado
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede
from app.usuarios.ver_como import cliente_visto

ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
MOSTRADOS = (StatusContrato.ativo, StatusContrato.suspenso, StatusContrato.vencido)
SEM_CONEXAO = (EstadoAcesso.bloqueado, EstadoAcesso.suspenso, EstadoAcesso.encerrado)
MAXIMO, ULTIMAS_PAGAS = 24, 12


@dataclass(frozen=True)
class Fatura:
    """An open invoice: what is owed (reais), and the Pix code that pays exactly that, empty when there is no key.

    ``encargos``: fine and interest until today, which go to the next invoice; ``desconto``: what paying in time takes off.
    """

    invoice: Invoice
    vencida: bool
    pix: str
    encargos: Decimal
    desconto: Decimal

    @property
    def valor(self) -> Decimal:
        """What the Pix code pays."""
        return self.invoice.saldo - self.desconto

    @property
    def qr(self) -> Markup:
        """The code to be read by another telephone."""
        return qr_svg(self.pix, titulo=_("QR Code do Pix"))


@dataclass(frozen=True)
class Conexao:
    """A contract and what its access is now; None while no access was made."""

    contrato: Contrato
    acesso: EstadoAcesso | None

    @property
    def ligada(self) -> bool:
        """Whether the Internet works as far as the provider is concerned."""
        return self.contrato.status is StatusContrato.ativo and self.acesso not in SEM_CONEXAO

    @property
    def situacao(self) -> StatusContrato | EstadoAcesso:
        """The one word of the card: why there is no connection, or the contract's status."""
        ativo = self.contrato.status is StatusContrato.ativo
        return self.acesso if ativo and self.acesso in SEM_CONEXAO else self.contrato.status


@dataclass(frozen=True)
class Paga:
    """A paid invoice and the receipts of the money that paid it."""

    invoice: Invoice
    recibos: Sequence[Pagamento]


def clientes_a_ver(usuario_id: int) -> Select[tuple[int]]:
    """Ids of the customers the present request may see: those the person enters for, or the one an employee sees the portal as."""
    visto = cliente_visto()
    if visto is not None:
        return select(Cliente.id).where(Cliente.id == visto)
    return select(AcessoPortal.cliente_id).where(AcessoPortal.usuario_id == usuario_id)


def clientes(sessao: Session, usuario_id: int) -> Sequence[Cliente]:
    """The customers the person enters for."""
    return sessao.scalars(select(Cliente).where(Cliente.id.in_(clientes_a_ver(usuario_id))).order_by(Cliente.id)).all()


def faturas(sessao: Session, usuario_id: int, *, hoje: dt.date) -> list[Fatura]:
    """Open invoices, the oldest due first, at most 24."""
    consulta = select(Invoice).where(Invoice.cliente_id.in_(clientes_a_ver(usuario_id)), Invoice.status.in_(ABERTAS))
    feriados = configuracao.feriados_do_operador()
    limite = ultimo_vencimento_em_atraso(hoje, feriados)
    feitas = []
    for invoice in sessao.scalars(consulta.order_by(Invoice.data_vencimento, Invoice.id).limit(MAXIMO)):
        devido = valor_atualizado(invoice, hoje, feriados)
        pix = documentos.codigo_pix(invoice, documentos.dados_do_emitente(sessao, invoice), devido.desconto)
        feitas.append(Fatura(invoice, invoice.data_vencimento <= limite, pix, devido.multa + devido.juros, devido.desconto))
    return feitas


def pagas(sessao: Session, usuario_id: int) -> list[Paga]:
    """The last twelve invoices that were paid, the newest first."""
    dele = (Invoice.cliente_id.in_(clientes_a_ver(usuario_id)), Invoice.status == StatusInvoice.paga)
    invoices = sessao.scalars(select(Invoice).where(*dele).order_by(Invoice.data_vencimento.desc(), Invoice.id.desc()).limit(ULTIMAS_PAGAS)).all()
    recibos: dict[int, list[Pagamento]] = defaultdict(list)
    for pagamento in sessao.scalars(_recibos().where(Pagamento.invoice_id.in_([i.id for i in invoices])).order_by(Pagamento.id)):
        recibos[pagamento.invoice_id].append(pagamento)
    return [Paga(invoice, recibos[invoice.id]) for invoice in invoices]


def _recibos() -> Select[tuple[Pagamento]]:
    return select(Pagamento).where(Pagamento.status == StatusPagamento.confirmado)


def recibo_do_usuario(sessao: Session, usuario_id: int, pagamento_id: int) -> Pagamento | None:
    """A payment of the person's customers that was not reversed, or None."""
    dele = Invoice.cliente_id.in_(clientes_a_ver(usuario_id))
    return sessao.scalar(_recibos().join(Invoice, Invoice.id == Pagamento.invoice_id).where(Pagamento.id == pagamento_id, dele))


def conexoes(sessao: Session, usuario_id: int) -> list[Conexao]:
    """Contracts in force with the state of their access."""
    consulta = (
        select(Contrato, AcessoRede.desejado)
        .outerjoin(AcessoRede, AcessoRede.contrato_id == Contrato.id)
        .where(Contrato.cliente_id.in_(clientes_a_ver(usuario_id)), Contrato.status.in_(MOSTRADOS))
        .options(joinedload(Contrato.plano), joinedload(Contrato.endereco_instalacao))
        .order_by(Contrato.id)
        .limit(MAXIMO)
    )
    return [Conexao(contrato, acesso) for contrato, acesso in sessao.execute(consulta)]


def invoice_do_usuario(sessao: Session, usuario_id: int, invoice_id: int) -> Invoice | None:
    """An issued invoice of the person's customers, or None."""
    consulta = select(Invoice).where(Invoice.id == invoice_id, Invoice.cliente_id.in_(clientes_a_ver(usuario_id)), Invoice.status != StatusInvoice.draft)
    return sessao.scalar(consulta)
