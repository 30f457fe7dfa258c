"""Files as they come: every flavour read the same, and what is no table refused in a sentence."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import pytest

from app.integracoes import leitura
from app.integracoes.colunas import adivinhar
from app.integracoes.leitura import ArquivoRecusado, abrir
from tests.integracoes import arquivos as a


def lida(nome: str, dados: bytes) -> tuple[list[str], list[list[str]], str]:
    tabela = abrir(nome, dados)
    return tabela.cabecalho, [x.celulas for x in tabela.linhas], tabela.formato


ACENTOS = a.linha(1, Nome="José da Conceição; filho", Cidade="São João")


@pytest.mark.parametrize("separador", [";", ",", "\t", "|"])
@pytest.mark.parametrize(("codificacao", "rotulo"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Latin-1"), ("utf-16", "UTF-16")])
def test_every_flavour_of_csv_reads_the_same(app, separador: str, codificacao: str, rotulo: str) -> None:
    dados = a.csv(ACENTOS, a.linha(2), separador=separador, codificacao=codificacao)
    cabecalho, linhas, formato = lida("clientes.csv", dados)
    assert cabecalho == list(a.CABECALHO) and linhas == [ACENTOS, a.linha(2)] and formato.endswith(rotulo)


def test_xlsx_gives_the_text_a_csv_would(app) -> None:
    valores = a.linha(1)
    valores[1], valores[11], valores[12], valores[13], valores[4] = 1234567890, 1099.9, 10, dt.date(2024, 12, 31), 1310000.0
    _cabecalho, linhas, formato = lida("clientes.xlsx", a.xlsx(valores))
    assert formato == "XLSX"
    assert [linhas[0][i] for i in (1, 11, 12, 13, 4)] == ["1234567890", "1099,9", "10", "2024-12-31", "1310000"]


def test_the_sheet_of_the_customers_is_found_among_others_and_that_is_said(app) -> None:
    tabela = abrir("clientes.xlsx", a.xlsx(a.linha(1), antes=["Capa", "Resumo"]))
    assert tabela.cabecalho == list(a.CABECALHO) and [x.celulas for x in tabela.linhas] == [a.linha(1)]
    assert tabela.avisos == ["Só a aba “Sheet” foi lida; o arquivo tem outras: Capa, Resumo."]
    assert abrir("clientes.xlsx", a.xlsx(a.linha(1))).avisos == []


def test_a_hidden_sheet_and_one_of_instructions_are_not_the_customers(app) -> None:
    minimo = ["Nome", "CPF/CNPJ", "Plano", "Dia Vencimento"]
    tabela = abrir("c.xlsx", a.xlsx(["Ana", "529.982.247-25", "Fibra 300", "10"], cabecalho=minimo, antes=["Capa", "Config"], escondida=True))
    assert tabela.cabecalho == minimo and tabela.avisos == ["Só a aba “Sheet” foi lida; o arquivo tem outras: Capa."]


def test_a_number_of_excel_with_three_places_is_not_thousands(app) -> None:
    from app.integracoes.leitura_xlsx import texto_da_celula

    lidos = [texto_da_celula(v) for v in (1.234, 99.0, 1e20, 12345678901.0, 99.89999999999999, 0.0)]
    assert lidos == ["1,234", "99", "100000000000000000000", "12345678901", "99,9", "0"]


def test_line_numbers_are_those_of_the_file(app) -> None:
    dados = a.csv(a.linha(1), [], a.linha(2, Nome="Com\nduas linhas"), a.linha(3))
    assert [x.numero for x in abrir("c.csv", dados).linhas] == [2, 4, 6]


def test_a_quote_without_its_pair_spoils_its_own_line_alone(app) -> None:
    texto = 'Nome;Cidade\r\n"Bar do Zé;Campinas\r\n' + "".join(f"Ana {n};Campinas\r\n" for n in range(800))
    linhas = list(abrir("c.csv", texto.encode()).linhas)
    assert len(linhas) == 801 and [x.numero for x in linhas if x.defeito] == [2]
    assert linhas[0].celulas == ['"Bar do Zé', "Campinas"] and linhas[1].celulas == ["Ana 0", "Campinas"]


@pytest.mark.parametrize(("primeira", "segunda", "ruins"), [
    ('Ana;"Rua A;Campinas', 'Bia;"Rua B;Campinas', [2, 3]),       # the second quote would close the first one's cell
    ('Ana;"Rua A;1;2;3;4;Campinas', 'Bia;Rua B";Campinas', [2]),
    ('"Ana;Rua A;Campinas', 'Bia";Rua B;Campinas', [2]),          # nearly a whole line in one cell
    ('Ana;Rua A;"Campinas', 'Bia";Rua B;Campinas', [2]),          # more cells than a line has
    ('Ana;"Rua" A;Campinas', "Bia;Rua B;Campinas", [2]),
    ('Ana;Rua "A";Campinas', "Bia;Rua B;Campinas", []),           # quotes inside a cell are letters
    ('Ana;"Rua A\r\nfundos";Campinas', "Bia;Rua B;Campinas", []),
])
def test_a_quote_never_runs_two_customers_together(app, primeira: str, segunda: str, ruins: list[int]) -> None:
    texto = f"Nome;Endereço;Cidade\r\n{primeira}\r\n{segunda}\r\nCio;Rua C;Campinas\r\n"
    linhas = list(abrir("c.csv", texto.encode()).linhas)
    assert [x.numero for x in linhas if x.defeito] == ruins
    assert linhas[-1].celulas == ["Cio", "Rua C", "Campinas"] and not any("Bia" in c for x in linhas if not x.defeito for c in x.celulas[1:])


@pytest.mark.parametrize("tudo", [False, True])
def test_a_file_whose_every_row_has_a_line_break_is_read_whole(app, tudo: bool) -> None:
    """What a line of the file has tells nothing of what a row has: the header does."""
    titulos = ["Nome", "CPF", "Endereço", "Cidade", "UF", "Plano", "Valor", "Dia Vencimento", "Data Ativação"]
    linhas = [[f"Ana {n}", str(n), f"Rua A, {n}\r\ncasa {n}", "Campinas", "SP", "Fibra 100 Mega", "50,00", "5", "01/05/2026"] for n in range(8)]
    saida = io.StringIO()
    escritor = csv.writer(saida, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL if tudo else csv.QUOTE_MINIMAL)
    escritor.writerows([titulos, *linhas])
    lidas = list(abrir("c.csv", saida.getvalue().encode()).linhas)
    assert not any(x.defeito for x in lidas) and [x.celulas for x in lidas] == linhas


def test_titles_of_a_report_above_the_header_are_passed_over(app) -> None:
    dados = "Relatório de clientes\r\nEmitido em 25/11/2026\r\n\r\n".encode() + a.csv(a.linha(1), codificacao="utf-8")
    cabecalho, linhas, _formato = lida("c.csv", dados)
    assert cabecalho == list(a.CABECALHO) and len(linhas) == 1


def test_short_lines_are_filled_and_long_ones_are_set_aside(app) -> None:
    linhas = list(abrir("c.csv", b"Nome;CPF;Cidade\r\nAna;1\r\nBia;2;X;Y\r\nCio;3;Z;;;\r\n").linhas)
    assert [x.celulas for x in linhas] == [["Ana", "1", ""], ["Bia", "2", "X", "Y"], ["Cio", "3", "Z"]]
    assert [bool(x.defeito) for x in linhas] == [False, True, False]


@pytest.mark.parametrize(("celula", "limpa"), [
    ('="00123"', "00123"), ("'+5519987654321", "+5519987654321"), ("  Ana\xa0Maria ", "Ana Maria"), ("a\x07b", "ab"), ("'", "'"), ("=1+1", "=1+1"),
])
def test_cells_are_unwrapped(celula: str, limpa: str) -> None:
    assert leitura.limpar(celula) == limpa


# ---- hostile files

def bomba() -> bytes:
    saida = io.BytesIO()
    with zipfile.ZipFile(saida, "w", zipfile.ZIP_DEFLATED) as pacote:
        pacote.writestr("xl/workbook.xml", "<workbook/>")
        with pacote.open("xl/worksheets/sheet1.xml", "w") as parte:
            for _n in range(200):
                parte.write(b"0" * (1 << 20))
    return saida.getvalue()


def outro_zip() -> bytes:
    saida = io.BytesIO()
    with zipfile.ZipFile(saida, "w") as pacote:
        pacote.writestr("leia.txt", "nada")
    return saida.getvalue()


BOM = a.csv(a.linha(1))
HOSTIS = {
    "empty": ("c.csv", b"", "vazio"),
    "blanks only": ("c.csv", b"\xef\xbb\xbf \r\n\r\n;;\r\n".replace(b";", b" "), "vazio"),
    "separators only": ("c.csv", b";;;\r\n;;;\r\n", "vazio"),
    "header only": ("c.csv", a.csv(), "só tem o cabeçalho"),
    "header only, xlsx": ("c.xlsx", a.xlsx(), "só tem o cabeçalho"),
    "nul bytes": ("c.csv", b"Nome;CPF\r\nAna\x00;1\r\n", "bytes nulos"),
    "two hundred columns": ("c.csv", a.csv([str(n) for n in range(200)], cabecalho=[f"c{n}" for n in range(200)]), "200 colunas"),
    "two hundred columns, xlsx": ("c.xlsx", a.xlsx(["x"] * 200, cabecalho=[f"c{n}" for n in range(200)]), "200 colunas"),
    "picture called csv": ("c.csv", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "PNG"),
    "pdf called xlsx": ("c.xlsx", b"%PDF-1.7 ...", "extensão"),
    "xlsx called csv": ("c.csv", a.xlsx(a.linha(1)), "extensão"),
    "csv called xlsx": ("c.xlsx", BOM, "extensão"),
    "old excel": ("c.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xls antigo"),
    "html called csv": ("c.csv", b"<html><table><tr><td>Nome</td></tr></table></html>", "HTML"),
    "program": ("c.exe", b"MZ....", ".csv ou .xlsx"),
    "no extension": ("clientes", BOM, ".csv ou .xlsx"),
    "zip bomb": ("c.xlsx", bomba(), "grande demais"),
    "a zip that is no workbook": ("c.xlsx", outro_zip(), "não é uma planilha"),
    "cut workbook": ("c.xlsx", a.xlsx(a.linha(1))[:-300], "danificada"),
}


@pytest.mark.parametrize(("nome", "dados", "frase"), HOSTIS.values(), ids=HOSTIS)
def test_what_is_no_table_is_refused_in_a_sentence(app, nome: str, dados: bytes, frase: str) -> None:
    with app.app_context(), pytest.raises(ArquivoRecusado, match=frase):
        list(abrir(nome, dados).linhas)


def test_too_many_lines_and_too_many_bytes(app, monkeypatch) -> None:
    monkeypatch.setattr(leitura, "LINHAS_MAXIMAS", 2)
    with app.app_context(), pytest.raises(ArquivoRecusado, match="linhas"):
        list(abrir("c.csv", a.csv(*(a.linha(n) for n in range(3)))).linhas)
    monkeypatch.setattr(leitura, "TAMANHO_MAXIMO", 100)
    with app.app_context(), pytest.raises(ArquivoRecusado, match="MB"):
        abrir("c.csv", BOM)


def defeitos(nome: str, dados: bytes) -> list[str | None]:
    return [x.defeito for x in abrir(nome, dados).linhas]


def test_a_huge_cell_costs_only_its_line(app) -> None:
    with app.app_context():
        achados = defeitos("c.csv", a.csv(a.linha(1), a.linha(2, Nome="x" * 5000), a.linha(3, Nome="y" * 200_000), a.linha(4)))
    assert achados[0] is None and "2000 caracteres" in achados[1] and achados[2] and achados[-1] is None


def test_a_formula_in_a_workbook_costs_only_its_line(app) -> None:
    with app.app_context():
        achados = defeitos("c.xlsx", a.xlsx(a.linha(1), a.linha(2, Nome='=HYPERLINK("http://x.example";"y")'), a.linha(3)))
    assert achados[0] is None and "A3 tem uma fórmula" in achados[1] and achados[2] is None


def test_a_sheet_that_lies_about_its_size(app) -> None:
    """openpyxl would make 16,384 cells of every row of a sheet that says it ends at XFD1048576."""
    origem, saida = zipfile.ZipFile(io.BytesIO(a.xlsx(a.linha(1)))), io.BytesIO()
    with zipfile.ZipFile(saida, "w") as pacote:
        for parte in origem.infolist():
            texto = origem.read(parte)
            assert "sheet1" not in parte.filename or b'ref="A1:P2"' in texto
            pacote.writestr(parte.filename, texto.replace(b'ref="A1:P2"', b'ref="A1:XFD1048576"'))
    linhas = list(abrir("c.xlsx", saida.getvalue()).linhas)
    assert [x.celulas for x in linhas] == [a.linha(1)]


def test_each_field_is_guessed_once_and_in_any_order() -> None:
    titulos = ["E-MAIL", "cnpj/cpf", "Razão Social", "Celular", "Telefone", "telefone", "Dia Venc.", "Usuário PPPoE", "Observação"]
    assert adivinhar(titulos) == ["email", "documento", "nome", "whatsapp", "telefone", None, "dia", "login", None]
    assert adivinhar(a.CABECALHO) == ["nome", "documento", "email", "telefone", "cep", "logradouro", "numero", "bairro", "municipio", "uf", "plano", "valor",
                                      "dia", "ativacao", "login", "senha"]
