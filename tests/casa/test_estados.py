"""docs/estados.md says what the code's tables of transitions say."""

from __future__ import annotations

import re

import pytest

from app.core import estados
from app.faturamento.estados import TRANSICOES_INVOICE, StatusInvoice
from scripts import estados as documento


def test_the_document_is_up_to_date() -> None:
    assert documento.ARQUIVO.read_text() == documento.documentar(), "run bin/documentar_estados"


def test_every_transition_has_an_event() -> None:
    for nome, (_coluna, transicoes, _inicial) in estados.MAQUINAS.items():
        for de, destinos in transicoes.items():
            assert all(destinos.values()), f"{nome}: {de.name}"


@pytest.mark.parametrize("nome", ["Invoice.status", "Contrato.status", "Pagamento.status"])
def test_a_section_has_every_state_and_a_row_for_every_transition(nome: str) -> None:
    _coluna, transicoes, inicial = estados.MAQUINAS[nome]
    secao = re.split(r"^## ", documento.documentar(), flags=re.M)
    texto = next(s for s in secao if s.startswith(nome))
    assert f"[*] --> {inicial.name}" in texto
    assert all(f"`{estado.name}`" in texto for estado in type(inicial))
    assert texto.count("\n| `") == sum(max(1, len(destinos)) for destinos in transicoes.values())


def test_a_changed_table_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison itself: one more transition makes another document."""
    antes = documento.documentar()
    monkeypatch.setitem(TRANSICOES_INVOICE, StatusInvoice.cancelada, {StatusInvoice.emitida: "ressuscitar"})
    assert documento.documentar() != antes
