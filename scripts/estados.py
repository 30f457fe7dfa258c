"""Writes docs/estados.md from the state machines of the code: a diagram and a table of each.

    bin/documentar_estados             writes the file
    bin/documentar_estados --conferir  only says whether it is up to date (exit status)
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from app.core.estados import MAQUINAS, Transicoes
from app.core.tipos import Rotulado
from app.modulos import COM_TABELAS

ARQUIVO = Path(__file__).parents[1] / "docs" / "estados.md"
CABECALHO = """# Estados

Gerado por `bin/documentar_estados` a partir das tabelas de transição do código (`app/*/estados.py`); não edite à mão.
Toda atribuição do campo é conferida por estas tabelas: o que não está aqui é recusado com uma frase e o código `transicao_invalida`.
O mesmo estado de novo não é mudança.
"""


def documentar() -> str:
    """The whole file, one section a machine in alphabetical order."""
    for modulo in COM_TABELAS:
        import_module(f"app.{modulo}.models")
    partes = [_secao(nome, transicoes, inicial) for nome, (coluna, transicoes, inicial) in sorted(MAQUINAS.items()) if _da_casa(coluna)]
    return "\n".join([CABECALHO, *partes])


def _da_casa(coluna: object) -> bool:
    """Tests declare machines of their own."""
    return coluna.class_.__module__.startswith("app.")


def _secao(nome: str, transicoes: Transicoes, inicial: Rotulado) -> str:
    return f"## {nome}\n\n{_diagrama(transicoes, inicial)}\n{_tabela(transicoes)}"


def _diagrama(transicoes: Transicoes, inicial: Rotulado) -> str:
    linhas = [f"    [*] --> {inicial.name}"]
    linhas += [f"    {de.name} --> {para.name}: {evento}" for de, destinos in transicoes.items() for para, evento in destinos.items()]
    linhas += [f"    {de.name} --> [*]" for de, destinos in transicoes.items() if not destinos]
    return "\n".join(["```mermaid", "stateDiagram-v2", *linhas, "```", ""])


def _tabela(transicoes: Transicoes) -> str:
    linhas = ["| estado | evento | próximo |", "|---|---|---|"]
    for de, destinos in transicoes.items():
        linhas += [f"| {_estado(de)} | {evento} | {_estado(para)} |" for para, evento in destinos.items()]
        linhas += [] if destinos else [f"| {_estado(de)} | – | fim |"]
    return "\n".join([*linhas, ""])


def _estado(estado: Rotulado) -> str:
    return f"`{estado.name}` {estado.value}"


def main(argumentos: list[str]) -> int:
    """Write the file, or compare it; return the exit status."""
    texto = documentar()
    if "--conferir" in argumentos:
        atual = ARQUIVO.read_text() if ARQUIVO.exists() else ""
        return 0 if atual == texto else 1
    ARQUIVO.write_text(texto)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
