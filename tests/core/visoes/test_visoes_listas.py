"""Lists: what is shown, ordered, filtered, searched and exported, and what bad arguments do."""

from __future__ import annotations


def test_a_list_shows_labels_money_dates_and_the_local_time(admin):
    pagina = admin.get("/pedidoview/list/").text
    assert "P-1" in pagina and "Álvaro Souza" in pagina
    assert "R$\N{NO-BREAK SPACE}1.234,56" in pagina and "01/12/2026 22:30" in pagina
    assert '<span class="selo selo-info">Aberto</span>' in pagina
