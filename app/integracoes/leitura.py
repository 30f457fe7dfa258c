"""A file as a header and lines of text, whoever exported it: CSV of any Brazilian flavour, or XLSX. Whatever is no table is refused in a sentence.

Nothing here knows what a customer is. The content decides what the file is; the extension must agree.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath

from flask_babel import gettext as _

from app.core.erros import ValorInvalido
from app.integracoes.colunas import campo_do_titulo

TAMANHO_MAXIMO = 20 * 1024 * 1024
LINHAS_MAXIMAS = 50_000
COLUNAS_MAXIMAS = 100
CELULA_MAXIMA = 2000
LINHAS_POR_CELULA = 100      # more in one cell are lines that a quote without its pair ran together
EXTENSOES_CSV = ("csv", "txt", "tsv")
SEPARADORES = ";,\t|"
PROCURA_CABECALHO = 10
_BINARIOS = ((b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"\x1f\x8b", "GZIP"), (b"Rar!", "RAR"), (b"\x7fELF", "ELF"), (b"MZ", "EXE"))


@dataclass(frozen=True)
class Linha:
    """A line: its number as a spreadsheet shows it, its cells, and why it cannot be used, when it cannot."""

    numero: int
    celulas: list[str]
    defeito: str | None = None


@dataclass(frozen=True)
class Tabela:
    """A file that was understood. ``linhas`` can be walked once; ``formato`` says how it was read (``CSV ; UTF-8``), ``avisos`` what was not."""

    cabecalho: list[str]
    linhas: Iterator[Linha]
    formato: str
    avisos: Sequence[str] = ()


class ArquivoRecusado(ValorInvalido):
    """The file is not a table we can read; the sentence says why and what to do."""

    codigo = "arquivo_recusado"


def abrir(nome: str, dados: bytes) -> Tabela:
    """Read a whole file of at most 20 MB. Raises ArquivoRecusado, at once or while the lines are walked (more than 50,000)."""
    if len(dados) > TAMANHO_MAXIMO:
        raise ArquivoRecusado(_("O arquivo passa de %(n)d MB. Divida-o em partes.", n=TAMANHO_MAXIMO >> 20))
    if not dados.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ArquivoRecusado(_("O arquivo está vazio."))
    extensao = PurePath(nome.replace("\\", "/")).suffix.lower().lstrip(".")
    return _montar(*_linhas_do_arquivo(extensao, dados))


def _linhas_do_arquivo(extensao: str, dados: bytes) -> tuple[Iterator[Linha], str, Sequence[str]]:
    e_xlsx = dados.startswith(b"PK\x03\x04")
    _recusar_estranhos(extensao, dados, e_xlsx)
    if e_xlsx:
        from app.integracoes.leitura_xlsx import linhas_xlsx

        linhas, avisos = linhas_xlsx(dados)
        return linhas, "XLSX", avisos
    texto, codificacao = _decodificar(dados)
    separador = _separador(texto)
    return _linhas_csv(texto, separador), f"CSV {'TAB' if separador == chr(9) else separador} {codificacao}", ()


def _recusar_estranhos(extensao: str, dados: bytes, e_xlsx: bool) -> None:
    if dados.startswith(b"\xd0\xcf\x11\xe0") or extensao == "xls":
        raise ArquivoRecusado(_("O formato .xls antigo não é lido. Abra no Excel e salve como .xlsx ou como CSV."))
    if extensao not in (*EXTENSOES_CSV, "xlsx"):
        raise ArquivoRecusado(_("Envie um arquivo .csv ou .xlsx; este termina em “.%(ext)s”.", ext=extensao[:10] or "?"))
    if e_xlsx != (extensao == "xlsx"):
        raise ArquivoRecusado(_("O conteúdo não corresponde à extensão: renomeie para .xlsx se for planilha do Excel, ou para .csv se for texto."))
    for marca, tipo in _BINARIOS:
        if dados.startswith(marca):
            raise ArquivoRecusado(_("Este arquivo não é uma tabela, parece ser %(tipo)s. Envie CSV ou XLSX.", tipo=tipo))
    if dados.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise ArquivoRecusado(_("Este arquivo é uma página HTML ou XML com outro nome. Abra no Excel e salve como .xlsx ou como CSV."))


def _decodificar(dados: bytes) -> tuple[str, str]:
    """UTF-8 (with or without BOM), UTF-16 with BOM, else Windows' Latin-1."""
    if dados.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _sem_nulos(dados.decode("utf-16", errors="replace")), "UTF-16"
    if b"\x00" in dados:
        raise ArquivoRecusado(_("O arquivo tem bytes nulos: não é um CSV. Exporte de novo como CSV ou XLSX."))
    try:
        return dados.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return dados.decode("cp1252", errors="replace"), "Latin-1"


def _sem_nulos(texto: str) -> str:
    if "\x00" in texto:
        raise ArquivoRecusado(_("O arquivo tem bytes nulos: não é um CSV. Exporte de novo como CSV ou XLSX."))
    return texto


def _amostra(texto: str) -> list[str]:
    """The first lines without what is in quotes."""
    linhas = [linha for linha in texto[:20_000].splitlines() if linha.strip()][:20]
    return [re.sub(r'"[^"]*"', "", linha) for linha in linhas]


def _separadores_por_linha(texto: str, separador: str) -> int:
    """How many the header has: the first line with the most titles we know, or the longest of the first when it has none."""
    linhas = [linha for linha in texto[:20_000].splitlines() if linha.strip()][:PROCURA_CABECALHO]
    lidas = [next(csv.reader([linha], delimiter=separador), []) for linha in linhas]
    notas = [titulos_conhecidos(celulas) for celulas in lidas]
    cabecalho = lidas[notas.index(max(notas))] if any(notas) else max(lidas, key=len, default=[])
    return max(0, len(cabecalho) - 1)


