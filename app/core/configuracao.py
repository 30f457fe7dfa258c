"""Settings: every number a provider may want different, declared once with type, default and help, edited in one screen, audited.

Modules declare at import; reading costs one query per request or task, whatever the number of settings.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import g, has_app_context
from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.erros import ValorInvalido
from app.core.models import Configuracao, Feriado
from app.extensions import db

_LIDAS = "configuracoes_lidas"


@dataclass(frozen=True)
class Parametro:
    """A declared setting. ``tipo`` is bool, int, Decimal, str or datetime.time; ``minimo``/``maximo`` bound numbers."""

    chave: str
    tipo: type
    padrao: Any
    rotulo: str
    ajuda: str = ""
    minimo: Any = None
    maximo: Any = None
    opcoes: tuple[tuple[str, str], ...] = field(default=())

    @property
    def grupo(self) -> str:
        """What stands before the first dot: the section of the screen."""
        return self.chave.split(".", 1)[0]


PARAMETROS: dict[str, Parametro] = {}
GRUPOS: dict[str, str] = {}


def declarar_grupo(grupo: str, rotulo: str) -> None:
    """Portuguese title of a section of the settings screen."""
    GRUPOS[grupo] = rotulo


def declarar(chave: str, tipo: type, padrao: Any, rotulo: str, ajuda: str = "", **limites: Any) -> Parametro:
    """Declare a setting; declaring the same key twice raises ValueError."""
    if chave in PARAMETROS:
        raise ValueError(f"setting declared twice: {chave}")
    PARAMETROS[chave] = Parametro(chave, tipo, padrao, rotulo, ajuda, **limites)
    return PARAMETROS[chave]


def ler(chave: str) -> Any:
    """The setting's present value, in its declared type. An undeclared key raises KeyError."""
    parametro = PARAMETROS[chave]
    guardado = _todas().get(chave)
    return parametro.padrao if guardado is None else _de_json(parametro, guardado)


def gravar(sessao: Session, chave: str, valor: Any) -> None:
    """Store a setting after checking type and limits. None goes back to the default. Raises ValorInvalido."""
    parametro = PARAMETROS[chave]
    linha = sessao.get(Configuracao, chave)
    if valor is None:
        if linha is not None:
            sessao.delete(linha)
    elif linha is None:
        sessao.add(Configuracao(chave=chave, valor=_para_json(conferir(parametro, valor))))
    else:
        linha.valor = _para_json(conferir(parametro, valor))
    sessao.flush()
    esquecer()


def travar(sessao: Session) -> None:
    """One person at a time saves settings, until the transaction ends, and sees what the last one saved."""
    sessao.execute(text("SELECT pg_advisory_xact_lock(hashtext('configuracao'))"))
    esquecer()


def conferir(parametro: Parametro, valor: Any) -> Any:
    """``valor`` in the declared type and within its limits, or ValorInvalido."""
    try:
        valor = _converter(parametro.tipo, valor)
    except (ValueError, TypeError, InvalidOperation) as erro:
        raise ValorInvalido(_("%(nome)s: valor inválido.", nome=parametro.rotulo), campo=parametro.chave) from erro
    fora = (parametro.minimo is not None and valor < parametro.minimo) or (parametro.maximo is not None and valor > parametro.maximo)
    if fora or (parametro.opcoes and valor not in {o for o, _r in parametro.opcoes}):
        raise ValorInvalido(_("%(nome)s: valor fora do permitido.", nome=parametro.rotulo), campo=parametro.chave)
    return valor


def esquecer() -> None:
    """Forget what this request or task has read."""
    if has_app_context():
        g.pop(_LIDAS, None)
        g.pop("feriados_do_operador", None)


def feriados_do_operador() -> frozenset[dt.date]:
    """The operator's own holidays, read once per request or task."""
    if "feriados_do_operador" not in g:
        g.feriados_do_operador = frozenset(db.session.scalars(select(Feriado.data)))
    return g.feriados_do_operador


def _todas() -> dict[str, Any]:
    if _LIDAS not in g:
        setattr(g, _LIDAS, dict(db.session.execute(select(Configuracao.chave, Configuracao.valor)).all()))
    return getattr(g, _LIDAS)


def _converter(tipo: type, valor: Any) -> Any:
    if tipo is Decimal:
        numero = Decimal(str(valor))
        if not numero.is_finite():
            raise ValueError("not finite")
        return numero
    if tipo is dt.time:
        return valor if isinstance(valor, dt.time) else dt.time.fromisoformat(str(valor))
    return valor if isinstance(valor, tipo) else tipo(valor)


def _para_json(valor: Any) -> Any:
    if isinstance(valor, Decimal):
        return str(valor)
    return valor.isoformat("minutes") if isinstance(valor, dt.time) else valor


def _de_json(parametro: Parametro, valor: Any) -> Any:
    return _converter(parametro.tipo, valor)
