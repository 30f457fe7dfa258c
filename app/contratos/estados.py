"""States of a contract and the small choices a contract makes."""

from __future__ import annotations

from app.core.tipos import N_, Rotulado


class StatusContrato(Rotulado):
    """Commercial state; whether the access is on is AcessoRede's business."""

    rascunho = N_("Rascunho")
    aguardando_assinatura = N_("Aguardando assinatura")
    ativo = N_("Ativo")
    suspenso = N_("Suspenso")
    vencido = N_("Vencido")
    cancelado = N_("Cancelado")


class Cobranca(Rotulado):
    """Whether a period is billed before or after it is used."""

    antecipada = N_("Antecipada (pré-paga)")
    vencida = N_("Vencida (pós-paga)")


class Sim(Rotulado):
    """Tri-state: yes, no, or as the company decides."""

    S = N_("Sim")
    N = N_("Não")
    P = N_("Padrão da empresa")


_S = StatusContrato
SEM_SERVICO = (_S.rascunho, _S.aguardando_assinatura)      # nothing has begun yet
ENCERRADOS = (_S.vencido, _S.cancelado)
TRANSICOES = {      # from → to → what does it, as docs/estados.md shows
    _S.rascunho: {_S.aguardando_assinatura: "enviar_para_assinatura", _S.ativo: "ativar_contrato", _S.cancelado: "encerrar_contrato"},
    _S.aguardando_assinatura: {_S.ativo: "assinar ou ativar_contrato", _S.rascunho: "assinatura recusada", _S.cancelado: "encerrar_contrato"},
    _S.ativo: {_S.suspenso: "suspender_a_pedido", _S.vencido: "fim do prazo sem renovação", _S.cancelado: "encerrar_contrato"},
    _S.suspenso: {_S.ativo: "retomar", _S.cancelado: "encerrar_contrato"},
    _S.vencido: {_S.ativo: "renovar_contrato", _S.cancelado: "encerrar_contrato"},
    _S.cancelado: {},
}