def _emendadas(celulas: list[str], separador: str, por_linha: int) -> bool:
    """Whether a record of several lines is lines run together by a quote without its pair: too many cells, or nearly a whole line in one of them."""
    inteira = max(2, por_linha - 1)
    return len(celulas) > por_linha + 1 or any(("\n" in c or "\r" in c) and c.count(separador) >= inteira for c in celulas)


def _separador(texto: str) -> str:
    """The separator that cuts the first lines into the most columns alike; ``;`` when none does."""
    sem_aspas = _amostra(texto)

    def peso(separador: str) -> int:
        conta = Counter(linha.count(separador) for linha in sem_aspas if separador in linha)
        return max((vezes * quantos for vezes, quantos in conta.items()), default=0)

    return max(SEPARADORES, key=peso) if sem_aspas else ";"


def _linhas_csv(texto: str, separador: str) -> Iterator[Linha]:
    """Records, most of one line. A quote without its pair spoils its own line and no other: reading goes on at the next."""
    fisicas = io.StringIO(texto, newline="").readlines()
    posicao, por_linha = 0, _separadores_por_linha(texto, separador)
    while posicao < len(fisicas):
        leitor = csv.reader(fisicas[posicao:posicao + LINHAS_POR_CELULA], delimiter=separador, strict=True)
        try:
            celulas = next(leitor)
            if leitor.line_num > 1 and _emendadas(celulas, separador, por_linha):
                raise csv.Error("two lines in one cell")
        except csv.Error:
            defeito = _("A linha não pôde ser lida: aspas sem par ou uma célula grande demais.")
            yield Linha(posicao + 1, fisicas[posicao].rstrip("\r\n").split(separador), defeito)
            posicao += 1
            continue
        yield Linha(posicao + 1, celulas)
        posicao += leitor.line_num


# ---- what both formats share


def _montar(linhas: Iterator[Linha], formato: str, avisos: Sequence[str]) -> Tabela:
    inicio = list(islice((x for x in linhas if x.defeito or any(c.strip() for c in x.celulas)), PROCURA_CABECALHO))
    if not inicio:
        raise ArquivoRecusado(_("O arquivo está vazio."))
    posicao = _posicao_do_cabecalho(inicio)
    cabecalho = _sem_cauda(inicio[posicao].celulas)
    if len(cabecalho) > COLUNAS_MAXIMAS:
        raise ArquivoRecusado(_("O arquivo tem %(n)d colunas; o limite é %(maximo)d.", n=len(cabecalho), maximo=COLUNAS_MAXIMAS))
    if inicio[posicao].defeito or not cabecalho or all(len(c) > 200 for c in cabecalho):
        raise ArquivoRecusado(_("A primeira linha precisa ter os nomes das colunas."))
    cabecalho = [" ".join(limpar(c).split())[:100] for c in cabecalho]
    corpo = _corpo(chain(inicio[posicao + 1:], linhas), len(cabecalho))
    primeira = next(corpo, None)
    if primeira is None:
        raise ArquivoRecusado(_("O arquivo só tem o cabeçalho, nenhuma linha de dados."))
    return Tabela(cabecalho, chain([primeira], corpo), formato, avisos)


def _posicao_do_cabecalho(linhas: Sequence[Linha]) -> int:
    """The first line with the most titles we know: reports often begin with their own name and date."""
    notas = [titulos_conhecidos(linha.celulas) for linha in linhas]
    return notas.index(max(notas))


def titulos_conhecidos(celulas: Sequence[str]) -> int:
    """How many of the cells are titles we know."""
    return sum(1 for c in celulas[:COLUNAS_MAXIMAS * 3] if len(c) < 100 and campo_do_titulo(c))


def _corpo(linhas: Iterator[Linha], colunas: int) -> Iterator[Linha]:
    quantas = 0
    for linha in linhas:
        if not linha.defeito and not any(c.strip() for c in linha.celulas):
            continue
        quantas += 1
        if quantas > LINHAS_MAXIMAS:
            raise ArquivoRecusado(_("O arquivo passa de %(n)s linhas. Divida-o em partes.", n=f"{LINHAS_MAXIMAS:,}".replace(",", ".")))
        yield _conferida(linha, colunas)


def _conferida(linha: Linha, colunas: int) -> Linha:
    celulas = [limpar(c[: CELULA_MAXIMA + 1]) for c in linha.celulas]
    defeito = linha.defeito
    if any(len(c) > CELULA_MAXIMA for c in linha.celulas):
        defeito = defeito or _("Uma célula tem mais de %(n)d caracteres.", n=CELULA_MAXIMA)
    if any(celulas[colunas:]):
        defeito = defeito or _("A linha tem mais células do que o cabeçalho: pode haver um separador a mais.")
    if defeito:
        return Linha(linha.numero, celulas[: COLUNAS_MAXIMAS * 3], defeito)
    return Linha(linha.numero, celulas[:colunas] + [""] * (colunas - len(celulas)))


def limpar(celula: str) -> str:
    """A cell without control characters and outer blanks; ``="00123"`` (Excel's way of keeping zeros) and ``'+55`` (ours) unwrapped."""
    texto = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff\ufffe\uffff]", "", celula).replace("\xa0", " ").strip()
    if excel := re.fullmatch(r'="([^"]*)"', texto):
        return excel[1].strip()
    return texto[1:] if len(texto) > 1 and texto[0] == "'" and texto[1] in "=+-@|＝＋－＠" else texto


def _sem_cauda(celulas: list[str]) -> list[str]:
    fim = len(celulas)
    while fim and not celulas[fim - 1].strip():
        fim -= 1
    return celulas[:fim]
