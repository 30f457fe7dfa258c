"""The workbook of app.core.exportacao, apart from it because openpyxl costs every start and few processes write one."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.core import relogio
from app.core.exportacao import LINHAS_XLSX, simples, texto_seguro

TEXTO_MAXIMO, AMOSTRA = 32_767, 200
_FORMATOS = {"dinheiro": "#,##0.00", "inteiro": "0", "data": "dd/mm/yyyy", "instante": "dd/mm/yyyy hh:mm"}


def escrever(cabecalho: Sequence[str], linhas: Iterable[Sequence[Any]], titulo: str) -> IO[bytes]:
    """See app.core.exportacao.arquivo_xlsx."""
    livro = Workbook(write_only=True)
    folha = livro.create_sheet(_nome_da_folha(titulo))
    folha.freeze_panes = "A2"
    primeiras = list(islice(linhas := iter(linhas), AMOSTRA))
    for n, titulo_da_coluna in enumerate(cabecalho):
        folha.column_dimensions[get_column_letter(n + 1)].width = _largura(str(titulo_da_coluna), [linha[n] for linha in primeiras])
    folha.auto_filter.ref = f"A1:{get_column_letter(max(1, len(cabecalho)))}1"
    folha.append([_cabecalho(folha, str(c)) for c in cabecalho])
    for _n, linha in zip(range(LINHAS_XLSX), chain(primeiras, linhas), strict=False):
        folha.append([_celula_xlsx(folha, v) for v in linha])
    arquivo = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    livro.save(arquivo)
    arquivo.seek(0)
    return arquivo


def _largura(titulo: str, valores: Sequence[Any]) -> int:
    """Characters that show the title and the first values whole, a date and time included, within reason."""
    return min(60, max([len(titulo) + 4, *(16 if isinstance(v, datetime) else len(str(simples(v) if v is not None else "")) + 2 for v in valores)]))


def _celula_xlsx(folha: Any, valor: Any) -> Any:
    valor = simples(valor)
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


def _cabecalho(folha: Any, texto: str) -> WriteOnlyCell:
    celula = _texto_xlsx(folha, texto)
    celula.font = Font(bold=True)
    return celula
