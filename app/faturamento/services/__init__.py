"""FaturamentoService: every verb that moves money or changes a contract together with its money and access."""

from __future__ import annotations

from app.faturamento import declaracoes  # noqa: F401 - settings and facts the verbs use
from app.faturamento.services.adicionais import Adicionais
from app.faturamento.services.ativacao import Ativacao, Inicio
from app.faturamento.services.bloqueio import Eleito, PreviaBloqueio
from app.faturamento.services.confianca import Confianca
from app.faturamento.services.contratos import VerbosDeContrato
from app.faturamento.services.creditos import Creditos
from app.faturamento.services.emissao import Emissao, ItemManual
from app.faturamento.services.lancamentos import Lancamentos
from app.faturamento.services.pagamentos import Recebido, Resultado
from app.faturamento.services.pagamentos_lote import PagamentosEmLote
from app.faturamento.services.regua import Regua
from app.faturamento.services.rodada import Passo, Rodada

__all__ = ["Eleito", "FaturamentoService", "Inicio", "ItemManual", "Passo", "PreviaBloqueio", "Recebido", "Resultado"]


class FaturamentoService(Rodada, Emissao, PagamentosEmLote, Creditos, Lancamentos, Adicionais, Ativacao, VerbosDeContrato, Regua, Confianca):
    """Verbs of billing. The caller owns the transaction; each verb locks the customer first (lock order: core rule 2), then reads."""
