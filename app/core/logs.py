"""Logging: one line a record, São Paulo time, without personal data (callers log ids)."""

from __future__ import annotations

import logging
import logging.config
import os

from flask import Flask

from app.core.ator import marca

FORMATO = "%(asctime)s %(levelname)s %(name)s [%(pedido)s] %(message)s"

_NIVEIS = {"flask_appbuilder": "WARNING", "rq": "WARNING", "fontTools": "ERROR", "weasyprint": "ERROR"}


class Numerar(logging.Filter):
    """Every line with the number of the request, task or command it belongs to, the audit trail's ``request_id``; ``-`` outside of them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it through, numbered."""
        record.pedido = marca()
        return True


def init_app(app: Flask) -> None:
    """Log to standard error at ``LOG_LEVEL`` (INFO). Tests keep pytest's own handlers."""
    if app.config["AMBIENTE"] == "teste":
        return
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"linha": {"format": FORMATO}},
            "filters": {"numero": {"()": Numerar}},
            "handlers": {"erro": {"class": "logging.StreamHandler", "formatter": "linha", "filters": ["numero"]}},
            "root": {"level": os.environ.get("LOG_LEVEL", "INFO"), "handlers": ["erro"]},
            "loggers": {nome: {"level": nivel} for nome, nivel in _NIVEIS.items()},
        }
    )
