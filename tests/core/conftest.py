"""What several tests of the base layer share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servidores


@pytest.fixture
def base() -> Iterator[Path]:
    """A machine's folder where nothing runs yet."""
    with servidores.maquina() as pasta:
        yield pasta
