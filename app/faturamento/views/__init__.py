"""Screens of billing: invoices, payments, one-off charges, credits, cycles, policies and the billing run."""

from __future__ import annotations

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.contratos.estados import SEM_SERVICO, StatusContrato
from app.contratos.models import Contrato
from app.contratos.views.contratos import ContratoView
from app.core import registro
from app.core.permissoes import dar
from app.core.visoes import Ligacao
from app.faturamento import documentos
from app.faturamento.views.adicionais import ContratoItemView
from app.faturamento.views.avulsos import AvulsosView
from app.faturamento.views.blocos import BLOCOS
from app.faturamento.views.busca import FONTE
from app.faturamento.views.cadastros import CicloFaturamentoView, CicloView, CreditoView, LancamentoView, PoliticaCobrancaView
from app.faturamento.views.cobranca import BloqueioEmMassaView
from app.faturamento.views.concessoes import ConcessaoView
from app.faturamento.views.contratos import CicloDoContratoView
from app.faturamento.views.invoices import InvoiceView, ItemInvoiceView
from app.faturamento.views.pagamentos import PagamentoView
from app.faturamento.views.rodada import COM_FATURAS, ClienteEstacionadoView, ExecucaoFaturamentoView, RodadaView

TUDO = r".*"      # actions are permissions under their own names
LER = r"can_(list|show|exportar)"
_DINHEIRO = (
    r"(InvoiceView|ItemInvoiceView|PagamentoView|LancamentoView|CreditoView|RodadaView|ExecucaoFaturamentoView|ClienteEstacionadoView"
    r"|CicloFaturamentoView|AvulsosView)"
)
_MENUS = r"(Financeiro|Faturas|Pagamentos|Lançamentos|Créditos|Rodada de faturamento|Rodadas|Estacionados|Vencimentos)"

dar("Gerente", rf"{_DINHEIRO}|CicloView|PoliticaCobrancaView|BloqueioEmMassaView|CicloDoContratoView", TUDO)
dar("Gerente", rf"{_MENUS}|Ciclos|Políticas de cobrança|Bloqueio por atraso", "menu_access")
dar("Financeiro", rf"{_DINHEIRO}|BloqueioEmMassaView", TUDO)
dar("Financeiro", r"CicloView|PoliticaCobrancaView", LER)
dar("Financeiro", rf"{_MENUS}|Bloqueio por atraso", "menu_access")
dar("Atendente", r"InvoiceView|ItemInvoiceView|PagamentoView|LancamentoView|CreditoView|CicloFaturamentoView", LER)
dar("Atendente", r"InvoiceView", "reenviar|registrar_aviso|can_pdf")
dar("Atendente", r"CicloDoContratoView", "can_.*")
dar("Gerente", "ContratoItemView", TUDO)
dar("Gerente", "ConcessaoView", LER)
dar("Gerente", "Concessões", "menu_access")
dar("Atendente", "ContratoItemView", r"can_(list|show|add|edit|exportar)")
dar("Financeiro", "ContratoItemView", LER)
dar("Tecnico", "ContratoItemView", r"can_(list|show)")
dar("Atendente", r"Financeiro|Faturas|Pagamentos", "menu_access")


def _pode_ativar(contrato: Contrato) -> bool:
    return contrato.status in SEM_SERVICO


def _ativo(contrato: Contrato) -> bool:
    return contrato.status is StatusContrato.ativo


def _parado(contrato: Contrato) -> bool:
    return contrato.status is StatusContrato.suspenso


def _vive(contrato: Contrato) -> bool:
    return contrato.status is not StatusContrato.cancelado


def juntar() -> None:
    """What billing adds to screens of lower floors: links of a contract, and its additional services."""
    registro.relacionar(ContratoView, ContratoItemView)
    for texto, rota, icone, vale_para in (
        (_l("Ativar"), "ativar", "check", _pode_ativar), (_l("Mudar plano"), "mudar_plano", "refresh", _vive),
        (_l("Suspender"), "suspender", "player-pause", _ativo), (_l("Retomar"), "retomar", "player-play", _parado), (_l("Encerrar"), "encerrar", "ban", _vive),
    ):
        ligacao = Ligacao(texto, f"CicloDoContratoView.{rota}", icone, permissao=(f"can_{rota}", "CicloDoContratoView"), vale_para=vale_para)
        if all(outra.endpoint != ligacao.endpoint for outra in ContratoView.links_da_linha):
            ContratoView.links_da_linha = [*ContratoView.links_da_linha, ligacao]


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screens in menu order."""
    financeiro = {"category": "Financeiro", "category_label": _l("Financeiro"), "category_icon": "cash"}
    appbuilder.add_view(InvoiceView, "Faturas", label=_l("Faturas"), icon="file-invoice", **financeiro)
    appbuilder.add_view(PagamentoView, "Pagamentos", label=_l("Pagamentos"), icon="cash", category="Financeiro")
    appbuilder.add_view(RodadaView, "Rodada de faturamento", label=_l("Rodada de faturamento"), icon="receipt-2", category="Financeiro")
    rodadas = f"{ExecucaoFaturamentoView.route_base}/list/?{COM_FATURAS}"
    appbuilder.add_view(ExecucaoFaturamentoView, "Rodadas", rodadas, label=_l("Rodadas anteriores"), icon="history", category="Financeiro")
    appbuilder.add_view(ClienteEstacionadoView, "Estacionados", label=_l("Clientes estacionados"), icon="alert-triangle", category="Financeiro")
    appbuilder.add_view(LancamentoView, "Lançamentos", label=_l("Lançamentos avulsos"), icon="plus", category="Financeiro")
    appbuilder.add_view(CreditoView, "Créditos", label=_l("Créditos de clientes"), icon="cash", category="Financeiro")
    appbuilder.add_view(ConcessaoView, "Concessões", label=_l("Concessões"), icon="receipt-2", category="Financeiro")
    appbuilder.add_view(BloqueioEmMassaView, "Bloqueio por atraso", label=_l("Bloqueio por atraso"), icon="lock", category="Financeiro")
    appbuilder.add_view(CicloFaturamentoView, "Vencimentos", label=_l("Vencimentos dos clientes"), icon="calendar", category="Financeiro")
    appbuilder.add_view(CicloView, "Ciclos", label=_l("Ciclos de cobrança"), icon="refresh", category="Financeiro")
    appbuilder.add_view(PoliticaCobrancaView, "Políticas de cobrança", label=_l("Políticas de cobrança"), icon="settings", category="Financeiro")
    appbuilder.add_view_no_menu(ItemInvoiceView)
    appbuilder.add_view_no_menu(CicloDoContratoView)
    appbuilder.add_view_no_menu(ContratoItemView)
    appbuilder.add_view_no_menu(AvulsosView)
    registro.fonte_de_busca(FONTE)
    for bloco in BLOCOS:
        registro.bloco_do_cliente(bloco)
    registro.fazedor_de_pdf("invoice", documentos.pdf_da_invoice)
