"""What README.md says of the API is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from tests.programas import caminhos_da_api

RAIZ = Path(__file__).resolve().parents[2]
DO_QUADRO = {"menu", "security", "_openapi"}      # Flask-AppBuilder's own


def test_the_readme_names_every_noun_of_the_api_and_no_other(app) -> None:
    item = re.search(r"- \*\*API\*\*.*?(?=\n\n|\n- )", (RAIZ / "README.md").read_text(), re.DOTALL).group()
    ditos = set(re.findall(r"`([a-z_]+)`", item))
    assert ditos == {caminho.split("/")[3] for caminho in caminhos_da_api(app)} - DO_QUADRO
