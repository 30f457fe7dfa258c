"""Secrets and name of a local installation, generated once and kept in the instance folder."""

import base64
import os
import secrets
from pathlib import Path

from .processos import abrir_como_a_pasta

NOMES = {"SECRET_KEY": lambda: secrets.token_urlsafe(48), "CHAVE_CIFRA": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode()}
NOVA = {"INSTANCIA_ID": lambda: secrets.token_hex(8)}      # only with the rest: an installation without one is known by its address already


def segredos(base: Path) -> dict[str, str]:
    """``SECRET_KEY``, ``CHAVE_CIFRA`` and ``INSTANCIA_ID`` from ``base/segredos.env`` (0600), generating what is missing. Repeating it changes nothing.

    A copy of the database in another folder is another installation; the same folder at another port is not.
    """
    caminho = Path(base) / "segredos.env"
    atuais = _ler(caminho)
    if all(nome in atuais for nome in NOMES):
        return atuais
    completos = {nome: gerar() for nome, gerar in (NOMES if atuais else NOMES | NOVA).items()} | atuais
    return _gravar(caminho, completos)


def _ler(caminho: Path) -> dict[str, str]:
    try:
        linhas = caminho.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {nome.strip(): valor.strip() for nome, igual, valor in (linha.partition("=") for linha in linhas) if igual and not nome.startswith("#")}


def _gravar(caminho: Path, valores: dict[str, str]) -> dict[str, str]:
    """Write beside and link into place: of two processes that start at once, both end with the first one's secrets."""
    caminho.parent.mkdir(parents=True, exist_ok=True)
    rascunho = caminho.with_name(f"{caminho.name}.{os.getpid()}")
    with os.fdopen(abrir_como_a_pasta(rascunho, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as arquivo:
        arquivo.write("".join(f"{nome}={valor}\n" for nome, valor in sorted(valores.items())))
    try:
        if _ler(caminho):
            rascunho.replace(caminho)
        else:
            os.link(rascunho, caminho)
    except FileExistsError:
        return _ler(caminho)
    finally:
        rascunho.unlink(missing_ok=True)
    return valores
