"""Tables as files: CSV that a Brazilian Excel opens with two clicks, and XLSX with real numbers and dates. Constant memory.

Text that a spreadsheet would run as a formula is defused in both.
"""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import IO, Any

from flask import stream_with_context
from markupsafe import Markup

from app.core import sigilo
from app.core.formatos import data_br, datahora_br, numero, rotulo, sim_nao

CSV_TIPO = "text/csv; charset=utf-8"
XLSX_TIPO = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINHAS_XLSX = 1_048_575
_PERIGOSOS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
_INVISIVEIS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def texto_seguro(valor: str) -> str:
    """Text without control characters and, if a spreadsheet would take it for a formula, with an apostrophe before it."""
    limpo = _INVISIVEIS.sub("", valor)
    return f"'{limpo}" if limpo.lstrip(" ").startswith(_PERIGOSOS) or limpo.startswith(_PERIGOSOS) else limpo


def simples(valor: Any) -> Any:
    """Lists, labels, markup and yes/no as text; numbers, dates and text as they are."""
    if valor is None or isinstance(valor, (Decimal, date)):
        return valor
    if isinstance(valor, bool):
        return sim_nao(valor)
    if isinstance(valor, int):
        return int(valor)
    if isinstance(valor, Enum):
        return rotulo(valor)
    if isinstance(valor, (list, tuple, set)):
        return ", ".join(rotulo(v) for v in valor)
    return Markup(valor).striptags() if hasattr(valor, "__html__") else str(valor)


def celula_csv(valor: Any) -> str:
    """A value as CSV text: ``1234,56``, ``31/12/2026``, Sim, labels."""
    valor = simples(valor)
    if valor is None:
        return ""
    if isinstance(valor, datetime):
        return datahora_br(valor)
    if isinstance(valor, date):
        return data_br(valor)
    if isinstance(valor, Decimal):
        return numero(valor, max(0, -valor.as_tuple().exponent)).replace(".", "") if valor.is_finite() else ""
    return str(valor) if isinstance(valor, int) else texto_seguro(valor)


def linhas_csv(cabecalho: Sequence[str], linhas: Iterable[Sequence[Any]], por_bloco: int = 500) -> Iterator[bytes]:
    """The file in pieces: BOM, ``;``, decimal comma, CRLF."""
    buffer = io.StringIO()
    escritor = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    escritor.writerow([texto_seguro(str(c)) for c in cabecalho])
    for n, linha in enumerate(linhas, 1):
        escritor.writerow([celula_csv(v) for v in linha])
        if n % por_bloco == 0:
            yield _esvaziar(buffer)
    yield _esvaziar(buffer)


def _esvaziar(buffer: io.StringIO) -> bytes:
    pedaco = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return pedaco


def arquivo_xlsx(cabecalho: Sequence[str], linhas: Iterable[Sequence[Any]], titulo: str = "Dados") -> IO[bytes]:
    """The workbook in a temporary file, positioned at its start; the caller closes it. At most ``LINHAS_XLSX`` rows."""
    from app.core import planilha

    return planilha.escrever(cabecalho, linhas, titulo)


def em_pedacos(arquivo: IO[bytes], tamanho: int = 64 * 1024) -> Iterator[bytes]:
    """A file's bytes in pieces; closes it at the end."""
    with arquivo:
        while pedaco := arquivo.read(tamanho):
            yield pedaco


def transmitir(fazer: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    """The pieces of an answer, made while they are sent, inside the request's contexts.

    ``fazer`` is called there, so that the session it takes is the one closed at the end. One taken before belongs to the request, which is
    over by then: nobody would close it, and its connection would be lost to the pool. No piece with documents leaves before it is noted who sees them:
    when it cannot be, the answer breaks off.
    """
    sigilo.fixar()

    def pedacos() -> Iterator[bytes]:
        for pedaco in fazer():
            sigilo.anotar_vistos()
            yield pedaco

    return stream_with_context(pedacos())
