"""``python -m tests.jobs.programa rapida|longa|relogio``: the real worker or clock, with the handlers of the tests beside the real ones.

``CURTO=1``: a schedule of seconds, and claims that end soon after a kill, so that a test need not wait for minutes. Otherwise all is as in production.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

from app.core import agenda, execucao
from app.notificacoes import reserva
from app.notificacoes.despacho import Despacho
from app.notificacoes.services import DESPACHAR
from app.rede import aplicacao
from jobs import relogio, worker
from tests.conftest import fazer_app
from tests.jobs import manipuladores

POUCO = dt.timedelta(seconds=6)


def main(qual: str) -> int:
    """Run until SIGTERM."""
    env = os.environ
    mudancas = {nome: env[nome] for nome in ("SMTP_URL", "TAREFA_ARRENDAMENTO", "TAREFA_CARENCIA") if nome in env}
    app = fazer_app(env["DATABASE_URL"], env["REDIS_URL"], EMAIL_REMETENTE="crm@exemplo.com.br", **mudancas)
    if env["CURTO"] == "1":
        encurtar()
    return relogio.main(app) if qual == "relogio" else worker.main([qual], app)


def encurtar() -> None:
    """Seconds instead of minutes."""
    agenda.definir(manipuladores.AGENDA)
    reserva.ARRENDAMENTO = aplicacao.RESERVA = POUCO
    execucao.esquecer(DESPACHAR)
    execucao.longa(DESPACHAR, recomeca=True)(lambda ex: Despacho(ex, tempo_de_envio=2).rodar())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
