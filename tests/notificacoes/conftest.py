"""Mail servers and providers on loopback for the tests of messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notificacoes.provedor_falso import Provedor, provedor
from tests.notificacoes.servidor_smtp import Caixa, servidor


@pytest.fixture
def caixa() -> Iterator[Caixa]:
    """A real SMTP server that answers as told."""
    with servidor() as nossa:
        yield nossa


@pytest.fixture
def casa_http() -> Iterator[Provedor]:
    """A real HTTP provider that answers as told."""
    with provedor() as nosso:
        yield nosso
