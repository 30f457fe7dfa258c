"""A lost key costs the secrets it had written, and nothing else: pages work, say so, and what is written anew is readable."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from app.cli import preparar
from app.contratos.models import Contrato
from app.core import cifra
from app.core.transacao import transacao
from app.notificacoes.models import Canal, CanalEnvio
from tests import fabricas as f


@pytest.fixture
def perdida(app, monkeypatch) -> int:
    """A contract's password and the mail server's address, written with a key that is there no more."""
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s, senha_pppoe="segredo-pppoe")
        canal = s.scalar(select(CanalEnvio).where(CanalEnvio.canal == Canal.email)) or CanalEnvio(canal=Canal.email)
        canal.url = "smtp://conta:segredo@correio.exemplo:587?starttls=1"
        f.gravar(s, canal)
        numero = contrato.id
    monkeypatch.setitem(app.config, "CHAVE_CIFRA", Fernet.generate_key().decode())
    return numero


def test_pages_of_the_row_work_and_the_secret_says_that_it_does_not_open(app, http, perdida: int) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="chefe")
        cliente = s.get(Contrato, perdida).cliente_id
    http.entrar("chefe")
    paginas = (
        "/contratos/list/", f"/contratos/show/{perdida}", f"/contratos/edit/{perdida}", f"/clientes/{cliente}", "/mensagens/email/", "/rede/acessos/list/",
    )
    assert {p: http.get(p, follow_redirects=True).status_code for p in paginas} == dict.fromkeys(paginas, 200)
    assert "Ver senha PPPoE" in http.get(f"/contratos/show/{perdida}").text
    assert "não se abre" in http.post(f"/contratos/{perdida}/senha", headers={"HX-Request": "true"}).text
    assert "chave_cifra" in http.get("/readyz").json["degradado"]


def test_preparing_the_house_says_which_secrets_are_lost(app, perdida: int) -> None:
    saida = app.test_cli_runner().invoke(preparar)
    assert "contrato" in saida.output and "CHAVE_CIFRA" in saida.output


def test_with_the_old_key_beside_the_new_nothing_is_lost(app, monkeypatch) -> None:
    antiga = app.config["CHAVE_CIFRA"]
    with app.app_context(), transacao() as s:
        numero = f.um_contrato(s, senha_pppoe="segredo-pppoe").id
    monkeypatch.setitem(app.config, "CHAVE_CIFRA", f"{Fernet.generate_key().decode()},{antiga}")
    with app.app_context(), transacao() as s:
        assert (cifra.ilegiveis(s), s.get(Contrato, numero).senha_pppoe) == ([], "segredo-pppoe")
