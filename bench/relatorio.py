"""What was measured beside its target and the last time, on the screen and in bench/resultados/historico.jsonl (one JSON line a run)."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HISTORICO = Path(__file__).resolve().parent / "resultados" / "historico.jsonl"
DENTRO, FORA, NADA, SEM_ALVO = "dentro", "fora", "NÃO MEDIDO", ""


@dataclass(frozen=True)
class Linha:
    """A figure. ``chave`` names it in the history; ``alvo`` is a ceiling, or with ``piso`` a floor; ``valor`` None: nothing was measured."""

    chave: str
    titulo: str
    valor: float | None
    unidade: str = ""
    alvo: float | None = None
    piso: bool = False
    nota: str = ""

    @property
    def veredito(self) -> str:
        """``dentro``, ``fora``, ``NÃO MEDIDO``, or nothing without a target."""
        if self.valor is None:
            return NADA
        if self.alvo is None:
            return SEM_ALVO
        return DENTRO if (self.valor >= self.alvo if self.piso else self.valor <= self.alvo) else FORA


class Relatorio:
    """Lines of a run; ``anterior`` has each figure of the last run that measured it."""

    def __init__(self, historico: Path = HISTORICO) -> None:
        self.historico = historico
        self.linhas: list[Linha] = []
        self.anterior = dict(_ultimos(historico))

    def secao(self, titulo: str, chave: str, linhas: Iterable[Linha]) -> None:
        """Print a section's figures as they are measured, then how busy the machine is."""
        print(f"\n{titulo}\n{'-' * len(titulo)}")
        for linha in linhas:
            self._anotar(linha)
        self._anotar(Linha(f"{chave}.ocupacao", "tempo de parede por tempo de CPU (1 = máquina livre)", ocupacao()))

    def _anotar(self, linha: Linha) -> None:
        self.linhas.append(linha)
        print(self._texto(linha), flush=True)

    def _texto(self, x: Linha) -> str:
        valor = "—" if x.valor is None else _numero(x.valor, x.unidade)
        alvo = "" if x.alvo is None else f"{'≥' if x.piso else '≤'} {_numero(x.alvo, x.unidade)}"
        antes = f"antes {_numero(self.anterior[x.chave], x.unidade)}" if x.chave in self.anterior else ""
        return f"  {x.titulo:<52} {valor:>12}  {alvo:>11}  {x.veredito:<10}  {antes:<16} {x.nota}".rstrip()

    def fechar(self) -> int:
        """Keep the run and say what is outside. Returns the exit code: 1 when something was not measured."""
        self.historico.parent.mkdir(exist_ok=True)
        maquina = {"arquitetura": platform.machine(), "nucleos": os.cpu_count(), "python": platform.python_version()}
        registro = {"maquina": maquina, "valores": {x.chave: x.valor for x in self.linhas if x.valor is not None}}
        with self.historico.open("a", encoding="utf-8") as arquivo:
            arquivo.write(json.dumps(registro, ensure_ascii=False) + "\n")
        por_veredito = {v: [x for x in self.linhas if x.veredito == v] for v in (DENTRO, FORA, NADA)}
        print("\n" + ", ".join(f"{len(xs)} {v}" for v, xs in por_veredito.items() if xs))
        for x in por_veredito[FORA] + por_veredito[NADA]:
            print(f"  {x.veredito}: {x.chave} {x.titulo}")
        return 1 if por_veredito[NADA] else 0


def ocupacao() -> float:
    """Wall seconds that a second of CPU takes just now."""
    inicio, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < 0.2:
        sum(range(1000))
    return (time.perf_counter() - inicio) / (time.process_time() - cpu)


def _ultimos(historico: Path) -> Iterator[tuple[str, float]]:
    if historico.exists():
        for linha in historico.read_text(encoding="utf-8").splitlines():
            yield from json.loads(linha)["valores"].items()


def _numero(valor: float, unidade: str) -> str:
    casas = 0 if valor == int(valor) or abs(valor) >= 1000 else 1 if abs(valor) >= 20 else 2
    texto = f"{valor:,.{casas}f}".translate(str.maketrans(",.", ".,"))
    return f"{texto} {unidade}".rstrip()
