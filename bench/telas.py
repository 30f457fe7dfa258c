"""Lists and searches at full size: server time, queries and weight of each page beside the bare SQL of its rows, and growth from a tenth of it.

The server's time is the CPU of the application and of its database process, which is the wall time of a machine that does nothing else:
the base fits in memory. The wall time of the moment stands beside it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, update

from bench.banco import Banco
from bench.base import HOJE
from bench.corrida import Medida, cpu_do_banco, medir
from bench.relatorio import Linha

VEZES = 15
PROCESSOS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
USUARIO, SENHA = "medidor", "senha-do-medidor-1"
FATURAS = "SELECT i.*, c.nome FROM invoice i JOIN cliente c ON c.id = i.cliente_id WHERE {} ORDER BY {} LIMIT 25 OFFSET {}"
CLIENTES = "SELECT * FROM cliente WHERE {} ORDER BY {} LIMIT 25 OFFSET {}"
TSVETOR = "id = ANY(ARRAY(SELECT id FROM cliente WHERE to_tsvector('simple', busca) @@ to_tsquery('simple', '{}')))"


class Pagina(NamedTuple):
    """An address and the SQL of its rows alone."""

    chave: str
    titulo: str
    url: str
    piso: str


def _faturas(chave: str, titulo: str, consulta: str, onde: str = "true", ordem: str = "data_vencimento DESC, i.id DESC", salto: int = 0) -> Pagina:
    return Pagina(f"faturas.{chave}", f"faturas: {titulo}", f"/faturamento/list/?{consulta}", FATURAS.format(onde, ordem, salto))


def _clientes(chave: str, titulo: str, consulta: str, onde: str = "true", ordem: str = "ordem, id", salto: int = 0) -> Pagina:
    return Pagina(f"clientes.{chave}", f"clientes: {titulo}", f"/clientes/list/?{consulta}", CLIENTES.format(onde, ordem, salto))


def _busca(chave: str, titulo: str, texto: str, termos: str) -> Pagina:
    return Pagina(f"busca.{chave}", f"busca geral: {titulo}", f"/busca/?q={texto}", CLIENTES.format(TSVETOR.format(termos), "ordem, id", 0))


def todas(clientes: int) -> list[Pagina]:
    """Every measured page; documents, telephones and numbers are of rows in the middle of the base."""
    meio = clientes // 2
    documento, telefone, numero = f"{meio:011d}", f"55199{meio:08d}", meio * 5
    do_nome = f"cliente_id IN (SELECT id FROM cliente WHERE {TSVETOR.format('beatriz:* & araujo:*')})"
    return [
        _faturas("primeira", "primeira página", ""),
        _faturas("cem", "primeira página de 100 linhas", "psize_InvoiceView=100"),
        _faturas("por_valor", "por valor", "_oc_InvoiceView=valor_total&_od_InvoiceView=desc", ordem="valor_total DESC, i.id DESC"),
        _faturas("por_emissao", "por emissão", "_oc_InvoiceView=data_emissao&_od_InvoiceView=asc", ordem="data_emissao, i.id"),
        _faturas("por_status", "por status", "_oc_InvoiceView=status&_od_InvoiceView=desc", ordem="i.status DESC, i.id DESC"),
        _faturas("vencidas", "só vencidas", "_flt_0_status=vencida", "i.status = 'vencida'"),
        _faturas("pagas", "só pagas", "_flt_0_status=paga", "i.status = 'paga'"),
        _faturas("canceladas_por_valor", "canceladas, por valor", "_flt_0_status=cancelada&_oc_InvoiceView=valor_total&_od_InvoiceView=desc",
                 "i.status = 'cancelada'", "valor_total DESC, i.id DESC"),
        _faturas("de_um", "de um cliente", f"_flt_0_cliente={meio}", f"i.cliente_id = {meio}"),
        _faturas("do_mes", "emitidas desde julho", "_flt_4_data_emissao=2026-07-01", "data_emissao >= '2026-07-01'"),
        _faturas("funda", "página 400", "page_InvoiceView=399", salto=9975),
        _faturas("funda_vencidas", "vencidas, página 100", "_flt_0_status=vencida&page_InvoiceView=99", "i.status = 'vencida'", salto=2475),
        _faturas("numero", "busca por número", f"q={numero}", f"i.numero = {numero}"),
        _faturas("nome", "busca por nome do cliente", "q=beatriz+araujo", do_nome),
        _faturas("documento", "busca por CPF", f"q={documento}", f"i.pagador_documento = '{documento}' AND i.cliente_id = {meio}"),
        _clientes("primeira", "primeira página", ""),
        _clientes("por_status", "por status", "_oc_ClienteView=status&_od_ClienteView=asc", ordem="status, id"),
        _clientes("bloqueados", "só bloqueados", "_flt_0_status=bloqueado", "status = 'bloqueado'"),
        _clientes("funda", "página 400", "page_ClienteView=399", salto=9975),
        _clientes("nome", "busca por nome", "q=beatriz+araujo", TSVETOR.format("beatriz:* & araujo:*")),
        _clientes("nome_comum", "busca por um nome comum", "q=maria", TSVETOR.format("maria:*")),
        _clientes("documento", "busca por CPF", f"q={documento}", f"cpf_cnpj = '{documento}'"),
        _clientes("telefone", "busca por telefone", f"q={telefone[2:]}", TSVETOR.format(f"{telefone}:*")),
        _busca("nome", "nome", "beatriz+araujo", "beatriz:* & araujo:*"),
        _busca("nome_comum", "um nome comum", "maria", "maria:*"),
        _busca("documento", "CPF", documento, f"{documento}:*"),
        _busca("numero", "número da fatura", str(numero), f"{numero}:*"),
    ]


def telas(banco: Banco, clientes: int, meses: int) -> Iterator[Linha]:
    """Each page at full size, and its growth from a tenth of it."""
    pequena = medir("paginas", banco.copia(banco.modelo(clientes // 10, meses)), clientes // 10)
    grande = medir("paginas", banco.copia(banco.modelo(clientes, meses)), clientes)
    for pagina in todas(clientes):
        m, antes = grande[pagina.chave], pequena[pagina.chave]
        nota = f"parede {m['ms']:.0f} (mín. {m['min_ms']:.0f}), piso {m['piso_ms']:.1f} ms; {m['kb']:.0f} KB; {m['cpu_ms'] / antes['cpu_ms']:.2f}× com 10×"
        yield Linha(f"telas.{pagina.chave}.ms", pagina.titulo, m["cpu_ms"], "ms", None if "psize" in pagina.url else 40, nota=nota)
        yield Linha(f"telas.{pagina.chave}.consultas", "   consultas", m["consultas"], "", 10)
    yield Linha("telas.kb", "página mais pesada", max(m["kb"] for m in grande.values() if isinstance(m, dict)), "KB", 300)


def paginas(url: str, clientes: str) -> Iterator[Medida]:
    """Every page through the application's own WSGI entry, as an administrator."""
    from app.core.relogio import instante, mover_para
    from bench.processo import aplicacao

    app = aplicacao(url)
    app.config["WTF_CSRF_ENABLED"] = False
    perguntas: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda _c, _k, comando, *_a: perguntas.append(comando))
    medidas: dict[str, Any] = {}
    yield {}
    with mover_para(instante(HOJE)), psycopg.connect(url.replace("+psycopg", ""), options="-c jit=off") as c:
        http = _entrar(app)
        for pagina in todas(int(clientes)):
            medidas[pagina.chave] = _medir(http, pagina.url, perguntas, _processos(c)) | {"piso_ms": _piso(c, pagina.piso)}
    yield medidas


