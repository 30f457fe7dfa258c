"""The way most systems bill: an entity per row, a query per question, a commit per invoice. Only a yardstick."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from app.core import eventos, relogio
from app.core.transacao import transacao
from app.faturamento.estados import StatusInvoice, TipoItem
from app.faturamento.models import CicloFaturamento, ContratoCiclo, Invoice, ItemInvoice
from app.faturamento.motor.escrita import txid
from app.faturamento.regras import periodos
from app.notificacoes.services import NotificacaoService
from bench.base import HOJE


def faturar_um_a_um(quantas: int) -> int:
    """Bill that many due cycles, each in its own transaction."""
    with transacao() as sessao:
        ids = sessao.scalars(select(CicloFaturamento.id).where(CicloFaturamento.proximo_vencimento <= HOJE + dt.timedelta(days=10)).limit(quantas)).all()
    for ciclo_id in ids:
        with transacao() as sessao:
            _faturar(sessao, ciclo_id)
            sessao.expunge_all()
    return len(ids)


def _faturar(sessao, ciclo_id: int) -> None:
    ciclo = sessao.get_one(CicloFaturamento, ciclo_id, with_for_update={"key_share": True})
    cliente = ciclo.cliente
    ps = periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
    contratos = [x.contrato for x in sessao.scalars(select(ContratoCiclo).where(ContratoCiclo.ciclo_faturamento_id == ciclo.id))]
    invoice = Invoice(
        cliente_id=cliente.id, ciclo_faturamento_id=ciclo.id, competencia_inicio=ps.atual.inicio, competencia_fim=ps.atual.fim, data_emissao=HOJE,
        data_vencimento=ciclo.proximo_vencimento, valor_total=sum(c.preco for c in contratos), status=StatusInvoice.emitida, pagador_nome=cliente.nome,
        pagador_documento=cliente.cpf_cnpj, pagador_endereco=str(cliente.enderecos[0]), txid_pix=f"ORM{ciclo_id:012d}",
    )
    sessao.add(invoice)
    sessao.flush()
    invoice.txid_pix = txid(invoice.numero)
    for c in contratos:
        chave = f"c{c.id}:plano:{c.plano_id}:{ps.atual.inicio}"
        sessao.add(ItemInvoice(
            invoice_id=invoice.id, contrato_id=c.id, descricao=c.plano.nome, valor_unitario=c.preco, valor_total=c.preco, tipo=TipoItem.plano,
            periodo_inicio=ps.atual.inicio, periodo_fim=ps.atual.fim, chave=chave,
        ))
    ciclo.proximo_vencimento = ps.proximo
    eventos.registrar(sessao, "invoice_emitida", cliente_id=cliente.id, invoice_id=invoice.id, numero=str(invoice.numero))
    if cliente.email:
        dados = {"nome": cliente.nome, "numero": str(invoice.numero)}
        NotificacaoService(sessao).agendar(
            "fatura_emitida", chave=f"fatura_emitida:{invoice.id}", destinatario=cliente.email, cliente_id=cliente.id, invoice_id=invoice.id, dados=dados,
            quando=relogio.agora(),
        )
