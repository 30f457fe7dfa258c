"""A restored copy is quiet: a database that finds itself under another address or identity sends nothing until an administrator confirms.

``INSTANCIA_ID`` names the installation; without it the PUBLIC_URL does.
"""

from __future__ import annotations

import hashlib

from flask import current_app, g
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import auditoria, relogio
from app.core.models import Instancia
from app.extensions import db


def identidade() -> str:
    """Identity of this installation: INSTANCIA_ID, or a digest of the PUBLIC_URL."""
    nome = current_app.config["INSTANCIA_ID"] or current_app.config["PUBLIC_URL"]
    return hashlib.sha256(nome.encode()).hexdigest()


def registrar(sessao: Session) -> None:
    """Make this installation the database's owner when it has none yet; an existing owner stays."""
    valores = {"id": 1, "identidade": identidade(), "public_url": current_app.config["PUBLIC_URL"], "confirmada_em": relogio.agora()}
    sessao.execute(insert(Instancia).values(**valores).on_conflict_do_nothing(index_elements=["id"]))


def efeitos_ligados() -> bool:
    """Whether mail, gateways, routers and webhooks may be reached: this is the copy they belong to. Read once per request or task."""
    if not current_app.config["EFEITOS_EXTERNOS"]:
        return False
    if "efeitos_ligados" not in g:
        dona = db.session.get(Instancia, 1)
        g.efeitos_ligados = dona is not None and dona.efeitos_ligados and dona.identidade == identidade()
    return g.efeitos_ligados


def confirmar(sessao: Session) -> None:
    """An administrator's word that this copy is the real one: outside effects are on from here."""
    dona = sessao.get(Instancia, 1, with_for_update=True) or Instancia(id=1)
    antes = dona.public_url
    dona.identidade, dona.public_url = identidade(), current_app.config["PUBLIC_URL"]
    dona.efeitos_ligados, dona.confirmada_em = True, relogio.agora()
    sessao.add(dona)
    sessao.flush()
    auditoria.registrar(sessao, "confirmar_instancia", "instancia", 1, antes={"public_url": antes}, depois={"public_url": dona.public_url})
    g.pop("efeitos_ligados", None)
