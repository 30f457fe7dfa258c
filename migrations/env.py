"""Alembic's environment: our metadata (with Flask-AppBuilder's tables), types rendered as plain SQLAlchemy, partitions left alone."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import context
from flask import current_app

from app.core.cifra import TextoCifrado
from app.core.tipos import Dinheiro, Instante
from app.extensions import db

PARTICAO = re.compile(r".*_(\d{4}_\d{2}|default)$")


def render_item(tipo: str, objeto: object, contexto: object) -> str | bool:
    """The house's types as what they are in the database: a migration must not depend on application code."""
    if tipo == "type":
        if isinstance(objeto, Dinheiro):
            return "sa.Numeric(12, 2)"
        if isinstance(objeto, Instante):
            return "sa.DateTime(timezone=True)"
        if isinstance(objeto, TextoCifrado):
            return "sa.Text()"
        if type(objeto).__module__.startswith("flask_appbuilder"):
            return "sa.Text()"
    return False


def include_object(objeto: object, nome: str | None, tipo: str, refletido: bool, comparado: object) -> bool:
    """Monthly partitions belong to app.core.particoes; expression indexes of the search are compared by name only."""
    return not (tipo == "table" and refletido and PARTICAO.match(nome or ""))


def rodar() -> None:
    """Run the migrations on the application's engine, each in its own transaction, giving up after 10 s without a lock."""
    argumentos = dict(current_app.extensions["migrate"].configure_args)
    with db.engine.connect() as conexao:
        conexao.execute(sa.text("SET lock_timeout = '10s'"))
        conexao.commit()
        context.configure(
            connection=conexao,
            target_metadata=db.metadata,
            render_item=render_item,
            include_object=include_object,
            transaction_per_migration=True,
            **argumentos,
        )
        with context.begin_transaction():
            context.run_migrations()


rodar()
