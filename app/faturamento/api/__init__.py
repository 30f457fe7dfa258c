"""The API of billing: every noun listed, filtered and got, and its verbs as sub-resources that call the services."""

from __future__ import annotations

from flask_appbuilder import AppBuilder

from app.core.permissoes import dar
from app.faturamento.api.bloqueio import BloqueioEmMassaApi
from app.faturamento.api.contratos import CicloDoContratoApi, ContratoCicloApi, ContratoItemApi
from app.faturamento.api.invoices import InvoiceApi, ItemInvoiceApi
from app.faturamento.api.pagamentos import CobrancaApi, CreditoApi, LancamentoApi, PagamentoApi
from app.faturamento.api.rodadas import (
    CicloApi,
    CicloFaturamentoApi,
    ClienteEstacionadoApi,
    DesbloqueioConfiancaApi,
    ExecucaoFaturamentoApi,
    LoteFaturamentoApi,
    PoliticaCobrancaApi,
)

DINHEIRO = (
    InvoiceApi, ItemInvoiceApi, PagamentoApi, CobrancaApi, LancamentoApi, CreditoApi, ContratoCicloApi, CicloFaturamentoApi, ExecucaoFaturamentoApi,
    LoteFaturamentoApi, ClienteEstacionadoApi, DesbloqueioConfiancaApi, BloqueioEmMassaApi,
)
REGRAS = (CicloApi, PoliticaCobrancaApi)
_DINHEIRO = "|".join(a.__name__ for a in DINHEIRO)
_REGRAS = "|".join(a.__name__ for a in REGRAS)
dar("Gerente", f"{_DINHEIRO}|{_REGRAS}|CicloDoContratoApi", r"can_.*")
dar("Financeiro", _DINHEIRO, r"can_.*")
dar("Financeiro", _REGRAS, r"can_(get|info)")
dar("Atendente", "InvoiceApi|ItemInvoiceApi|PagamentoApi|CobrancaApi|ContratoCicloApi|CicloFaturamentoApi", r"can_(get|info)")
dar("Atendente", "InvoiceApi", r"can_registrar_aviso")
dar("Atendente", "CicloDoContratoApi|DesbloqueioConfiancaApi", r"can_.*")
dar("Gerente", "ContratoItemApi", r"can_.*")
dar("Atendente", "ContratoItemApi", r"can_(get|info|post|put)")
for _papel in ("Financeiro", "Tecnico"):
    dar(_papel, "ContratoItemApi", r"can_(get|info)")
dar("Atendente", "InvoiceApi", r"can_reenviar")


def registrar(appbuilder: AppBuilder) -> None:
    """Register the APIs."""
    for api in (*DINHEIRO, *REGRAS, CicloDoContratoApi, ContratoItemApi):
        appbuilder.add_api(api)
