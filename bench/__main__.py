"""Measure and print beside targets and the last time. ``python -m bench --so rodada,telas --clientes 10000,100000 --linhas 1000000``."""

from __future__ import annotations

import argparse
import sys

from bench.banco import banco
from bench.documentos import documentos
from bench.partida import partida
from bench.relatorio import Relatorio
from bench.rodada import rodada
from bench.telas import telas

SECOES = ("partida", "rodada", "telas", "documentos")


def main() -> int:
    """Measure, print, keep the result. Returns 1 when something that was asked for was not measured."""
    opcoes = _ler_opcoes()
    relatorio, tamanhos, meses = Relatorio(), sorted(int(x) for x in opcoes.clientes.split(",")), opcoes.meses
    if "partida" in opcoes.so:
        relatorio.secao("Partida", "partida", partida(opcoes.vezes))
    if opcoes.so == ["partida"]:
        return relatorio.fechar()
    with banco() as b:
        if "rodada" in opcoes.so:
            relatorio.secao("Rodada de faturamento", "rodada", rodada(b, tamanhos, meses, opcoes.vezes))
        if "telas" in opcoes.so:
            relatorio.secao(f"Listas e buscas, {opcoes.linhas:_} faturas".replace("_", "."), "telas", telas(b, opcoes.linhas // meses, meses))
        if "documentos" in opcoes.so:
            relatorio.secao("Documentos", "documentos", documentos(b, tamanhos[0], meses))
    return relatorio.fechar()


def _ler_opcoes() -> argparse.Namespace:
    opcoes = argparse.ArgumentParser(prog="python -m bench", description="Mede o desempenho e compara com os alvos e com a última vez.")
    opcoes.add_argument("--so", default=",".join(SECOES), help=f"partes, separadas por vírgula: {', '.join(SECOES)}")
    opcoes.add_argument("--clientes", default="10000,100000", help="tamanhos da rodada, separados por vírgula")
    opcoes.add_argument("--linhas", type=int, default=1_000_000, help="faturas das listas; os clientes são linhas ÷ meses")
    opcoes.add_argument("--meses", type=int, default=10, help="meses de histórico")
    opcoes.add_argument("--vezes", type=int, default=2, help="repetições de cada medida da rodada; vale a melhor")
    lidas = opcoes.parse_args()
    lidas.so = [parte for parte in lidas.so.split(",") if parte]
    if desconhecidas := set(lidas.so) - set(SECOES):
        opcoes.error(f"partes desconhecidas: {', '.join(sorted(desconhecidas))}")
    return lidas


if __name__ == "__main__":
    sys.exit(main())
