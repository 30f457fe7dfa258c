"""The invoice's PDF: the same page from every renderer, the Pix that a telephone reads, hostile names harmless."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound
from pypdf import PdfReader

from app.brasil import brcode
from app.core import relogio
from app.core.datas import UM_DIA
from app.core.documentos_pdf import html_para_pdf
from app.core.erros import NaoEncontrado
from app.core.transacao import transacao
from app.faturamento import documentos
from app.faturamento.estados import StatusInvoice
from app.faturamento.services import FaturamentoService
from tests import fabricas as f
from tests.core.test_documentos_pdf import diferenca, instalado, raster

HOSTIL = '<script>document.write("ROUBADO")</script><img src="file:///etc/passwd"> {{ 7 * 7 }}'


@pytest.fixture
def pedido(app):
    """A request context, as a page or a worker has."""
    with app.test_request_context():
        yield app


def desenhar(sessao, renderizador: str = "plutoprint", **kw: object) -> bytes:
    """The PDF of an invoice made with ``kw``."""
    f.uma_empresa(sessao)
    invoice = f.uma_invoice(sessao, **kw)
    return html_para_pdf(documentos.html(documentos.ler(sessao, invoice.id)), renderizador)


def texto(pdf: bytes) -> str:
    """All text of a PDF."""
    return "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("outro", ["weasyprint", "pdfkit"])
def test_every_renderer_draws_the_same_invoice_within_2_percent(pedido, sessao, outro: str, tmp_path) -> None:
    if not instalado(outro):
        pytest.skip(f"{outro} is not installed on this machine")
    f.uma_empresa(sessao)
    pagina = documentos.html(documentos.ler(sessao, f.uma_invoice(sessao, vencimento=dt.date(2026, 12, 13)).id))
    imagens = [raster(html_para_pdf(pagina, r), tmp_path) for r in ("plutoprint", outro)]
    assert diferenca(*imagens) < 0.02


@pytest.mark.parametrize("renderizador", ["plutoprint", "weasyprint", "pdfkit"])
def test_a_word_without_end_does_not_shrink_the_page(pedido, sessao, renderizador: str, tmp_path) -> None:
    """The QR code keeps its size: a renderer fits what is too wide by drawing everything smaller."""
    if not instalado(renderizador):
        pytest.skip(f"{renderizador} is not installed on this machine")
    sem_fim = {"observacoes": "X" * 200, "pagador_nome": "W" * 255, "pagador_endereco": "Y" * 255}
    (tmp_path / "f.pdf").write_bytes(desenhar(sessao, renderizador, **sem_fim))
    texto_do_pdf = "".join(texto((tmp_path / "f.pdf").read_bytes()).split()).replace("\u200b", "")
    assert "W" * 255 in texto_do_pdf and "X" * 200 in texto_do_pdf
    subprocess.run(["pdftoppm", "-r", "150", "-png", "f.pdf", "g"], cwd=tmp_path, check=True)
    lido = subprocess.run(["zbarimg", "-q", "--raw", *[p.name for p in tmp_path.glob("g-*.png")]], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert brcode.ler(lido.stdout.strip()).valor == Decimal("99.90")


@pytest.mark.parametrize(("dias", "valor"), [(3, "95.00"), (0, "95.00"), (-30, "100.00")])
def test_the_code_of_an_invoice_in_time_has_its_discount(pedido, sessao, dias: int, valor: str) -> None:
    """What the page promises is what the code charges; afterwards the code is of the whole invoice."""
    f.uma_empresa(sessao)
    vence = relogio.hoje() + dt.timedelta(days=dias)
    lido = documentos.ler(sessao, f.uma_invoice(sessao, valor=Decimal("100.00"), desconto_pontual=Decimal("5.00"), vencimento=vence).id)
    assert brcode.ler(lido.pix).valor == lido.valor_do_pix == Decimal(valor)
    impresso = texto(html_para_pdf(documentos.html(lido), "plutoprint"))
    assert f"Pague com Pix: R$ {valor.replace('.', ',')}" in impresso.replace("\xa0", " ") and ("já com o desconto" in impresso) is (valor == "95.00")


def test_the_printed_code_is_the_pix_of_the_invoice(pedido, sessao, tmp_path) -> None:
    pdf = desenhar(sessao, valor=Decimal("123.45"), txid_pix="FAT000000123X7K")
    (tmp_path / "f.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "f.pdf", "f"], cwd=tmp_path, check=True)
    lido = subprocess.run(["zbarimg", "-q", "--raw", *[p.name for p in tmp_path.glob("f-*.png")]], cwd=tmp_path, capture_output=True, text=True, check=True)
    codigo = brcode.ler(lido.stdout.strip())
    assert (codigo.valor, codigo.txid, codigo.chave) == (Decimal("123.45"), "FAT000000123X7K", "financeiro@exemplo.com.br")


def test_a_hostile_name_is_only_text(pedido, sessao) -> None:
    lido = texto(desenhar(sessao, pagador_nome=HOSTIL, pagador_endereco=HOSTIL))
    assert "<script>" in lido and "{{ 7 * 7 }}" in lido and "root:" not in lido


def test_a_weekend_due_date_says_until_when_it_is_free(pedido, sessao) -> None:
    assert "pague até 14/12/2026 sem acréscimo" in texto(desenhar(sessao, vencimento=dt.date(2026, 12, 12))).replace("\n", " ")


@pytest.mark.parametrize(("estado", "palavra"), [(StatusInvoice.paga, "Paga em"), (StatusInvoice.cancelada, "Não pague")])
def test_what_is_settled_or_void_has_no_pix(pedido, sessao, estado: StatusInvoice, palavra: str) -> None:
    extras = {"valor_pago": Decimal("99.90"), "data_pagamento": dt.date(2026, 2, 9)} if estado is StatusInvoice.paga else {}
    lido = texto(desenhar(sessao, status=estado, **extras))
    assert palavra in lido and "br.gov.bcb.pix" not in lido and "Depois do vencimento" not in lido


def test_a_partly_paid_invoice_asks_for_the_rest(pedido, sessao) -> None:
    f.uma_empresa(sessao)
    invoice = f.uma_invoice(sessao, valor=Decimal("100.00"), valor_pago=Decimal("40.00"))
    assert brcode.ler(documentos.ler(sessao, invoice.id).pix).valor == Decimal("60.00")


def test_remarks_keep_their_lines(pedido, sessao) -> None:
    assert "Visita do dia 3.\nGarantia de 90 dias." in texto(desenhar(sessao, observacoes="Visita do dia 3.\nGarantia de 90 dias."))


def test_an_invoice_outside_the_cycles_has_no_period(pedido, sessao) -> None:
    avulsa, do_ciclo = f.uma_invoice(sessao), f.uma_invoice(sessao)
    do_ciclo.itens[0].periodo_inicio, do_ciclo.itens[0].periodo_fim = dt.date(2026, 2, 10), dt.date(2026, 3, 9)
    assert "10/02/2026 a 09/03/2026" in texto(html_para_pdf(documentos.html(documentos.ler(sessao, do_ciclo.id)), "plutoprint"))
    lido = texto(html_para_pdf(documentos.html(documentos.ler(sessao, avulsa.id)), "plutoprint"))
    assert "Vencimento\n10/02/2026\nTotal" in lido and " a " not in lido.split("Cliente")[0]


def test_the_page_of_an_invoice_outside_the_cycles_has_its_remarks_and_no_period(app, http) -> None:
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, "Financeiro").username
        numero = f.uma_invoice(s, observacoes="Visita do dia 3.\n<b>Garantia</b>").id
    http.entrar(nome)
    pagina = http.get(f"/faturamento/{numero}").text
    assert "período de" not in pagina and 'class="linhas">Visita do dia 3.\n&lt;b&gt;Garantia&lt;/b&gt;<' in pagina


def test_a_page_stays_small_and_single(pedido, sessao) -> None:
    pdf = desenhar(sessao)
    assert len(pdf) <= 100_000 and len(PdfReader(io.BytesIO(pdf)).pages) == 1


@pytest.mark.parametrize("renderizador", ["plutoprint", "weasyprint"])
def test_pages_say_which_they_are_of_how_many(pedido, sessao, renderizador: str) -> None:
    if not instalado(renderizador):
        pytest.skip(f"{renderizador} is not installed on this machine")
    paginas = PdfReader(io.BytesIO(desenhar(sessao, renderizador, observacoes="Visita.\n" * 150))).pages
    assert len(paginas) > 1
    assert all(f" · página {n}/{len(paginas)}" in pagina.extract_text() for n, pagina in enumerate(paginas, 1))


def test_an_invoice_is_issued_with_the_newest_template_and_printed_with_its_own(pedido, sessao) -> None:
    pasta = Path(pedido.root_path) / "templates" / "documentos"
    versoes = sorted(int(arquivo.stem.removeprefix("invoice_")) for arquivo in pasta.glob("invoice_*.html"))
    f.uma_empresa(sessao)
    item = {"descricao": "Visita", "valor_unitario": Decimal(50)}
    hoje = relogio.hoje()
    invoice = FaturamentoService(sessao).gerar_invoice(f.um_cliente(sessao).id, [item], vencimento=hoje + 10 * UM_DIA, em=hoje)
    sessao.refresh(invoice)
    assert invoice.versao_modelo == versoes[-1] and versoes == list(range(1, len(versoes) + 1))
    invoice.versao_modelo = versoes[-1] + 1
    with pytest.raises(TemplateNotFound, match=f"invoice_{versoes[-1] + 1}.html"):
        documentos.html(documentos.ler(sessao, invoice.id))


def test_without_a_company_the_document_still_prints_without_a_code(pedido, sessao) -> None:
    invoice = f.uma_invoice(sessao)
    sessao.delete(f.uma_empresa(sessao))
    sessao.flush()
    lido = documentos.ler(sessao, invoice.id)
    assert lido.pix == "" and html_para_pdf(documentos.html(lido), "plutoprint").startswith(b"%PDF")


def test_an_invoice_that_is_not_there_is_not_found(sessao) -> None:
    with pytest.raises(NaoEncontrado):
        documentos.ler(sessao, 999_999)
