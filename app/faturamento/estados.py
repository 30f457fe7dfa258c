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
    multa = N_("Multa")
    juros = N_("Juros")
    credito = N_("Crédito")
    ajuste = N_("Ajuste")


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
TRANSICOES_INVOICE = {
    _I.draft: {_I.emitida, _I.cancelada},
    _I.emitida: {_I.paga, _I.vencida, _I.cancelada},
    _I.vencida: {_I.paga, _I.emitida, _I.cancelada},
    _I.paga: {_I.emitida, _I.vencida},
    _I.cancelada: set(),
}
_P = StatusPagamento
TRANSICOES_PAGAMENTO = {
    _P.pendente: {_P.confirmado, _P.falha},
    _P.confirmado: {_P.estornado},
    _P.falha: {_P.confirmado},
    _P.estornado: set(),
}
_C = StatusCobranca
TRANSICOES_COBRANCA = {
    _C.a_registrar: {_C.registrada, _C.cancelada, _C.erro, _C.paga},
    _C.registrada: {_C.paga, _C.expirada, _C.cancelada, _C.erro},
    _C.erro: {_C.a_registrar, _C.registrada, _C.cancelada, _C.paga},
    _C.expirada: {_C.paga, _C.cancelada},
    _C.cancelada: {_C.paga},
    _C.paga: set(),
}
_L = StatusLancamento
TRANSICOES_LANCAMENTO = {_L.aberto: {_L.faturado, _L.cancelado}, _L.faturado: {_L.aberto}, _L.cancelado: set()}
_E = StatusExecucao
TRANSICOES_EXECUCAO = {
    _E.preparando: {_E.executando, _E.concluida, _E.interrompida},
    _E.executando: {_E.concluida, _E.interrompida},
    _E.interrompida: {_E.executando},
    _E.concluida: set(),
}
