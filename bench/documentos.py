"""Invoices as PDF by each installed renderer: one by one, and in a batch of one document."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench.banco import Banco
from bench.base import HOJE
from bench.corrida import Medida, medir
from bench.relatorio import Linha

QUANTOS = 50


def documentos(banco: Banco, clientes: int, meses: int) -> Iterator[Linha]:
    """Median time and size of each renderer; ``plutoprint`` is the one that a plain installation uses."""
    url = banco.copia(banco.modelo(clientes, meses))
    for nome, m in medir("pdfs", url, QUANTOS).items():
        if isinstance(m, dict):
            padrao = nome == "plutoprint"
            yield Linha(f"documentos.{nome}.ms", f"{nome}: um PDF, mediana", m["ms"], "ms", 34 if padrao else None, nota=f"CPU {m['cpu_ms']:.0f} ms")
            yield Linha(f"documentos.{nome}.lote_ms", f"{nome}: por fatura em lote de {QUANTOS}", m["lote_ms"], "ms", 34 if padrao else None)
            yield Linha(f"documentos.{nome}.kb", f"{nome}: tamanho de um PDF", m["kb"], "KB", 100)
            yield Linha(f"documentos.{nome}.lote_kb", f"{nome}: tamanho por fatura em lote", m["lote_kb"], "KB", 100)


def pdfs(url: str, quantos: str) -> Iterator[Medida]:
    """The open invoices of the base, drawn by every renderer there is."""
    from sqlalchemy import select

    from app.core.documentos_pdf import RENDERIZADORES, ErroDeRenderizacao, html_para_pdf
    from app.core.relogio import instante, mover_para
    from app.extensions import db
    from app.faturamento import documentos as d
    from app.faturamento.models import Invoice
    from bench.processo import aplicacao

    app, medidas = aplicacao(url), {}
    with app.test_request_context(), mover_para(instante(HOJE)):
        ids = db.session.scalars(select(Invoice.id).where(Invoice.status == "emitida").order_by(Invoice.id).limit(int(quantos))).all()
        paginas = [d.html(d.ler(db.session(), i)) for i in ids]
        yield {}
        for nome in RENDERIZADORES:
            try:
                html_para_pdf(paginas[0], nome)
            except ErroDeRenderizacao as erro:
                print(f"{nome}: {erro}")
                continue
            medidas[nome] = _medir(paginas, nome)
    yield medidas


def _medir(paginas: list[str], nome: str) -> dict[str, float]:
    from app.core.documentos_pdf import html_para_pdf, muitos_para_pdf

    tempos, tamanhos, cpu = [], [], time.process_time()
    for pagina in paginas:
        inicio = time.perf_counter()
        tamanhos.append(len(html_para_pdf(pagina, nome)))
        tempos.append((time.perf_counter() - inicio) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / len(paginas)
    inicio = time.perf_counter()
    lote = muitos_para_pdf(paginas, nome)
    return {
        "ms": statistics.median(tempos), "cpu_ms": cpu, "kb": statistics.median(tamanhos) / 1024,
        "lote_ms": (time.perf_counter() - inicio) * 1000 / len(paginas), "lote_kb": len(lote) / 1024 / len(paginas),
    }
