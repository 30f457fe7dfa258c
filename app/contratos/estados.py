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
TRANSICOES = {
    _S.rascunho: {_S.aguardando_assinatura, _S.ativo, _S.cancelado},
    _S.aguardando_assinatura: {_S.ativo, _S.rascunho, _S.cancelado},
    _S.ativo: {_S.suspenso, _S.vencido, _S.cancelado},
    _S.suspenso: {_S.ativo, _S.cancelado},
    _S.vencido: {_S.ativo, _S.cancelado},
    _S.cancelado: set(),
}
