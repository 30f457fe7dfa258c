"""Logging: one line a record, São Paulo time, without personal data (callers log ids)."""

from __future__ import annotations

import logging
import logging.config
import os

from flask import Flask

FORMATO = "%(asctime)s %(levelname)s %(name)s %(message)s"

_NIVEIS = {"flask_appbuilder": "WARNING", "rq": "WARNING", "fontTools": "ERROR", "weasyprint": "ERROR"}


def init_app(app: Flask) -> None:
    """Log to standard error at ``LOG_LEVEL`` (INFO). Tests keep pytest's own handlers."""
    if app.config["AMBIENTE"] == "teste":
        return
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"linha": {"format": FORMATO}},
            "handlers": {"erro": {"class": "logging.StreamHandler", "formatter": "linha"}},
            "root": {"level": os.environ.get("LOG_LEVEL", "INFO"), "handlers": ["erro"]},
            "loggers": {nome: {"level": nivel} for nome, nivel in _NIVEIS.items()},
        }
    )
