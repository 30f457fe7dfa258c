"""PDF: the three real engines draw the same page, and none of them obeys a hostile document."""

import base64
import io
import os
import pathlib
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pypdf
import pytest
import segno
from PIL import Image, ImageChops, ImageStat

from app.brasil.brcode import montar
from app.core import documentos_pdf as pdf
from app.core.documentos_pdf import renderizadores
from app.core.documentos_pdf.folha import Folha
from app.core.documentos_pdf.lotes import _lotes

MODELO = (pathlib.Path(__file__).parents[1] / "dados" / "fatura.html").read_text(encoding="utf-8")
SEGREDO = "S3CR3T-LOCAL-FILE"
precisa_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils is not installed")


def fatura(n=1):
    pix = montar(chave="financeiro@provedor.com.br", nome="Provedor Exemplo", cidade="Recife", valor=Decimal("273.87"), txid=f"FAT{n:09d}")
    return MODELO.replace("{{numero}}", f"{n:09d}").replace("{{pix}}", pix).replace("{{qr}}", pdf.qr_svg(pix))


def pagina(corpo, css="@page { size: A4; margin: 12mm }"):
    return f'<!doctype html><html><head><meta charset="utf-8"><style>{css} body {{ margin: 0 }}</style></head><body>{corpo}</body></html>'


def textos(documento):
    """Text of each page; wkhtmltopdf writes tabs between words."""
    return [" ".join(p.extract_text().split()) for p in pypdf.PdfReader(io.BytesIO(documento)).pages]


def texto(documento):
    return "\n".join(textos(documento))


def raster(documento, pasta, dpi=72):
    """First page in grey levels, cut to whole points of A4: the engines round the sheet differently by one pixel."""
    (pasta / "r.pdf").write_bytes(documento)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", "r.pdf", "r"], cwd=pasta, check=True)
    with Image.open(pasta / "r.pgm") as imagem:
        return imagem.copy()


def diferenca(a, b):
    """Mean absolute difference of two pictures, 1 being black against white everywhere."""
    lados = (min(a.width, b.width), min(a.height, b.height))
    assert max(a.width, b.width) - lados[0] <= 1
    assert max(a.height, b.height) - lados[1] <= 1
    return ImageStat.Stat(ImageChops.difference(a.crop((0, 0, *lados)), b.crop((0, 0, *lados)))).mean[0] / 255


def instalado(nome):
    """plutoprint comes with the requirements and must be there; the other two need packages of the system."""
    try:
        return pdf.nome_do_renderizador(nome)
    except pdf.ErroDeRenderizacao as erro:
        if nome == "plutoprint":
            raise
        pytest.skip(str(erro))


@pytest.fixture(params=list(pdf.RENDERIZADORES))
def renderizador(request):
    return instalado(request.param)


@pytest.fixture(params=["weasyprint", "pdfkit"])
def outro(request):
    return instalado(request.param)


@pytest.fixture
def sem_memoria():
    """Engines are looked for again, before and after."""
    renderizadores._instalado.cache_clear()
    yield
    renderizadores._instalado.cache_clear()


def filhos_do_wkhtmltopdf():
    return [p for p in psutil.Process().children(recursive=True) if p.name() in ("wkhtmltopdf", "timeout", "sh", "perl")]


class Armadilha(BaseHTTPRequestHandler):
    """Notes every request; /redir leads to the secret file."""

    def do_GET(self):
        self.server.pedidos.append(self.path)
        if self.path == "/redir":
            self.send_response(302)
            self.send_header("Location", self.server.arquivo)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"SSRFBODY")

    do_POST = do_GET

    def log_message(self, *args):
        """Silent."""


@pytest.fixture
def armadilha(tmp_path):
    """A loopback server that nothing may reach and a file that nothing may read."""
    segredo = tmp_path / "segredo.txt"
    segredo.write_text(SEGREDO)
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), Armadilha)
    servidor.pedidos, servidor.arquivo = [], segredo.as_uri()
    servidor.endereco = f"http://127.0.0.1:{servidor.server_port}"
    linha = threading.Thread(target=servidor.serve_forever, args=(0.01,), daemon=True)
    linha.start()
    yield servidor
    servidor.shutdown()
    servidor.server_close()
    linha.join()


def _svg(conteudo):
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">{conteudo}</svg>'


