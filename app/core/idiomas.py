"""The reader's language and the house's. Screens speak the reader's; what is written down or handed to a customer is in the house's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, has_app_context
from flask_babel import force_locale, gettext


@contextmanager
def na_lingua_da_casa() -> Iterator[None]:
    """Inside, every text is in ``BABEL_DEFAULT_LOCALE``, whoever is asking."""
    if not has_app_context():
        yield
        return
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        yield


def da_casa(texto: str, **valores: Any) -> str:
    """``gettext`` of what stays in the database: a description on an invoice is not in the language of whoever pressed the button."""
    with na_lingua_da_casa():
        return gettext(texto, **valores)
