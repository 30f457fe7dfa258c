"""A provider in arrears for tests that kill the billing run: sixteen kinds of customers, what each must be billed by plain arithmetic, and a picture of it all.

Customer ``n`` is of kind ``n % 16`` and pays ``preco(n)`` a month, due on the 10th; the run is of 1 December 2025.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal as D
from typing import Any

import psycopg

HOJE = dt.date(2025, 12, 1)
TIPOS = 16
(DESCONTO, ADICIONAL, CREDITO, PARCELADO, CORTESIA, ESTACIONADO, NO_MEIO, GRATIS, DOIS_CONTRATOS, DOIS_CICLOS, SEM_EMAIL, ATRASADO) = range(4, 16)
CREDITO_INICIAL, CREDITO_DE_DOIS, VALOR_CORTESIA = D("160.00"), D("100.00"), D("150.00")
PARCELAS = (D("33.34"), D("33.33"), D("33.33"))
CONTRATOS_POR_VOLTA, INVOICES_POR_VOLTA = 18, 22      # in a round of the sixteen kinds; two contracts or three months make more

PASSOS = (
    "INSERT INTO empresa (razao_social, nome_fantasia, cnpj, municipio, uf) VALUES ('Provedor Exemplo Ltda', 'Exemplo', '11222333000181', 'Campinas', 'SP')",
    "INSERT INTO plano (nome, download_mbps, upload_mbps, preco) SELECT 'Fibra ' || n, 500, 250, 59.90 + 10 * n FROM generate_series(0, 6) n",
    "INSERT INTO adicional (nome, preco) VALUES ('IP fixo', 15.00)",
    """INSERT INTO cliente (id, nome, cpf_cnpj, email, status) OVERRIDING SYSTEM VALUE
       SELECT n, 'Cliente ' || n, lpad(n::text, 11, '0'), CASE WHEN n %% 16 <> 14 THEN 'c' || n || '@exemplo.com.br' END, 'ativo'
         FROM generate_series(1, %(n)s) n""",
    "INSERT INTO endereco (cliente_id, logradouro, municipio, uf) SELECT id, 'Rua A', 'Campinas', 'SP' FROM cliente",
    """INSERT INTO contrato (numero, cliente_id, plano_id, data_inicio, preco, desconto, status, login_pppoe)
       SELECT v || '-' || n, n, p.id, CASE WHEN n %% 16 = 10 THEN date '2025-11-25' ELSE date '2024-02-10' END,
              CASE n %% 16 WHEN 9 THEN 100000000 WHEN 11 THEN 0 ELSE p.preco END, CASE n %% 16 WHEN 4 THEN 10 ELSE 0 END, 'ativo', 'l' || v || '-' || n
         FROM generate_series(1, %(n)s) n JOIN plano p ON p.nome = 'Fibra ' || n %% 7, generate_series(1, 2) v
        WHERE v = 1 OR n %% 16 IN (12, 13) ORDER BY n, v""",
    """INSERT INTO contrato_item (contrato_id, adicional_id, quantidade, preco, de)
       SELECT c.id, a.id, 2, 15.00, date '2024-02-10' FROM contrato c, adicional a WHERE c.cliente_id %% 16 = 5""",
    """INSERT INTO ciclo_faturamento (cliente_id, ciclo_id, dia_vencimento, data_inicio, proximo_vencimento)
       SELECT c.cliente_id, ci.id, 10, c.data_inicio, CASE WHEN c.cliente_id %% 16 IN (6, 8, 15) THEN date '2025-10-10'
              WHEN c.cliente_id %% 16 = 7 THEN date '2025-11-10' ELSE date '2025-12-10' END
         FROM contrato c, ciclo ci WHERE ci.nome = 'Mensal' AND (c.numero LIKE '1-%%' OR c.cliente_id %% 16 = 13) ORDER BY c.id""",
    """INSERT INTO contrato_ciclo (contrato_id, ciclo_faturamento_id, desde)
       SELECT c.id, CASE WHEN c.numero LIKE '1-%%' THEN min(f.id) ELSE max(f.id) END, c.data_inicio
         FROM contrato c JOIN ciclo_faturamento f ON f.cliente_id = c.cliente_id GROUP BY c.id""",
    """INSERT INTO credito (cliente_id, valor, saldo, motivo)
       SELECT id, v, v, 'pagou a mais' FROM (SELECT id, CASE id %% 16 WHEN 6 THEN 160.00 ELSE 100.00 END v FROM cliente WHERE id %% 16 IN (6, 13)) x""",
    """INSERT INTO lancamento (cliente_id, tipo, item_tipo, descricao, valor, parcela, parcelas, a_partir_de)
       SELECT c.id, 'acrescimo', 'servico', 'Roteador', v, p, 3, d FROM cliente c,
              (VALUES (1, 33.34, date '2025-11-01'), (2, 33.33, date '2025-12-01'), (3, 33.33, date '2026-01-01')) x (p, v, d) WHERE c.id %% 16 = 7""",
    """INSERT INTO lancamento (cliente_id, tipo, item_tipo, descricao, valor, a_partir_de)
       SELECT id, 'desconto', 'desconto', 'Cortesia', 150.00, date '2025-10-01' FROM cliente WHERE id %% 16 = 8""",
    "SELECT setval(pg_get_serial_sequence('cliente', 'id'), %(n)s)",
)


def semear(url: str, clientes: int, *, lote: int) -> None:
    """Fill a prepared database; lots of ``lote`` cycles. Nobody stays connected."""
    with psycopg.connect(_dsn(url)) as c:
        for passo in PASSOS:
            c.execute(passo, {"n": clientes})
        c.execute("INSERT INTO configuracao (chave, valor) VALUES ('faturamento.tamanho_lote', to_jsonb(%s::int))", [lote])


def preco(n: int) -> D:
    """What the customer's plan costs a month."""
    return D("59.90") + 10 * (n % 7)


