"""Signing in: sessions, second factor, invitations, recovery, codes, keys of programs, limits of roles.

Everybody signs in again once: sessions had no rows before.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('codigo_confirmacao',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('finalidade', sa.String(length=40), nullable=False),
    sa.Column('alvo', sa.String(length=60), nullable=False),
    sa.Column('destino', sa.String(length=320), nullable=False),
    sa.Column('resumo', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tentativas', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('usado_em', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_codigo_confirmacao'))
    )
    op.create_index('ix_codigo_confirmacao_alvo', 'codigo_confirmacao', ['finalidade', 'alvo', 'id'], unique=False)
    op.create_index(op.f('ix_codigo_confirmacao_expira_em'), 'codigo_confirmacao', ['expira_em'], unique=False)
    op.create_table('chave_api',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=80), nullable=False),
    sa.Column('usuario_id', sa.Integer(), nullable=False),
    sa.Column('prefixo', sa.String(length=16), nullable=False),
    sa.Column('resumo', sa.String(length=64), nullable=False),
    sa.Column('escopos', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revogada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ultimo_uso_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ultimo_ip', sa.String(length=45), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_chave_api_usuario_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chave_api')),
    sa.UniqueConstraint('resumo', name=op.f('uq_chave_api_resumo'))
    )
    op.create_index(op.f('ix_chave_api_usuario_id'), 'chave_api', ['usuario_id'], unique=False)
    op.create_table('convite',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('nome', sa.String(length=64), nullable=False),
    sa.Column('sobrenome', sa.String(length=64), nullable=False),
    sa.Column('resumo', sa.String(length=64), nullable=False),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=False),
    sa.Column('aceito_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revogado_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('usuario_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_convite_usuario_id_ab_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_convite')),
    sa.UniqueConstraint('resumo', name=op.f('uq_convite_resumo'))
    )
    op.create_index('uq_convite_email_aberto', 'convite', ['email'], unique=True, postgresql_where=sa.text('aceito_em IS NULL AND revogado_em IS NULL'))
    op.create_table('dispositivo_confiavel',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('usuario_id', sa.Integer(), nullable=False),
    sa.Column('resumo', sa.String(length=64), nullable=False),
    sa.Column('nome', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_dispositivo_confiavel_usuario_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispositivo_confiavel')),
    sa.UniqueConstraint('resumo', name=op.f('uq_dispositivo_confiavel_resumo'))
    )
    op.create_index(op.f('ix_dispositivo_confiavel_expira_em'), 'dispositivo_confiavel', ['expira_em'], unique=False)
    op.create_index(op.f('ix_dispositivo_confiavel_usuario_id'), 'dispositivo_confiavel', ['usuario_id'], unique=False)
    op.create_table('token_recuperacao',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('usuario_id', sa.Integer(), nullable=False),
    sa.Column('resumo', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=False),
    sa.Column('usado_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_token_recuperacao_usuario_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_token_recuperacao')),
    sa.UniqueConstraint('resumo', name=op.f('uq_token_recuperacao_resumo'))
    )
    op.create_index(op.f('ix_token_recuperacao_expira_em'), 'token_recuperacao', ['expira_em'], unique=False)
    op.create_index(op.f('ix_token_recuperacao_usuario_id'), 'token_recuperacao', ['usuario_id'], unique=False)
    op.create_table('convite_grupo',
    sa.Column('convite_id', sa.BigInteger(), nullable=False),
    sa.Column('grupo_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['convite_id'], ['convite.id'], name=op.f('fk_convite_grupo_convite_id_convite'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['grupo_id'], ['ab_group.id'], name=op.f('fk_convite_grupo_grupo_id_ab_group'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('convite_id', 'grupo_id', name=op.f('pk_convite_grupo'))
    )
    op.create_table('convite_papel',
    sa.Column('convite_id', sa.BigInteger(), nullable=False),
    sa.Column('papel_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['convite_id'], ['convite.id'], name=op.f('fk_convite_papel_convite_id_convite'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['papel_id'], ['ab_role.id'], name=op.f('fk_convite_papel_papel_id_ab_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('convite_id', 'papel_id', name=op.f('pk_convite_papel'))
    )
    op.create_table('sessao_usuario',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('usuario_id', sa.Integer(), nullable=False),
    sa.Column('tipo', sa.Enum('navegador', 'api', name='tipo_sessao', native_enum=False, create_constraint=True, length=30), server_default='navegador', nullable=False),
    sa.Column('resumo', sa.String(length=64), nullable=False),
    sa.Column('aberta_em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('vista_em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('confirmada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ociosa_minutos', sa.SmallInteger(), server_default='120', nullable=False),
    sa.Column('rotacao', sa.Integer(), server_default='0', nullable=False),
    sa.Column('girar', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('girada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resumo_anterior', sa.String(length=64), nullable=True),
    sa.Column('falta_2fa', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('dispositivo_id', sa.BigInteger(), nullable=True),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.Column('agente', sa.String(length=300), nullable=True),
    sa.Column('encerrada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('motivo', sa.String(length=60), nullable=True),
    sa.ForeignKeyConstraint(['dispositivo_id'], ['dispositivo_confiavel.id'], name=op.f('fk_sessao_usuario_dispositivo_id_dispositivo_confiavel'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_sessao_usuario_usuario_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessao_usuario')),
    sa.UniqueConstraint('resumo', name=op.f('uq_sessao_usuario_resumo'))
    )
    op.create_index('ix_sessao_usuario_expira_em', 'sessao_usuario', ['expira_em'], unique=False)
    op.create_index(op.f('ix_sessao_usuario_resumo_anterior'), 'sessao_usuario', ['resumo_anterior'], unique=False)
    op.create_index('ix_sessao_usuario_usuario', 'sessao_usuario', ['usuario_id', 'id'], unique=False, postgresql_where=sa.text('encerrada_em IS NULL'))
    op.add_column('limite_papel', sa.Column('exige_2fa', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('limite_papel', sa.Column('sessao_horas', sa.SmallInteger(), server_default='12', nullable=False))
    op.add_column('limite_papel', sa.Column('ociosa_minutos', sa.SmallInteger(), server_default='120', nullable=False))
    op.alter_column('limite_papel', 'desconto', nullable=True)
    op.alter_column('limite_papel', 'credito', nullable=True)
    op.alter_column('limite_papel', 'dispensa', nullable=True)
    op.add_column('perfil', sa.Column('totp_desde', sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f('ck_limite_papel_valores'), 'limite_papel', 'desconto >= 0 AND credito >= 0 AND dispensa >= 0')
    op.create_check_constraint(op.f('ck_limite_papel_sessao'), 'limite_papel', 'sessao_horas BETWEEN 1 AND 720 AND ociosa_minutos BETWEEN 5 AND 10080')
    op.drop_column('perfil', 'falhas')
    op.drop_column('perfil', 'versao_sessao')
    op.drop_column('perfil', 'travado_ate')


def downgrade():
    op.add_column('perfil', sa.Column('travado_ate', sa.DateTime(timezone=True), nullable=True))
    op.add_column('perfil', sa.Column('versao_sessao', sa.BigInteger(), server_default='1', nullable=False))
    op.add_column('perfil', sa.Column('falhas', sa.SmallInteger(), server_default='0', nullable=False))
    op.drop_column('perfil', 'totp_desde')
    op.drop_constraint(op.f('ck_limite_papel_sessao'), 'limite_papel')
    op.drop_constraint(op.f('ck_limite_papel_valores'), 'limite_papel')
    for coluna in ('desconto', 'credito', 'dispensa'):
        op.execute(f'UPDATE limite_papel SET {coluna} = 9999999 WHERE {coluna} IS NULL')
        op.alter_column('limite_papel', coluna, nullable=False)
    for coluna in ('exige_2fa', 'sessao_horas', 'ociosa_minutos'):
        op.drop_column('limite_papel', coluna)
    for tabela in (
        'sessao_usuario', 'convite_papel', 'convite_grupo', 'token_recuperacao', 'dispositivo_confiavel', 'convite', 'chave_api', 'codigo_confirmacao',
    ):
        op.drop_table(tabela)
