"""What somebody gave away to a customer adds up against the limit of the role.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

SO_CRESCE = '''
CREATE FUNCTION recusar_mudanca_nas_concessoes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER concessoes_so_crescem BEFORE UPDATE OR DELETE ON concessao FOR EACH ROW EXECUTE FUNCTION recusar_mudanca_nas_concessoes();
CREATE TRIGGER concessoes_nao_esvaziam BEFORE TRUNCATE ON concessao FOR EACH STATEMENT EXECUTE FUNCTION recusar_mudanca_nas_concessoes();
'''


def upgrade():
    op.create_table(
        'concessao',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('usuario_id', sa.BigInteger(), nullable=False),
        sa.Column('cliente_id', sa.BigInteger(), nullable=False),
        sa.Column('tipo', sa.Enum('desconto', 'credito', 'dispensa', name='tipo', native_enum=False, create_constraint=True, length=30), nullable=False),
        sa.Column('valor', sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column('acima', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.CheckConstraint('valor > 0', name=op.f('ck_concessao_valor')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_concessao')),
    )
    op.create_index('ix_concessao_cliente', 'concessao', ['cliente_id', 'usuario_id', 'em'])
    op.create_index('ix_concessao_usuario', 'concessao', ['usuario_id', 'id'])
    op.execute(SO_CRESCE)


def downgrade():
    op.drop_table('concessao')
    op.execute("DROP FUNCTION recusar_mudanca_nas_concessoes()")
