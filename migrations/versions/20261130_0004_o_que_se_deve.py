"""What is owed for each day: prices and pauses with their days, lines that count no more, credit and charges as parts of an invoice.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

SITUACAO = sa.Enum('cobrada', 'cancelada', 'devolvida', name='situacao_item', native_enum=False, create_constraint=True, length=30)
MUDANCAS = """
UPDATE contrato_historico h SET desde = coalesce(
    (SELECT (e.dados ->> 'desde')::date FROM evento e
      WHERE e.tipo = 'plano_mudado' AND e.dados ->> 'contrato_id' = h.contrato_id::text AND e.em >= h.data_criacao ORDER BY e.em, e.id LIMIT 1),
    (h.data_criacao AT TIME ZONE 'America/Sao_Paulo')::date)
 WHERE h.versao > 1
"""
CHAVES = """
UPDATE item_invoice x SET chave = 'c' || x.contrato_id || CASE x.tipo
    WHEN 'plano' THEN '\\:plano\\:' || c.plano_id WHEN 'desconto' THEN '\\:desconto' ELSE '\\:item\\:' || k.id END || '\\:' || x.periodo_inicio
  FROM contrato c LEFT JOIN contrato_item k ON k.contrato_id = c.id LEFT JOIN adicional a ON a.id = k.adicional_id
 WHERE c.id = x.contrato_id AND x.chave IS NULL AND x.periodo_inicio IS NOT NULL
   AND (x.tipo IN ('plano', 'desconto') OR x.tipo = 'servico' AND x.descricao LIKE a.nome || '%')
"""
PAUSAS = """
INSERT INTO suspensao_voluntaria (contrato_id, de, volta)
SELECT c.id, dia, CASE WHEN depois = 'contrato_retomado' THEN dia_depois END
  FROM (SELECT (dados ->> 'contrato_id')::bigint AS contrato_id, tipo, (em AT TIME ZONE 'America/Sao_Paulo')::date AS dia,
               lead(tipo) OVER w AS depois, lead((em AT TIME ZONE 'America/Sao_Paulo')::date) OVER w AS dia_depois
          FROM evento WHERE tipo IN ('contrato_suspenso', 'contrato_retomado', 'contrato_encerrado')
        WINDOW w AS (PARTITION BY dados ->> 'contrato_id' ORDER BY em, id)) x JOIN contrato c ON c.id = x.contrato_id
 WHERE x.tipo = 'contrato_suspenso'
"""
CREDITADO = """
UPDATE invoice i SET valor_creditado = i.valor_abatido - coalesce(
    (SELECT sum(p.valor_abatido) FROM pagamento p WHERE p.invoice_id = i.id AND p.status = 'confirmado'), 0)
 WHERE i.valor_abatido > 0
"""
ENCARGOS = """
UPDATE invoice i SET valor_encargos = x.valor
  FROM (SELECT invoice_id, sum(valor_total) AS valor FROM item_invoice WHERE tipo = 'juros' GROUP BY 1) x WHERE x.invoice_id = i.id AND x.valor > 0
"""


def upgrade():
    op.add_column('contrato_historico', sa.Column('desde', sa.Date(), nullable=True))
    op.execute(MUDANCAS)
    op.create_table(
        'suspensao_voluntaria',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('contrato_id', sa.BigInteger(), nullable=False),
        sa.Column('de', sa.Date(), nullable=False),
        sa.Column('volta', sa.Date(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
        sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
        sa.CheckConstraint('volta IS NULL OR volta >= de', name=op.f('ck_suspensao_voluntaria_periodo')),
        sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_suspensao_voluntaria_contrato_id_contrato')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_suspensao_voluntaria')),
    )
    op.create_index('ix_suspensao_voluntaria_contrato', 'suspensao_voluntaria', ['contrato_id', 'id'])
    op.create_index('uq_suspensao_voluntaria_aberta', 'suspensao_voluntaria', ['contrato_id'], unique=True, postgresql_where=sa.text('volta IS NULL'))
    op.execute(PAUSAS)
    op.drop_constraint(op.f('ck_contrato_valores'), 'contrato')
    op.create_check_constraint(op.f('ck_contrato_valores'), 'contrato', 'preco >= 0 AND desconto >= 0')
    for tabela in ('contrato_ciclo', 'contrato_item'):
        op.add_column(tabela, sa.Column('atrasado', sa.Boolean(), server_default=sa.false(), nullable=False))

    op.add_column('item_invoice', sa.Column('situacao', SITUACAO, server_default='cobrada', nullable=False))
    op.drop_constraint(op.f('uq_item_invoice_chave'), 'item_invoice')
    op.execute("UPDATE item_invoice SET situacao = 'devolvida', chave = NULL WHERE chave = 'devolvido:' || id")
    op.execute(CHAVES)
    op.execute("UPDATE item_invoice x SET situacao = 'cancelada' FROM invoice i WHERE i.id = x.invoice_id AND i.status = 'cancelada' AND x.situacao = 'cobrada'")
    op.create_index('uq_item_invoice_chave', 'item_invoice', ['chave'], unique=True, postgresql_where=sa.text("situacao = 'cobrada'"))

    op.execute("UPDATE lancamento SET item_tipo = 'juros' WHERE item_tipo = 'multa' AND origem_invoice_id IS NOT NULL")
    op.execute(
        "UPDATE item_invoice x SET tipo = 'juros' FROM lancamento l WHERE x.tipo = 'multa' AND x.chave = 'lanc:' || l.id AND l.origem_invoice_id IS NOT NULL"
    )
    op.add_column('invoice', sa.Column('valor_creditado', sa.Numeric(12, 2), server_default='0', nullable=False))
    op.add_column('invoice', sa.Column('valor_encargos', sa.Numeric(12, 2), server_default='0', nullable=False))
    op.execute(CREDITADO)
    op.execute(ENCARGOS)
    op.create_check_constraint(op.f('ck_invoice_partes'), 'invoice', 'valor_creditado BETWEEN 0 AND valor_abatido AND valor_encargos >= 0')
    for coluna in ('valor_creditado', 'valor_encargos'):
        op.create_check_constraint(op.f(f'ck_invoice_{coluna}_numero'), 'invoice', f"{coluna} = {coluna} AND {coluna} <> 'NaN'")


def downgrade():
    for nome in ('valor_encargos_numero', 'valor_creditado_numero', 'partes'):
        op.drop_constraint(op.f(f'ck_invoice_{nome}'), 'invoice')
    op.drop_column('invoice', 'valor_encargos')
    op.drop_column('invoice', 'valor_creditado')
    op.drop_index('uq_item_invoice_chave', 'item_invoice')
    op.execute("UPDATE item_invoice SET chave = CASE situacao WHEN 'devolvida' THEN 'devolvido:' || id END WHERE situacao <> 'cobrada'")
    op.create_unique_constraint(op.f('uq_item_invoice_chave'), 'item_invoice', ['chave'])
    op.drop_column('item_invoice', 'situacao')
    op.drop_constraint(op.f('ck_contrato_valores'), 'contrato')
    op.execute("UPDATE contrato SET desconto = preco WHERE desconto > preco")
    op.create_check_constraint(op.f('ck_contrato_valores'), 'contrato', 'preco >= 0 AND desconto >= 0 AND desconto <= preco')
    for tabela in ('contrato_item', 'contrato_ciclo'):
        op.drop_column(tabela, 'atrasado')
    op.drop_table('suspensao_voluntaria')
    op.drop_column('contrato_historico', 'desde')