def _em_dados(tipo, conteudo):
    return f"data:{tipo};base64,{base64.b64encode(conteudo.encode()).decode()}"


# name → what an attacker types, given the file's URI and the server's address
HOSTIS = {
    "iframe file": lambda f, u: f'<iframe src="{f}" width=600 height=80></iframe>',
    "object file": lambda f, u: f'<object data="{f}" type="text/plain" width=600 height=80></object>',
    "embed file": lambda f, u: f'<embed src="{f}" width=600 height=80>',
    "meta refresh file": lambda f, u: f'<meta http-equiv="refresh" content="0;url={f}">x',
    "xhr file": lambda f, u: f'<p id=o>none<script>var x=new XMLHttpRequest();x.open("GET","{f}",false);x.send();o.innerHTML=x.responseText</script>',
    "location file": lambda f, u: f'<script>window.location="{f}"</script>x',
    "attachment file": lambda f, u: f'<link rel=attachment href="{f}"><a rel=attachment href="{f}">a</a>',
    "css import file": lambda f, u: f'<style>@import url("{f}");</style>x',
    "svg image file": lambda f, u: _svg(f'<image xlink:href="{f}" width="9" height="9"/>'),
    "iframe http": lambda f, u: f'<iframe src="{u}/iframe" width=600 height=80></iframe>',
    "img http": lambda f, u: f'<img src="{u}/img.png">',
    "css import http": lambda f, u: f'<style>@import url("{u}/i.css");</style>x',
    "css background http": lambda f, u: f'<div style="width:9px;height:9px;background:url({u}/bg.png)"></div>',
    "xhr http": lambda f, u: f'<script>var x=new XMLHttpRequest();x.open("GET","{u}/xhr",false);x.send();document.write(x.responseText)</script>',
    "redirect http to file": lambda f, u: f'<iframe src="{u}/redir" width=600 height=80></iframe>',
    "pdfkit meta local files": lambda f, u: f'<meta name="pdfkit-enable-local-file-access" content=""><iframe src="{f}" width=600 height=80></iframe>',
    "pdfkit meta post file": lambda f, u: f'<meta name="pdfkit-post-file" content="x"><meta name="pdfkit-header-html" content="{f}">x',
    "pdfkit meta script": lambda f, u: (
        '<meta name="pdfkit-enable-javascript" content="">'
        '<meta name="pdfkit-run-script" content="document.body.innerHTML=1+1+String.fromCharCode(74,83,79,78)">x'
    ),
    "pdfkit meta writes file": lambda f, u: f'<meta name="pdfkit-cookie-jar" content="{f.removeprefix("file://")}.gravado">x',
    "script": lambda f, u: '<p id=o>x</p><script>document.getElementById("o").innerHTML=1+1+"JS"+"ON"</script>',
    "svg image http": lambda f, u: _svg(f'<image xlink:href="{u}/svg.png" width="9" height="9"/>'),
    "svg in data": lambda f, u: f'<img src="{_em_dados("image/svg+xml", _svg(f"""<image xlink:href="{u}/d.png" width="9" height="9"/>"""))}">',
    "iframe in data": lambda f, u: f'<iframe width=600 src="{_em_dados("text/html", f"""<img src="{u}/f.png"><iframe src="{f}"></iframe>""")}"></iframe>',
    "css in data": lambda f, u: f'<link rel=stylesheet href="{_em_dados("text/css", f"""@import url({u}/c.css);body{{background:url({u}/b.png)}}""")}">x',
    "font http": lambda f, u: f'<style>@font-face{{font-family:F;src:url({u}/f.ttf)}}p{{font-family:F}}</style><p>x</p>',
    "base http": lambda f, u: f'<base href="{u}/"><img src="relativa.png">',
    "zoom undone": lambda f, u: f'</style></body></html><meta name="\0enable-local-file-access" content=""><iframe src="{f}"></iframe>',
}


def tudo(documento):
    """Text and attached files of a PDF."""
    anexos = pypdf.PdfReader(io.BytesIO(documento)).attachments
    return texto(documento) + "".join(parte.decode(errors="replace") for partes in anexos.values() for parte in partes)


