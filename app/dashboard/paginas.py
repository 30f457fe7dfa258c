"""Where the first page leads: each number to its filtered list, each alert to what must be looked at, under the person's permissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.core import configuracao
from app.core.formatos import brl, numero
from app.dashboard.consultas import Alertas, Kpis
from app.faturamento.regras import ultimo_vencimento_em_atraso


@dataclass(frozen=True)
class Cartao:
    """A number, and where it comes from."""

    rotulo: str
    valor: str
    url: str
    nota: str = ""
    tom: str = ""


@dataclass(frozen=True)
class Atalho:
    """A link with its icon."""

    texto: str
    url: str
    icone: str


# positions of the conditions in core.visoes.filtros.ConversorDeFiltros
IGUAL, DIFERENTE, UM_DE, A_PARTIR_DE, ATE = 0, 1, 2, 4, 5


def lista(visao: str, *filtros: tuple[int, str, Any]) -> str | None:
    """Address of a view's list with filters (condition, column, value), or None when it does not exist or the person may not see it.

    A tuple as value is one of several.
    """
    parametros = {f"_flt_{condicao}_{coluna}": valor for condicao, coluna, valor in filtros}
    return _endereco(f"{visao}.list", ("can_list", visao), **parametros)


def _endereco(endpoint: str, permissao: tuple[str, str] | None, **parametros: Any) -> str | None:
    existe = endpoint in current_app.view_functions
    pode = existe and (permissao is None or current_app.appbuilder.sm.has_access(*permissao))
    return url_for(endpoint, **parametros) if pode else None


def cartoes(kpis: Kpis, *, hoje: dt.date) -> list[Cartao]:
    """The numbers the person may see, each with the list of exactly what was counted; sums of the company's money are for those who bill."""
    mes = hoje.replace(day=1)
    vencidas_ate = ultimo_vencimento_em_atraso(hoje, configuracao.feriados_do_operador())
    devedores = ngettext("%(num)d cliente", "%(num)d clientes", kpis.clientes_em_atraso) if kpis.clientes_em_atraso else ""
    emitidas = (A_PARTIR_DE, "data_emissao", mes), (DIFERENTE, "status", "cancelada")
    recebidos = (A_PARTIR_DE, "data_pagamento", mes), (IGUAL, "status", "confirmado")
    atraso = (UM_DE, "status", ("emitida", "vencida")), (ATE, "data_vencimento", vencidas_ate)
    dinheiro = (
        (_("Receita mensal contratada"), brl(kpis.mrr), lista("ContratoView", (IGUAL, "status", "ativo")), _("com adicionais e descontos"), ""),
        (_("Faturado no mês"), brl(kpis.faturado_mes), lista("InvoiceView", *emitidas), _("até hoje"), ""),
        (_("Recebido no mês"), brl(kpis.recebido_mes), lista("PagamentoView", *recebidos), _("até hoje"), ""),
        (_("Em atraso"), brl(kpis.em_atraso), lista("InvoiceView", *atraso), devedores, "danger" if kpis.em_atraso else ""),
    )
    todos = (
        (_("Clientes ativos"), numero(kpis.clientes_ativos), lista("ClienteView", (UM_DE, "status", ("ativo", "bloqueado"))), _("com contrato ativo"), ""),
        *(dinheiro if lista("ExecucaoFaturamentoView") else ()),
        (_("Clientes bloqueados"), numero(kpis.bloqueados), lista("ClienteView", (IGUAL, "status", "bloqueado")), "", "danger" if kpis.bloqueados else ""),
    )
    return [Cartao(rotulo, valor, url, nota, tom) for rotulo, valor, url, nota, tom in todos if url]


def avisos(alertas: Alertas) -> list[Atalho]:
    """What waits for somebody who may do something about it."""
    todos = (
        (alertas.estacionados, ngettext("%(num)d cliente ficou fora do faturamento", "%(num)d clientes ficaram fora do faturamento", alertas.estacionados),
         lista("ClienteEstacionadoView"), "file-invoice"),
        (alertas.tarefas_mortas, ngettext("%(num)d tarefa falhou nos últimos 7 dias", "%(num)d tarefas falharam nos últimos 7 dias", alertas.tarefas_mortas),
         lista("TarefaView", (IGUAL, "estado", "morta")), "alert-triangle"),
        (alertas.mensagens_falhas,
         ngettext("%(num)d mensagem não foi entregue nos últimos 7 dias", "%(num)d mensagens não foram entregues nos últimos 7 dias", alertas.mensagens_falhas),
         lista("NotificacaoView", (IGUAL, "status", "falha")), "mail"),
    )
    return [Atalho(texto, url, icone) for quantos, texto, url, icone in todos if quantos and url]


def atalhos() -> list[Atalho]:
    """What people come to do."""
    desejados = (
        (_("Novo cliente"), "ClienteView.add", ("can_add", "ClienteView"), "user-plus"),
        (_("Clientes"), "ClienteView.list", ("can_list", "ClienteView"), "users"),
        (_("Faturar"), "RodadaView.escolher", ("can_emitir", "RodadaView"), "receipt"),
        (_("Importar clientes"), "ImportarClientesView.inicio", ("can_importar", "ImportarClientesView"), "file-import"),
        (_("Faturas"), "InvoiceView.list", ("can_list", "InvoiceView"), "file-invoice"),
        (_("Contratos"), "ContratoView.list", ("can_list", "ContratoView"), "file-text"),
        (_("Parâmetros"), "ConfiguracoesView.index", ("can_list", "ConfiguracoesView"), "settings"),
        (_("Meu perfil"), "MeuPerfilView.pagina", None, "user-circle"),
    )
    return list(_permitidos(desejados))


def _permitidos(desejados: Iterable[tuple[str, str, tuple[str, str] | None, str]]) -> Iterator[Atalho]:
    for texto, endpoint, permissao, icone in desejados:
        if url := _endereco(endpoint, permissao):
            yield Atalho(texto, url, icone)
