"""States of invoices, payments, charges and runs."""

from __future__ import annotations

from app.core.tipos import N_, Rotulado


class StatusInvoice(Rotulado):
    """``vencida`` is a label kept by the 00:05 job; overdue is always computed (consultas.em_atraso)."""

    draft = N_("Rascunho")
    emitida = N_("Em aberto")
    paga = N_("Paga")
    vencida = N_("Vencida")
    cancelada = N_("Cancelada")


class TipoItem(Rotulado):
    """What a line of an invoice is."""

    plano = N_("Plano")
    produto = N_("Produto")
    servico = N_("Serviço")
    desconto = N_("Desconto")
    multa = N_("Multa contratual")
    juros = N_("Multa e juros")
    credito = N_("Crédito")
    ajuste = N_("Ajuste")


class SituacaoItem(Rotulado):
    """Whether a line counts. ``cancelada``: its invoice is. ``devolvida``: given back whole, its days may be billed again."""

    cobrada = N_("Cobrada")
    cancelada = N_("Cancelada")
    devolvida = N_("Devolvida")


class Metodo(Rotulado):
    """How money came."""

    boleto = N_("Boleto")
    pix = N_("Pix")
    cartao = N_("Cartão")
    transferencia = N_("Transferência")
    dinheiro = N_("Dinheiro")


class StatusPagamento(Rotulado):
    """Life of a payment."""

    pendente = N_("Pendente")
    confirmado = N_("Confirmado")
    falha = N_("Falhou")
    estornado = N_("Estornado")


class DesejoCobranca(Rotulado):
    """What a charge should be at its gateway."""

    registrada = N_("Registrada")
    cancelada = N_("Cancelada")


class StatusCobranca(Rotulado):
    """What a charge is at its gateway."""

    a_registrar = N_("A registrar")
    registrada = N_("Registrada")
    paga = N_("Paga")
    expirada = N_("Expirada")
    cancelada = N_("Cancelada")
    erro = N_("Erro")


class TipoLancamento(Rotulado):
    """One-off charge or discount."""

    acrescimo = N_("Acréscimo")
    desconto = N_("Desconto")


class StatusLancamento(Rotulado):
    """Whether an instalment was already billed."""

    aberto = N_("A cobrar")
    faturado = N_("Faturado")
    cancelado = N_("Cancelado")


class StatusExecucao(Rotulado):
    """Life of a billing run."""

    preparando = N_("Preparando")
    executando = N_("Executando")
    concluida = N_("Concluída")
    interrompida = N_("Interrompida")


_I = StatusInvoice
TRANSICOES_INVOICE = {      # from → to → what does it, as docs/estados.md shows
    _I.draft: {_I.emitida: "emitir", _I.cancelada: "cancelar"},
    _I.emitida: {_I.paga: "registrar_pagamento", _I.vencida: "marcar_vencidas", _I.cancelada: "cancelar"},
    _I.vencida: {_I.paga: "registrar_pagamento", _I.emitida: "marcar_vencidas (vencimento prorrogado)", _I.cancelada: "cancelar"},
    _I.paga: {_I.emitida: "estornar_pagamento (em dia)", _I.vencida: "estornar_pagamento (em atraso)", _I.cancelada: "cancelar (paga só com crédito)"},
    _I.cancelada: {},
}
_P = StatusPagamento
TRANSICOES_PAGAMENTO = {
    _P.pendente: {_P.confirmado: "confirmação do gateway", _P.falha: "recusa do gateway"},
    _P.confirmado: {_P.estornado: "estornar_pagamento"},
    _P.falha: {_P.confirmado: "confirmação tardia do gateway"},
    _P.estornado: {},
}
_C = StatusCobranca
TRANSICOES_COBRANCA = {
    _C.a_registrar: {
        _C.registrada: "registro no gateway", _C.cancelada: "fatura paga ou cancelada", _C.erro: "recusa do gateway", _C.paga: "pagamento no gateway",
    },
    _C.registrada: {
        _C.paga: "pagamento no gateway", _C.expirada: "fim da validade", _C.cancelada: "cancelamento no gateway", _C.erro: "recusa do gateway",
    },
    _C.erro: {
        _C.a_registrar: "nova tentativa", _C.registrada: "registro no gateway", _C.cancelada: "fatura paga ou cancelada", _C.paga: "pagamento no gateway",
    },
    _C.expirada: {_C.paga: "pagamento no gateway", _C.cancelada: "cancelamento no gateway"},
    _C.cancelada: {_C.paga: "pagamento no gateway"},
    _C.paga: {},
}
_L = StatusLancamento
TRANSICOES_LANCAMENTO = {
    _L.aberto: {_L.faturado: "emissão da fatura", _L.cancelado: "cancelar_lancamento"},
    _L.faturado: {_L.aberto: "cancelar (a fatura)"},
    _L.cancelado: {},
}
_S = SituacaoItem
TRANSICOES_ITEM = {
    _S.cobrada: {_S.cancelada: "cancelar (a fatura)", _S.devolvida: "suspender_a_pedido"},
    _S.cancelada: {_S.devolvida: "suspender_a_pedido"},
    _S.devolvida: {},
}
_E = StatusExecucao
TRANSICOES_EXECUCAO = {
    _E.preparando: {_E.executando: "primeiro lote", _E.concluida: "nada a emitir", _E.interrompida: "parada"},
    _E.executando: {_E.concluida: "último lote", _E.interrompida: "parada ou abandono"},
    _E.interrompida: {_E.executando: "retomada"},
    _E.concluida: {},
}
