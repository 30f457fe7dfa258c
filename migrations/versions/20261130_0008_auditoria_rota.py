"""The audit trail says by which route, in which request, and as which customer it was looked at.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('user_audit_log', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rota', sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column('request_id', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('como_cliente_id', sa.BigInteger(), nullable=True))
        batch_op.create_index('ix_user_audit_log_request', ['request_id'], unique=False)
        batch_op.create_index('ix_user_audit_log_execucao', ['execucao_id'], unique=False, postgresql_where=sa.text('execucao_id IS NOT NULL'))


def downgrade():
    with op.batch_alter_table('user_audit_log', schema=None) as batch_op:
        batch_op.drop_index('ix_user_audit_log_execucao', postgresql_where=sa.text('execucao_id IS NOT NULL'))
        batch_op.drop_index('ix_user_audit_log_request')
        batch_op.drop_column('como_cliente_id')
        batch_op.drop_column('request_id')
        batch_op.drop_column('rota')
