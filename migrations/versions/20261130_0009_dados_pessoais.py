"""Personal data: who saw whose.

Revision ID: 0009
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0005'
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


def downgrade():
    op.drop_table('acesso_dado_pessoal')
    op.execute("DROP FUNCTION recusar_mudanca_nos_acessos()")