@pytest.mark.parametrize("vetor", HOSTIS)
def test_a_hostile_document_touches_no_file_reaches_no_server_and_runs_no_script(vetor, renderizador, armadilha, tmp_path):
    html = pagina("<p>FATURA</p>" + HOSTIS[vetor](armadilha.arquivo, armadilha.endereco))
    try:
        documento = pdf.html_para_pdf(html, renderizador)
    except pdf.ErroDeRenderizacao:
        documento = b""
    lido = tudo(documento) if documento else ""
    assert armadilha.pedidos == []
    assert [arquivo.name for arquivo in tmp_path.iterdir()] == ["segredo.txt"]
    assert SEGREDO not in lido
    assert "SSRFBODY" not in lido
    assert "2JSON" not in lido


def test_the_trap_catches_an_engine_without_protection(armadilha):
    import plutoprint

    livro = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    livro.load_html(pagina(HOSTIS["img http"](armadilha.arquivo, armadilha.endereco)))
    livro.write_to_pdf_stream(io.BytesIO())
    assert armadilha.pedidos == ["/img.png"]


def test_the_trap_sees_a_leaked_file(armadilha):
    instalado("weasyprint")
    import weasyprint

    html = pagina(HOSTIS["attachment file"](armadilha.arquivo, armadilha.endereco))
    assert SEGREDO in tudo(weasyprint.HTML(string=html).write_pdf())


@precisa_poppler
def test_images_inside_the_document_are_drawn(renderizador, tmp_path):
    preto = io.BytesIO()
    Image.new("L", (8, 8), 0).save(preto, "PNG")
    uri = "data:image/png;base64," + base64.b64encode(preto.getvalue()).decode()
    documento = pdf.html_para_pdf(pagina(f'<img src="{uri}" style="width:186mm;height:273mm;display:block">'), renderizador)
    assert ImageStat.Stat(raster(documento, tmp_path)).mean[0] < 255 * 0.25


def test_an_invoice_keeps_its_text_on_one_page(renderizador):
    documento = pdf.html_para_pdf(fatura(7), renderizador)
    assert len(pypdf.PdfReader(io.BytesIO(documento)).pages) == 1
    for trecho in ("João da Conceição Araújo", "R$ 273,87", "000000007", "br.gov.bcb.pix"):
        assert trecho in texto(documento)
    assert len(documento) < 100 * 1024


@precisa_poppler
def test_every_renderer_draws_the_same_invoice_within_2_percent(outro, tmp_path):
    referencia = raster(pdf.html_para_pdf(fatura(), "plutoprint"), tmp_path)
    assert diferenca(referencia, raster(pdf.html_para_pdf(fatura(), outro), tmp_path)) <= 0.02


@precisa_poppler
def test_the_comparison_notices_a_shift_of_one_millimetre(tmp_path):
    deslocada = fatura().replace("margin: 14mm 12mm", "margin: 15mm 12mm")
    a, b = (raster(pdf.html_para_pdf(html, "plutoprint"), tmp_path) for html in (fatura(), deslocada))
    assert diferenca(a, b) > 0.02


@precisa_poppler
@pytest.mark.parametrize(
    ("css", "tamanho", "canto"),
    [
        ("@page { size: A4; margin: 12mm }", (210, 297), (12, 12)),
        ("@page { size: A4; margin: 10mm 20mm 15mm 30mm }", (210, 297), (30, 10)),
        ("@page{margin:40mm}", (210, 297), (40, 40)),
        ("@page { size: A4 landscape; margin: 15mm 25mm }", (297, 210), (25, 15)),
        ("", (210, 297), (12, 12)),
    ],
)
def test_a_ruler_of_100_mm_is_100_mm_where_the_margin_says(renderizador, css, tamanho, canto, tmp_path):
    regua = '<div style="width:100mm;height:100mm;background:#000"></div>'
    imagem = raster(pdf.html_para_pdf(pagina(regua, css), renderizador), tmp_path, dpi=254)
    esquerda, cima, direita, baixo = (n / 10 for n in imagem.point(lambda v: 255 * (v < 128)).getbbox())
    assert (imagem.width / 10, imagem.height / 10) == pytest.approx(tamanho, abs=0.2)
    assert (esquerda, cima) == pytest.approx(canto, abs=0.2)
    assert (direita - esquerda, baixo - cima) == pytest.approx((100, 100), abs=0.2)


