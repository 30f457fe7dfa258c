"""Migrate and prepare the database of DATABASE_URL, for a base to be written into."""

from __future__ import annotations

import os

from flask_migrate import upgrade

from bench.processo import aplicacao

if __name__ == "__main__":
    with aplicacao(os.environ["DATABASE_URL"]).app_context():
        from app.cli import preparar_tudo

        upgrade(directory="migrations")
        preparar_tudo()
