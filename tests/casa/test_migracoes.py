"""Migrations: one head, up and down and up again, and nothing left to generate."""

from __future__ import annotations

import warnings

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from app.extensions import db
from tests.conftest import fazer_app

PASTA = "migrations"


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(PASTA).get_heads()) == 1


def test_up_down_and_up_again_leave_exactly_the_models(servidores) -> None:
    app = fazer_app(servidores.novo_banco("migracoes"), servidores.redis_url)
    with app.app_context():
        upgrade(directory=PASTA)
        downgrade(directory=PASTA, revision="base")
        with db.engine.connect() as conexao:
            assert sa.inspect(conexao).get_table_names() == ["alembic_version"]
        upgrade(directory=PASTA)
        assert diferencas() == []
        db.engine.dispose()


def diferencas() -> list[object]:
    """What autogenerate would still write, partitions left out."""
    with db.engine.connect() as conexao, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        opcoes = {"compare_type": True, "include_object": lambda o, nome, tipo, refletido, _c: not (tipo == "table" and refletido and "log_" in (nome or ""))}
        return compare_metadata(MigrationContext.configure(conexao, opts=opcoes), db.metadata)
