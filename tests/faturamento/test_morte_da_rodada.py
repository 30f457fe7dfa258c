"""The billing run loses nothing: two workers killed with SIGKILL at random points, again and again, while a person issues single invoices.

What is left must be what one run that nobody killed leaves on a copy of the same database, and what plain arithmetic says. SEED repeats a story.
"""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from sqlalchemy import make_url

from app.core.transacao import transacao
from app.faturamento import consultas
from app.faturamento.services import FaturamentoService
from tests.conftest import copiar_banco, desligar, fazer_app
from tests.faturamento.devidos import ESTACIONADO, HOJE, TIPOS, esperado, perguntar, retrato, semear

MORTES, LOTE = 32, 20
pytestmark = [pytest.mark.lento, pytest.mark.timeout(600)]
EM_SERVICO = ("antes", "dentro", "confirmando", "depois")


class Historia(NamedTuple):
    """What happened: the database, the run, and one account for each process that lived."""

    url: str
    referencia: str
    execucao_id: int
    clientes: int
    semente: int
    vidas: list[dict[str, Any]]

    @property
    def mortes(self) -> list[dict[str, Any]]:
        """Workers killed while they had work to do."""
        return [v for v in self.vidas if v["morto"] and v["nome"].startswith("trabalhador") and v["fase"] in EM_SERVICO]

    def __str__(self) -> str:
        fases = collections.Counter(v["fase"] for v in self.mortes)
        return f"SEED={self.semente}: {len(self.mortes)} kills of workers {dict(fases)}, {len(self.vidas)} processes"


def contar(servidores, url_modelo: str, nome: str, mortes: int) -> Historia:
    """One story, and the same provider billed by one run that nobody kills."""
    semente, clientes = int(os.environ.get("SEED", "0")) or random.randrange(10**6), max(1600, 36 * mortes)
    url, redis_url = copiar_banco(servidores, url_modelo, nome), servidores.redis_a_parte(8)
    semear(url, clientes, lote=LOTE)
    referencia = servidores.novo_banco(f"{nome}_ref", make_url(url).database)
    app = fazer_app(referencia, redis_url)
    with app.app_context():
        FaturamentoService.rodar_do_dia(hoje=HOJE)
    desligar(app)
    app = fazer_app(url, redis_url)
    with app.app_context(), transacao() as sessao:
        execucao_id = FaturamentoService(sessao).iniciar_execucao(hoje=HOJE).id
    desligar(app)
    vidas = matar(url, redis_url, execucao_id, clientes, mortes, semente)
    return Historia(url, referencia, execucao_id, clientes, semente, vidas)


def matar(url: str, redis_url: str, execucao_id: int, clientes: int, mortes: int, semente: int) -> list[dict[str, Any]]:
    """Run tests/faturamento/matador.py to its end."""
    comando = [sys.executable, "-m", "tests.faturamento.matador", *map(str, (execucao_id, clientes, mortes, semente))]
    ambiente = {**os.environ, "DATABASE_URL": make_url(url).render_as_string(hide_password=False), "REDIS_URL": redis_url, "PYTHONWARNINGS": "ignore"}
    saida = subprocess.run(comando, env=ambiente, capture_output=True, text=True, timeout=180 + 5 * mortes, check=False)
    assert saida.returncode == 0 and "Traceback" not in saida.stderr, f"SEED={semente}: {saida.stderr[-3000:]}"
    return [json.loads(linha) for linha in saida.stdout.splitlines()]


@pytest.fixture(scope="module")
def historia(servidores, url_modelo) -> Iterator[Historia]:
    """Told once; every test looks at what is left of it."""
    yield contar(servidores, url_modelo, "mortes", MORTES)


def conferir_mortes(historia: Historia, quantas: int) -> None:
    """The kills were real, at least ``quantas``, before a transaction, within one and after one; nobody ended otherwise."""
    assert len(historia.mortes) >= quantas, f"{historia}"
    fases = collections.Counter(v["fase"] for v in historia.mortes)
    assert fases["antes"] and fases["dentro"] and any(v["lotes"] for v in historia.mortes), f"{historia}"
    assert {v["saida"] for v in historia.vidas} == {0, signal.SIGKILL}, f"{historia}"
    ((perdidos,),) = perguntar(historia.url, "SELECT (SELECT last_value FROM invoice_numero_seq) - (SELECT count(*) FROM invoice)")
    assert perdidos > 2 * LOTE, f"{historia}: no number was drawn by a transaction that died"


def conferir_contas(historia: Historia) -> None:
    """Every customer has exactly the invoices that plain arithmetic says, and the same as without kills, line by line."""
    totais = collections.defaultdict(list)
    for cliente_id, total in perguntar(historia.url, TOTAIS):
        totais[cliente_id].append(total)
    erradas = {n: (totais[n], esperado(n)) for n in range(1, historia.clientes + 1) if totais[n] != esperado(n)}
    assert not erradas, f"{historia}: {len(erradas)} customers, the first {list(erradas.items())[:3]}"
    ficou, devia = retrato(historia.url), retrato(historia.referencia)
    for nome in devia:
        sobra = set(ficou[nome]) ^ set(devia[nome])
        assert not sobra and len(ficou[nome]) == len(devia[nome]), f"{historia}: {nome}: {sorted(sobra, key=str)[:6]}"


