"""Requests of data subjects: kinds and states."""

from __future__ import annotations

from app.core.tipos import N_, Rotulado


class TipoPedido(Rotulado):
    """What a customer may ask (LGPD, art. 18)."""

    exportacao = N_("Cópia dos dados")
    anonimizacao = N_("Anonimização")
    correcao = N_("Correção de dados")
    informacao = N_("Informação sobre o uso dos dados")


class SituacaoPedido(Rotulado):
    """Life of a request. ``aguardando_prazo``: what no law keeps is gone, the rest goes by itself on its day."""

    aberto = N_("Aberto")
    em_andamento = N_("Em andamento")
    aguardando_prazo = N_("Guarda legal")
    concluido = N_("Concluído")
    recusado = N_("Recusado")


class EtapaRecibo(Rotulado):
    """What a receipt certifies."""

    exportacao = N_("Arquivo entregue")
    parcial = N_("Anonimização do que nenhuma lei guarda")
    completa = N_("Anonimização completa")


class AndamentoPedido(Rotulado):
    """Whether a request is answered, and in time."""

    no_prazo = N_("No prazo")
    atrasado = N_("Atrasado")
    atendido = N_("Atendido")


AndamentoPedido.no_prazo.tom = "info"
AndamentoPedido.atendido.tom = "success"

_S = SituacaoPedido
TRANSICOES = {      # from → to → what does it, as docs/estados.md shows
    _S.aberto: {_S.em_andamento: "exportar ou anonimizar", _S.concluido: "responder", _S.recusado: "recusar"},
    _S.em_andamento: {_S.aguardando_prazo: "anonimização parcial", _S.concluido: "fim do trabalho", _S.aberto: "anonimização impedida"},
    _S.aguardando_prazo: {_S.concluido: "fim da guarda legal"},
    _S.concluido: {},
    _S.recusado: {},
}
POR_FAZER = (_S.aberto, _S.em_andamento)
ABERTOS = (*POR_FAZER, _S.aguardando_prazo)
