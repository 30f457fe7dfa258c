"""What wkhtmltopdf cannot do with ``@page``: its printable area is drawn alone, many times larger, and placed on the sheet afterwards.

Margins given to wkhtmltopdf itself are rounded to whole points and lost altogether when they are large.
pypdf is imported where a page is placed: most processes never do.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf.generic import ArrayObject, DecodedStreamObject

A4_MM = (Decimal(210), Decimal(297))
MARGEM_MM = 12
_PONTO_MM = Decimal("25.4") / 72
# CSS shorthand: which of the given values is top, right, bottom, left.
_LADOS = {1: (0, 0, 0, 0), 2: (0, 1, 0, 1), 3: (0, 1, 2, 1), 4: (0, 1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Folha:
    """A4 upright or landscape and its margins, in mm."""

    largura: Decimal
    altura: Decimal
    cima: Decimal
    direita: Decimal
    baixo: Decimal
    esquerda: Decimal

    @classmethod
    def do_css(cls, html: str) -> Folha:
        """Orientation and margin (mm, one to four values) of the first ``@page`` rule; 12 mm where it says nothing."""
        regra = re.search(r"@page\s*\{([^}]*)", html)
        margem = re.search(r"margin:([^;]*)", regra[1]) if regra else None
        valores = re.findall(r"([0-9.]+)mm", margem[1])[:4] if margem else []
        valores = [Decimal(v) for v in valores] or [Decimal(MARGEM_MM)]
        lados = A4_MM[::-1] if regra and "landscape" in regra[1] else A4_MM
        return cls(*lados, *(valores[i] for i in _LADOS[len(valores)]))

    def opcoes(self, vezes: int) -> dict[str, str]:
        """Options of wkhtmltopdf for a page that is the printable area, ``vezes`` times larger."""
        tamanho = {
            "page-width": f"{(self.largura - self.esquerda - self.direita) * vezes}mm",
            "page-height": f"{(self.altura - self.cima - self.baixo) * vezes}mm",
        }
        return tamanho | {f"margin-{lado}": "0" for lado in ("top", "right", "bottom", "left")}

    def assentar(self, pdf: bytes, vezes: int) -> bytes:
        """The pages reduced ``vezes`` times and put inside the margins. The drawing is wrapped in a transformation, not parsed."""
        from pypdf import PdfWriter
        from pypdf.generic import ArrayObject, NameObject

        escritor = PdfWriter(clone_from=io.BytesIO(pdf))
        x, y = self.esquerda / _PONTO_MM, self.baixo / _PONTO_MM
        inicio = escritor._add_object(_trecho(f"q {1 / vezes:f} 0 0 {1 / vezes:f} {x:f} {y:f} cm\n"))
        fim = escritor._add_object(_trecho("\nQ"))
        for pagina in escritor.pages:
            conteudo = pagina["/Contents"].get_object()
            partes = conteudo if isinstance(conteudo, ArrayObject) else [pagina.raw_get("/Contents")]
            pagina[NameObject("/Contents")] = ArrayObject([inicio, *partes, fim])
            pagina[NameObject("/MediaBox")] = _caixa(0, 0, self.largura / _PONTO_MM, self.altura / _PONTO_MM)
            for nota in (referencia.get_object() for referencia in pagina.get("/Annots", [])):
                x0, y0, x1, y1 = (Decimal(float(n)) / vezes for n in nota["/Rect"])
                nota[NameObject("/Rect")] = _caixa(x0 + x, y0 + y, x1 + x, y1 + y)
        saida = io.BytesIO()
        escritor.write(saida)
        return saida.getvalue()


def _trecho(desenho: str) -> DecodedStreamObject:
    """A content stream of its own."""
    from pypdf.generic import DecodedStreamObject

    fluxo = DecodedStreamObject()
    fluxo.set_data(desenho.encode("ascii"))
    return fluxo


def _caixa(*lados: Decimal | int) -> ArrayObject:
    """A PDF rectangle in points."""
    from pypdf.generic import ArrayObject, FloatObject

    return ArrayObject(FloatObject(round(lado, 3)) for lado in lados)
