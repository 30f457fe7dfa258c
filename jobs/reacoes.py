"""Which fact starts which task: fact → names of tasks; ``*`` follows every fact."""

from __future__ import annotations

REACOES: dict[str, tuple[str, ...]] = {
    "tarefa_parada": ("avisar_tarefa_parada",),
}
