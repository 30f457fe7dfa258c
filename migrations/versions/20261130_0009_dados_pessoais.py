"""Personal data: who saw whose, requests of data subjects with their receipts, consents with their text, documents that may be anonymous.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

O_QUE = sa.Enum('pagina', 'documento', 'api', 'exportacao', 'titular', 'portal', name='o_que_viu', native_enum=False, create_constraint=True, length=30)
SO_CRESCE = '''
CREATE FUNCTION recusar_mudanca_nos_acessos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.em < now() - interval '5 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER acessos_so_crescem BEFORE UPDATE OR DELETE ON acesso_dado_pessoal FOR EACH ROW EXECUTE FUNCTION recusar_mudanca_nos_acessos();
CREATE TRIGGER acessos_nao_esvaziam BEFORE TRUNCATE ON acesso_dado_pessoal FOR EACH STATEMENT EXECUTE FUNCTION recusar_mudanca_nos_acessos();
'''

RECIBOS = '''
CREATE FUNCTION recusar_mudanca_nos_recibos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER recibos_so_crescem BEFORE UPDATE OR DELETE ON recibo_titular FOR EACH ROW EXECUTE FUNCTION recusar_mudanca_nos_recibos();
CREATE TRIGGER recibos_nao_esvaziam BEFORE TRUNCATE ON recibo_titular FOR EACH STATEMENT EXECUTE FUNCTION recusar_mudanca_nos_recibos();
'''
DOCUMENTO = "cpf_cnpj ~ '^([0-9]{11}|[0-9A-Z]{12}[0-9]{2}%s)$'"


def texto(nome, valores):
    return sa.Enum(*valores.split(), name=nome, native_enum=False, create_constraint=True, length=30)


def upgrade():
    op.create_table(
        'acesso_dado_pessoal',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('cliente_id', sa.BigInteger(), nullable=True),
        sa.Column('usuario_id', sa.BigInteger(), nullable=False),
        sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('hora', sa.DateTime(timezone=True), nullable=False),
        sa.Column('o_que', O_QUE, nullable=False),
        sa.Column('rota', sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_acesso_dado_pessoal')),
        sa.UniqueConstraint('cliente_id', 'usuario_id', 'o_que', 'hora', name=op.f('uq_acesso_dado_pessoal_cliente_id_usuario_id_o_que_hora')),
    )
    op.create_index('ix_acesso_dado_pessoal_usuario', 'acesso_dado_pessoal', ['usuario_id', 'id'])
    op.create_index('ix_acesso_dado_pessoal_em', 'acesso_dado_pessoal', ['em'])
    op.execute(SO_CRESCE)
    op.create_table(
        'pedido_titular',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('protocolo', sa.String(length=20), nullable=False),
        sa.Column('cliente_id', sa.BigInteger(), nullable=False),
        sa.Column('tipo', texto('tipo_pedido', 'exportacao anonimizacao correcao informacao'), nullable=False),
        sa.Column('situacao', texto('situacao_pedido', 'aberto em_andamento aguardando_prazo concluido recusado'), server_default='aberto', nullable=False),
        sa.Column('pedido_em', sa.DateTime(timezone=True), nullable=False),
        sa.Column('prazo', sa.Date(), nullable=False),
        sa.Column('motivo', sa.Text(), server_default='', nullable=False),
        sa.Column('resposta', sa.Text(), nullable=True),
        sa.Column('feito_em', sa.DateTime(timezone=True), nullable=True),
        sa.Column('tarefa_id', sa.BigInteger(), nullable=True),
        sa.Column('arquivo_id', sa.BigInteger(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
        sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(['arquivo_id'], ['arquivo.id'], name=op.f('fk_pedido_titular_arquivo_id_arquivo'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_pedido_titular_cliente_id_cliente')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pedido_titular')),
        sa.UniqueConstraint('protocolo', name=op.f('uq_pedido_titular_protocolo')),
    )
    aberto = sa.text("situacao IN ('aberto', 'em_andamento', 'aguardando_prazo')")
    op.create_index('uq_pedido_titular_aberto', 'pedido_titular', ['cliente_id', 'tipo'], unique=True, postgresql_where=aberto)
    op.create_index('ix_pedido_titular_cliente', 'pedido_titular', ['cliente_id', 'id'])
    op.create_index('ix_pedido_titular_situacao', 'pedido_titular', ['situacao', 'prazo'])
    op.create_table(
        'recibo_titular',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('pedido_id', sa.BigInteger(), nullable=False),
        sa.Column('etapa', texto('etapa_recibo', 'exportacao parcial completa'), nullable=False),
        sa.Column('em', sa.DateTime(timezone=True), nullable=False),
        sa.Column('usuario_id', sa.BigInteger(), nullable=True),
        sa.Column('sha256', sa.String(length=64), nullable=True),
        sa.Column('contagens', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('retido', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.ForeignKeyConstraint(['pedido_id'], ['pedido_titular.id'], name=op.f('fk_recibo_titular_pedido_id_pedido_titular')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recibo_titular')),
    )
    op.create_index(op.f('ix_recibo_titular_pedido_id'), 'recibo_titular', ['pedido_id'])
    op.execute(RECIBOS)
    op.add_column('consentimento', sa.Column('versao_texto', sa.String(length=40), nullable=True))
    op.add_column('consentimento', sa.Column('evidencia', sa.Text(), nullable=True))
    op.drop_constraint(op.f('ck_cliente_cpf_cnpj_normalizado'), 'cliente')
    op.create_check_constraint(op.f('ck_cliente_cpf_cnpj_normalizado'), 'cliente', DOCUMENTO % '|anon-[0-9a-f]{9}')


def downgrade():
    op.drop_constraint(op.f('ck_cliente_cpf_cnpj_normalizado'), 'cliente')      # an anonymous customer has no document to go back to
    op.execute("UPDATE cliente SET cpf_cnpj = lpad(id::text, 12, '0') || '00' WHERE cpf_cnpj LIKE 'anon-%'")
    op.create_check_constraint(op.f('ck_cliente_cpf_cnpj_normalizado'), 'cliente', DOCUMENTO % '')
    op.drop_column('consentimento', 'evidencia')
    op.drop_column('consentimento', 'versao_texto')
    op.drop_table('recibo_titular')
    op.drop_table('pedido_titular')
    op.execute("DROP FUNCTION recusar_mudanca_nos_recibos()")
    op.drop_table('acesso_dado_pessoal')
    op.execute("DROP FUNCTION recusar_mudanca_nos_acessos()")