def esperado(n: int) -> list[D]:
    """Totals of customer ``n``'s invoices, by due date; of two cycles the one with the lower number first."""
    p = preco(n)
    regras: Mapping[int, Callable[[], list[D]]] = {
        DESCONTO: lambda: [p - 10],
        ADICIONAL: lambda: [p + 30],
        CREDITO: lambda: _abatendo(CREDITO_INICIAL, p, 3),
        PARCELADO: lambda: [p + PARCELAS[0], p + PARCELAS[1]],
        CORTESIA: lambda: _abatendo(VALOR_CORTESIA, p, 3),
        ESTACIONADO: list,
        NO_MEIO: lambda: [p + p / 2],      # 15 of the 30 days before, and the month that begins
        GRATIS: list,
        DOIS_CONTRATOS: lambda: [2 * p],
        DOIS_CICLOS: lambda: _abatendo(CREDITO_DE_DOIS, p, 2),
        ATRASADO: lambda: [p, p, p],
    }
    return regras.get(n % TIPOS, lambda: [p])()


def _abatendo(credito: D, p: D, vezes: int) -> list[D]:
    """``vezes`` invoices of ``p`` from which ``credito`` is taken as far as it goes."""
    totais = []
    for _ in range(vezes):
        usado = min(credito, p)
        credito -= usado
        totais.append(p - usado)
    return totais


RETRATO = {
    "invoices": """SELECT i.ciclo_faturamento_id, i.competencia_inicio, i.cliente_id, i.competencia_fim, i.data_emissao, i.data_vencimento, i.valor_total,
                          i.status::text, i.pagador_nome FROM invoice i WHERE i.ciclo_faturamento_id IS NOT NULL ORDER BY 1, 2""",
    "itens": """SELECT i.ciclo_faturamento_id, i.competencia_inicio, x.contrato_id, x.tipo::text, x.descricao, x.quantidade, x.valor_unitario, x.valor_total,
                       x.periodo_inicio, x.periodo_fim, regexp_replace(x.chave, '^lanc:.*', 'lanc')
                  FROM item_invoice x JOIN invoice i ON i.id = x.invoice_id WHERE i.ciclo_faturamento_id IS NOT NULL ORDER BY 1, 2, 3, 4, 5, 8, 11""",
    "ciclos": "SELECT id, proximo_vencimento, ativo, estacionado_em IS NOT NULL, estacionado_motivo FROM ciclo_faturamento ORDER BY id",
    "creditos": "SELECT id, valor, saldo FROM credito ORDER BY id",
    "lancamentos": """SELECT l.cliente_id, l.descricao, l.parcela, l.status::text, l.valor, i.competencia_inicio
                        FROM lancamento l LEFT JOIN invoice i ON i.id = l.invoice_id ORDER BY 1, 2, 3, 4, 5""",
    "fatos": """SELECT i.ciclo_faturamento_id, i.competencia_inicio, e.cliente_id, e.dados ->> 'valor', count(*)
                  FROM evento e JOIN invoice i ON i.id = (e.dados ->> 'invoice_id')::bigint
                 WHERE e.tipo = 'invoice_emitida' AND i.ciclo_faturamento_id IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2""",
    "mensagens": """SELECT i.ciclo_faturamento_id, i.competencia_inicio, m.destinatario, m.status::text, m.dados ->> 'valor', count(*)
                      FROM notificacao m JOIN invoice i ON i.id = m.invoice_id WHERE i.ciclo_faturamento_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2""",
    "estacionados": """SELECT ciclo_faturamento_id, cliente_id, vencimento, motivo, resolvido_em, count(*)
                         FROM cliente_estacionado GROUP BY 1, 2, 3, 4, 5 ORDER BY 1""",
}


def retrato(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a run leaves that must not depend on how often it was killed: no numbers, no instants, no ids made by the run."""
    with psycopg.connect(_dsn(url)) as c:
        return {nome: c.execute(consulta).fetchall() for nome, consulta in RETRATO.items()}


def perguntar(url: str, consulta: str) -> list[tuple[Any, ...]]:
    """Rows of a query on a connection of its own."""
    with psycopg.connect(_dsn(url)) as c:
        return c.execute(consulta).fetchall()


def _dsn(url: str) -> str:
    return url.replace("+psycopg", "")
