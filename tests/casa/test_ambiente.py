"""Which configuration a process gets: nobody's real database is opened with generated secrets without a word."""

from __future__ import annotations

import gzip
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from app.core import estatico
from config import RAIZ, ConfiguracaoIncompleta, Desenvolvimento, nome_do_ambiente

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


def producao(**mudancas: str) -> config.Producao:
    """Production with everything it asks for, and these."""
    return config.Producao({**COMPLETA, **mudancas})


def test_production_answers_to_the_name_of_its_public_address() -> None:
    publico = "https://crm.provedor.com.br:8443"
    assert producao(PUBLIC_URL=publico).TRUSTED_HOSTS == ["crm.provedor.com.br"]
    assert producao(PUBLIC_URL=publico, TRUSTED_HOSTS="crm.provedor.com.br,10.0.0.5").TRUSTED_HOSTS == ["crm.provedor.com.br", "10.0.0.5"]


@pytest.mark.parametrize(("endereco", "nomes"), [("https://provedór.com.br", ["xn--provedr-q0a.com.br"]), ("http://[::1]:8080", None)])
def test_the_name_is_as_browsers_send_it(endereco: str, nomes: list[str] | None) -> None:
    assert nomes == producao(PUBLIC_URL=endereco).TRUSTED_HOSTS


@pytest.mark.parametrize("endereco", ["crm.provedor.com.br", "https://crm..com", "http://[::1"])
def test_a_public_address_that_is_none_is_refused(endereco: str) -> None:
    with pytest.raises(ConfiguracaoIncompleta, match="endereço inteiro"):
        producao(PUBLIC_URL=endereco)


@pytest.mark.parametrize(("variavel", "valor", "dito"), [
    ("PORT", "abc", "PORT precisa ser um número"), ("DB_POOL", "dez", "DB_POOL precisa ser um número"), ("CHAVE_CIFRA", " , ", "nenhuma chave"),
    ("SECRET_KEY", "curta", "32 caracteres"),
])
def test_what_makes_no_sense_is_said_by_its_name(variavel: str, valor: str, dito: str) -> None:
    with pytest.raises(ConfiguracaoIncompleta, match=dito):
        producao(**{variavel: valor})


def test_an_environment_that_does_not_exist_is_said(monkeypatch) -> None:
    monkeypatch.setenv("CRM_AMBIENTE", "production")
    with pytest.raises(ConfiguracaoIncompleta, match="production não existe: use producao"):
        config.carregar()


def test_names_of_hosts_may_stand_apart() -> None:
    assert producao(TRUSTED_HOSTS="a.com.br, b.com.br ,").TRUSTED_HOSTS == ["a.com.br", "b.com.br"]


def test_the_web_gives_up_long_statements_and_the_operator_has_the_last_word(monkeypatch) -> None:
    for antes, depois in (("", "-c statement_timeout=25000"), ("-c statement_timeout=0", "-c statement_timeout=25000 -c statement_timeout=0")):
        monkeypatch.setenv("DB_OPTIONS", antes)
        runpy.run_path(str(RAIZ / "gunicorn_conf.py"))
        assert os.environ["DB_OPTIONS"] == depois


def test_static_files_compressed_at_build_go_out_so_in_production(tmp_path) -> None:
    app = Flask("estaticos", static_folder=str(tmp_path))
    (tmp_path / "a.css").write_text("a{color:red}" * 500)
    subprocess.run([sys.executable, "-m", "whitenoise.compress", "--quiet", str(tmp_path)], check=True)
    app.config["AMBIENTE"] = "producao"
    estatico.init_app(app)
    http = app.test_client()

    def pedir(endereco: str, **cabecalhos: str) -> tuple[int, Any, bytes]:
        with http.get(endereco, headers=cabecalhos) as resposta:
            return resposta.status_code, resposta.headers, resposta.data

    (_situacao, cabecalhos, comprimida), (_situacao, _sem, simples) = pedir("/static/a.css?v=1", **{"Accept-Encoding": "gzip"}), pedir("/static/a.css?v=1")
    assert gzip.decompress(comprimida) == simples and cabecalhos["Content-Encoding"] == "gzip" and len(comprimida) < 200
    assert cabecalhos["X-Content-Type-Options"] == "nosniff" and "Access-Control-Allow-Origin" not in cabecalhos
    assert "immutable" in cabecalhos["Cache-Control"] and "immutable" not in pedir("/static/a.css")[1]["Cache-Control"]
    assert pedir("/static/nada.css")[0] == 404


def test_what_a_platform_runs_after_the_packages_compiles_texts_and_compresses_files(tmp_path) -> None:
    fora = shutil.ignore_patterns(".git", ".venv", "instance", "tests", "__pycache__", "*.mo", "*.gz", "*.br", ".*_cache", ".hypothesis", "resultados")
    casa = shutil.copytree(RAIZ, tmp_path / "casa", ignore=fora)
    ambiente = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "bin/post_compile"], cwd=casa, env=ambiente, check=True)
    assert {a.name for a in casa.glob("translations/pt_BR/LC_MESSAGES/*.mo")} == {"messages.mo", "click.mo"}
    assert (casa / "app/static/crm/crm.css.gz").exists() and (casa / "app/static/crm/crm.js.gz").exists()