def _entrar(app: Flask) -> FlaskClient:
    from app.core.transacao import transacao
    from app.extensions import db
    from app.usuarios.models import LimitePapel

    with app.app_context():
        sm = app.appbuilder.sm
        with transacao():
            db.session.execute(update(LimitePapel).values(exige_2fa=False))      # the pages are measured, not the entry
            sm.add_user(USUARIO, "Medidor", "Teste", f"{USUARIO}@exemplo.com.br", sm.find_role("Admin"), password=SENHA)
    http = app.test_client()
    http.post("/login/", data={"username": USUARIO, "password": SENHA})
    return http


def _processos(c: psycopg.Connection) -> list[int]:
    """The database's processes that serve the application."""
    return [pid for (pid,) in c.execute(PROCESSOS)]


def _medir(http: FlaskClient, url: str, perguntas: list[str], pids: list[int]) -> dict[str, float]:
    for _ in range(3):
        resposta = http.get(url)
    if resposta.status_code != 200:
        raise RuntimeError(f"{url}: {resposta.status_code}")
    tempos, cpus = [], []
    for _ in range(VEZES):
        perguntas.clear()
        inicio, cpu = time.perf_counter(), time.process_time() + cpu_do_banco(pids)
        resposta = http.get(url)
        tempos.append((time.perf_counter() - inicio) * 1000)
        cpus.append((time.process_time() + cpu_do_banco(pids) - cpu) * 1000)
    custo = {"ms": statistics.median(tempos), "min_ms": min(tempos), "cpu_ms": statistics.median(cpus)}
    return custo | {"kb": len(resposta.data) / 1024, "consultas": len(perguntas)}


def _piso(c: psycopg.Connection, sql: str) -> float:
    tempos = []
    for _ in range(VEZES):
        inicio = time.perf_counter()
        c.execute(sql).fetchall()
        tempos.append((time.perf_counter() - inicio) * 1000)
    return statistics.median(tempos)
