"""Files as real systems export them, for the tests of the import."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from app.brasil.documentos import formatar_documento, gerar_cpf

CABECALHO = (
    "Nome", "CPF/CNPJ", "E-mail", "Telefone", "CEP", "Endereço", "Número", "Bairro", "Cidade", "UF", "Plano", "Valor", "Dia Vencimento", "Data Ativação",
    "Login PPPoE", "Senha PPPoE",
)
HOJE = dt.date(2026, 11, 25)


def linha(n: int = 1, **mudancas: str) -> list[str]:
    """A good line; ``mudancas`` by title, with ``_`` for what is no letter."""
    valores = {
        "Nome": f"Cliente Número {n}", "CPF/CNPJ": formatar_documento(gerar_cpf(n)), "E-mail": f"cliente{n}@exemplo.com.br", "Telefone": "(19) 98765-4321",
        "CEP": "13010-000", "Endereço": "Rua das Acácias", "Número": str(100 + n), "Bairro": "Centro", "Cidade": "Campinas", "UF": "SP",
        "Plano": "Fibra 500 Mega", "Valor": "1.099,90", "Dia Vencimento": "10", "Data Ativação": "31/12/2024", "Login PPPoE": f"cliente{n}",
        "Senha PPPoE": f"segredo-{n}",
    }
    return list((valores | mudancas).values())


def csv(*linhas: Sequence[str], cabecalho: Sequence[str] = CABECALHO, separador: str = ";", codificacao: str = "utf-8-sig") -> bytes:
    """A CSV with quotes only where they are needed."""
    import csv as modulo

    saida = io.StringIO()
    escritor = modulo.writer(saida, delimiter=separador, lineterminator="\r\n")
    escritor.writerow(cabecalho)
    escritor.writerows(linhas)
    return saida.getvalue().encode(codificacao)


def xlsx(*linhas: Sequence[Any], cabecalho: Sequence[str] = CABECALHO, antes: Sequence[str] = (), escondida: bool = False) -> bytes:
    """A workbook as Excel would save it, with a sheet of that name and little in it for each of ``antes`` before the one that counts.

    ``escondida``: the last of them has more titles than the one that counts, and is hidden.
    """
    from openpyxl import Workbook

    livro = Workbook()
    folha = livro.active
    for nome in antes:
        livro.create_sheet(nome, livro.index(folha)).append(["Relatório", "Emitido hoje"])
    if escondida:
        oculta = livro[antes[-1]]
        oculta.append(list(CABECALHO))
        oculta.append(["Antigo"] * len(CABECALHO))
        oculta.sheet_state = "hidden"
    folha.append(list(cabecalho))
    for valores in linhas:
        folha.append(list(valores))
    saida = io.BytesIO()
    livro.save(saida)
    return saida.getvalue()
