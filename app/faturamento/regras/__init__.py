"""The rules of billing as pure functions: plain records, dates and money in, values out. No database, no clock, no settings.

One ``calcular_fatura`` serves the run of 100,000 customers, the preview and a single invoice.
"""

from app.faturamento.regras.encargos import (
    Baixa,
    ValorAtualizado,
    baixar,
    multa_fidelidade,
    ultimo_vencimento_em_atraso,
    valor_atualizado,
)
from app.faturamento.regras.fatura import LIMITE, calcular_fatura, fechar
from app.faturamento.regras.itens import itens_do_contrato, itens_do_periodo
from app.faturamento.regras.periodos import Periodo, Periodos, anterior, dias_usados, periodos, preco_do_periodo, proporcional, proximo
from app.faturamento.regras.registros import DadosCiclo, DadosContrato, DadosCredito, DadosItem, DadosLancamento, Fatura, Item

__all__ = [
    "LIMITE", "Baixa", "DadosCiclo", "DadosContrato", "DadosCredito", "DadosItem", "DadosLancamento", "Fatura", "Item", "Periodo", "Periodos",
    "ValorAtualizado", "anterior", "baixar", "calcular_fatura", "multa_fidelidade", "dias_usados", "fechar", "itens_do_contrato", "itens_do_periodo",
    "periodos", "preco_do_periodo", "proporcional", "proximo", "ultimo_vencimento_em_atraso", "valor_atualizado",
]
