"""How each kind of handler is run once its task is claimed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from app.core.execucao import posse as posses
from app.core.execucao.contexto import PRAZO_POR_VEZ, Execucao
from app.core.execucao.manipuladores import CONTINUAR, Avanco, Manipulador, Tipo
from app.core.execucao.posse import Cancelada, Posse
from app.core.models import EstadoTarefa as E
from app.core.models import Tarefa
from app.core.transacao import transacao


def rodar_tarefa(manipulador: Manipulador, posse: Posse) -> E:
    """Work and mark in one transaction."""
    with transacao() as sessao:
        resultado = manipulador.funcao(sessao, **manipulador.argumentos(posse.argumentos, posse.referencia))
        sessao.flush()
        posses.concluir(sessao, posse, contagens=contagens_de(resultado))
    return E.feita


def rodar_efeito(manipulador: Manipulador, posse: Posse) -> E:
    """The handler opens its own transactions; the mark comes after it, unless it recorded its last answer together with the mark."""
    execucao = Execucao(posse)
    execucao.exigir_livre()
    resultado = manipulador.funcao(execucao, **manipulador.argumentos(posse.argumentos, posse.referencia))
    execucao.exigir_livre()
    if execucao.concluida:
        return E.feita
    with transacao() as sessao:
        if resultado is CONTINUAR:
            posses.devolver(sessao, posse)
            return E.pendente
        relato = execucao.relato()
        posses.concluir(sessao, posse, **{**relato, "contagens": {**relato["contagens"], **contagens_de(resultado)}})
    return E.feita


def rodar_longa(manipulador: Manipulador, posse: Posse) -> E:
    """Slice after slice, each committed with its cursor; after three minutes it goes back to the queue so that others pass."""
    cursor, fim = posse.cursor, time.monotonic() + PRAZO_POR_VEZ
    argumentos = manipulador.argumentos(posse.argumentos, posse.referencia)
    while True:
        with transacao() as sessao:
            avanco = como_avanco(manipulador.funcao(sessao, cursor, **argumentos))
            sessao.flush()
            valores = valores_do_avanco(avanco)
            if avanco.cursor is None:
                posses.concluir(sessao, posse, **valores)
                return E.feita
            tentativas = posse.tentativa - 1 + manipulador.tentativas
            (parar,) = posses.renovar(sessao, posse, cursor=avanco.cursor, max_tentativas=tentativas, **valores)
        if parar:
            raise Cancelada
        if time.monotonic() > fim:
            with transacao() as sessao:
                posses.devolver(sessao, posse)
            return E.pendente
        cursor = avanco.cursor


RODADORES: Mapping[Tipo, Callable[[Manipulador, Posse], E]] = {
    Tipo.tarefa: rodar_tarefa, Tipo.efeito: rodar_efeito, Tipo.longa: rodar_longa, Tipo.recomecavel: rodar_efeito,
}


def como_avanco(resultado: Avanco | dict[str, Any] | None) -> Avanco:
    """What a slice returned, as an Avanco."""
    return resultado if isinstance(resultado, Avanco) else Avanco(resultado)


def valores_do_avanco(avanco: Avanco) -> dict[str, Any]:
    """Columns that a slice changes, beside its cursor."""
    valores: dict[str, Any] = {"progresso": Tarefa.progresso + avanco.feitos}
    if avanco.total is not None:
        valores["total"] = avanco.total
    if avanco.contagens:
        valores["contagens"] = posses.somar(avanco.contagens)
    return valores


def contagens_de(resultado: object) -> dict[str, int]:
    """Counts a handler returned: a dict of ints, or one number."""
    if isinstance(resultado, int) and not isinstance(resultado, bool):
        return {"feitos": resultado}
    return dict(resultado) if isinstance(resultado, Mapping) else {}
