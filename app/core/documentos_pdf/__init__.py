"""HTML to PDF behind one function, with three renderers for the same templates.

``PDF_RENDERER`` chooses: ``plutoprint`` (pip only), ``weasyprint`` (needs Pango), ``pdfkit`` (needs wkhtmltopdf), or ``auto``, the
default, which takes the first of these that is installed. Needs no Flask application. Documents are rendered in workers: an engine
written in C can stop its process.

What a document may hold, so that the three draw the same page: tables and floats for layout, mm and pt, inline SVG, CSS in the
page, images as ``data:`` URIs, ``@page`` with ``size: A4`` (or landscape) and a margin in mm; 12 mm when it names none. No flex gap,
no grid, no italics (WeasyPrint has no slanted face to draw them with). Long codes need ``word-break: break-all`` and, in a table,
``table-layout: fixed``: plutoprint shrinks the whole page when something is too wide for it.
Files, the network, scripts and embedded options are refused whatever the HTML says. The fonts are those of ``app/fontes``.
"""

from app.core.documentos_pdf.codigos import qr_svg
from app.core.documentos_pdf.lotes import muitos_para_pdf
from app.core.documentos_pdf.renderizadores import RENDERIZADORES, ErroDeRenderizacao, html_para_pdf, nome_do_renderizador

__all__ = ["RENDERIZADORES", "ErroDeRenderizacao", "html_para_pdf", "muitos_para_pdf", "nome_do_renderizador", "qr_svg"]
