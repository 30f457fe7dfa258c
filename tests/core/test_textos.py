"""What of a text can be kept."""

from __future__ import annotations

import pytest

from app.core.textos import em_branco, guardavel, limpo


@pytest.mark.parametrize(("texto", "fica"), [
    (" Ana\0 ", "Ana"), ("\ud800x", "x"), ("\u202eabc", "abc"), ("\u200b \u200d", ""), ("👨‍👩‍👧 Família", "👨‍👩‍👧 Família"), ("a\u200bb", "a\u200bb"), ("", ""),
])
def test_what_cannot_be_seen_or_stored_goes(texto: str, fica: str) -> None:
    assert limpo(texto) == fica


@pytest.mark.parametrize("texto", ["a\0", "\udfff", "\u2066x"])
def test_what_cannot_be_kept(texto: str) -> None:
    assert not guardavel(texto) and guardavel("João 👍 \u200d")


@pytest.mark.parametrize(("texto", "nada"), [(" \n\u00a0\u200b", True), ("\ufeff", True), (".", False)])
def test_blank_is_what_nobody_sees(texto: str, nada: bool) -> None:
    assert em_branco(texto) is nada
