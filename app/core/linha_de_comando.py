"""Groups of ``flask`` commands that work whether or not `make run` is running."""

from __future__ import annotations

import gettext
import os
from contextlib import ExitStack
from typing import Any

import click
from flask import has_app_context
from flask.cli import AppGroup, ScriptInfo

import config
from app.core import embutidos
from app.core.erros import DominioError
from app.extensions import db


def em_portugues() -> None:
    """What Click says by itself comes from ``translations/pt_BR/LC_MESSAGES/click.po``: it asks Python's gettext, which asks the environment."""
    os.environ["LANGUAGE"] = "pt_BR"
    gettext.bindtextdomain("click", str(config.RAIZ / "translations"))
    gettext.textdomain("click")


class GrupoComServidores(AppGroup):
    """Commands of this group find the embedded servers answering, borrowed or their own, when the application is configured for them."""

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        """As Click does, which from here on speaks Portuguese."""
        em_portugues()
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Servers that cannot be had, and what the services refuse, are a sentence and exit status 1."""
        cfg = ctx.ensure_object(ScriptInfo).load_app().config
        quais = embutidos.usados(config.INSTANCIA, cfg["SQLALCHEMY_DATABASE_URI"], cfg["REDIS_URL"])
        try:
            with embutidos.garantir(config.INSTANCIA, quais=quais), ExitStack() as fim:
                fim.callback(_largar_o_banco)
                return super().invoke(ctx)
        except (embutidos.ErroEmbutidos, DominioError) as erro:
            raise click.ClickException(str(erro)) from erro


def _largar_o_banco() -> None:
    """Flask ends the command's context, and with it the session, only when servers of the command's own have stopped: nothing may be left open then."""
    if has_app_context():
        db.session.remove()
