"""Mail servers on loopback for the tests of messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notificacoes.servidor_smtp import Caixa, servidor


@pytest.fixture
def caixa() -> Iterator[Caixa]:
    """A real SMTP server that answers as told."""
    with servidor() as nossa:
        yield nossa
