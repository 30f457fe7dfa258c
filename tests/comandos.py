"""What a piece of code sends to the database, and where rows lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session


@contextmanager
def comandos(alvo: Any) -> Iterator[list[str]]:
    """The statements sent meanwhile over an engine or connection; one for many rows counts once."""
    feitos: list[str] = []

    def anotar(*a: object) -> None:
        feitos.append(str(a[2]))

    event.listen(alvo, "before_cursor_execute", anotar)
    try:
        yield feitos
    finally:
        event.remove(alvo, "before_cursor_execute", anotar)


def reais(feitos: list[str]) -> list[str]:
    """Those that ask or write: the tests' own savepoints are not the page's."""
    return [c for c in feitos if not c.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def foto(sessao: Session, tabelas: list[str] | tuple[str, ...]) -> dict[str, str | None]:
    """Each table's rows and where each lies: a row that is written again, even the same, lies elsewhere."""
    linhas = "SELECT md5(string_agg(t.tableoid || t.ctid::text || t::text, ' ' ORDER BY t.tableoid, t.ctid)) FROM {} t"
    return {tabela: sessao.scalar(text(linhas.format(tabela))) for tabela in tabelas}
