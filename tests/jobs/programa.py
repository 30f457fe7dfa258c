"""``python -m tests.jobs.programa rapida|longa|relogio``: the real worker or clock, with the handlers and the schedule of the tests beside the real ones."""

from __future__ import annotations

import os
import sys

from app.core import agenda
from jobs import relogio, worker
from tests.conftest import fazer_app
from tests.jobs import manipuladores


def main(qual: str) -> int:
    """Run until SIGTERM."""
    env = os.environ
    mudancas = {nome: env[nome] for nome in ("SMTP_URL", "TAREFA_ARRENDAMENTO", "TAREFA_CARENCIA")}
    mudancas |= {"NOTIFICACAO_ARRENDAMENTO": env["TAREFA_ARRENDAMENTO"], "EMAIL_REMETENTE": "crm@exemplo.com.br"}
    app = fazer_app(env["DATABASE_URL"], env["REDIS_URL"], **mudancas)
    agenda.definir(manipuladores.AGENDA)
    return relogio.main(app) if qual == "relogio" else worker.main([qual], app)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