TOTAIS = """
SELECT cliente_id, valor_total FROM invoice WHERE ciclo_faturamento_id IS NOT NULL ORDER BY cliente_id, competencia_inicio, ciclo_faturamento_id
"""
UMA_VEZ = {
    "a period of a cycle with two invoices": "SELECT ciclo_faturamento_id, competencia_inicio FROM invoice WHERE ciclo_faturamento_id > 0 GROUP BY 1, 2"
    " HAVING count(*) > 1",
    "a number twice": "SELECT numero FROM invoice GROUP BY 1 HAVING count(*) > 1",
    "a Pix id twice": "SELECT txid_pix FROM invoice GROUP BY 1 HAVING count(*) > 1",
    "an invoice that is not the sum of its lines": "SELECT i.id FROM invoice i LEFT JOIN item_invoice x ON x.invoice_id = i.id"
    " GROUP BY 1 HAVING i.valor_total IS DISTINCT FROM sum(x.valor_total)",
    "an invoice without one fact": "SELECT i.id FROM invoice i LEFT JOIN evento e ON e.tipo = 'invoice_emitida' AND (e.dados ->> 'invoice_id')::bigint = i.id"
    " GROUP BY 1 HAVING count(e.id) <> 1",
    "a fact without its invoice": "SELECT e.id FROM evento e WHERE tipo = 'invoice_emitida' AND NOT EXISTS"
    " (SELECT 1 FROM invoice i WHERE i.id = (e.dados ->> 'invoice_id')::bigint)",
    "an invoice without one message": "SELECT i.id FROM invoice i JOIN cliente c ON c.id = i.cliente_id LEFT JOIN notificacao m ON m.invoice_id = i.id"
    " GROUP BY i.id, c.email HAVING count(m.id) <> (c.email IS NOT NULL)::int",
    "an instalment billed twice": "SELECT chave FROM item_invoice WHERE chave LIKE 'lanc:%' GROUP BY 1 HAVING count(*) > 1",
    "a charge whose invoice has another amount": "SELECT l.id FROM lancamento l JOIN item_invoice x ON x.chave = 'lanc:' || l.id"
    " WHERE l.status <> 'faturado' OR l.invoice_id <> x.invoice_id OR abs(x.valor_total) <> l.valor",
    "a charge called billed that no line carries": "SELECT l.id FROM lancamento l WHERE l.status = 'faturado' AND NOT EXISTS"
    " (SELECT 1 FROM item_invoice x WHERE x.chave = 'lanc:' || l.id)",
    "credit that is not what its lines took": "SELECT c.id FROM credito c LEFT JOIN item_invoice x ON x.chave LIKE 'credito:' || c.id || ':%'"
    " GROUP BY c.id HAVING c.saldo <> c.valor + coalesce(sum(x.valor_total), 0)",
    "an audit that does not count the invoices": "SELECT 1 FROM (SELECT coalesce(sum((depois ->> 'quantidade')::int), 0) q FROM user_audit_log"
    " WHERE action = 'emitir') a WHERE q <> (SELECT count(*) FROM invoice WHERE ciclo_faturamento_id IS NOT NULL)",
    "a task for nothing": "SELECT t.id FROM tarefa t WHERE t.nome = 'despachar_notificacoes' AND t.estado NOT IN ('pendente', 'publicada')",
}


def conferir_uma_vez(historia: Historia) -> None:
    """Nothing twice, nothing lost, in the tables themselves."""
    for defeito, consulta in UMA_VEZ.items():
        assert perguntar(historia.url, consulta) == [], f"{historia}: {defeito}"


def conferir_rodada(historia: Historia) -> None:
    """The run says it ended, and its figures are those of its invoices; with the single ones they are what the preview promised."""
    app = fazer_app(historia.url, "redis://127.0.0.1:1/0")
    with app.app_context(), transacao() as sessao:
        relatorio = consultas.relatorio_da_execucao(sessao, historia.execucao_id)
        da_rodada, valor, todas, tudo = perguntar(historia.url, f"""
                SELECT count(*) FILTER (WHERE execucao_id = {historia.execucao_id}), coalesce(sum(valor_total) FILTER (WHERE execucao_id IS NOT NULL), 0),
                       count(*), sum(valor_total) FROM invoice WHERE ciclo_faturamento_id IS NOT NULL""")[0]
        situacao = perguntar(historia.url, "SELECT status::text, terminada_em IS NOT NULL FROM execucao_faturamento")
    desligar(app)
    assert situacao == [("concluida", True)], f"{historia}"
    assert (relatorio.terminou, relatorio.emitidas, relatorio.valor) == (True, da_rodada, valor), f"{historia}"
    assert (relatorio.esperado, relatorio.valor_esperado) == (todas, tudo), f"{historia}"
    assert tudo == sum((sum(esperado(n), Decimal(0)) for n in range(1, historia.clientes + 1)), Decimal(0)), f"{historia}"
    assert perguntar(historia.url, "SELECT count(*) FROM cliente_estacionado") == [(len(range(ESTACIONADO, historia.clientes + 1, TIPOS)),)], f"{historia}"
    assert 0 < da_rodada < todas, f"{historia}: the person issued nothing beside the run"


def test_the_kills_hit_working_processes_at_every_point(historia: Historia) -> None:
    conferir_mortes(historia, MORTES)


def test_every_customer_has_exactly_the_invoices_of_a_run_without_kills(historia: Historia) -> None:
    conferir_contas(historia)


def test_nothing_is_written_twice_or_lost(historia: Historia) -> None:
    conferir_uma_vez(historia)


def test_the_run_ends_and_its_figures_agree(historia: Historia) -> None:
    conferir_rodada(historia)


@pytest.mark.caos
@pytest.mark.timeout(2400)
def test_as_often_as_asked(servidores, url_modelo) -> None:
    """``make caos``: CRM_CAOS kills (200)."""
    quantas = int(os.environ.get("CRM_CAOS", "200"))
    historia = contar(servidores, url_modelo, "muitas_mortes", quantas)
    conferir_mortes(historia, quantas)
    conferir_contas(historia)
    conferir_uma_vez(historia)
    conferir_rodada(historia)