@precisa_poppler
def test_a_qr_code_is_printed_module_by_module(renderizador, tmp_path):
    dados = montar(chave="financeiro@provedor.com.br", nome="Provedor", cidade="Recife", valor=Decimal("1.00"))
    matriz = [list(linha) for linha in segno.make(dados, error="m", micro=False).matrix_iter(border=4)]
    imagem = raster(pdf.html_para_pdf(pagina(pdf.qr_svg(dados, mm=40)), renderizador), tmp_path, dpi=254)
    passo = 400 / len(matriz)
    lida = [[imagem.getpixel((120 + int((x + 0.5) * passo), 120 + int((y + 0.5) * passo))) < 128 for x in range(len(matriz))] for y in range(len(matriz))]
    assert lida == [[bool(modulo) for modulo in linha] for linha in matriz]


def test_a_qr_code_is_black_on_white_and_has_a_name():
    svg = pdf.qr_svg("texto", mm=30, titulo='Pix "da" fatura')
    assert svg.startswith('<svg role="img" aria-label="Pix &quot;da&quot; fatura" width="30mm" height="30mm"')
    assert 'fill="#fff"' in svg
    assert svg.__html__() == svg


@precisa_poppler
def test_only_the_shipped_fonts_are_used_whatever_the_css_asks(renderizador, tmp_path):
    familias = ["Liberation Sans", "serif", "Courier New", "monospace", "Arial", "Não Existe"]
    corpo = "".join(f'<p style="font-family:\'{f}\'">{f} <b>negrito</b> <i>itálico</i> ção €</p>' for f in familias)
    (tmp_path / "f.pdf").write_bytes(pdf.html_para_pdf(pagina(corpo), renderizador))
    linhas = subprocess.run(["pdffonts", "f.pdf"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    nomes = {linha.split()[0].split("+")[-1].replace("-", "") for linha in linhas}
    assert nomes
    assert all(nome.startswith("DejaVuSans") for nome in nomes)
    assert any("Mono" in nome for nome in nomes)


def test_many_documents_become_one_file_in_order_each_on_its_page(renderizador):
    paginas = textos(pdf.muitos_para_pdf((fatura(n) for n in range(1, 8)), renderizador, lote=3))
    assert len(paginas) == 7
    assert all(f"FATURA {n:09d}" in pagina for n, pagina in enumerate(paginas, 1))


def test_documents_with_different_styles_are_not_mixed():
    verde = fatura(2).replace("#0b5d8f", "#0a7a3b").replace('"pt-BR"', '"pt"')
    paginas = textos(pdf.muitos_para_pdf([fatura(1), verde, "<p>só um trecho</p>"]))
    assert ["FATURA 000000001" in paginas[0], "FATURA 000000002" in paginas[1], "trecho" in paginas[2]] == [True] * 3
    assert len(paginas) == 3


def test_documents_that_differ_only_in_title_and_body_share_one_run_of_the_engine():
    assert len(list(_lotes([fatura(1), fatura(2), fatura(3)], 100))) == 1
    assert len(list(_lotes([fatura(1), fatura(2), fatura(3)], 2))) == 2


@precisa_poppler
def test_a_document_looks_the_same_alone_and_among_others(renderizador, tmp_path):
    sozinha = raster(pdf.html_para_pdf(fatura(2), renderizador), tmp_path)
    leitor = pypdf.PdfReader(io.BytesIO(pdf.muitos_para_pdf([fatura(1), fatura(2)], renderizador)))
    escritor, saida = pypdf.PdfWriter(), io.BytesIO()
    escritor.add_page(leitor.pages[1])
    escritor.write(saida)
    assert diferenca(sozinha, raster(saida.getvalue(), tmp_path)) < 0.005


def test_links_stay_over_their_text_after_the_page_is_placed(renderizador):
    corpo = '<div style="height:100mm"></div><a href="https://provedor.com.br/p/1" style="display:block;width:50mm;height:10mm">pagar</a>'
    notas = pypdf.PdfReader(io.BytesIO(pdf.html_para_pdf(pagina(corpo), renderizador))).pages[0]["/Annots"]
    x0, y0, _, y1 = (float(n) * 25.4 / 72 for n in notas[0].get_object()["/Rect"])
    assert (x0, 297 - max(y0, y1)) == pytest.approx((12, 112), abs=2)


def test_the_page_rule_is_read_as_css_shorthand():
    assert Folha.do_css("@page { margin: 1mm 2mm 3mm 4mm }") == Folha(Decimal(210), Decimal(297), Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    assert Folha.do_css("@page{size:A4 landscape;margin:1mm 2mm 3mm}") == Folha(Decimal(297), Decimal(210), Decimal(1), Decimal(2), Decimal(3), Decimal(2))
    assert Folha.do_css("nada") == Folha(Decimal(210), Decimal(297), *[Decimal(12)] * 4)


@pytest.mark.parametrize("vazio", ["", "  \n"])
def test_an_empty_document_is_refused(renderizador, vazio):
    with pytest.raises(pdf.ErroDeRenderizacao, match="vazio"):
        pdf.html_para_pdf(vazio, renderizador)
    with pytest.raises(pdf.ErroDeRenderizacao, match="vazio"):
        pdf.muitos_para_pdf([], renderizador)


def test_text_that_cannot_be_encoded_is_a_clear_error_and_leaves_no_process(renderizador):
    with pytest.raises(pdf.ErroDeRenderizacao, match=renderizador):
        pdf.html_para_pdf(pagina("\ud800"), renderizador)
    assert not filhos_do_wkhtmltopdf()


def test_an_unknown_renderer_is_refused_with_the_names_there_are(monkeypatch):
    monkeypatch.setenv("PDF_RENDERER", "word")
    with pytest.raises(pdf.ErroDeRenderizacao, match="word.*plutoprint, weasyprint, pdfkit"):
        pdf.html_para_pdf("x")


def test_the_environment_chooses_the_renderer_and_auto_is_plutoprint(monkeypatch, outro):
    monkeypatch.delenv("PDF_RENDERER", raising=False)
    assert pdf.nome_do_renderizador() == "plutoprint"
    monkeypatch.setenv("PDF_RENDERER", outro)
    assert pdf.nome_do_renderizador() == outro
    assert pdf.nome_do_renderizador("plutoprint") == "plutoprint"


def test_auto_goes_on_to_the_next_renderer_that_is_installed(monkeypatch, sem_memoria):
    instalado("weasyprint")
    renderizadores._instalado.cache_clear()
    monkeypatch.setitem(sys.modules, "plutoprint", None)
    assert pdf.nome_do_renderizador("auto") == "weasyprint"
    with pytest.raises(pdf.ErroDeRenderizacao, match="não instalado: plutoprint"):
        pdf.html_para_pdf("x", "plutoprint")


def test_a_missing_wkhtmltopdf_is_named(monkeypatch, sem_memoria):
    monkeypatch.setenv("PATH", "/nenhum-lugar")
    with pytest.raises(pdf.ErroDeRenderizacao, match="wkhtmltopdf não está instalado") as erro:
        pdf.html_para_pdf("x", "pdfkit")
    assert not erro.value.temporaria


def test_a_slow_wkhtmltopdf_is_ended_at_its_time_limit(monkeypatch, sem_memoria):
    instalado("pdfkit")
    renderizadores._instalado.cache_clear()
    monkeypatch.setenv("PDF_TEMPO_LIMITE", "0.2")
    with pytest.raises(pdf.ErroDeRenderizacao, match="mais de 0.2 s"):
        pdf.html_para_pdf(pagina("<table>" + "<tr><td>linha<td>b<td>c</tr>" * 20000 + "</table>"), "pdfkit")
    assert not filhos_do_wkhtmltopdf()


def test_wkhtmltopdf_sees_no_secret_of_the_application(monkeypatch, sem_memoria):
    instalado("pdfkit")
    monkeypatch.setenv("SECRET_KEY", "muito secreto")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:senha@h/b")
    assert not {"SECRET_KEY", "DATABASE_URL"} & renderizadores.PdfKit()._configuracao.environ.keys()
    assert os.environ["FONTCONFIG_FILE"] == renderizadores.PdfKit()._configuracao.environ["FONTCONFIG_FILE"]


def test_plutoprint_renders_in_many_threads_at_once():
    with ThreadPoolExecutor(8) as fila:
        paginas = list(fila.map(lambda n: texto(pdf.html_para_pdf(fatura(n), "plutoprint")), range(40)))
    assert all(f"{n:09d}" in t for n, t in enumerate(paginas))
