"""What the lines of an invoice are owed after all that happened to their contracts since: what issuing it again bills, and what cancelling it undoes.

Every act on a contract settles what was billed (``Acertos``), so that at any moment *billed + settled = owed by the days*. A cancelled invoice bills
nothing, so its part of the settlements goes too; issued again, it bills what the days are owed, and nothing is left to settle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import select

from app.contratos.estados import Cobranca
from app.contratos.historia import pausas, vigencias
from app.contratos.models import Contrato, ContratoItem
from app.core.datas import UM_DIA
from app.core.dinheiro import ZERO
from app.core.idiomas import da_casa
from app.faturamento import regras
from app.faturamento.estados import SituacaoItem, StatusLancamento, TipoItem, TipoLancamento
from app.faturamento.models import CicloFaturamento, Invoice, ItemInvoice, Lancamento
from app.faturamento.services.acertos import Acertos
from app.faturamento.services.lancamentos import Lancamentos

DE_PERIODO = (TipoItem.plano, TipoItem.desconto, TipoItem.servico)


class LinhasDevidas(Lancamentos, Acertos):
    """Lines of a period as their days are owed."""

    def _linhas_devidas(self, invoice: Invoice) -> list[regras.Item]:
        """The lines of an invoice of a cycle, each day at its price, without the days that its contract's end or pause took away."""
        ciclo, linhas = invoice.ciclo_faturamento, []
        for item in invoice.itens:
            if _de_periodo(item) and item.situacao is not SituacaoItem.devolvida:
                linhas += self._devidas(ciclo, item)
        return linhas

    def _devidas(self, ciclo: CicloFaturamento, item: ItemInvoice) -> Iterator[regras.Item]:
        contrato, de, periodo = item.contrato, item.periodo_inicio, self._periodo_de(ciclo, item.periodo_inicio)
        ate, regra = self._ultimo_devido(contrato, item), self._regra_do_ciclo(ciclo, periodo)
        if item.tipo is TipoItem.servico:
            contratado = self._contratado(item)
            dados = regras.DadosItem(contratado.id, contrato.id, contratado.adicional.nome, contratado.quantidade, contratado.preco, de, contratado.ate)
            yield from (i for i in regras.itens_do_periodo(regra, self._dados(contrato, de, ate), [dados], periodo) if i.tipo == "servico")
            return
        for v in vigencias(self.sessao, contrato, de, ate):
            dados = regras.DadosContrato(
                contrato.id, v.plano_id, v.plano_nome, v.preco, contrato.desconto, contrato.desconto_ate, contrato.cobranca is Cobranca.antecipada, v.de, v.ate)
            yield from (i for i in regras.itens_do_periodo(regra, dados, (), periodo) if i.tipo == item.tipo.name)

    def _ultimo_devido(self, contrato: Contrato, item: ItemInvoice) -> dt.date:
        """The line's last day with service: pauses that began inside it end it, for what comes after them is billed by itself."""
        depois = [p.de - UM_DIA for p in pausas(self.sessao, contrato.id) if p.de > item.periodo_inicio]
        return min([item.periodo_fim, *depois, *([contrato.data_fim] if contrato.data_fim else [])])

    def _contratado(self, item: ItemInvoice) -> ContratoItem:
        """The additional service that a line bills."""
        return self.sessao.get_one(ContratoItem, int(item.chave.split(":")[2]))

    # ---- cancelling

    def _desfazer_acertos(self, invoice: Invoice) -> None:
        """Undo what was settled on the lines of an invoice that is cancelled, and give back the credit that had abated it, less that."""
        acertado = self._acertado(invoice) if invoice.ciclo_faturamento_id else {}
        voltam, invoice.valor_abatido, invoice.valor_creditado = invoice.valor_creditado, ZERO, ZERO
        voltam += sum(valor for contrato_id, valor in acertado.items() if not self._desistir_do_ajuste(contrato_id, valor))
        motivo = da_casa("acerto da fatura %(numero)s, cancelada", numero=invoice)
        if voltam > 0:
            self._creditar(invoice.cliente_id, valor=voltam, motivo=motivo)
        elif voltam < 0:
            self._lancar(
                invoice.cliente_id, tipo=TipoLancamento.acrescimo, descricao=motivo[:1].upper() + motivo[1:], valor=-voltam,
                a_partir_de=invoice.competencia_inicio, item_tipo=TipoItem.ajuste)

    def _acertado(self, invoice: Invoice) -> dict[int, Decimal]:
        """By contract, what was settled on the invoice's lines: above zero charged, below zero given back."""
        acertado: dict[int, Decimal] = {}
        for item in invoice.itens:
            if _de_periodo(item):
                devido = ZERO
                if item.situacao is not SituacaoItem.devolvida:
                    devido = sum((i.valor_total for i in self._devidas(invoice.ciclo_faturamento, item)), ZERO)
                acertado[item.contrato_id] = acertado.get(item.contrato_id, ZERO) + devido - item.valor_total
        return {contrato_id: valor for contrato_id, valor in acertado.items() if valor}

    def _desistir_do_ajuste(self, contrato_id: int, valor: Decimal) -> bool:
        """Whether the settlement still waits as a charge or discount of its own, which is given up."""
        tipo = TipoLancamento.acrescimo if valor > 0 else TipoLancamento.desconto
        consulta = select(Lancamento).where(
            Lancamento.contrato_id == contrato_id, Lancamento.status == StatusLancamento.aberto, Lancamento.tipo == tipo,
            Lancamento.item_tipo == TipoItem.ajuste, Lancamento.valor == abs(valor)).order_by(Lancamento.id.desc()).limit(1)
        ajuste = self.sessao.scalar(consulta)
        if ajuste is None:
            return False
        self._cancelar_lancamento(ajuste, da_casa("a fatura que ele acertava foi cancelada"))
        return True


def _de_periodo(item: ItemInvoice) -> bool:
    """Whether the line bills days of a contract, and not a charge, a credit or what was typed by hand."""
    return bool(item.chave and item.contrato_id and item.periodo_inicio and item.tipo in DE_PERIODO)
