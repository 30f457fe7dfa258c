"""The billing run beside its floor: at each size, fresh copies of one base; the best of several times, so that a passing load does not decide."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.banco import Banco
from bench.corrida import Corrida, Medida, juntas, medir
from bench.relatorio import Linha

LOTE = 5000
AVULSAS = 300
DURANTE = 2000
TABELAS = {
    "invoice": "execucao_id = %(e)s", "item_invoice": "invoice_id IN (SELECT id FROM invoice WHERE execucao_id = %(e)s)",
    "evento": "tipo = 'invoice_emitida'", "notificacao": "evento = 'fatura_emitida'",
}
ORDEM = {"invoice": "id", "item_invoice": "invoice_id, id", "evento": "id", "notificacao": "id"}
COLUNAS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
   AND NOT (attidentity <> '' AND %s <> 'invoice') ORDER BY attnum
"""


def rodada(banco: Banco, tamanhos: list[int], meses: int, vezes: int) -> Iterator[Linha]:
    """Every figure of every size, then growth from the smallest to the largest."""
    por_invoice = {}
    for clientes in tamanhos:
        with tempfile.TemporaryDirectory() as pasta:
            medidas = _tamanho(banco, clientes, meses, vezes, Path(pasta) / "linhas.pickle")
        por_invoice[clientes] = medidas["um"]["segundos"] / clientes
        yield from _linhas(clientes, medidas)
        if clientes == tamanhos[0]:
            yield _orm(banco, banco.modelo(clientes, meses), clientes, por_invoice[clientes])
        yield from _avulsas(banco, banco.modelo(clientes, meses), clientes)
    if len(tamanhos) > 1:
        menor, maior = min(por_invoice), max(por_invoice)
        yield Linha("rodada.crescimento", f"tempo por fatura, {_mil(maior)} sobre {_mil(menor)}", por_invoice[maior] / por_invoice[menor], "×", 1.2)


def _tamanho(banco: Banco, clientes: int, meses: int, vezes: int, arquivo: Path) -> dict[str, Medida]:
    modelo, melhores = banco.modelo(clientes, meses), {}
    for vez in range(vezes):
        url, execucao_id = _aberta(banco, modelo, previa=melhores, clientes=clientes)
        _guardar(melhores, "um", medir("rodada", url, execucao_id), clientes)
        if not vez:
            melhores["linhas"] = {"segundos": 0, "linhas": exportar(url, execucao_id, arquivo)}
        _guardar(melhores, "piso", medir("piso", banco.copia(modelo), arquivo))
        url, execucao_id = _aberta(banco, modelo)
        a, b = juntas(*(Corrida("rodada", url, execucao_id) for _ in range(2)))
        segundos = max(a["fim"], b["fim"]) - min(a["inicio"], b["inicio"])
        dois = {"segundos": segundos, "invoices": a["invoices"] + b["invoices"], "rss_mb": max(a["rss_mb"], b["rss_mb"])}
        _guardar(melhores, "dois", dois, clientes)
    return melhores


def _aberta(banco: Banco, modelo: str, *, previa: dict[str, Medida] | None = None, clientes: int = 0) -> tuple[str, int]:
    """A fresh copy with its run opened; the preview is measured there, while everything is still due."""
    url = banco.copia(modelo)
    if previa is not None:
        _guardar(previa, "previa", medir("previa", url), clientes)
    return url, medir("abrir", url)["execucao_id"]


def _guardar(melhores: dict[str, Medida], nome: str, medida: Medida, esperadas: int | None = None) -> None:
    """Keep the faster one. Raises RuntimeError when it did not do the whole work."""
    if esperadas is not None and medida["invoices"] != esperadas:
        raise RuntimeError(f"{nome}: {medida['invoices']} faturas, esperadas {esperadas}")
    if nome not in melhores or medida["segundos"] < melhores[nome]["segundos"]:
        melhores[nome] = medida


