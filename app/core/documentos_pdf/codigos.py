"""Codes drawn as inline SVG: sharp at any resolution, and the only form all three renderers print readable at 150 dpi."""

import html
import io

import segno
from markupsafe import Markup


def qr_svg(texto: str, *, mm: int = 36, titulo: str = "QR Code") -> Markup:
    """A QR code (level M or better) as one ``<svg>`` of ``mm`` × ``mm``.

    Black on white with its quiet zone of four modules, also on a dark page. ``titulo`` is what a screen reader says.
    """
    saida = io.BytesIO()
    segno.make(texto, error="m", micro=False).save(saida, kind="svg", border=4, light="#fff", xmldecl=False, svgns=True, omitsize=True, nl=False)
    atributos = f'<svg role="img" aria-label="{html.escape(titulo)}" width="{mm}mm" height="{mm}mm" shape-rendering="crispEdges" '
    return Markup(saida.getvalue().decode("ascii").replace("<svg ", atributos, 1))
