"""A provider's base of N customers, all due on one day, with months of history; written set-based, then vacuumed and analysed.

Of the history one invoice in 25 is overdue, one in 30 cancelled, and of the last month one in seven is open; the others are paid.
"""

from __future__ import annotations

import datetime as dt

import psycopg

HOJE = dt.date(2026, 12, 1)
VENCIMENTO = dt.date(2026, 12, 10)
PASSOS = (
    """INSERT INTO empresa (razao_social, nome_fantasia, cnpj, chave_pix, municipio, uf)
       VALUES ('Provedor Exemplo Telecom Ltda', 'Provedor Exemplo', '11222333000181', 'financeiro@exemplo.com.br', 'Campinas', 'SP')""",
    """INSERT INTO plano (nome, download_mbps, upload_mbps, preco)
       SELECT 'Fibra ' || n * 100, n * 100, n * 50, 59.90 + n * 10 FROM generate_series(1, 8) n""",
    "INSERT INTO adicional (nome, preco) VALUES ('IP fixo', 15.00), ('Telefone', 29.90)",
    """INSERT INTO cliente (nome, cpf_cnpj, email, telefone, status)
       SELECT nomes[n % 20 + 1] || ' ' || meios[n / 7 % 13 + 1] || ' ' || fins[n / 3 % 17 + 1] || ' ' || fins[n / 11 % 17 + 1], lpad(n::text, 11, '0'),
              CASE WHEN n % 20 > 0 THEN 'cliente' || n || '@exemplo.com.br' END, '55199' || lpad(n::text, 8, '0'),
              CASE WHEN n % 50 = 49 THEN 'bloqueado' ELSE 'ativo' END
         FROM generate_series(1, {n}) n,
              (SELECT string_to_array('Maria José Ana João Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís Gabriel Rafael Daniel Marcelo Bruno'
                                      ' Adriana Juliana', ' ') nomes,
                      string_to_array('Aparecida Eduardo Cristina Henrique Regina Augusto Helena Roberto Beatriz Fernando Lúcia Vinícius Tereza', ' ') meios,
                      string_to_array('Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida'
                                      ' Lopes Araújo', ' ') fins) x""",
    """INSERT INTO endereco (cliente_id, logradouro, numero, bairro, municipio, uf, cep)
       SELECT id, 'Rua das Palmeiras', (id % 900 + 1)::text, 'Jardim das Flores', 'Campinas', 'SP', '13010000' FROM cliente""",
    """INSERT INTO contrato (numero, cliente_id, plano_id, data_inicio, preco, desconto, desconto_ate, status, login_pppoe)
       SELECT '2025-' || lpad(cl.id::text, 7, '0'), cl.id, p.id, date '2025-02-10', p.preco, CASE WHEN cl.id % 10 = 0 THEN 10 ELSE 0 END,
              CASE WHEN cl.id % 10 = 0 THEN date '2027-06-30' END, 'ativo', 'cliente' || cl.id
         FROM cliente cl JOIN plano p ON p.id = cl.id % 8 + 1""",
    """INSERT INTO contrato_item (contrato_id, adicional_id, preco, de)
       SELECT c.id, 1, 15.00, date '2025-02-10' FROM contrato c WHERE c.cliente_id % 10 = 5""",
    """INSERT INTO ciclo_faturamento (cliente_id, ciclo_id, dia_vencimento, data_inicio, proximo_vencimento)
       SELECT cl.id, ci.id, 10, date '2025-02-10', date '2026-12-10' FROM cliente cl, ciclo ci WHERE ci.nome = 'Mensal' ORDER BY cl.id""",
    """INSERT INTO contrato_ciclo (contrato_id, ciclo_faturamento_id, desde)
       SELECT c.id, f.id, c.data_inicio FROM contrato c JOIN ciclo_faturamento f ON f.cliente_id = c.cliente_id""",
)
HISTORICO = """
WITH novas AS (
  INSERT INTO invoice (cliente_id, ciclo_faturamento_id, competencia_inicio, competencia_fim, data_emissao, data_vencimento, data_pagamento, valor_total,
                       valor_pago, status, pagador_nome, pagador_documento, pagador_endereco, txid_pix)
  SELECT cl.id, f.id, v, (v + interval '1 month')::date - 1, v - 10 - (cl.id %% 3)::int, v, CASE WHEN s = 'paga' THEN v END, 60 + cl.id %% 90,
         CASE WHEN s = 'paga' THEN 60 + cl.id %% 90 ELSE 0 END, s, cl.nome, cl.cpf_cnpj, 'Rua das Palmeiras, 1 – Campinas/SP',
         'HIST' || to_char(v, 'YYMM') || lpad(cl.id::text, 10, '0')
    FROM cliente cl JOIN ciclo_faturamento f ON f.cliente_id = cl.id, (SELECT (date '2026-12-10' - %(mes)s::int * interval '1 month')::date v) d,
         LATERAL (SELECT CASE WHEN (cl.id + %(mes)s::int) %% 25 = 0 THEN 'vencida' WHEN (cl.id + %(mes)s::int) %% 30 = 0 THEN 'cancelada'
                              WHEN %(mes)s::int = 1 AND cl.id %% 7 = 0 THEN 'emitida' ELSE 'paga' END s) y
  RETURNING id, cliente_id, competencia_inicio, competencia_fim)
INSERT INTO item_invoice (invoice_id, contrato_id, descricao, valor_unitario, valor_total, tipo, periodo_inicio, periodo_fim, chave)
SELECT n.id, c.id, 'Fibra', 100, 100, 'plano', n.competencia_inicio, n.competencia_fim, 'c' || c.id || ':plano:' || c.plano_id || ':' || n.competencia_inicio
  FROM novas n JOIN contrato c ON c.cliente_id = n.cliente_id
"""


def fazer(url: str, clientes: int, meses: int) -> None:
    """Fill a migrated and prepared database."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as c:
        escrever(c, clientes, meses)
        c.execute("VACUUM ANALYZE")
        c.execute("CHECKPOINT")


def escrever(c: psycopg.Connection, clientes: int, meses: int) -> None:
    """The rows alone."""
    for passo in PASSOS:
        c.execute(passo.format(n=clientes))
    c.execute("ANALYZE")
    for mes in range(meses, 0, -1):
        c.execute(HISTORICO, {"mes": mes})
