"""What was done for one opening of a form.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'feito_uma_vez',
        sa.Column('chave', sa.String(length=120), nullable=False),
        sa.Column('resultado', sa.BigInteger(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('chave', name=op.f('pk_feito_uma_vez')),
    )
    op.create_index(op.f('ix_feito_uma_vez_created_at'), 'feito_uma_vez', ['created_at'])


def downgrade():
    op.drop_table('feito_uma_vez')
