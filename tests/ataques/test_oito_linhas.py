"""Two technicians and two customers at once, twice each, on a real server with eight threads: identities never mix."""

from __future__ import annotations

import http.cookiejar
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

from flask import Flask

from app.core.transacao import transacao
from tests import fabricas as f
from tests.ataques.vitimas import Vitima, um_assinante, uma_pessoa
from tests.navegador.base import servir

SEGUNDOS = 8


class Pessoa:
    """A browser of its own, signed in."""

    def __init__(self, url: str, quem: Vitima) -> None:
        self.url, self.quem = url, quem
        self.abrir = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open
        pagina = self.pedir("/login/")[1]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', pagina)[1]
        self.pedir("/login/", {"username": quem.usuario, "password": f.SENHA, "csrf_token": token})

    def pedir(self, caminho: str, dados: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text."""
        corpo = urllib.parse.urlencode(dados).encode() if dados else None
        try:
            with self.abrir(self.url + caminho, corpo, timeout=60) as resposta:
                return resposta.status, resposta.read().decode(errors="replace")
        except urllib.error.HTTPError as erro:
            with erro:
                return erro.code, erro.read().decode(errors="replace")


def test_nobody_is_ever_taken_for_somebody_else(app_real: Flask) -> None:
    with app_real.app_context(), transacao() as s:
        todos = [um_assinante(s, "maria"), um_assinante(s, "jorge"), uma_pessoa(s, "rui", "Tecnico"), uma_pessoa(s, "ivo", "Tecnico")]
    queixas: list[str] = []
    vistas: Counter[str] = Counter()
    with servir(app_real) as url:
        pessoas = [Pessoa(url, quem) for quem in (*todos, *todos)]
        fim = time.monotonic() + SEGUNDOS

        def andar(pessoa: Pessoa) -> None:
            outros = [v for v in todos if v is not pessoa.quem and (pessoa.quem.papel == "Cliente" or v.papel == "Tecnico")]      # staff see customers
            vizinho = next(v for v in outros if v.papel == pessoa.quem.papel)
            if pessoa.quem.papel == "Cliente":
                voltas = [("/portal/", True), (f"/portal/faturas/{vizinho.ids['invoice']}.pdf", False), ("/clientes/list/", False)]
            else:
                voltas = [("/perfil/", True), ("/clientes/list/", True), ("/notificacoes/sino", True), ("/perfil/seguranca", True),
                          (f"/arquivos/{vizinho.ids['arquivo']}", False)]
            while time.monotonic() < fim:
                for caminho, meu in voltas:
                    status, texto = pessoa.pedir(caminho)
                    vistas[pessoa.quem.usuario] += 1
                    if (status == 200) is not meu or (pessoa.quem.marca in texto) is not meu or any(o.marca in texto for o in outros):
                        queixas.append(f"{pessoa.quem.usuario} at {caminho}: {status}")

        linhas = [threading.Thread(target=andar, args=(p,)) for p in pessoas]
        for linha in linhas:
            linha.start()
        for linha in linhas:
            linha.join()
    assert queixas == [] and min(vistas.values()) > 10 and len(vistas) == 4, (queixas[:10], vistas)
