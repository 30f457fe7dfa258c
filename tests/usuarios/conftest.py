"""Who is signed in."""

from __future__ import annotations

import pytest

from app.core.transacao import transacao
from tests import fabricas as f


@pytest.fixture
def admin(app, http) -> int:
    """An administrator, signed in."""
    with app.app_context(), transacao() as s:
        quem = f.um_usuario(s, "Admin", usuario="chefe").id
    http.entrar("chefe")
    return quem
