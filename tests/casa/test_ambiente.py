"""Which configuration a process gets: nobody's real database is opened with generated secrets without a word."""

from __future__ import annotations

import pytest

import config
from config import ConfiguracaoIncompleta, Desenvolvimento, nome_do_ambiente

FORA = {"DATABASE_URL": "postgres://u:s@ec2-1-2-3-4.compute.amazonaws.com:5432/d"}
COMPLETA = {
    **FORA, "REDIS_URL": "redis://r:1/0", "SECRET_KEY": "x" * 40, "CHAVE_CIFRA": "y" * 44, "PUBLIC_URL": "https://crm.exemplo.com.br", "DYNO": "web.1",
}


@pytest.mark.parametrize(("env", "nome"), [
    ({}, "desenvolvimento"), ({"CRM_AMBIENTE": ""}, "desenvolvimento"),
    ({"DATABASE_URL": "postgresql://crm@localhost/crm"}, "desenvolvimento"), ({"DATABASE_URL": "postgresql://u@127.0.0.1:5433/d"}, "desenvolvimento"),
    ({"DATABASE_URL": "postgresql:///crm?host=/run/postgresql"}, "desenvolvimento"),
    ({"DYNO": "web.1"}, "producao"), ({"DYNO": "web.1", **FORA}, "producao"),
    ({"CRM_AMBIENTE": "desenvolvimento", **FORA}, "desenvolvimento"), ({"CRM_AMBIENTE": "desenvolvimento", "DYNO": "web.1"}, "desenvolvimento"),
    ({"CRM_AMBIENTE": "producao"}, "producao"),
])
def test_the_surroundings_say_the_environment(env: dict[str, str], nome: str) -> None:
    assert nome_do_ambiente(env) == nome


def test_a_database_elsewhere_is_not_opened_until_somebody_says_what_it_is() -> None:
    with pytest.raises(ConfiguracaoIncompleta, match=r"amazonaws\.com.*CRM_AMBIENTE"):
        nome_do_ambiente(FORA)


def test_a_dyno_without_secrets_does_not_start_and_names_them(monkeypatch) -> None:
    for nome in (*config.OBRIGATORIAS, "CRM_AMBIENTE"):
        monkeypatch.delenv(nome, raising=False)
    monkeypatch.setenv("DYNO", "web.1")
    with pytest.raises(ConfiguracaoIncompleta, match="DATABASE_URL, REDIS_URL, SECRET_KEY, CHAVE_CIFRA, PUBLIC_URL"):
        config.carregar()


def test_a_dyno_with_secrets_is_production(monkeypatch) -> None:
    monkeypatch.delenv("CRM_AMBIENTE", raising=False)
    for nome, valor in COMPLETA.items():
        monkeypatch.setenv(nome, valor)
    feita = config.carregar()
    assert feita.AMBIENTE == "producao" and feita.SESSION_COOKIE_SECURE and not isinstance(feita, Desenvolvimento)
