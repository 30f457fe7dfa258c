"""Links and codes of messages kept apart and encrypted while they wait; providers of WhatsApp and SMS by HTTP.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

METODO = sa.Enum('POST', 'GET', 'PUT', name='metodo_http', native_enum=False, create_constraint=True, length=30)
TIPO = sa.Enum('json', 'formulario', 'texto', name='tipo_corpo', native_enum=False, create_constraint=True, length=30)
NOVAS = ('metodo', 'cabecalhos', 'corpo', 'tipo_corpo', 'segredo', 'id_na_resposta', 'recusa_status', 'recusa_texto')


def upgrade():
    op.add_column('notificacao', sa.Column('segredos', sa.Text(), nullable=True))
    op.add_column('notificacao', sa.Column('vale_ate', sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f('ck_notificacao_segredos'), 'notificacao', "segredos IS NULL OR status = 'pendente'")
    esperam = sa.text("status = 'pendente' AND vale_ate IS NOT NULL")
    op.create_index('ix_notificacao_validade', 'notificacao', ['vale_ate'], postgresql_where=esperam)
    op.add_column('envio_mensagem', sa.Column('id_no_provedor', sa.String(length=255), nullable=True))
    op.add_column('canal_envio', sa.Column('metodo', METODO, nullable=True))
    op.add_column('canal_envio', sa.Column('cabecalhos', sa.Text(), nullable=True))
    op.add_column('canal_envio', sa.Column('corpo', sa.Text(), nullable=True))
    op.add_column('canal_envio', sa.Column('tipo_corpo', TIPO, nullable=True))
    op.add_column('canal_envio', sa.Column('segredo', sa.Text(), nullable=True))
    op.add_column('canal_envio', sa.Column('id_na_resposta', sa.String(length=120), nullable=True))
    op.add_column('canal_envio', sa.Column('recusa_status', sa.String(length=60), nullable=True))
    op.add_column('canal_envio', sa.Column('recusa_texto', sa.String(length=255), nullable=True))


def downgrade():
    for coluna in reversed(NOVAS):
        op.drop_column('canal_envio', coluna)
    op.drop_column('envio_mensagem', 'id_no_provedor')
    op.drop_index('ix_notificacao_validade', 'notificacao')
    op.drop_constraint(op.f('ck_notificacao_segredos'), 'notificacao')
    op.drop_column('notificacao', 'vale_ate')
    op.drop_column('notificacao', 'segredos')
