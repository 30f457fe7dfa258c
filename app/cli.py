"""``flask --app run:app crm …``: the operator's commands. Each opens its own transactions and speaks Portuguese."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import click
from flask import Flask, current_app

from app.core import cifra, instancia, particoes, permissoes, relogio
from app.core.linha_de_comando import GrupoComServidores
from app.core.transacao import transacao
from app.extensions import db
from app.modulos import TODOS

crm = GrupoComServidores("crm", help="Comandos do CRM Provedor.")


def init_app(app: Flask) -> None:
    """Add the group to the application, with the commands of every module that has them."""
    for comandos in partes("comandos"):
        comandos.registrar(crm)
    app.cli.add_command(crm)
    banco = app.cli.commands["db"]
    app.cli.add_command(GrupoComServidores(banco.name, commands=banco.commands, callback=banco.callback, params=banco.params, help=banco.help))


def partes(nome: str) -> Iterator[ModuleType]:
    """``app.<module>.<nome>`` of every module that has one, lowest floor first."""
    for modulo in TODOS:
        caminho = f"app.{modulo}.{nome}"
        if find_spec(caminho):
            yield import_module(caminho)


@crm.command("preparar")
def preparar() -> None:
    """Cria papéis, permissões e cadastros iniciais. Pode repetir: nada do que foi mudado na tela é sobrescrito."""
    click.echo(", ".join(f"{nome}: {quantos}" for nome, quantos in preparar_tudo().items()))
    if perdidas := cifra.ilegiveis(db.session()):
        click.echo(f"atenção: CHAVE_CIFRA não é a que gravou os segredos de {', '.join(perdidas)}: devolva a chave antiga ou grave-os de novo", err=True)


def preparar_tudo() -> dict[str, int]:
    """Permissions, roles, partitions and first catalogues, in one transaction. Idempotent; returns what was done."""
    from app.usuarios.models import PapelSemente

    with transacao() as sessao:
        particoes.garantir(sessao, ate=relogio.hoje())      # first: what follows is audited in its month
        feito = permissoes.sincronizar(sessao, current_app.extensions["appbuilder_crm"])
        feito["dadas a papéis"] = permissoes.semear(sessao, PapelSemente)
        instancia.registrar(sessao)
        for sementes in partes("sementes"):
            sementes.semear(sessao)
    return feito
