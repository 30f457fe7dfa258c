"""What the verbs share: locks, the policy in force, lower services, and the moment of a date."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bloqueio.services import BloqueioService
from app.clientes.models import Cliente
from app.clientes.services import travar_cliente
from app.contratos.services import ContratoService
from app.core import relogio
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.models import Empresa
from app.faturamento.models import Invoice, PoliticaCobranca
from app.faturamento.motor import leitura
from app.faturamento.motor.telefones import telefones_de
from app.notificacoes.models import Canal
from app.notificacoes.services import NotificacaoService
from app.rede.services import RedeService


class Base:
    """Constructor and helpers of every group of verbs."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao
        self.contratos = ContratoService(sessao)
        self.rede = RedeService(sessao)
        self.bloqueios = BloqueioService(sessao)
        self.notificacoes = NotificacaoService(sessao)

    @property
    def politica(self) -> PoliticaCobranca:
        """The policy marked as default. Raises RegraViolada when there is none."""
        politica = self.sessao.scalar(select(PoliticaCobranca).where(PoliticaCobranca.padrao))
        if politica is None:
            raise RegraViolada(_("Nenhuma política de cobrança está em vigor."), codigo="sem_politica")
        return politica

    def exigir_emissao(self, em: dt.date) -> None:
        """Raise RegraViolada unless invoices may be issued on ``em``: not in the future, and a company with its CNPJ issues them."""
        if em > relogio.hoje():
            raise RegraViolada(_("Não se emite com data futura: a rodada é de hoje ou de um dia que passou."), codigo="emissao_futura", campo="referencia")
        if not self.sessao.scalar(select(Empresa.id).where(Empresa.razao_social != "", Empresa.cnpj != "").limit(1)):
            raise RegraViolada(_("Cadastre a empresa (razão social e CNPJ) antes de emitir faturas."), codigo="sem_empresa")

    def _travar_invoice(self, invoice_id: int) -> Invoice:
        """Lock the invoice's customer, then the invoice, and read it again."""
        cliente_id = self.sessao.scalar(select(Invoice.cliente_id).where(Invoice.id == invoice_id))
        if cliente_id is None:
            raise NaoEncontrado(_("Fatura não encontrada."), invoice_id=invoice_id)
        travar_cliente(self.sessao, cliente_id)
        consulta = select(Invoice).where(Invoice.id == invoice_id).with_for_update(key_share=True).execution_options(populate_existing=True)
        return self.sessao.scalars(consulta).one()

    def _avisar(self, evento: str, cliente: Cliente, *, chave: str, invoice: Invoice | None = None, dados: dict[str, str] | None = None) -> None:
        """A message to the customer by mail, when he has an address, and by each telephone by which he is told of such things."""
        destinos = [(Canal.email, cliente.email, chave)] if cliente.email else []
        numeros = telefones_de(leitura.cursor(self.sessao), evento, [cliente.id]).get(cliente.id, ())
        for canal, para, dela in [*destinos, *((Canal[nome], numero, f"{chave}:{nome}") for nome, numero in numeros)]:
            self.notificacoes.agendar(
                evento, chave=dela, destinatario=para, canal=canal, cliente_id=cliente.id, invoice_id=invoice and invoice.id,
                dados={"nome": cliente.nome, **(dados or {})},
            )


def momento(em: dt.date) -> dt.datetime:
    """The instant at which something of the day ``em`` happens: now, unless the day is still to come."""
    return relogio.agora() if em <= relogio.hoje() else relogio.instante(em)
