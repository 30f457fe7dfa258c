"""One-off charges, discounts and credit given by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import exists, select

from app.clientes.services import travar_cliente
from app.contratos.estados import SEM_SERVICO
from app.contratos.models import Contrato
from app.core import eventos, relogio
from app.core.datas import UM_ANO, mais_meses
from app.core.dinheiro import formatar_reais, parcelar
from app.core.erros import NaoEncontrado, RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.idiomas import da_casa
from app.core.textos import em_branco
from app.faturamento.estados import StatusLancamento, TipoItem, TipoLancamento
from app.faturamento.models import CicloFaturamento, Credito, Lancamento
from app.faturamento.regras import LIMITE
from app.faturamento.services.base import Base
from app.faturamento.services.pagamentos import exigir_motivo, quantia
from app.usuarios.limites_papel import Tipo, exigir_limite

MAXIMO_DE_PARCELAS = 48


class Lancamentos(Base):
    """What waits for the next invoice."""

    def lancar(
        self, cliente_id: int, *, tipo: TipoLancamento, descricao: str, valor: Decimal, a_partir_de: dt.date, parcelas: int = 1,
        contrato_id: int | None = None, item_tipo: TipoItem | None = None, motivo: str | None = None,
    ) -> list[Lancamento]:
        """A charge or discount of ``valor`` reais in ``parcelas`` monthly instalments that sum exactly to it.

        Each is consumed once, by the first invoice due on or after its date: of the contract's cycle, or of the customer's first cycle.
        Raises ValorInvalido (no description, more than an invoice can be of, a day long past or more than a year ahead), NaoEncontrado,
        RegraViolada (``sem_ciclo``) for a customer whom no cycle bills nor will bill, or (``acima_do_limite``) for a discount beyond the person's limit.
        """
        if em_branco(descricao):
            raise ValorInvalido(_("Informe a descrição."), campo="descricao")
        relogio.exigir_dia(a_partir_de, UM_ANO, atras=UM_ANO, campo="a_partir_de")
        quantia(valor, maximo=LIMITE)
        travar_cliente(self.sessao, cliente_id)
        self._exigir_ciclo(cliente_id)
        if tipo is TipoLancamento.desconto:
            exigir_limite(self.sessao, Tipo.desconto, valor, cliente_id=cliente_id, campo="valor")
        return self._lancar(
            cliente_id, tipo=tipo, descricao=descricao, valor=valor, a_partir_de=a_partir_de, parcelas=parcelas, contrato_id=contrato_id,
            item_tipo=item_tipo, motivo=motivo,
        )

    def _lancar(
        self, cliente_id: int, *, tipo: TipoLancamento, descricao: str, valor: Decimal, a_partir_de: dt.date, parcelas: int = 1,
        contrato_id: int | None = None, item_tipo: TipoItem | None = None, motivo: str | None = None,
    ) -> list[Lancamento]:
        """``lancar`` for what the system itself charges: without a cycle the run makes a single invoice of it."""
        self._conferir_contrato(cliente_id, contrato_id)
        total = quantia(valor)
        if not 1 <= parcelas <= MAXIMO_DE_PARCELAS or total < Decimal(parcelas) / 100:
            raise ValorInvalido(_("Valor ou número de parcelas inválido."), campo="valor")
        padrao = TipoItem.servico if tipo is TipoLancamento.acrescimo else TipoItem.desconto
        feitos = [
            Lancamento(
                cliente_id=cliente_id, contrato_id=contrato_id, tipo=tipo, item_tipo=item_tipo or padrao, descricao=descricao, valor=parte, parcela=n,
                parcelas=parcelas, a_partir_de=mais_meses(a_partir_de, n - 1), motivo=motivo,
            )
            for n, parte in enumerate(parcelar(total, parcelas), 1)
        ]
        self.sessao.add_all(feitos)
        self.sessao.flush()
        dados = {"lancamento_id": feitos[0].id, "descricao": descricao, "valor": str(total), "parcelas": parcelas, "tipo": tipo.name}
        eventos.registrar(self.sessao, "lancamento_criado", cliente_id=cliente_id, **dados)
        return feitos

    def cancelar_lancamento(self, lancamento_id: int, *, motivo: str) -> Lancamento:
        """Give up a charge or discount that was not billed.

        Raises TransicaoInvalida for a billed one, ValorInvalido without a reason, RegraViolada for a charge beyond what the person may waive.
        """
        exigir_motivo(motivo)
        lancamento = self._abrir(lancamento_id)
        if lancamento.tipo is TipoLancamento.acrescimo and lancamento.status is StatusLancamento.aberto:
            exigir_limite(self.sessao, Tipo.dispensa, lancamento.valor, cliente_id=lancamento.cliente_id, campo="motivo")
        return self._cancelar_lancamento(lancamento, motivo)

    def _abrir(self, lancamento_id: int) -> Lancamento:
        """The entry, under its customer's lock."""
        cliente_id = self.sessao.scalar(select(Lancamento.cliente_id).where(Lancamento.id == lancamento_id))
        if cliente_id is None:
            raise NaoEncontrado(_("Lançamento não encontrado."), lancamento_id=lancamento_id)
        travar_cliente(self.sessao, cliente_id)
        return self.sessao.get_one(Lancamento, lancamento_id, populate_existing=True)

    def _cancelar_lancamento(self, lancamento: Lancamento, motivo: str) -> Lancamento:
        """``cancelar_lancamento`` for what the system itself gives up."""
        if lancamento.status is StatusLancamento.faturado:
            raise TransicaoInvalida(_("Este lançamento já foi faturado."), lancamento_id=lancamento.id)
        lancamento.status, lancamento.motivo = StatusLancamento.cancelado, motivo
        self.sessao.flush()
        dados = {"lancamento_id": lancamento.id, "descricao": lancamento.descricao, "motivo": motivo}
        eventos.registrar(self.sessao, "lancamento_cancelado", cliente_id=lancamento.cliente_id, **dados)
        return lancamento

    def creditar(self, cliente_id: int, *, valor: Decimal, motivo: str) -> Credito:
        """Credit of ``valor`` reais that the next invoices use up.

        Raises ValorInvalido without a value or a reason, RegraViolada (``acima_do_limite``) beyond the person's limit.
        """
        travar_cliente(self.sessao, cliente_id)
        exigir_limite(self.sessao, Tipo.credito, quantia(valor), cliente_id=cliente_id, campo="valor")
        return self._creditar(cliente_id, valor=valor, motivo=motivo)

    def _creditar(self, cliente_id: int, *, valor: Decimal, motivo: str) -> Credito:
        """``creditar`` for what the system itself gives back."""
        exigir_motivo(motivo)
        travar_cliente(self.sessao, cliente_id)
        total = quantia(valor)
        credito = Credito(cliente_id=cliente_id, valor=total, saldo=total, motivo=motivo)
        self.sessao.add(credito)
        self.sessao.flush()
        descricao = da_casa("crédito de %(valor)s: %(motivo)s", valor=formatar_reais(total), motivo=motivo)
        eventos.registrar(self.sessao, "lancamento_criado", cliente_id=cliente_id, descricao=descricao, valor=str(total), credito_id=credito.id)
        return credito

    def _exigir_ciclo(self, cliente_id: int) -> None:
        """Somebody has to bill it: an active cycle, or that of a contract to begin."""
        ciclo = exists().where(CicloFaturamento.cliente_id == cliente_id, CicloFaturamento.ativo)
        a_comecar = exists().where(Contrato.cliente_id == cliente_id, Contrato.status.in_(SEM_SERVICO))
        if not self.sessao.scalar(select(ciclo | a_comecar)):
            texto = _("Este cliente não tem vencimento ativo, e nenhuma fatura cobraria isto: emita uma fatura avulsa.")
            raise RegraViolada(texto, codigo="sem_ciclo", cliente_id=cliente_id)

    def _conferir_contrato(self, cliente_id: int, contrato_id: int | None) -> None:
        if contrato_id is None:
            return
        if self.sessao.scalar(select(Contrato.cliente_id).where(Contrato.id == contrato_id)) != cliente_id:
            raise ValorInvalido(_("O contrato não é deste cliente."), campo="contrato_id")
