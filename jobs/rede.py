"""The network made to agree with what is desired: releases first, server by server, each behind its own circuit breaker."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from app.core.execucao import CONTINUAR, Execucao, efeito
from app.rede import aplicacao
from app.rede.aplicacao import Pedido
from app.rede.controladores import FalhaRede, controlador

log = logging.getLogger(__name__)


@efeito("aplicar_rede")
def aplicar_rede(execucao: Execucao) -> object:
    """Carry out everything that is due. What fails waits longer each time; a server that does not answer does not delay the others."""
    while True:
        with execucao.transacao() as sessao:
            pedidos = aplicacao.reservar(sessao)
        if not pedidos:
            return None
        for pedido in pedidos:
            _atender(execucao, pedido)
        if execucao.prazo_esgotado:
            return CONTINUAR


def _atender(execucao: Execucao, pedido: Pedido) -> None:
    execucao.exigir_livre()
    respondeu = False
    try:
        resultados: Mapping[int, FalhaRede | None] = controlador(pedido.servidor).aplicar(pedido.alvos)
        respondeu = True
    except FalhaRede as erro:
        if erro.temporaria and pedido.servidor.id is not None:
            _pausar(execucao, pedido, erro)
            return
        resultados = {alvo.acesso_id: erro for alvo in pedido.alvos}
    except Exception as erro:  # a bug of a driver, or an answer it did not expect, must not lose the claim of the whole lot
        log.exception("driver failed servidor=%s", pedido.servidor.nome)
        resultados = dict.fromkeys((alvo.acesso_id for alvo in pedido.alvos), FalhaRede(f"{type(erro).__name__}: {erro}"[:500]))
    with execucao.transacao() as sessao:
        feitos = aplicacao.anotar(sessao, pedido, resultados)
        if respondeu:
            aplicacao.servidor_respondeu(sessao, pedido.servidor.id)
        execucao.avancar(len(pedido.alvos), aplicados=feitos, falhas=len(pedido.alvos) - feitos)


def _pausar(execucao: Execucao, pedido: Pedido, queda: FalhaRede) -> None:
    log.warning("server does not answer servidor=%s ordens=%s", pedido.servidor.nome, len(pedido.alvos))
    with execucao.transacao() as sessao:
        aplicacao.devolver(sessao, pedido, str(queda))
        aplicacao.servidor_calou(sessao, pedido.servidor.id, str(queda))
        execucao.avancar(len(pedido.alvos), adiadas=len(pedido.alvos))
