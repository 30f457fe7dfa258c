"""State machines as tables: which state may follow which and by what, checked on every assignment of the column.

    maquina(Invoice.status, {S.emitida: {S.paga: "registrar_pagamento", S.cancelada: "cancelar"}, ...})
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import NO_VALUE

from app.core.erros import TransicaoInvalida
from app.core.tipos import Rotulado

Transicoes = Mapping[Rotulado, Mapping[Rotulado, str]]      # from → to → the verb or event that does it

MAQUINAS: dict[str, tuple[InstrumentedAttribute[Any], Transicoes, Rotulado]] = {}


def maquina(coluna: InstrumentedAttribute[Any], transicoes: Transicoes, *, inicial: Rotulado) -> None:
    """Guard ``coluna``: every assignment must follow ``transicoes`` (the same state again is no change) or raise TransicaoInvalida."""
    MAQUINAS[f"{coluna.class_.__name__}.{coluna.key}"] = (coluna, transicoes, inicial)

    @event.listens_for(coluna, "set", retval=True, active_history=True)
    def _conferir(alvo: Any, novo: Any, velho: Any, _iniciador: Any) -> Any:
        novo = _membro(type(inicial), novo)
        if velho is NO_VALUE or velho is None:
            return novo
        conferir(transicoes, _membro(type(inicial), velho), novo)
        return novo


def conferir(transicoes: Transicoes, velho: Rotulado, novo: Rotulado) -> None:
    """Raise TransicaoInvalida when ``novo`` may not follow ``velho``."""
    if novo is not velho and novo not in transicoes.get(velho, {}):
        raise TransicaoInvalida(_("Não é possível passar de “%(de)s” para “%(para)s”.", de=velho.rotulo, para=novo.rotulo), de=velho.name, para=novo.name)


def exigir_mudanca(velho: Rotulado, novo: Rotulado) -> None:
    """Raise TransicaoInvalida for a verb that finds its work done already, where doing it again would count twice."""
    if novo is velho:
        raise TransicaoInvalida(_("Já está “%(estado)s”.", estado=novo.rotulo), de=velho.name, para=novo.name)


def exigir_origem(velho: Rotulado, origens: Collection[Rotulado], novo: Rotulado) -> None:
    """Raise TransicaoInvalida for a verb that starts from other states than ``velho``, though another verb may go from there to ``novo``."""
    exigir_mudanca(velho, novo)
    if velho not in origens:
        raise TransicaoInvalida(_("Não é possível passar de “%(de)s” para “%(para)s”.", de=velho.rotulo, para=novo.rotulo), de=velho.name, para=novo.name)


def _membro(classe: type[Rotulado], valor: Any) -> Rotulado:
    return valor if isinstance(valor, classe) else classe[valor]
