"""What was billed ahead and is not used, and what was used and is not billed yet: plan, discount and additional services, by days.

Each amount is a part of a whole period (``regras.proporcional``): what is kept and what is given back of a billed line sum exactly to the line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.contratos.estados import ENCERRADOS, Cobranca
from app.contratos.historia import ultimo_ato
from app.contratos.models import Contrato, ContratoItem
from app.core import relogio
from app.core.datas import UM_DIA
from app.core.dinheiro import ZERO
from app.core.erros import RegraViolada, ValorInvalido
from app.core.idiomas import da_casa
from app.faturamento.estados import SituacaoItem, TipoItem, TipoLancamento
from app.faturamento.models import CicloFaturamento, ContratoCiclo, ItemInvoice
from app.faturamento.motor import leitura
from app.faturamento.regras import DadosCiclo, DadosContrato, DadosItem, Periodo, Periodos, itens_do_periodo, periodos, preco_do_periodo, proporcional
from app.faturamento.services.base import Base
from app.usuarios.limites_papel import Tipo, exigir_limite

_COBRADOS = """
SELECT tipo, periodo_inicio, periodo_fim, split_part(chave, ':', 3), situacao = 'cobrada' FROM item_invoice
 WHERE contrato_id = %s AND periodo_fim IS NOT NULL AND tipo IN ('plano', 'desconto', 'servico') AND periodo_inicio >= %s AND situacao <> 'devolvida'
 ORDER BY periodo_inicio, id
