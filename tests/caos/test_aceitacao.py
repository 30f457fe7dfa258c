"""The story of tests/jobs/aceitacao.py with every lease and pause as in production: done within three minutes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import copiar_banco
from tests.jobs.aceitacao import esvaziar_e_matar
from tests.jobs.conftest import CaixaDeEntrada, Provedor, caixa, montar  # noqa: F401 - caixa is a fixture

pytestmark = [pytest.mark.caos, pytest.mark.timeout(400)]


@pytest.fixture
def provedor(servidores, url_modelo, caixa) -> Iterator[Provedor]:  # noqa: F811
    """An installation as in production on the session's servers."""
    banco = copiar_banco(servidores, url_modelo, "aceitacao")
    with montar(banco, servidores.redis_a_parte(9), caixa.url, curto=False) as nosso:
        yield nosso


def test_with_production_leases_all_is_done_within_three_minutes(provedor, caixa: CaixaDeEntrada) -> None:  # noqa: F811
    esvaziar_e_matar(provedor, caixa, prazo=180)
