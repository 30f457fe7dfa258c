"""The three engines. Each refuses files, network, scripts and options hidden in the HTML; ``data:`` URIs are all they fetch."""

import io
import os
import re
import shutil
import subprocess
import tempfile
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from app.core.documentos_pdf.folha import MARGEM_MM, Folha
from app.core.erros import FalhaExterna

FONTES = Path(__file__).resolve().parents[2] / "fontes" / "fonts.conf"
# Set before any engine is imported: without fonts plutoprint writes pages without text and says nothing.
os.environ["FONTCONFIG_FILE"] = str(FONTES)

TEMPO_LIMITE_S = 30
_ENVOLTORIO = Path(__file__).with_name("wkhtmltopdf.sh")
# timeout(1) at the limit and after its kill; perl's alarm on macOS.
_CODIGOS_DE_TEMPO = r"code (?:124|137|-9|-14)\b"
_PAGINA = f"@page {{ size: A4; margin: {MARGEM_MM}mm }}"


class ErroDeRenderizacao(FalhaExterna):
    """The PDF was not made: the renderer is missing, refused the document or took too long."""

    codigo = "erro_de_renderizacao"


class Renderizador(Protocol):
    """An engine; its constructor raises ImportError, OSError or ErroDeRenderizacao where it is not installed."""

    def renderizar(self, html: str) -> bytes:
        """The PDF of one HTML document."""


class PlutoPrint:
    """plutoprint: no script engine, fetches only through the class given to it."""

    def __init__(self) -> None:
        import plutoprint

        class SoDados(plutoprint.ResourceFetcher):
            def fetch_url(self, url: str):
                if url.startswith("data:"):
                    return plutoprint.default_resource_fetcher.fetch_url(url)
                raise ValueError("external resource refused")

        self._motor, self._buscador = plutoprint, SoDados()

    def renderizar(self, html: str) -> bytes:
        """See Renderizador."""
        margens = self._motor.PageMargins(MARGEM_MM * self._motor.UNITS_MM)
        livro = self._motor.Book(self._motor.PAGE_SIZE_A4, margens)
        livro.custom_resource_fetcher = self._buscador
        livro.load_html(html)
        saida = io.BytesIO()
        livro.write_to_pdf_stream(saida)
        return saida.getvalue()


class WeasyPrint:
    """WeasyPrint: pure Python over Pango, which the machine must have."""

    def __init__(self) -> None:
        import weasyprint

        self._motor = weasyprint
        self._buscador = weasyprint.urls.URLFetcher(allowed_protocols=("data",))

    def renderizar(self, html: str) -> bytes:
        """See Renderizador."""
        pagina = self._motor.CSS(string=_PAGINA, url_fetcher=self._buscador)
        return self._motor.HTML(string=html, url_fetcher=self._buscador).write_pdf(stylesheets=[pagina])


class PdfKit:
    """wkhtmltopdf through pdfkit, in a process of its own: no script, no file, a proxy that answers nothing, no meta options, a time limit."""

    _OPCOES = {
        "quiet": "",
        "encoding": "UTF-8",
        "disable-local-file-access": "",
        "disable-javascript": "",
        "disable-plugins": "",
        "proxy": "http://127.0.0.1:9",
        "load-error-handling": "ignore",
        "load-media-error-handling": "ignore",
    }
    _DO_AMBIENTE = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "FONTCONFIG_FILE")

    def __init__(self) -> None:
        import pdfkit

        programa = shutil.which("wkhtmltopdf")
        if not programa:
            raise ErroDeRenderizacao("wkhtmltopdf não está instalado", temporaria=False)
        self._motor = pdfkit
        self._zoom, self._ampliacao = _escala_do_wkhtmltopdf(programa)
        # A prefix no meta tag can have: pdfkit would turn <meta name="pdfkit-…"> into command-line options.
        self._configuracao = pdfkit.configuration(wkhtmltopdf=str(_ENVOLTORIO), meta_tag_prefix="\0", environ=self._ambiente(programa))

    def _ambiente(self, programa: str) -> dict[str, str]:
        """What the child sees: no secret of ours."""
        herdado = {nome: os.environ[nome] for nome in self._DO_AMBIENTE if nome in os.environ}
        limite = os.environ.get("PDF_TEMPO_LIMITE", str(TEMPO_LIMITE_S))
        proprio = {"WK_PROGRAMA": programa, "WK_TEMPO_LIMITE": limite, "XDG_RUNTIME_DIR": tempfile.gettempdir(), "QT_QPA_PLATFORM": "offscreen"}
        return herdado | proprio

    def renderizar(self, html: str) -> bytes:
        """See Renderizador."""
        folha = Folha.do_css(html)
        # The tag goes last, where it works however the document begins.
        html += f"<style>html{{zoom:{self._zoom * self._ampliacao}}}</style>"
        opcoes = self._OPCOES | folha.opcoes(self._ampliacao)
        try:
            pdf = self._motor.from_string(html, False, options=opcoes, configuration=self._configuracao)
        except OSError as erro:
            if re.search(_CODIGOS_DE_TEMPO, str(erro)):
                limite = self._configuracao.environ["WK_TEMPO_LIMITE"]
                raise ErroDeRenderizacao(f"O PDF não ficou pronto: o wkhtmltopdf levou mais de {limite} s.") from erro
            raise
        return folha.assentar(pdf, self._ampliacao)


