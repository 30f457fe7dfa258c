"""Tables of billing: cycles, invoices and their items, money received, what is to be billed once, policy and runs."""

from app.faturamento.models.ciclos import Ciclo, CicloFaturamento, ContratoCiclo
from app.faturamento.models.execucoes import ClienteEstacionado, ExecucaoFaturamento, LoteFaturamento
from app.faturamento.models.invoices import CopiaEmitente, Invoice, ItemInvoice
from app.faturamento.models.lancamentos import Credito, Lancamento
from app.faturamento.models.pagamentos import Cobranca, Pagamento
from app.faturamento.models.politicas import DesbloqueioConfianca, PoliticaCobranca

__all__ = [
    "Ciclo", "CicloFaturamento", "ClienteEstacionado", "Cobranca", "ContratoCiclo", "CopiaEmitente", "Credito", "DesbloqueioConfianca",
    "ExecucaoFaturamento", "Invoice", "ItemInvoice", "Lancamento", "LoteFaturamento", "Pagamento", "PoliticaCobranca",
]
