"""Customers of one status in alphabetical order, without walking all the others.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_cliente_status_ordem', 'cliente', ['status', 'ordem', 'id'])


def downgrade():
    op.drop_index('ix_cliente_status_ordem', table_name='cliente')
