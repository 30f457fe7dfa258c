"""A list asks the database the same few questions whatever it holds: at most ten a page, as many with 25 customers as with 5,000.

Counted, never timed. The base is the one the bench measures (bench/base.py), with payments, messages, charges and accesses added.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder import ModelView

from app.core.transacao import transacao
from app.extensions import db
from bench import base
from tests import fabricas as f
from tests.comandos import comandos
from tests.conftest import Navegador, copiar_banco, desligar, fazer_app

POUCAS, MUITAS, TETO = 25, 5000, 10
A_MAIS = {"/usuarios/list/": 3}      # filters that offer roles and groups, and tabs that name two roles
MAIS = (
    """INSERT INTO pagamento (invoice_id, data_pagamento, valor, valor_principal, metodo, numero_referencia)
       SELECT id, data_pagamento, valor_total, valor_total, 'pix', 'ref-' || id FROM invoice WHERE status = 'paga'""",
    """INSERT INTO notificacao (chave, evento, canal, cliente_id, destinatario, dados, anexos, status, quando)
       SELECT 'c' || id, 'fatura_emitida', 'email', id, 'a' || id || '@exemplo.com.br', '{}', '[]', 'pendente', now() FROM cliente""",
    """INSERT INTO lancamento (cliente_id, contrato_id, tipo, item_tipo, descricao, valor, a_partir_de, motivo)
       SELECT cliente_id, id, 'acrescimo', 'servico', 'Visita técnica', 10, data_inicio, 'teste' FROM contrato""",
)


class Medidor:
    """Browsers on the small and the large base, and the questions each page asks there."""

    def __init__(self, bases: dict[int, Flask]) -> None:
        self.bases = bases
        self._http = {n: _entrar(app) for n, app in bases.items()}

    def perguntas(self, url: str) -> dict[int, list[str]]:
        """Size → statements of the page, which must answer 200."""
        return {n: self._contar(n, url) for n in self.bases}

    def _contar(self, n: int, url: str) -> list[str]:
        self._http[n].get(url)      # what a process learns once is not the page's
        with self.bases[n].app_context():
            motor = db.engine
        with comandos(motor) as feitas:
            resposta = self._http[n].get(url)
        assert resposta.status_code == 200, f"{url}: {resposta.status_code}"
        return [" ".join(comando.split()) for comando in feitas]


def _entrar(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Navegador
    with app.app_context(), transacao() as sessao:
        nome = f.um_usuario(sessao, "Admin").username
    http = app.test_client()
    http.entrar(nome)
    return http


@pytest.fixture(scope="module")
def medidor(servidores, url_modelo) -> Iterator[Medidor]:
    """Both bases, each with its application."""
    bases = {n: _base(servidores, url_modelo, n) for n in (POUCAS, MUITAS)}
    yield Medidor(bases)
    for app in bases.values():
        desligar(app)


def _base(servidores, url_modelo: str, clientes: int) -> Flask:
    url = copiar_banco(servidores, url_modelo, f"consultas_{clientes}")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as c:
        base.escrever(c, clientes, 1)
        for comando in MAIS:
            c.execute(comando)
        c.execute("ANALYZE")
    return fazer_app(url, servidores.redis_url)


def conferir(medidor: Medidor, url: str) -> None:
    """At most ten questions, the same number at both sizes."""
    perguntas = medidor.perguntas(url)
    poucas, muitas = perguntas[POUCAS], perguntas[MUITAS]
    teto = TETO + A_MAIS.get(url.partition("?")[0], 0)
    assert len(muitas) <= teto, f"{url}: {len(muitas)}\n" + "\n".join(q[:200] for q in muitas)
    # fewer is no fault: lines of the log of looks are made by these very visits, so that its pages differ
    assert len(poucas) >= len(muitas), f"{url}: {len(poucas)} with {POUCAS}, {len(muitas)} with {MUITAS}\n" + "\n".join(q[:200] for q in muitas)


@pytest.mark.parametrize("consulta", [
    "", "psize_ClienteView=100", "page_ClienteView=1&psize_ClienteView=10", "_oc_ClienteView=status&_od_ClienteView=desc", "_flt_0_status=ativo",
    "_flt_0_nome=Ana", "q=maria", "q=00000000007", "q=5519900000007",
])
def test_customers(medidor: Medidor, consulta: str) -> None:
    conferir(medidor, f"/clientes/list/?{consulta}")


@pytest.mark.parametrize("consulta", [
    "", "psize_InvoiceView=100", "page_InvoiceView=1&psize_InvoiceView=10", "_oc_InvoiceView=valor_total&_od_InvoiceView=desc", "_flt_0_status=paga",
    "_flt_0_status=paga&page_InvoiceView=1&psize_InvoiceView=10", "_flt_0_cliente=7", "_flt_4_data_vencimento=2026-01-01", "q=maria", "q=7", "q=000000007",
])
def test_invoices(medidor: Medidor, consulta: str) -> None:
    conferir(medidor, f"/faturamento/list/?{consulta}")


@pytest.mark.parametrize("texto", ["maria", "00000000007", "19900000007", "7"])
def test_the_global_search(medidor: Medidor, texto: str) -> None:
    conferir(medidor, f"/busca/?q={texto}")


def listas(app: Flask) -> list[ModelView]:
    """Every generated list of the URL map."""
    existentes = {regra.endpoint for regra in app.url_map.iter_rules()}
    return [v for v in app.appbuilder.baseviews if isinstance(v, ModelView) and f"{v.endpoint}.list" in existentes]


def enderecos(visao: ModelView) -> Iterator[str]:
    """First page, a hundred rows, second page (of two rows: some tables have only three), in the other order, and quick search."""
    nome = type(visao).__name__
    yield from ("", f"psize_{nome}=100", f"page_{nome}=1&psize_{nome}=2")
    yield from (f"_oc_{nome}={coluna}&_od_{nome}=desc" for coluna in visao.order_columns[:1])
    if getattr(visao, "busca_rapida", ""):
        yield "q=maria"


def test_every_generated_list(medidor: Medidor) -> None:
    erradas = []
    for visao in listas(medidor.bases[MUITAS]):
        for consulta in enderecos(visao):
            try:
                conferir(medidor, f"{visao.route_base}/list/?{consulta}")
            except AssertionError as erro:
                erradas.append(str(erro))
    assert not erradas, "\n\n".join(erradas)