"""


class Preco(NamedTuple):
    """What a contract costs: reais a month."""

    preco: Decimal
    desconto: Decimal


class Cobrado(NamedTuple):
    """A line that was billed. ``referencia``: the item's id in text, of additional services. ``conta``: not of a cancelled invoice, whose days are
    billed only if it is issued again, as they are owed then (``LinhasDevidas``)."""

    tipo: str
    inicio: dt.date
    fim: dt.date
    referencia: str | None
    conta: bool


class Acertos(Base):
    """Settling a contract's billing when its service ends, pauses, begins again or changes price."""

    def _acertar_fim(self, contrato: Contrato, em: dt.date) -> None:
        """Give back the days after ``em`` that were billed; charge the days until ``em`` that were not: one charge or one credit.

        The credit goes first against invoices that are open: nobody pays for days he will not have.
        """
        ciclo = self._dados_do_ciclo(contrato)
        if ciclo is None:
            return
        linhas = self._cobrados(contrato)
        cobrar, devolver = self._contas_do_fim(contrato, ciclo, linhas, em)
        if (ontem := relogio.hoje() - UM_DIA) > em:
            menos, mais = self._contas_do_fim(contrato, ciclo, linhas, ontem)
            dado = (devolver - cobrar) - (mais - menos)      # days that are over, given away by a date
            exigir_limite(self.sessao, Tipo.credito, dado, cliente_id=contrato.cliente_id, campo="em")
        descricao = da_casa("Contrato %(numero)s até %(em)s", numero=contrato.numero, em=f"{em:%d/%m/%Y}")
        if cobrar > devolver:
            valor = cobrar - devolver
            self._lancar(contrato.cliente_id, tipo=TipoLancamento.acrescimo, descricao=descricao, valor=valor, a_partir_de=em, item_tipo=TipoItem.plano)
        elif devolver > cobrar:
            self._creditar(contrato.cliente_id, valor=devolver - cobrar, motivo=da_casa("dias não usados: %(descricao)s", descricao=descricao))
            self._abater_no_fim(contrato, em)

    def _contas_do_fim(self, contrato: Contrato, ciclo: CicloFaturamento, linhas: list[Cobrado], em: dt.date) -> tuple[Decimal, Decimal]:
        """What an end on ``em`` charges and what it gives back."""
        cobrar = sum((i.valor_total for i in self._por_cobrar(contrato, ciclo, linhas, em)), ZERO)
        devolver = sum((self._parte(contrato, ciclo, linha, max(em + UM_DIA, linha.inicio)) for linha in linhas if linha.conta and linha.fim > em), ZERO)
        return cobrar, devolver

    def _exigir_limite_do_passado(self, contrato: Contrato, antigo: Preco, em: dt.date, diferenca: Decimal) -> None:
        """A lower price for days that are over is a discount somebody gives, held to the limit of the role."""
        if em < (hoje := relogio.hoje()):
            a_menos = self._diferenca_de_preco(contrato, antigo, hoje) - diferenca
            exigir_limite(self.sessao, Tipo.desconto, a_menos, cliente_id=contrato.cliente_id, campo="em")

    def _parar_de_cobrar(self, contrato: Contrato, em: dt.date) -> None:
        """Settle until the day before ``em``, the first without service. Lines given back whole may be billed again when it comes back."""
        ligacao = self._ligacao(contrato)
        if ligacao is None:
            return
        self._acertar_fim(contrato, em - UM_DIA)
        soltar = update(ItemInvoice).where(ItemInvoice.contrato_id == contrato.id, ItemInvoice.periodo_inicio >= em)
        self.sessao.execute(soltar.values(situacao=SituacaoItem.devolvida))
        ligacao.desde = max(ligacao.desde, em)

    def _diferenca_de_preco(self, contrato: Contrato, antigo: Preco, em: dt.date) -> Decimal:
        """What a new price changes: billed days from ``em`` on at the new instead of the old; days before ``em`` that will be billed, the reverse."""
        ciclo = self._dados_do_ciclo(contrato)
        if ciclo is None:
            return ZERO
        novo, total, linhas = Preco(contrato.preco, contrato.desconto), ZERO, self._cobrados(contrato)
        for linha in linhas:
            if linha.conta and linha.fim >= em and linha.tipo in ("plano", "desconto"):
                de = max(em, linha.inicio)
                total += self._do_preco(novo, ciclo, linha.tipo, de, linha.fim) - self._do_preco(antigo, ciclo, linha.tipo, de, linha.fim)
        for tipo, de, ate in self._dias_por_cobrar(contrato, ciclo, linhas, em - UM_DIA):
            total += self._do_preco(antigo, ciclo, tipo, de, ate) - self._do_preco(novo, ciclo, tipo, de, ate)
        return total

    def _comecar_a_cobrar(self, contrato: Contrato, desde: dt.date) -> None:
        """Bill the contract from ``desde`` on; the next invoice brings the days of periods its cycle has left behind too."""
        ciclo, ligacao = self._dados_do_ciclo(contrato), self._ligacao(contrato)
        ligacao.desde, ligacao.atrasado = desde, desde < self._periodos(ciclo).anterior.inicio
        self.sessao.flush()

    # ---- what may be settled

    @staticmethod
    def _conferir_vivo(contrato: Contrato) -> None:
        """Raise RegraViolada for a contract that ended: its end has settled everything."""
        if contrato.status in ENCERRADOS:
            raise RegraViolada(_("O contrato %(numero)s já terminou.", numero=contrato.numero), codigo="contrato_encerrado", contrato_id=contrato.id)

    def _conferir_ordem(self, contrato: Contrato, em: dt.date, *, campo: str) -> None:
        """Raise ValorInvalido for a day before the contract's last act: each has settled the days after it."""
        mudou = ultimo_ato(self.sessao, contrato.id)
        if mudou and em < mudou:
            texto = _("O contrato já mudou em %(dia)s (plano, pausa ou retomada): informe essa data ou uma depois.", dia=f"{mudou:%d/%m/%Y}")
            raise ValorInvalido(texto, campo=campo, codigo="antes_da_mudanca", contrato_id=contrato.id)

    # ---- billed

    def _cobrados(self, contrato: Contrato) -> list[Cobrado]:
        """Lines of plan, discount and additional services since it last began to be billed, oldest first.

        A period whose invoice was worth nothing has none, and is a line all the same: its days were billed, for nothing.
        """
        linhas = leitura.cursor(self.sessao).execute(_COBRADOS, [contrato.id, self._ligacao(contrato).desde]).fetchall()
        cobrados = [Cobrado(*linha) for linha in linhas]
        return sorted([*cobrados, *self._sem_linha(contrato, cobrados)], key=lambda linha: linha.inicio)

    def _sem_linha(self, contrato: Contrato, cobrados: list[Cobrado]) -> Iterator[Cobrado]:
        ciclo, ligacao = self._dados_do_ciclo(contrato), self._ligacao(contrato)
        inicio, ate = max(ligacao.desde, contrato.data_inicio), self._faturado_ate(contrato, ciclo)
        planos = [linha for linha in cobrados if linha.tipo == "plano"]
        if not planos and self._espera(contrato, ligacao, ciclo):
            return
        for periodo in self._periodos_entre(ciclo, inicio, ate):
            de = max(inicio, periodo.inicio)
            if not any(linha.inicio <= periodo.fim and linha.fim >= de for linha in planos):
                yield Cobrado("plano", de, periodo.fim, None, True)
                if contrato.desconto_ate is None or de <= contrato.desconto_ate:
                    yield Cobrado("desconto", de, min([periodo.fim, *([contrato.desconto_ate] if contrato.desconto_ate else [])]), None, True)

    def _espera(self, contrato: Contrato, ligacao: ContratoCiclo, ciclo: CicloFaturamento) -> bool:
        """Whether the next invoice will bring the contract's first days, though their own were issued."""
        antecipada = contrato.cobranca is Cobranca.antecipada
        return ligacao.atrasado or (antecipada and max(ligacao.desde, contrato.data_inicio) >= self._periodos(ciclo).anterior.inicio)

    def _faturado_ate(self, contrato: Contrato, ciclo: CicloFaturamento) -> dt.date:
        """The last day that the cycle's invoices have covered."""
        ps = self._periodos(ciclo)
        return (ps.atual.inicio if contrato.cobranca is Cobranca.antecipada else ps.anterior.inicio) - UM_DIA

    def _parte(self, contrato: Contrato, ciclo: CicloFaturamento, linha: Cobrado, de: dt.date) -> Decimal:
        """The value of a billed line's days from ``de`` on: at the price in force (a change was settled by itself), an additional service's at its own."""
        if linha.tipo == "servico":
            item = self.sessao.get_one(ContratoItem, int(linha.referencia))
            return self._do_adicional(item, ciclo, de, min(linha.fim, item.ate or linha.fim))
        return self._do_preco(Preco(contrato.preco, contrato.desconto), ciclo, linha.tipo, de, linha.fim)

    def _do_preco(self, preco: Preco, ciclo: CicloFaturamento, tipo: str, de: dt.date, ate: dt.date) -> Decimal:
        mensal = preco.preco if tipo == "plano" else -min(preco.preco, preco.desconto)
        return proporcional(preco_do_periodo(mensal, ciclo.ciclo.meses, ciclo.ciclo.dias), self._periodo_de(ciclo, de), de, ate)

    def _do_adicional(self, item: ContratoItem, ciclo: CicloFaturamento, de: dt.date, ate: dt.date) -> Decimal:
        if de > ate:
            return ZERO
        total = preco_do_periodo(item.preco * item.quantidade, ciclo.ciclo.meses, ciclo.ciclo.dias)
        return proporcional(total, self._periodo_de(ciclo, de), de, ate)

    # ---- not billed yet

    def _por_cobrar(self, contrato: Contrato, ciclo: CicloFaturamento, linhas: list[Cobrado], ate: dt.date) -> Iterator:
        """Lines, by the rules of an invoice, of the days until ``ate`` that no line covers."""
        desde = self._primeiro_por_cobrar(contrato, linhas)
        plano = self._dados(contrato, desde, ate)
        for periodo in self._periodos_entre(ciclo, desde, ate):
            yield from itens_do_periodo(self._regra_do_ciclo(ciclo, periodo), plano, (), periodo)
        for item in self._itens(contrato, linhas, ate):
            for periodo in self._periodos_entre(ciclo, item.de, ate):
                so_dele = itens_do_periodo(self._regra_do_ciclo(ciclo, periodo), self._dados(contrato, item.de, ate), (item,), periodo)
                yield from (i for i in so_dele if i.tipo == "servico")

    def _dias_por_cobrar(self, contrato: Contrato, ciclo: CicloFaturamento, linhas: list[Cobrado], ate: dt.date) -> Iterator[tuple[str, dt.date, dt.date]]:
        """(plano or desconto, first, last day) of each period's days until ``ate`` that no line covers."""
        desde = self._primeiro_por_cobrar(contrato, linhas)
        for periodo in self._periodos_entre(ciclo, desde, ate):
            de, fim = max(desde, periodo.inicio), min(ate, periodo.fim)
            yield "plano", de, fim
            com_desconto = fim if contrato.desconto_ate is None else min(fim, contrato.desconto_ate)
            if de <= com_desconto:
                yield "desconto", de, com_desconto

    def _primeiro_por_cobrar(self, contrato: Contrato, linhas: list[Cobrado]) -> dt.date:
        return max([self._ligacao(contrato).desde, contrato.data_inicio, *[linha.fim + UM_DIA for linha in linhas if linha.tipo == "plano"]])

    def _itens(self, contrato: Contrato, linhas: list[Cobrado], ate: dt.date) -> Iterator[DadosItem]:
        """Additional services from their first day not billed."""
        ligacao = self._ligacao(contrato)
        for item in contrato.itens:
            ja = [linha.fim + UM_DIA for linha in linhas if linha.tipo == "servico" and linha.referencia == str(item.id)]
            desde = max([item.de, ligacao.desde, contrato.data_inicio, *ja])
            if desde <= ate and (item.ate is None or item.ate >= desde):
                yield DadosItem(item.id, contrato.id, item.adicional.nome, item.quantidade, item.preco, desde, item.ate)

    @staticmethod
    def _dados(contrato: Contrato, desde: dt.date, ate: dt.date) -> DadosContrato:
        return DadosContrato(
            contrato.id, contrato.plano_id, contrato.plano.nome, contrato.preco, contrato.desconto, contrato.desconto_ate,
            contrato.cobranca is Cobranca.antecipada, desde, ate,
        )

    # ---- the cycle's periods

    def _ligacao(self, contrato: Contrato) -> ContratoCiclo | None:
        return self.sessao.scalar(select(ContratoCiclo).where(ContratoCiclo.contrato_id == contrato.id))

    def _dados_do_ciclo(self, contrato: Contrato) -> CicloFaturamento | None:
        consulta = select(CicloFaturamento).join(ContratoCiclo, ContratoCiclo.ciclo_faturamento_id == CicloFaturamento.id)
        return self.sessao.scalar(consulta.where(ContratoCiclo.contrato_id == contrato.id))

    @staticmethod
    def _regra_do_ciclo(ciclo: CicloFaturamento, periodo: Periodo) -> DadosCiclo:
        return DadosCiclo(ciclo.id, ciclo.cliente_id, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias, periodo.inicio)

    @staticmethod
    def _periodos(ciclo: CicloFaturamento) -> Periodos:
        """Around the next due date to issue."""
        return periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)

    def _periodos_entre(self, ciclo: CicloFaturamento, de: dt.date, ate: dt.date) -> Iterator[Periodo]:
        while de <= ate:
            periodo = self._periodo_de(ciclo, de)
            yield periodo
            de = periodo.fim + UM_DIA

    @staticmethod
    def _periodo_de(ciclo: CicloFaturamento, dia: dt.date) -> Periodo:
        """The cycle's whole period in which a day falls."""
        volta = periodos(ciclo.proximo_vencimento, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
        while dia < volta.atual.inicio:
            volta = periodos(volta.anterior.inicio, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
        while dia > volta.atual.fim:
            volta = periodos(volta.proximo, ciclo.dia_vencimento, ciclo.ciclo.meses, ciclo.ciclo.dias)
        return volta.atual
