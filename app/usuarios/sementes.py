"""What the roles of the house may give away, and how their sessions end, before anybody says otherwise."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.usuarios import limites_papel


def semear(sessao: Session) -> None:
    """Limits of every role that has none. Idempotent; what was changed stays."""
    limites_papel.semear(sessao)
