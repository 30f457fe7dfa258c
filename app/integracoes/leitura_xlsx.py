"""Lines of one sheet of an XLSX, read as a stream after looking at what the archive would unpack to."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from flask_babel import gettext as _

from app.integracoes.colunas import adivinhar, faltam
from app.integracoes.leitura import COLUNAS_MAXIMAS, PROCURA_CABECALHO, ArquivoRecusado, Linha, titulos_conhecidos

DESCOMPACTADO_MAXIMO = 150 * 1024 * 1024
PARTES_MAXIMAS = 500
LINHAS_VAZIAS_MAXIMAS = 10_000
_EXATO = 10**15      # below it a double tells nine decimals of a centavo apart from its own noise


def linhas_xlsx(dados: bytes) -> tuple[Iterator[Linha], list[str]]:
    """Cells as the text a CSV would have, and a remark when the workbook has more than the sheet they are of.

    Formulas make their line unusable: what they would show is not in the file for sure.
    A broken file makes three libraries raise anything; whatever it is, the person gets one sentence.
    """
    _conferir_pacote(dados)
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)      # extensions of the sheet that we do not need
        try:
            livro = load_workbook(io.BytesIO(dados), read_only=True, data_only=False, keep_links=False)
        except Exception as erro:
            raise _quebrada() from erro
    folhas = livro.worksheets
    if not folhas:
        raise ArquivoRecusado(_("A planilha não tem nenhuma aba com dados."))
    folhas = [f for f in folhas if f.sheet_state == "visible"] or folhas      # nobody sees what is in a hidden one
    folha = max(folhas, key=_parece_a_tabela) if len(folhas) > 1 else folhas[0]
    outras = ", ".join(outra.title for outra in folhas if outra is not folha)
    return _ler(folha), [_("Só a aba “%(lida)s” foi lida; o arquivo tem outras: %(outras)s.", lida=folha.title, outras=outras[:200])] if outras else []


def _parece_a_tabela(folha: Any) -> tuple[bool, int]:
    """Whether one of its first lines has every title that is needed, and how many of those we know; a sheet that cannot be read has none."""
    try:
        linhas = [linha.celulas for linha in islice(_ler(folha), PROCURA_CABECALHO)]
    except ArquivoRecusado:
        return False, 0
    return any(not faltam(adivinhar(celulas)) for celulas in linhas), max(map(titulos_conhecidos, linhas), default=0)


def _quebrada() -> ArquivoRecusado:
    return ArquivoRecusado(_("A planilha está danificada ou protegida por senha. Abra no Excel e salve de novo como .xlsx ou como CSV."))


def _conferir_pacote(dados: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(dados)) as pacote:
            partes = pacote.infolist()
    except zipfile.BadZipFile as erro:
        raise _quebrada() from erro
    if "xl/workbook.xml" not in {p.filename for p in partes}:
        raise ArquivoRecusado(_("Este arquivo .xlsx não é uma planilha do Excel."))
    if len(partes) > PARTES_MAXIMAS or sum(p.file_size for p in partes) > DESCOMPACTADO_MAXIMO:
        raise ArquivoRecusado(_("A planilha descompactada é grande demais. Copie só a tabela de clientes para uma planilha nova."))


def _ler(folha: Any) -> Iterator[Linha]:
    folha.reset_dimensions()      # the size a file declares may be a lie of a million columns
    vazias = 0
    linhas = enumerate(folha.iter_rows(), 1)
    while True:
        try:
            numero, celulas = next(linhas, (0, None))
        except Exception as erro:
            raise _quebrada() from erro
        if celulas is None:
            return
        textos, formula = _textos(celulas)
        vazias = 0 if any(textos) else vazias + 1
        if vazias > LINHAS_VAZIAS_MAXIMAS:
            return
        defeito = _("A célula %(onde)s tem uma fórmula. Cole como valores e envie de novo.", onde=formula) if formula else None
        yield Linha(numero, textos, defeito)


def _textos(celulas: tuple[Any, ...]) -> tuple[list[str], str | None]:
    if len(celulas) > COLUNAS_MAXIMAS * 3:
        fim = max((i for i, c in enumerate(celulas, 1) if c.value is not None), default=0)
        celulas = celulas[:fim]
    formula = next((c.coordinate for c in celulas if c.data_type == "f"), None)
    return [texto_da_celula(c.value) for c in celulas], formula


def texto_da_celula(valor: Any) -> str:
    """``99.9`` is ``99,9``, whole floats lose their ``.0``, dates are ISO; an Excel number is never read as thousands."""
    if valor is None:
        return ""
    if isinstance(valor, bool):
        return _("Sim") if valor else _("Não")
    if isinstance(valor, float):
        return _decimal(valor)
    if isinstance(valor, dt.datetime):
        return valor.date().isoformat()
    return valor.isoformat() if isinstance(valor, (dt.date, dt.time)) else str(valor)


def _decimal(valor: float) -> str:
    numero = Decimal(repr(valor))
    if not numero.is_finite():
        return ""
    if abs(numero) < _EXATO:
        numero = round(numero, 9).normalize()      # 99.89999999999999 is how a sum in binary says 99.9
    return f"{numero:f}".removesuffix(".0").replace(".", ",")
