"""Tables of billing: cycles, invoices and their items, money received, what is to be billed once, policy and runs."""

from app.core.auditoria import em_massa
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

# what the billing engine writes by COPY and by SQL on the driver's cursor: in a run one row of the trail names it; what is billed by hand is told row by row
em_massa("invoice", corrida="execucao_id")
em_massa("item_invoice", corrida="invoice_id, whose execucao_id names the run")
em_massa("lancamento", corrida="invoice_id, whose execucao_id names the run; of what a run split, the same charge's billed part")
em_massa("credito", "saldo", corrida="items of type desconto named after the credit, in invoices whose execucao_id names the run")
em_massa("ciclo_faturamento", "proximo_vencimento", "ativo", "estacionado_em", "estacionado_motivo", corrida="ciclo_faturamento_id of its invoices")
em_massa("contrato_ciclo", "atrasado", corrida="ciclo_faturamento_id of its invoices")
em_massa("contrato_item", "atrasado", corrida="contrato_id of the items of its invoices")
em_massa("cliente_estacionado", corrida="execucao_id")
