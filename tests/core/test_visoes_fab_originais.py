"""Flask-AppBuilder's originals of the templates we replace: when an upgrade changes one, ours must be looked at again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import flask_appbuilder
import pytest

NOSSOS = Path(__file__).parents[2] / "app" / "templates" / "appbuilder"
ORIGINAIS = Path(flask_appbuilder.__file__).parent / "templates" / "appbuilder"
CONHECIDOS = json.loads((Path(__file__).parents[1] / "dados" / "fab_originais.json").read_text())
SUBSTITUIDOS = sorted(str(p.relative_to(NOSSOS)) for p in NOSSOS.rglob("*.html") if (ORIGINAIS / p.relative_to(NOSSOS)).exists())
NOVOS = {"general/model/_abas.html", "general/model/_relacionadas.html"}


def test_every_replaced_template_is_known():
    assert set(CONHECIDOS) == set(SUBSTITUIDOS)
    assert {str(p.relative_to(NOSSOS)) for p in NOSSOS.rglob("*.html")} - set(SUBSTITUIDOS) == NOVOS


@pytest.mark.parametrize("nome", SUBSTITUIDOS)
def test_the_frameworks_original_is_the_one_ours_was_made_from(nome):
    atual = hashlib.sha256((ORIGINAIS / nome).read_bytes()).hexdigest()
    assert atual == CONHECIDOS.get(nome), f"{nome} changed in Flask-AppBuilder: compare it with ours, then update tests/dados/fab_originais.json"
