"""The catalogues of the screens' texts: ``python -m scripts.catalogos`` extracts, updates and compiles, ``… compilar`` only compiles.

A second run changes no file: a catalogue is dated by the last run that found different texts.
"""

import sys
import tempfile
from copy import deepcopy
from pathlib import Path

from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core.textos_do_framework import TEXTOS

RAIZ = Path(__file__).resolve().parents[1]
PASTA = RAIZ / "translations"
MODELO = PASTA / "messages.pot"
LINGUAS = {"pt_BR": "Brazilian Portuguese", "en": "English", "es": "Spanish"}
MARCAS = ("N_", "_l", "da_casa", "lazy_gettext", "ngettext:1,2")
QUEM = "CRM Provedor contributors"
CABECALHO = f"# {{titulo}} of CRM Provedor.\n# Copyright (C) 2026 {QUEM}\n# This file is distributed under the MIT License, like CRM Provedor.\n#"


def caminho(lingua: str) -> Path:
    """The file of a language's texts."""
    return PASTA / lingua / "LC_MESSAGES" / "messages.po"


def ler(arquivo: Path, lingua: str | None = None) -> Catalog:
    """A catalogue as it is on the disk."""
    with arquivo.open("rb") as aberto:
        return read_po(aberto, locale=lingua)


def extrair() -> Catalog:
    """Every text of the code and of the templates, without translations."""
    with tempfile.TemporaryDirectory() as pasta:
        saida = Path(pasta) / "messages.pot"
        marcas = [parte for marca in MARCAS for parte in ("-k", marca)]
        CommandLineInterface().run(["pybabel", "-q", "extract", "-F", str(RAIZ / "babel.cfg"), *marcas, "--no-location", "-o", str(saida), str(RAIZ)])
        return ler(saida)


def sem_texto(mensagem: Message) -> bool:
    """Whether a message, or one of its plural forms, has no translation."""
    return not all(mensagem.string if isinstance(mensagem.string, tuple) else (mensagem.string,))


def ids(catalogo: Catalog) -> set[str | tuple[str, ...]]:
    """The texts of a catalogue; a plural one is the pair of its forms."""
    return {mensagem.id for mensagem in catalogo if mensagem.id}


def atualizar() -> None:
    """Extract the texts and write the template and the three catalogues."""
    modelo = extrair()
    if MODELO.exists() and ids(anterior := ler(MODELO)) == ids(modelo):
        modelo.creation_date = anterior.creation_date
    _gravar(MODELO, modelo, "Texts of the screens", "")
    for lingua, equipe in LINGUAS.items():
        catalogo = ler(caminho(lingua), lingua) if caminho(lingua).exists() else Catalog(locale=lingua)
        catalogo.update(deepcopy(modelo), no_fuzzy_matching=True)     # it keeps the messages it is given
        if lingua == "pt_BR":
            _preencher(catalogo)
        _gravar(caminho(lingua), catalogo, f"{equipe} texts", equipe)


def compilar() -> None:
    """Write the binary catalogue of each language, next to its texts; who reads it at that instant sees the old or the new one."""
    for lingua in LINGUAS:
        for textos in sorted(caminho(lingua).parent.glob("*.po")):      # the screens', and the command line's
            novo = textos.with_suffix(".mo.novo")
            with novo.open("wb") as aberto:
                write_mo(aberto, ler(textos, lingua))
            novo.replace(textos.with_suffix(".mo"))


def _preencher(catalogo: Catalog) -> None:
    """Our msgids are Portuguese already; the framework's are English, and wait for somebody to translate them."""
    for mensagem in catalogo:
        if mensagem.id and sem_texto(mensagem) and mensagem.id not in TEXTOS:
            mensagem.string = mensagem.id


def _gravar(arquivo: Path, catalogo: Catalog, titulo: str, equipe: str) -> None:
    catalogo.fuzzy = False
    catalogo.header_comment = CABECALHO.format(titulo=titulo)
    catalogo.project, catalogo.version = "CRM", "Provedor"      # babel joins the two in Project-Id-Version; the version would be noise there
    catalogo.msgid_bugs_address, catalogo.last_translator, catalogo.language_team = "", QUEM, equipe
    arquivo.parent.mkdir(parents=True, exist_ok=True)
    with arquivo.open("wb") as aberto:
        write_po(aberto, catalogo, sort_output=True, no_location=True, ignore_obsolete=True, width=120)


if __name__ == "__main__":
    if sys.argv[1:] != ["compilar"]:
        atualizar()
    compilar()
