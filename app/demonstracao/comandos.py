"""``flask crm demo``: loads the demonstration into an empty base."""

from __future__ import annotations

import time

import click
from flask.cli import with_appcontext

from app.core import relogio


def registrar(grupo: click.Group) -> None:
    """Add the command."""
    grupo.add_command(demo)


@click.command("demo")
@click.option("--clientes", default=60, show_default=True, type=click.IntRange(1, 200_000), help="Quantos clientes ao todo.")
@click.option("--meses", default=4, show_default=True, type=click.IntRange(1, 60), help="Quantos meses de história, até hoje.")
@click.option("--seed", default=1, show_default=True, help="A mesma semente dá os mesmos dados.")
@with_appcontext
def demo(clientes: int, meses: int, seed: int) -> None:
    """Carrega um provedor de demonstração em uma base vazia."""
    from app.demonstracao.simulador import simular

    inicio = time.monotonic()
    contagens = simular(clientes=clientes, meses=meses, seed=seed, hoje=relogio.hoje(), ate=relogio.agora(), avisar=click.echo)
    click.echo(", ".join(f"{nome}: {n}" for nome, n in contagens.items()) + f" em {time.monotonic() - inicio:.0f} s")
