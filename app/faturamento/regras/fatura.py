"""An invoice from its parts: contracts of the cycle, one-off charges, discounts and the customer's credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.core.dinheiro import ZERO, formatar_reais
from app.core.erros import RegraViolada
from app.faturamento.regras.itens import NADA, SEM_ITENS, Cobrados, itens_do_contrato
from app.faturamento.regras.registros import DadosCiclo, DadosContrato, DadosCredito, DadosItem, DadosLancamento, Fatura, Item

LIMITE = Decimal("99999999.99")      # ten digits of centavos: what a boleto's value field holds (Febraban)
SEM_LANCAMENTOS: Sequence[DadosLancamento] = ()
SEM_CREDITOS: Sequence[DadosCredito] = ()


def calcular_fatura(
    ciclo: DadosCiclo, contratos: Sequence[DadosContrato], *, itens: Mapping[int, Sequence[DadosItem]], cobrados: Cobrados = NADA,
    lancamentos: Sequence[DadosLancamento] = SEM_LANCAMENTOS, creditos: Sequence[DadosCredito] = SEM_CREDITOS,
) -> Fatura:
    """The invoice of ``ciclo`` at its due date. Raises RegraViolada when its total does not fit a charge."""
    linhas: list[Item] = []
    for contrato in contratos:
        linhas += itens_do_contrato(ciclo, contrato, itens.get(contrato.id, SEM_ITENS), cobrados)
    return fechar(linhas, lancamentos, creditos, f"f{ciclo.id}:{ciclo.vencimento}")


def fechar(
    linhas: list[Item], lancamentos: Sequence[DadosLancamento] = SEM_LANCAMENTOS, creditos: Sequence[DadosCredito] = SEM_CREDITOS, referencia: str = ""
) -> Fatura:
    """Add one-off charges, then discounts and credit as far as the total goes (it is never negative), and sum.

    A discount that does not fit is split: the rest waits for the next invoice. ``referencia`` makes the keys of used credit unique.
    Raises RegraViolada for a total above ``LIMITE`` or below zero.
    """
    if not lancamentos and not creditos:
        return Fatura(linhas, _somar(linhas))
    usados, divididos = _lancar(linhas, lancamentos)
    aplicados = _aplicar_creditos(linhas, creditos, referencia)
    return Fatura(linhas, _somar(linhas), usados, aplicados, divididos)


def _somar(linhas: Sequence[Item]) -> Decimal:
    total = linhas[0].valor_total if len(linhas) == 1 else sum((i.valor_total for i in linhas), ZERO)
    if not ZERO <= total <= LIMITE:
        frase = f"O total da fatura seria de {formatar_reais(total)}, fora do que se cobra (até {formatar_reais(LIMITE)}): confira os lançamentos e preços."
        raise RegraViolada(frase, codigo="total_invalido", total=str(total))
    return total


def _lancar(linhas: list[Item], lancamentos: Sequence[DadosLancamento]) -> tuple[list[tuple[int, Decimal]], list[tuple[int, Decimal]]]:
    usados, divididos = [], []
    for lancamento in sorted(lancamentos, key=lambda x: not x.acrescimo):
        valor = lancamento.valor if lancamento.acrescimo else min(lancamento.valor, _disponivel(linhas))
        if not valor:
            continue
        linhas.append(_linha(lancamento, valor if lancamento.acrescimo else -valor))
        usados.append((lancamento.id, valor))
        if valor < lancamento.valor:
            divididos.append((lancamento.id, lancamento.valor - valor))
    return usados, divididos


def _linha(lancamento: DadosLancamento, valor: Decimal) -> Item:
    parcelas = f" ({lancamento.parcela}/{lancamento.parcelas})" if lancamento.parcelas > 1 else ""
    texto = f"{lancamento.descricao[:240]}{parcelas}"
    return Item(lancamento.contrato_id, texto, 1, valor, valor, lancamento.item_tipo, None, None, f"lanc:{lancamento.id}")


def _aplicar_creditos(linhas: list[Item], creditos: Sequence[DadosCredito], referencia: str) -> list[tuple[int, Decimal]]:
    aplicados = []
    for credito in creditos:
        valor = min(credito.saldo, _disponivel(linhas))
        if valor > 0:
            texto = f"Crédito: {credito.motivo}"[:255]
            linhas.append(Item(None, texto, 1, -valor, -valor, "credito", None, None, f"credito:{credito.id}:{referencia}"))
            aplicados.append((credito.id, valor))
    return aplicados


def _disponivel(linhas: Sequence[Item]) -> Decimal:
    return max(ZERO, sum((i.valor_total for i in linhas), ZERO))
