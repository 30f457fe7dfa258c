"""What joins the floors, filled by app/menu.py: tabs of other modules, sources of the global search, makers of PDFs, sources of remote selects,
and what work people hold, so that it can be handed on when one leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Achado:
    """One hit of the global search."""

    titulo: str
    sub: str
    url: str
    icone: str = "info-circle"
    selo: str | None = None
    tom: str | None = None


@dataclass(frozen=True)
class FonteBusca:
    """A source of the global search: ``buscar(texto, limite)`` returns hits the present user may see."""

    nome: str
    visao: str
    buscar: Callable[[str, int], Sequence[Achado]]


@dataclass(frozen=True)
class BlocoCliente:
    """A part of the customer's page that belongs to a higher floor. ``dados(cliente_id)`` gives what ``template`` draws as ``b``; None hides it.

    ``lugar`` is ``alerta``, ``cartao``, ``principal``, ``lateral`` or ``menu``; ``visao`` is the view whose list the person must be allowed to see.
    """

    lugar: str
    visao: str
    template: str
    dados: Callable[[int], Any]


@dataclass(frozen=True)
class Trabalho:
    """A kind of work that somebody answers for. ``rotulo`` is its plural on screen (marked with ``N_``).

    ``contar(sessao, usuario_id)``: how many he holds now; ``repassar(sessao, de_id, para_id)``: give them all to another, and say how many.
    """

    nome: str
    rotulo: str
    contar: Callable[[Session, int], int]
    repassar: Callable[[Session, int, int], int]


_buscas: list[FonteBusca] = []
_blocos: list[BlocoCliente] = []
_pdfs: dict[str, Callable[..., bytes]] = {}
_trabalhos: dict[str, Trabalho] = {}


def relacionar(visao: type, *outras: type) -> None:
    """Show the lists ``outras`` as tabs of ``visao``'s record page."""
    visao.related_views = [*(visao.related_views or []), *[o for o in outras if o not in (visao.related_views or [])]]


def fonte_de_busca(fonte: FonteBusca) -> None:
    """Add a source to the global search; the same name replaces."""
    _buscas[:] = [f for f in _buscas if f.nome != fonte.nome] + [fonte]


def fontes_de_busca() -> Sequence[FonteBusca]:
    """In the order they were added."""
    return tuple(_buscas)


def bloco_do_cliente(bloco: BlocoCliente) -> None:
    """Add a part to the customer's page; the same template replaces."""
    _blocos[:] = [b for b in _blocos if b.template != bloco.template] + [bloco]


def blocos_do_cliente() -> Sequence[BlocoCliente]:
    """In the order they were added."""
    return tuple(_blocos)


def trabalho_de(trabalho: Trabalho) -> None:
    """Add a kind of work; the same name replaces."""
    _trabalhos[trabalho.nome] = trabalho


def trabalhos() -> Sequence[Trabalho]:
    """In the order they were added."""
    return tuple(_trabalhos.values())


def fazedor_de_pdf(nome: str, fazer: Callable[..., bytes]) -> None:
    """``fazer(registro_id) -> bytes``: how a document of that name is made (attachments of messages, exports)."""
    _pdfs[nome] = fazer


def fazer_pdf(nome: str, *argumentos: Any) -> bytes:
    """Make a document by name. KeyError when nobody makes it."""
    return _pdfs[nome](*argumentos)
