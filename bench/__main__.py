"""Measure the billing run and print it beside its floor. ``--clientes 10000,100000 --meses 10``; results go to bench/resultados/."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from app.core import embutidos
from bench import base
from tests.servidores import apagar, pasta_alcancavel

RAIZ = Path(__file__).resolve().parents[1]
RESULTADOS = RAIZ / "bench" / "resultados" / "faturamento.json"
LOTE = 5000
TABELAS = {
    "invoice": "execucao_id = %(e)s", "item_invoice": "invoice_id IN (SELECT id FROM invoice WHERE execucao_id = %(e)s)",
    "evento": "tipo = 'invoice_emitida'", "notificacao": "evento = 'fatura_emitida'",
}
ORDEM = {"invoice": "id", "item_invoice": "invoice_id, id", "evento": "id", "notificacao": "id"}
ALVOS = (("1 worker / piso", "razao_1", 2.5), ("2 workers / piso", "razao_2", 1.5), ("crescimento por fatura (10x)", "crescimento", 1.2),
         ("memória de um worker (MB)", "rss_mb", 300))


class Banco:
    """Databases of the bench: a template by size, and a fresh copy for each way."""

    def __init__(self, servidores: embutidos.Servidores) -> None:
        self.postgres = servidores.postgres
        with psycopg.connect(host=str(servidores.onde.soquetes_do_postgres), user="postgres", dbname="postgres", autocommit=True) as c:
            c.execute("GRANT pg_checkpoint TO crm")

    def modelo(self, clientes: int, meses: int) -> str:
        """A prepared base of that size."""
        nome = f"base_{clientes}"
        url = self.postgres.criar_banco(nome)
        ambiente = {**os.environ, "DATABASE_URL": url}
        subprocess.run([sys.executable, "-m", "bench.preparar"], check=True, cwd=RAIZ, env=ambiente)
        base.fazer(url, clientes, meses)
        return nome

    def copia(self, modelo: str) -> str:
        """A fresh copy, with what the copying dirtied written out."""
        url = self.postgres.criar_banco("medida", modelo)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as c:
            c.execute("CHECKPOINT")
        return url


def medir(caminho: str, url: str, argumento: str = "") -> dict[str, float]:
    """Run one way in its own process."""
    return esperar(lancar(caminho, url, argumento))


def lancar(caminho: str, url: str, argumento: str = "") -> subprocess.Popen:
    """Start one way."""
    return subprocess.Popen([sys.executable, "-m", "bench.processo", caminho, url, argumento], stdout=subprocess.PIPE, text=True, cwd=RAIZ)


def esperar(processo: subprocess.Popen) -> dict[str, float]:
    """What it printed. Raises CalledProcessError when it failed."""
    saida, _nada = processo.communicate()
    if processo.returncode:
        raise subprocess.CalledProcessError(processo.returncode, processo.args)
    return json.loads(saida.splitlines()[-1])


def exportar(url: str, execucao_id: int, arquivo: Path) -> int:
    """The rows the run wrote, as COPY text in the run's own lots. Returns how many."""
    total, por_tabela = 0, []
    with psycopg.connect(url.replace("+psycopg", "")) as c:
        for tabela, quais in TABELAS.items():
            colunas = ", ".join(f"{tabela}.{x[0]}" for x in c.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
                " AND NOT (attidentity <> '' AND %s <> 'invoice') ORDER BY attnum", [tabela, tabela]))
            consulta = f"COPY (SELECT {colunas} FROM {tabela} WHERE {quais} ORDER BY {ORDEM[tabela]}) TO STDOUT" % {"e": execucao_id}
            with c.cursor().copy(consulta) as copia:
                linhas = bytes(b"".join(copia)).splitlines(keepends=True)
            total += len(linhas)
            por_tabela.append((f"COPY {tabela} ({colunas.replace(f'{tabela}.', '')}) FROM STDIN", linhas))
    fatias = max(1, -(-len(por_tabela[0][1]) // LOTE))
    lotes = [[(comando, b"".join(linhas[n * len(linhas) // fatias:(n + 1) * len(linhas) // fatias])) for comando, linhas in por_tabela] for n in range(fatias)]
    arquivo.write_bytes(pickle.dumps(_em_ordem(lotes)))
    return total


def _em_ordem(lotes: list) -> list:
    """Items come after their invoices: cut them where the lot's invoices end."""
    itens = b"".join(lote[1][1] for lote in lotes).splitlines(keepends=True)
    posicao = 0
    for lote in lotes:
        ultima = int(lote[0][1].splitlines()[-1].split(b"\t", 1)[0])
        fim = posicao
        while fim < len(itens) and int(itens[fim].split(b"\t", 1)[0]) <= ultima:
            fim += 1
        lote[1] = (lote[1][0], b"".join(itens[posicao:fim]))
        posicao = fim
    return lotes


def medir_tamanho(banco: Banco, clientes: int, meses: int, pasta: Path, *, com_orm: bool) -> dict[str, float]:
    """Every way at one size, each on a fresh copy."""
    print(f"… preparando {clientes} clientes com {meses} meses de histórico", flush=True)
    modelo, arquivo = banco.modelo(clientes, meses), pasta / "linhas.pickle"
    url = banco.copia(modelo)
    aberta = medir("abrir", url)
    um = medir("rodada", url, str(aberta["execucao_id"]))
    linhas = exportar(url, aberta["execucao_id"], arquivo)
    piso = medir("piso", banco.copia(modelo), str(arquivo))
    url = banco.copia(modelo)
    execucao = str(medir("abrir", url)["execucao_id"])
    dois = [esperar(p) for p in [lancar("rodada", url, execucao) for _ in range(2)]]
    url = banco.copia(modelo)
    sozinhas, execucao = medir("avulsas", url, "3"), str(medir("abrir", url)["execucao_id"])
    correndo = lancar("rodada", url, execucao)
    durante = medir("avulsas", url, "3" if clientes > 50_000 else "1")
    esperar(correndo)
    resultado = {
        "clientes": clientes, "invoices": um["invoices"], "linhas": linhas, "piso_s": piso["segundos"], "um_s": um["segundos"], "um_cpu_s": um["cpu"],
        "dois_s": max(d["segundos"] for d in dois), "rss_mb": max(um["rss_mb"], *(d["rss_mb"] for d in dois)), "previa_s": aberta["segundos"],
        "avulsa_mediana_ms": sozinhas["mediana"], "avulsa_p95_ms": sozinhas["p95"], "avulsa_durante_mediana_ms": durante["mediana"],
        "avulsa_durante_p95_ms": durante["p95"],
    }
    if com_orm:
        medida = medir("orm", banco.copia(modelo), "1000")
        resultado["orm_ms_por_invoice"] = medida["segundos"] * 1000 / medida["invoices"]
        resultado["orm_vezes"] = resultado["orm_ms_por_invoice"] / (um["segundos"] * 1000 / um["invoices"])
    return resultado | {"razao_1": um["segundos"] / piso["segundos"], "razao_2": resultado["dois_s"] / piso["segundos"]}


def mostrar(tamanhos: list[dict[str, float]], anterior: dict | None) -> dict:
    """The table, the targets of PERFORMANCE and what the last time was."""
    colunas = (("clientes", "clientes", 0), ("faturas", "invoices", 0), ("linhas", "linhas", 0), ("piso s", "piso_s", 2), ("1 worker s", "um_s", 2),
               ("razão", "razao_1", 2), ("2 workers s", "dois_s", 2), ("razão", "razao_2", 2), ("prévia s", "previa_s", 2), ("MB", "rss_mb", 0),
               ("avulsa ms", "avulsa_mediana_ms", 1), ("p95", "avulsa_p95_ms", 1), ("durante p95", "avulsa_durante_p95_ms", 1))
    print("\n" + "  ".join(f"{titulo:>11}" for titulo, _n, _c in colunas))
    for t in tamanhos:
        print("  ".join(f"{t[nome]:>11,.{casas}f}" for _t, nome, casas in colunas))
    maior = max(tamanhos, key=lambda t: t["clientes"])
    por_invoice = [t["um_s"] / t["invoices"] for t in sorted(tamanhos, key=lambda t: t["clientes"])]
    resumo = {"razao_1": maior["razao_1"], "razao_2": maior["razao_2"], "rss_mb": maior["rss_mb"], "crescimento": por_invoice[-1] / por_invoice[0]}
    antes = (anterior or {}).get("resumo", {})
    print()
    for titulo, nome, alvo in ALVOS:
        ultima = f"  (da última vez {antes[nome]:.2f})" if nome in antes else ""
        print(f"{titulo:<32} {resumo[nome]:>8.2f}   alvo ≤ {alvo:<5} {'ok' if resumo[nome] <= alvo else 'ACIMA'}{ultima}")
    for t in tamanhos:
        if "orm_vezes" in t:
            resumo["orm_vezes"] = t["orm_vezes"]
            situacao = "ok" if t["orm_vezes"] >= 20 else "ABAIXO"
            print(f"{'vezes mais rápido que o ORM':<32} {t['orm_vezes']:>8.1f}   alvo ≥ 20    {situacao}  ({t['orm_ms_por_invoice']:.1f} ms por fatura)")
    return resumo


def main() -> None:
    """Measure, print, keep the result."""
    opcoes = argparse.ArgumentParser(prog="bench")
    opcoes.add_argument("--clientes", default="10000,100000", help="tamanhos, separados por vírgula")
    opcoes.add_argument("--meses", type=int, default=10, help="meses de histórico")
    lidas = opcoes.parse_args()
    pasta = pasta_alcancavel()
    servidores = embutidos.Servidores(pasta, frozenset({"postgres", "valkey"}))
    try:
        servidores.iniciar()
        os.environ["BENCH_REDIS_URL"] = servidores.redis_url
        with tempfile.TemporaryDirectory() as rascunho:
            numeros = sorted(int(x) for x in lidas.clientes.split(","))
            banco = Banco(servidores)
            tamanhos = [medir_tamanho(banco, n, lidas.meses, Path(rascunho), com_orm=n == numeros[0]) for n in numeros]
    finally:
        servidores.parar()
        apagar(pasta)
    anterior = json.loads(RESULTADOS.read_text()) if RESULTADOS.exists() else None
    resumo = mostrar(tamanhos, anterior)
    RESULTADOS.parent.mkdir(exist_ok=True)
    maquina = {"processador": platform.processor() or platform.machine(), "nucleos": os.cpu_count(), "python": platform.python_version()}
    RESULTADOS.write_text(json.dumps({"maquina": maquina, "tamanhos": tamanhos, "resumo": resumo}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
