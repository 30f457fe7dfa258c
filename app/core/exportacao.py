"""Tables as files: CSV that a Brazilian Excel opens with two clicks, and XLSX with real numbers and dates. Constant memory.

Text that a spreadsheet would run as a formula is defused in both.
"""
from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import IO, Any

from markupsafe import Markup
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.core import relogio
from app.core.formatos import data_br, datahora_br, numero, rotulo, sim_nao

CSV_TIPO = "text/csv; charset=utf-8"
XLSX_TIPO = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINHAS_XLSX = 1_048_575
TEXTO_MAXIMO = 32_767
_PERIGOSOS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
_INVISIVEIS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMATOS = {"dinheiro": "#,##0.00", "inteiro": "0", "data": "dd/mm/yyyy", "instante": "dd/mm/yyyy hh:mm"}


def texto_seguro(valor: str) -> str:
    """Text without control characters and, if a spreadsheet would take it for a formula, with an apostrophe before it."""
    limpo = _INVISIVEIS.sub("", valor)
    return f"'{limpo}" if limpo.lstrip(" ").startswith(_PERIGOSOS) or limpo.startswith(_PERIGOSOS) else limpo


def _simples(valor: Any) -> Any:
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
    valor = _simples(valor)
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


def _celula_xlsx(folha: Any, valor: Any) -> Any:
    valor = _simples(valor)
    if isinstance(valor, datetime):
        return _com_formato(folha, relogio.local(valor).replace(tzinfo=None) if valor.tzinfo else valor, "instante")
    if isinstance(valor, date):
        return _com_formato(folha, valor, "data")
    if isinstance(valor, Decimal):
        return _com_formato(folha, valor, "dinheiro") if valor.is_finite() else None
    if isinstance(valor, int):
        return _com_formato(folha, valor, "inteiro") if abs(valor) < 10**15 else str(valor)
    return None if valor is None else _texto_xlsx(folha, valor)


def _com_formato(folha: Any, valor: Any, formato: str) -> WriteOnlyCell:
    celula = WriteOnlyCell(folha, value=valor)
    celula.number_format = _FORMATOS[formato]
    return celula


def _texto_xlsx(folha: Any, valor: str) -> WriteOnlyCell:
    celula = WriteOnlyCell(folha, value=texto_seguro(valor)[:TEXTO_MAXIMO])
    celula.data_type = "s"
    return celula


def _nome_da_folha(titulo: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", titulo).strip()[:31] or "Dados"


def arquivo_xlsx(cabecalho: Sequence[str], linhas: Iterable[Sequence[Any]], titulo: str = "Dados") -> IO[bytes]:
    """The workbook in a temporary file, positioned at its start; the caller closes it. At most ``LINHAS_XLSX`` rows."""
    livro = Workbook(write_only=True)
    folha = livro.create_sheet(_nome_da_folha(titulo))
    folha.freeze_panes = "A2"
    folha.append([_cabecalho(folha, str(c)) for c in cabecalho])
    for _n, linha in zip(range(LINHAS_XLSX), linhas, strict=False):
        folha.append([_celula_xlsx(folha, v) for v in linha])
    arquivo = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    livro.save(arquivo)
    arquivo.seek(0)
    return arquivo


def _cabecalho(folha: Any, texto: str) -> WriteOnlyCell:
    celula = _texto_xlsx(folha, texto)
    celula.font = Font(bold=True)
    return celula


def em_pedacos(arquivo: IO[bytes], tamanho: int = 64 * 1024) -> Iterator[bytes]:
    """A file's bytes in pieces; closes it at the end."""
    with arquivo:
        while pedaco := arquivo.read(tamanho):
            yield pedaco
