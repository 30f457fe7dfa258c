"""Facts: one line on the customer's timeline and, in the same transaction, one task for each reaction listed in jobs/reacoes.py.

A fact goes up the floors without anybody below importing what is above.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.core import relogio, sigilo, tarefas
from app.core.ator import ator_id
from app.core.dinheiro import formatar_reais
from app.core.models import Evento

_REAIS = re.compile(r"-?\d+\.\d\d")
_REACOES: dict[str, tuple[str, ...]] = {}
_TIPOS: dict[str, tuple[str, str]] = {}


def declarar(tipo: str, rotulo: str, icone: str = "info-circle") -> None:
    """Name a kind of fact for the timeline: Portuguese label (may use ``{campo}`` of the fact's data) and icon of the sprite."""
    _TIPOS[tipo] = (rotulo, icone)


def tipos() -> Mapping[str, tuple[str, str]]:
    """Declared kinds: type → (label, icon)."""
    return _TIPOS


def descrever(evento: Evento) -> tuple[str, str]:
    """(sentence, icon) of a fact for people, without what the reader may not see; data a label asks for and the fact does not have is shown as a dash."""
    rotulo, icone = _TIPOS.get(evento.tipo, (evento.tipo, "info-circle"))
    dados = defaultdict(lambda: "–", evento.dados)
    if _REAIS.fullmatch(str(evento.dados.get("valor"))):      # stored for programs, with a dot
        dados["valor"] = formatar_reais(Decimal(evento.dados["valor"]))
    return sigilo.no_texto(gettext(rotulo).format_map(dados)), icone


def ligar_reacoes(mapa: Mapping[str, Sequence[str]]) -> None:
    """Fact → names of the tasks it starts. Called once by the composition root with jobs.reacoes.REACOES."""
    _REACOES.clear()
    _REACOES.update({k: tuple(v) for k, v in mapa.items()})


def reacoes_de(tipo: str) -> tuple[str, ...]:
    """Tasks started by a fact; those under ``*`` follow every fact."""
    return _REACOES.get(tipo, ()) + _REACOES.get("*", ())


def registrar(sessao: Session, tipo: str, /, *, cliente_id: int | None = None, **dados: Any) -> Evento:
    """Write the fact and its reactions in the caller's transaction. ``dados`` must be JSON. An undeclared type raises KeyError."""
    return registrar_varios(sessao, tipo, [(cliente_id, dados)])[0]


def registrar_varios(sessao: Session, tipo: str, fatos: Sequence[tuple[int | None, Mapping[str, Any]]]) -> list[Evento]:
    """Many facts of one kind, as (customer, data), in their order: written together, with the reactions of each. See ``registrar``."""
    _TIPOS[tipo]
    agora, quem = relogio.agora(), ator_id()
    eventos = [Evento(tipo=tipo, cliente_id=cliente_id, dados=dict(dados), em=agora, ator_id=quem) for cliente_id, dados in fatos]
    sessao.add_all(eventos)
    sessao.flush()
    for nome in reacoes_de(tipo):
        for e in eventos:
            tarefas.agendar(sessao, nome, chave=f"evento:{e.id}:{nome}", **{"evento_id": e.id, "tipo": tipo, "cliente_id": e.cliente_id, **e.dados})
    return eventos
