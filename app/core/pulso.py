"""Signs of life of the processes, read by /readyz and by the schedule's page. In the database: Redis may be the thing that is missing."""

from __future__ import annotations

import logging
import time

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from app.core import relogio
from app.core.models import Pulso
from app.core.transacao import transacao
from app.extensions import db

log = logging.getLogger(__name__)
INTERVALO = 15.0


class Batida:
    """Writes the pulse of one process at most every 15 seconds; a database that does not answer is only logged."""

    def __init__(self, processo: str) -> None:
        self.processo, self._ultima = processo, float("-inf")

    def bater(self) -> None:
        """Write it if it is time. Needs an application context."""
        if time.monotonic() - self._ultima < INTERVALO:
            return
        self._ultima = time.monotonic()
        try:
            with transacao() as sessao:
                comando = insert(Pulso).values(processo=self.processo, em=relogio.agora())
                sessao.execute(comando.on_conflict_do_update(index_elements=["processo"], set_={"em": comando.excluded.em}))
        except SQLAlchemyError as erro:
            log.warning("pulse not written processo=%s error=%s", self.processo, erro)
        finally:
            db.session.remove()
