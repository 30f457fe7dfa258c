"""Error pages where not even the address can be believed."""

import pytest

from tests.conftest import fazer_app


@pytest.fixture
def de_um_nome_so(servidores, url_modelo):
    """The application that answers to one name only, as in production: nothing propagates."""
    app = fazer_app(url_modelo, servidores.redis_url, TRUSTED_HOSTS=["crm.exemplo.com.br"])
    app.testing = False
    return app.test_client()


def test_another_host_is_refused_in_plain_words(de_um_nome_so) -> None:
    resposta = de_um_nome_so.get("/login/", headers={"Host": "crm.exemplo.com.br.mau.com"})
    assert (resposta.status_code, resposta.mimetype, resposta.text) == (400, "text/plain", "Pedido inválido")


def test_the_name_it_answers_to_is_served(de_um_nome_so) -> None:
    assert de_um_nome_so.get("/healthz", headers={"Host": "crm.exemplo.com.br"}).status_code == 200
