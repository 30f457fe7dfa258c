"""Programs of the API."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from tests.programas import Programa, programa


@pytest.fixture
def chamar(app) -> Callable[..., Programa]:
    """``chamar("Gerente")("GET", "/cliente/")``."""
    return functools.partial(programa, app)


@pytest.fixture
def api(chamar) -> Programa:
    """The administrator's program."""
    return chamar()
