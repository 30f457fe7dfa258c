"""One opening of a form does its work once: sent twice, at once or after a lost answer, the second finds what the first did."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from wtforms import Field

from app.core.ator import ator_id
from app.core.modelos import retrato
from app.core.models import FeitoUmaVez
from app.core.textos import resumo


def nova_chave() -> str:
    """A key for a form that is being opened."""
    return secrets.token_urlsafe(12)


def impressao(form: Iterable[Field]) -> str:
    """What a form says, in few characters: the same opening sent with something else is other work."""
    return retrato(sorted(((campo.name, campo.data) for campo in form if campo.name != "csrf_token"), key=itemgetter(0)), 10)


def uma_vez(sessao: Session, assunto: str, chave: str, fazer: Callable[[], int]) -> tuple[int, bool]:
    """``fazer()`` once for each person, subject and key, in the caller's transaction. Returns (the id it returned, whether it had been done before).

    A second caller waits for the first: when that one fails, the second does the work. Without a key the work is always done.
    """
    if not chave:
        return fazer(), False
    nome = _nome(assunto, chave)
    if sessao.scalar(insert(FeitoUmaVez).values(chave=nome).on_conflict_do_nothing().returning(FeitoUmaVez.chave)):
        resultado = fazer()
        sessao.execute(update(FeitoUmaVez).where(FeitoUmaVez.chave == nome).values(resultado=resultado))
        return resultado, False
    return sessao.scalars(select(FeitoUmaVez.resultado).where(FeitoUmaVez.chave == nome)).one(), True


def desta_abertura(sessao: Session, assunto: str, form: Any, fazer: Callable[[], int]) -> tuple[int, bool]:
    """``uma_vez`` by the ``chave`` of a form and what it says."""
    return uma_vez(sessao, f"{assunto}:{impressao(form)}", form.chave.data or "", fazer)


def feito(sessao: Session, assunto: str, chave: str) -> int | None:
    """The id that ``uma_vez`` returned for this person, subject and key, or None when it has not done the work."""
    return sessao.scalar(select(FeitoUmaVez.resultado).where(FeitoUmaVez.chave == _nome(assunto, chave))) if chave else None


def _nome(assunto: str, chave: str) -> str:
    return f"{assunto}:{ator_id() or 0}:{resumo(chave, 32)}"