def _escala_do_wkhtmltopdf(programa: str) -> tuple[Decimal, int]:
    """Zoom that makes 100 mm of CSS 100 mm on paper (measured with a ruler), and how many times larger to draw.

    Debian's build (Qt without the patches) prints at 96/125 and cuts every length and letter to whole pixels of 0.2 mm: drawn 16 times
    larger and reduced afterwards, its pages are those of the other engines. The patched build prints at 102 %.
    """
    versao = subprocess.run([programa, "--version"], capture_output=True, text=True, timeout=TEMPO_LIMITE_S, check=False).stdout
    return (Decimal("0.979"), 1) if "patched qt" in versao else (Decimal("1.3021"), 16)


# In the order ``auto`` tries them.
RENDERIZADORES: dict[str, type[Renderizador]] = {"plutoprint": PlutoPrint, "weasyprint": WeasyPrint, "pdfkit": PdfKit}


def nome_do_renderizador(pedido: str | None = None) -> str:
    """The renderer that serves ``pedido``, else ``PDF_RENDERER``, else ``auto``. Raises ErroDeRenderizacao when it is not installed."""
    pedido = pedido or os.environ.get("PDF_RENDERER") or "auto"
    if pedido not in ("auto", *RENDERIZADORES):
        raise ErroDeRenderizacao(f"Renderizador de PDF desconhecido: {pedido}. Use auto, {', '.join(RENDERIZADORES)}.", temporaria=False)
    faltas = []
    for nome in RENDERIZADORES if pedido == "auto" else [pedido]:
        try:
            _instalado(nome)
        except (ImportError, OSError, ErroDeRenderizacao) as erro:
            faltas.append(f"{nome} ({erro})")
        else:
            return nome
    raise ErroDeRenderizacao(f"Renderizador de PDF não instalado: {'; '.join(faltas)}", temporaria=False)


@lru_cache
def _instalado(nome: str) -> Renderizador:
    """The engine, started once per process; a failure is not remembered."""
    return RENDERIZADORES[nome]()


def html_para_pdf(html: str, renderizador: str | None = None) -> bytes:
    """The PDF of one HTML document, A4.

    ``renderizador``: a key of ``RENDERIZADORES``, ``auto``, or None for the one configured. Raises ErroDeRenderizacao.
    """
    nome = nome_do_renderizador(renderizador)
    if not html.strip():
        raise ErroDeRenderizacao("Não há o que imprimir: o documento está vazio.", temporaria=False)
    try:
        html.encode()  # pdfkit would fail after it has started the program, and leave it waiting
        pdf = _instalado(nome).renderizar(html)
    except ErroDeRenderizacao:
        raise
    except Exception as erro:  # engines raise whatever their own code meets in the HTML
        raise ErroDeRenderizacao(f"O PDF não pôde ser gerado ({nome}): {str(erro)[:300]}") from erro
    if not pdf.startswith(b"%PDF"):
        raise ErroDeRenderizacao(f"O PDF não pôde ser gerado ({nome}).")
    return pdf