def _linhas(clientes: int, m: dict[str, Medida]) -> Iterator[Linha]:
    chave, n, piso, um = f"rodada.{clientes}", _mil(clientes), m["piso"]["segundos"], m["um"]
    nota = f"{clientes / um['segundos']:.0f} faturas/s, CPU do worker {um['cpu']:.2f} s, maior lote {um['maior_lote_ms']:.0f} ms"
    yield Linha(f"{chave}.piso_s", f"{n}: piso, COPY das mesmas linhas", piso, "s", nota=f"{m['linhas']['linhas']} linhas")
    yield Linha(f"{chave}.um_s", f"{n}: 1 worker", um["segundos"], "s", nota=nota)
    yield Linha(f"{chave}.razao_1", f"{n}: 1 worker sobre o piso", um["segundos"] / piso, "×", 2.5)
    yield Linha(f"{chave}.razao_cpu", f"{n}: 1 worker sobre o piso, em CPU (worker e banco)", _cpu(um) / _cpu(m["piso"]), "×", 2.5)
    yield Linha(f"{chave}.dois_s", f"{n}: 2 workers", m["dois"]["segundos"], "s")
    yield Linha(f"{chave}.razao_2", f"{n}: 2 workers sobre o piso", m["dois"]["segundos"] / piso, "×", 1.5)
    yield Linha(f"{chave}.rss_mb", f"{n}: memória máxima de um worker", max(um["rss_mb"], m["dois"]["rss_mb"]), "MB", 300)
    yield Linha(f"{chave}.previa_s", f"{n}: prévia de tudo", m["previa"]["segundos"], "s", nota=f"CPU {m['previa']['cpu']:.2f} s")
    yield Linha(f"{chave}.previa_mb", f"{n}: memória máxima da prévia", m["previa"]["rss_mb"], "MB", 300)


def _orm(banco: Banco, modelo: str, clientes: int, nossa: float) -> Linha:
    medida = medir("orm", banco.copia(modelo), min(1000, clientes))
    por_invoice = medida["segundos"] / medida["invoices"]
    nota = f"{por_invoice * 1000:.1f} ms por fatura"
    return Linha(f"rodada.{clientes}.orm", f"{_mil(clientes)}: vezes mais rápida que uma a uma pelo ORM", por_invoice / nossa, "×", 20, piso=True, nota=nota)


def _avulsas(banco: Banco, modelo: str, clientes: int) -> Iterator[Linha]:
    """One customer's invoice alone, and while a run goes on (of customers it has not come to; those of its present lot wait for the lot)."""
    sozinha = medir("avulsas", banco.copia(modelo), AVULSAS)
    url, execucao_id = _aberta(banco, modelo)
    durante, correndo = Corrida("avulsas", url, DURANTE), Corrida("rodada", url, execucao_id)
    durante.largar()
    correndo.largar().esperar()
    junto = durante.parar()
    n, chave = _mil(clientes), f"rodada.{clientes}"
    for nome, titulo, medida in (("avulsa", "fatura avulsa", sozinha), ("durante", "fatura avulsa durante a rodada", junto)):
        nota = f"{medida['feitas']} feitas, p5 {medida.get('p5', 0):.1f}; CPU {medida['cpu_ms']:.1f} + banco {medida['cpu_banco_ms']:.1f} ms"
        yield Linha(f"{chave}.{nome}_ms", f"{n}: {titulo}, mediana", medida.get("mediana"), "ms", 5 if nome == "avulsa" else None, nota=nota)
        yield Linha(f"{chave}.{nome}_p95_ms", f"{n}: {titulo}, p95", medida.get("p95"), "ms", 50)


def _cpu(m: Medida) -> float:
    return m["cpu"] + m["cpu_banco"]


def _mil(n: int) -> str:
    return f"{n:,}".replace(",", ".")


def exportar(url: str, execucao_id: int, arquivo: Path) -> int:
    """The rows the run wrote, as COPY text in the run's own lots. Returns how many."""
    total, por_tabela = 0, []
    with psycopg.connect(url.replace("+psycopg", "")) as c:
        for tabela, quais in TABELAS.items():
            colunas = ", ".join(f"{tabela}.{x[0]}" for x in c.execute(COLUNAS, [tabela, tabela]))
            consulta = f"COPY (SELECT {colunas} FROM {tabela} WHERE {quais} ORDER BY {ORDEM[tabela]}) TO STDOUT" % {"e": execucao_id}
            with c.cursor().copy(consulta) as copia:
                linhas = bytes(b"".join(copia)).splitlines(keepends=True)
            total += len(linhas)
            por_tabela.append((f"COPY {tabela} ({colunas.replace(f'{tabela}.', '')}) FROM STDIN", linhas))
    fatias = max(1, -(-len(por_tabela[0][1]) // LOTE))
    lotes = [[(comando, _fatia(linhas, n, fatias)) for comando, linhas in por_tabela] for n in range(fatias)]
    arquivo.write_bytes(pickle.dumps(_em_ordem(lotes)))
    return total


def _fatia(linhas: list[bytes], n: int, fatias: int) -> bytes:
    return b"".join(linhas[n * len(linhas) // fatias:(n + 1) * len(linhas) // fatias])


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
