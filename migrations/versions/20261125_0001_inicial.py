"""Every table of the first release, Flask-AppBuilder's included.

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


AUDITORIA = '''
CREATE TABLE user_audit_log_default PARTITION OF user_audit_log DEFAULT;
CREATE FUNCTION recusar_mudanca_na_auditoria() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'user_audit_log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER auditoria_so_cresce BEFORE UPDATE OR DELETE ON user_audit_log FOR EACH ROW EXECUTE FUNCTION recusar_mudanca_na_auditoria();
CREATE TRIGGER auditoria_nao_esvazia BEFORE TRUNCATE ON user_audit_log FOR EACH STATEMENT EXECUTE FUNCTION recusar_mudanca_na_auditoria();
'''


def upgrade():
    op.execute("CREATE SEQUENCE invoice_numero_seq AS bigint")
    op.create_table('ab_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('label', sa.String(length=150), nullable=True),
    sa.Column('description', sa.String(length=512), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_group')),
    sa.UniqueConstraint('name', name=op.f('uq_ab_group_name'))
    )
    op.create_table('ab_permission',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_permission')),
    sa.UniqueConstraint('name', name=op.f('uq_ab_permission_name'))
    )
    op.create_table('ab_register_user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_name', sa.String(length=64), nullable=False),
    sa.Column('last_name', sa.String(length=64), nullable=False),
    sa.Column('username', sa.String(length=128), nullable=False),
    sa.Column('password', sa.String(length=256), nullable=True),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('registration_date', sa.DateTime(), nullable=True),
    sa.Column('registration_hash', sa.String(length=256), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_register_user')),
    sa.UniqueConstraint('email', name=op.f('uq_ab_register_user_email')),
    sa.UniqueConstraint('username', name=op.f('uq_ab_register_user_username'))
    )
    op.create_table('ab_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_role')),
    sa.UniqueConstraint('name', name=op.f('uq_ab_role_name'))
    )
    op.create_table('ab_user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_name', sa.String(length=64), nullable=False),
    sa.Column('last_name', sa.String(length=64), nullable=False),
    sa.Column('username', sa.String(length=128), nullable=False),
    sa.Column('password', sa.String(length=256), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=True),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('last_login', sa.DateTime(), nullable=True),
    sa.Column('login_count', sa.Integer(), nullable=True),
    sa.Column('fail_login_count', sa.Integer(), nullable=True),
    sa.Column('created_on', sa.DateTime(), nullable=True),
    sa.Column('changed_on', sa.DateTime(), nullable=True),
    sa.Column('created_by_fk', sa.Integer(), nullable=True),
    sa.Column('changed_by_fk', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_fk'], ['ab_user.id'], name=op.f('fk_ab_user_changed_by_fk_ab_user')),
    sa.ForeignKeyConstraint(['created_by_fk'], ['ab_user.id'], name=op.f('fk_ab_user_created_by_fk_ab_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_user')),
    sa.UniqueConstraint('email', name=op.f('uq_ab_user_email')),
    sa.UniqueConstraint('username', name=op.f('uq_ab_user_username'))
    )
    op.create_table('ab_view_menu',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=250), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_view_menu')),
    sa.UniqueConstraint('name', name=op.f('uq_ab_view_menu_name'))
    )
    op.create_table('adicional',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('preco', sa.Numeric(12, 2), nullable=False),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('ordem', sa.Text(collation='C'), sa.Computed("translate(lower(nome), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny')", persisted=True), nullable=False),
    sa.Column('fiscal_scm', sa.Numeric(precision=5, scale=2), server_default='100', nullable=False),
    sa.Column('fiscal_sva', sa.Numeric(precision=5, scale=2), server_default='0', nullable=False),
    sa.Column('fiscal_locacao', sa.Numeric(precision=5, scale=2), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("fiscal_locacao = fiscal_locacao AND fiscal_locacao <> 'NaN'", name=op.f('ck_adicional_fiscal_locacao_numero')),
    sa.CheckConstraint("fiscal_scm = fiscal_scm AND fiscal_scm <> 'NaN'", name=op.f('ck_adicional_fiscal_scm_numero')),
    sa.CheckConstraint("fiscal_sva = fiscal_sva AND fiscal_sva <> 'NaN'", name=op.f('ck_adicional_fiscal_sva_numero')),
    sa.CheckConstraint("preco = preco AND preco <> 'NaN'", name=op.f('ck_adicional_preco_numero')),
    sa.CheckConstraint('fiscal_scm >= 0 AND fiscal_sva >= 0 AND fiscal_locacao >= 0 AND fiscal_scm + fiscal_sva + fiscal_locacao = 100', name=op.f('ck_adicional_rateio_fiscal')),
    sa.CheckConstraint('preco >= 0', name=op.f('ck_adicional_preco')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adicional')),
    sa.UniqueConstraint('nome', name=op.f('uq_adicional_nome'))
    )
    with op.batch_alter_table('adicional', schema=None) as batch_op:
        batch_op.create_index('ix_adicional_ordem', ['ordem', 'id'], unique=False)

    op.create_table('arquivo',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('tipo', sa.String(length=100), nullable=False),
    sa.Column('tamanho', sa.BigInteger(), nullable=False),
    sa.Column('dono_tabela', sa.String(length=63), nullable=True),
    sa.Column('dono_id', sa.BigInteger(), nullable=True),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arquivo'))
    )
    with op.batch_alter_table('arquivo', schema=None) as batch_op:
        batch_op.create_index('ix_arquivo_dono', ['dono_tabela', 'dono_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_arquivo_expira_em'), ['expira_em'], unique=False)
        batch_op.create_index(batch_op.f('ix_arquivo_sha256'), ['sha256'], unique=False)

    op.create_table('canal_envio',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('canal', sa.Enum('email', 'whatsapp', 'sms', 'interno', name='canal', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('remetente', sa.String(length=255), nullable=True),
    sa.Column('parado_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('espera_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('motivo', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canal_envio')),
    sa.UniqueConstraint('canal', name=op.f('uq_canal_envio_canal'))
    )
    op.create_table('ciclo',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=40), nullable=False),
    sa.Column('dias', sa.SmallInteger(), nullable=False),
    sa.Column('meses', sa.SmallInteger(), nullable=True),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('dias > 0 AND (meses IS NULL OR meses > 0)', name=op.f('ck_ciclo_duracao')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ciclo')),
    sa.UniqueConstraint('nome', name=op.f('uq_ciclo_nome'))
    )
    op.create_table('cliente',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tipo_pessoa', sa.Enum('PF', 'PJ', name='tipo_pessoa', native_enum=False, create_constraint=True, length=30), server_default='PF', nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('nome_fantasia', sa.String(length=255), nullable=True),
    sa.Column('cpf_cnpj', sa.Text(), nullable=False),
    sa.Column('rg_ie', sa.String(length=30), nullable=True),
    sa.Column('data_nascimento', sa.Date(), nullable=True),
    sa.Column('email', sa.String(length=255), nullable=True),
    sa.Column('telefone', sa.String(length=20), nullable=True),
    sa.Column('whatsapp', sa.String(length=20), nullable=True),
    sa.Column('status', sa.Enum('prospecto', 'ativo', 'bloqueado', 'inativo', name='status_cliente', native_enum=False, create_constraint=True, length=30), server_default='prospecto', nullable=False),
    sa.Column('observacoes', sa.Text(), nullable=True),
    sa.Column('ordem', sa.Text(collation='C'), sa.Computed("translate(lower(nome), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny')", persisted=True), nullable=False),
    sa.Column('busca', sa.Text(), sa.Computed("translate(translate(lower(coalesce(nome, '') || ' ' || coalesce(nome_fantasia, '') || ' ' || coalesce(cpf_cnpj, '') || ' ' || coalesce(email, '') || ' ' || coalesce(telefone, '') || ' ' || coalesce(substr(telefone, 3), '') || ' ' || coalesce(whatsapp, '') || ' ' || coalesce(substr(whatsapp, 3), '')), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny'), '@._-/+', '      ')", persisted=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("cpf_cnpj ~ '^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$'", name=op.f('ck_cliente_cpf_cnpj_normalizado')),
    sa.CheckConstraint("nome <> ''", name=op.f('ck_cliente_nome')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cliente')),
    sa.UniqueConstraint('cpf_cnpj', name=op.f('uq_cliente_cpf_cnpj'))
    )
    with op.batch_alter_table('cliente', schema=None) as batch_op:
        batch_op.create_index('ix_cliente_busca', [sa.literal_column("to_tsvector('simple', busca)")], unique=False, postgresql_using='gin')
        batch_op.create_index('ix_cliente_created_at', ['created_at', 'id'], unique=False)
        batch_op.create_index('ix_cliente_ordem', ['ordem', 'id'], unique=False)
        batch_op.create_index('ix_cliente_status', ['status', 'id'], unique=False)

    op.create_table('configuracao',
    sa.Column('chave', sa.String(length=120), nullable=False),
    sa.Column('valor', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('chave', name=op.f('pk_configuracao'))
    )
    op.create_table('copia_emitente',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('empresa_id', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('dados', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_copia_emitente')),
    sa.UniqueConstraint('sha256', name=op.f('uq_copia_emitente_sha256'))
    )
    op.create_table('envio_mensagem',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('notificacao_id', sa.BigInteger(), nullable=False),
    sa.Column('canal', sa.Enum('email', 'whatsapp', 'sms', 'interno', name='canal', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('por', sa.String(length=20), nullable=False),
    sa.Column('resultado', sa.Enum('enviada', 'temporaria', 'permanente', 'configuracao', name='resultado_tentativa', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('resposta', sa.Text(), nullable=True),
    sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_envio_mensagem'))
    )
    with op.batch_alter_table('envio_mensagem', schema=None) as batch_op:
        batch_op.create_index('ix_envio_mensagem_em', ['em'], unique=False)
        batch_op.create_index('ix_envio_mensagem_notificacao', ['notificacao_id', 'id'], unique=False)

    op.create_table('estado_agenda',
    sa.Column('nome', sa.String(length=60), nullable=False),
    sa.Column('ultima', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ativa', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.PrimaryKeyConstraint('nome', name=op.f('pk_estado_agenda'))
    )
    op.create_table('evento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tipo', sa.String(length=60), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=True),
    sa.Column('dados', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ator_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evento'))
    )
    with op.batch_alter_table('evento', schema=None) as batch_op:
        batch_op.create_index('ix_evento_cliente', ['cliente_id', 'id'], unique=False)

    op.create_table('evento_rede',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('servidor_id', sa.BigInteger(), nullable=True),
    sa.Column('acao', sa.String(length=40), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('detalhe', sa.Text(), nullable=True),
    sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evento_rede'))
    )
    with op.batch_alter_table('evento_rede', schema=None) as batch_op:
        batch_op.create_index('ix_evento_rede_contrato', ['contrato_id', 'id'], unique=False)

    op.create_table('execucao_faturamento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('referencia', sa.Date(), nullable=False),
    sa.Column('status', sa.Enum('preparando', 'executando', 'concluida', 'interrompida', name='status_execucao', native_enum=False, create_constraint=True, length=30), server_default='preparando', nullable=False),
    sa.Column('origem', sa.String(length=20), server_default='agenda', nullable=False),
    sa.Column('tarefa_id', sa.BigInteger(), nullable=True),
    sa.Column('esperado', sa.BigInteger(), nullable=True),
    sa.Column('valor_esperado', sa.Numeric(precision=14, scale=2), nullable=True),
    sa.Column('parar', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('iniciada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('terminada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("valor_esperado = valor_esperado AND valor_esperado <> 'NaN'", name=op.f('ck_execucao_faturamento_valor_esperado_numero')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_execucao_faturamento'))
    )
    with op.batch_alter_table('execucao_faturamento', schema=None) as batch_op:
        batch_op.create_index('ix_execucao_faturamento_referencia', ['referencia', 'id'], unique=False)

    op.create_table('feriado',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('data', sa.Date(), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feriado')),
    sa.UniqueConstraint('data', name=op.f('uq_feriado_data'))
    )
    op.create_table('filtro_salvo',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('visao', sa.String(length=100), nullable=False),
    sa.Column('nome', sa.String(length=60), nullable=False),
    sa.Column('consulta', sa.Text(), nullable=False),
    sa.Column('usuario_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_filtro_salvo')),
    sa.UniqueConstraint('visao', 'nome', 'usuario_id', name=op.f('uq_filtro_salvo_visao_nome_usuario_id'))
    )
    with op.batch_alter_table('filtro_salvo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_filtro_salvo_usuario_id'), ['usuario_id'], unique=False)

    op.create_table('importacao',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('formato', sa.String(length=60), nullable=False),
    sa.Column('cabecalho', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('mapeamento', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('avisos', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('linhas', sa.Integer(), server_default='0', nullable=False),
    sa.Column('status', sa.Enum('recebida', 'conferindo', 'conferida', 'importando', 'concluida', 'descartada', name='status_importacao', native_enum=False, create_constraint=True, length=30), server_default='recebida', nullable=False),
    sa.Column('tarefa_id', sa.BigInteger(), nullable=True),
    sa.Column('planos_novos', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('terminada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('linhas >= 0', name=op.f('ck_importacao_linhas')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_importacao'))
    )
    with op.batch_alter_table('importacao', schema=None) as batch_op:
        batch_op.create_index('ix_importacao_created_at', ['created_at', 'id'], unique=False)

    op.create_table('importacao_linha',
    sa.Column('importacao_id', sa.BigInteger(), nullable=False),
    sa.Column('numero', sa.Integer(), nullable=False),
    sa.Column('dados', sa.Text(), nullable=True),
    sa.Column('resultado', sa.Enum('criada', 'atualizada', 'sem_mudanca', 'rejeitada', name='resultado_linha', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('detalhe', sa.Text(), nullable=True),
    sa.Column('feita', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=True),
    sa.Column('contrato_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['importacao_id'], ['importacao.id'], name=op.f('fk_importacao_linha_importacao_id_importacao'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('importacao_id', 'numero', name=op.f('pk_importacao_linha'))
    )
    with op.batch_alter_table('importacao_linha', schema=None) as batch_op:
        batch_op.create_index('ix_importacao_linha_resultado', ['importacao_id', 'resultado', 'numero'], unique=False)

    op.create_table('instancia',
    sa.Column('id', sa.SmallInteger(), server_default='1', autoincrement=False, nullable=False),
    sa.Column('identidade', sa.String(length=64), nullable=False),
    sa.Column('public_url', sa.String(length=255), nullable=False),
    sa.Column('efeitos_ligados', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('confirmada_em', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('id = 1', name=op.f('ck_instancia_unica')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instancia'))
    )
    op.create_table('modelo_mensagem',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('evento', sa.String(length=60), nullable=False),
    sa.Column('canal', sa.Enum('email', 'whatsapp', 'sms', 'interno', name='canal', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('assunto', sa.String(length=255), nullable=False),
    sa.Column('corpo', sa.Text(), nullable=False),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_modelo_mensagem')),
    sa.UniqueConstraint('evento', 'canal', name=op.f('uq_modelo_mensagem_evento_canal'))
    )
    op.create_table('notificacao',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('chave', sa.String(length=200), nullable=False),
    sa.Column('evento', sa.String(length=60), nullable=False),
    sa.Column('canal', sa.Enum('email', 'whatsapp', 'sms', 'interno', name='canal', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=True),
    sa.Column('usuario_id', sa.BigInteger(), nullable=True),
    sa.Column('invoice_id', sa.BigInteger(), nullable=True),
    sa.Column('destinatario', sa.String(length=255), nullable=False),
    sa.Column('assunto', sa.Text(), nullable=True),
    sa.Column('corpo', sa.Text(), nullable=True),
    sa.Column('dados', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('anexos', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('status', sa.Enum('pendente', 'enviada', 'falha', 'cancelada', name='status_notificacao', native_enum=False, create_constraint=True, length=30), server_default='pendente', nullable=False),
    sa.Column('quando', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('tentativas', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('reservada_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('erro', sa.Text(), nullable=True),
    sa.Column('message_id', sa.String(length=255), nullable=True),
    sa.Column('enviada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lida_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notificacao')),
    sa.UniqueConstraint('chave', name=op.f('uq_notificacao_chave'))
    )
    with op.batch_alter_table('notificacao', schema=None) as batch_op:
        batch_op.create_index('ix_notificacao_cliente', ['cliente_id', 'id'], unique=False)
        batch_op.create_index('ix_notificacao_falha', ['id'], unique=False, postgresql_where=sa.text("status = 'falha'"))
        batch_op.create_index('ix_notificacao_invoice', ['invoice_id'], unique=False, postgresql_where=sa.text('invoice_id IS NOT NULL'))
        batch_op.create_index('ix_notificacao_pendente', ['quando', 'id'], unique=False, postgresql_where=sa.text("status = 'pendente'"))
        batch_op.create_index('ix_notificacao_usuario', ['usuario_id', 'id'], unique=False, postgresql_where=sa.text('usuario_id IS NOT NULL'))

    op.create_table('numeracao',
    sa.Column('serie', sa.String(length=40), nullable=False),
    sa.Column('proximo', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('serie', name=op.f('pk_numeracao'))
    )
    op.create_table('opt_out',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('canal', sa.Enum('email', 'whatsapp', 'sms', 'interno', name='canal', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('destinatario', sa.String(length=255), nullable=False),
    sa.Column('evento', sa.String(length=60), nullable=True),
    sa.Column('motivo', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opt_out')),
    sa.UniqueConstraint('canal', 'destinatario', 'evento', name=op.f('uq_opt_out_canal_destinatario_evento'), postgresql_nulls_not_distinct=True)
    )
    op.create_table('papel_semente',
    sa.Column('papel', sa.String(length=64), nullable=False),
    sa.Column('visao', sa.String(length=250), nullable=False),
    sa.Column('permissao', sa.String(length=100), nullable=False),
    sa.PrimaryKeyConstraint('papel', 'visao', 'permissao', name=op.f('pk_papel_semente'))
    )
    op.create_table('plano',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('codigo_oferta', sa.String(length=40), nullable=True),
    sa.Column('tecnologia', sa.Enum('fibra', 'radio', 'cabo', 'utp', 'satelite', name='tecnologia', native_enum=False, create_constraint=True, length=30), server_default='fibra', nullable=False),
    sa.Column('download_mbps', sa.BigInteger(), nullable=False),
    sa.Column('upload_mbps', sa.BigInteger(), nullable=False),
    sa.Column('preco', sa.Numeric(12, 2), nullable=False),
    sa.Column('fidelidade_meses', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('franquia_gb', sa.BigInteger(), nullable=True),
    sa.Column('grupo_rede', sa.String(length=64), nullable=True),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('ordem', sa.Text(collation='C'), sa.Computed("translate(lower(nome), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny')", persisted=True), nullable=False),
    sa.Column('fiscal_scm', sa.Numeric(precision=5, scale=2), server_default='100', nullable=False),
    sa.Column('fiscal_sva', sa.Numeric(precision=5, scale=2), server_default='0', nullable=False),
    sa.Column('fiscal_locacao', sa.Numeric(precision=5, scale=2), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("fiscal_locacao = fiscal_locacao AND fiscal_locacao <> 'NaN'", name=op.f('ck_plano_fiscal_locacao_numero')),
    sa.CheckConstraint("fiscal_scm = fiscal_scm AND fiscal_scm <> 'NaN'", name=op.f('ck_plano_fiscal_scm_numero')),
    sa.CheckConstraint("fiscal_sva = fiscal_sva AND fiscal_sva <> 'NaN'", name=op.f('ck_plano_fiscal_sva_numero')),
    sa.CheckConstraint("preco = preco AND preco <> 'NaN'", name=op.f('ck_plano_preco_numero')),
    sa.CheckConstraint('download_mbps > 0 AND upload_mbps > 0', name=op.f('ck_plano_velocidade')),
    sa.CheckConstraint('fidelidade_meses BETWEEN 0 AND 12', name=op.f('ck_plano_fidelidade')),
    sa.CheckConstraint('fiscal_scm >= 0 AND fiscal_sva >= 0 AND fiscal_locacao >= 0 AND fiscal_scm + fiscal_sva + fiscal_locacao = 100', name=op.f('ck_plano_rateio_fiscal')),
    sa.CheckConstraint('preco >= 0', name=op.f('ck_plano_preco')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plano')),
    sa.UniqueConstraint('nome', name=op.f('uq_plano_nome'))
    )
    with op.batch_alter_table('plano', schema=None) as batch_op:
        batch_op.create_index('ix_plano_ordem', ['ordem', 'id'], unique=False)

    op.create_table('politica_cobranca',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('preset', sa.Enum('padrao', 'anatel_rgc765', 'anatel_rgc632', name='preset_politica', native_enum=False, create_constraint=True, length=30), server_default='padrao', nullable=False),
    sa.Column('padrao', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('multa_percentual', sa.Numeric(precision=5, scale=2), server_default='2', nullable=False),
    sa.Column('juros_mensal', sa.Numeric(precision=5, scale=2), server_default='1', nullable=False),
    sa.Column('tolerancia', sa.Numeric(12, 2), server_default='0.05', nullable=False),
    sa.Column('desconto_pontual_percentual', sa.Numeric(precision=5, scale=2), server_default='0', nullable=False),
    sa.Column('dias_lembrete', sa.SmallInteger(), server_default='3', nullable=False),
    sa.Column('dias_aviso', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('dias_reducao', sa.SmallInteger(), nullable=True),
    sa.Column('dias_bloqueio', sa.SmallInteger(), server_default='10', nullable=False),
    sa.Column('dias_apos_aviso', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('exige_aviso', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('divida_minima', sa.Numeric(12, 2), server_default='10', nullable=False),
    sa.Column('bloqueia_sexta', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('bloqueia_fim_de_semana', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('bloqueia_vespera_de_feriado', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('limite_percentual_da_base', sa.Numeric(precision=5, scale=2), server_default='10', nullable=False),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("desconto_pontual_percentual = desconto_pontual_percentual AND desconto_pontual_percentual <> 'NaN'", name=op.f('ck_politica_cobranca_desconto_pontual_percentual_numero')),
    sa.CheckConstraint("divida_minima = divida_minima AND divida_minima <> 'NaN'", name=op.f('ck_politica_cobranca_divida_minima_numero')),
    sa.CheckConstraint("juros_mensal = juros_mensal AND juros_mensal <> 'NaN'", name=op.f('ck_politica_cobranca_juros_mensal_numero')),
    sa.CheckConstraint("limite_percentual_da_base = limite_percentual_da_base AND limite_percentual_da_base <> 'NaN'", name=op.f('ck_politica_cobranca_limite_percentual_da_base_numero')),
    sa.CheckConstraint("multa_percentual = multa_percentual AND multa_percentual <> 'NaN'", name=op.f('ck_politica_cobranca_multa_percentual_numero')),
    sa.CheckConstraint("tolerancia = tolerancia AND tolerancia <> 'NaN'", name=op.f('ck_politica_cobranca_tolerancia_numero')),
    sa.CheckConstraint('dias_bloqueio > 0 AND dias_apos_aviso >= 0', name=op.f('ck_politica_cobranca_dias')),
    sa.CheckConstraint('juros_mensal BETWEEN 0 AND 1', name=op.f('ck_politica_cobranca_juros')),
    sa.CheckConstraint('multa_percentual BETWEEN 0 AND 2', name=op.f('ck_politica_cobranca_multa')),
    sa.CheckConstraint('tolerancia >= 0 AND divida_minima >= 0', name=op.f('ck_politica_cobranca_valores')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_politica_cobranca')),
    sa.UniqueConstraint('nome', name=op.f('uq_politica_cobranca_nome'))
    )
    with op.batch_alter_table('politica_cobranca', schema=None) as batch_op:
        batch_op.create_index('uq_politica_cobranca_padrao', ['padrao'], unique=True, postgresql_where=sa.text('padrao'))

    op.create_table('pop',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('endereco', sa.String(length=255), nullable=True),
    sa.Column('municipio', sa.String(length=255), nullable=True),
    sa.Column('uf', sa.String(length=2), nullable=True),
    sa.Column('latitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('longitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('ordem', sa.Text(collation='C'), sa.Computed("translate(lower(nome), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny')", persisted=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("latitude = latitude AND latitude <> 'NaN'", name=op.f('ck_pop_latitude_numero')),
    sa.CheckConstraint("longitude = longitude AND longitude <> 'NaN'", name=op.f('ck_pop_longitude_numero')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pop')),
    sa.UniqueConstraint('nome', name=op.f('uq_pop_nome'))
    )
    with op.batch_alter_table('pop', schema=None) as batch_op:
        batch_op.create_index('ix_pop_ordem', ['ordem', 'id'], unique=False)

    op.create_table('pulso',
    sa.Column('processo', sa.String(length=60), nullable=False),
    sa.Column('em', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('processo', name=op.f('pk_pulso'))
    )
    op.create_table('tarefa',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=100), nullable=False),
    sa.Column('argumentos', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('chave', sa.String(length=200), nullable=True),
    sa.Column('fila', sa.String(length=20), server_default='rapida', nullable=False),
    sa.Column('prioridade', sa.SmallInteger(), server_default='5', nullable=False),
    sa.Column('estado', sa.Enum('pendente', 'publicada', 'executando', 'feita', 'morta', 'cancelada', name='estado_tarefa', native_enum=False, create_constraint=True, length=30), server_default='pendente', nullable=False),
    sa.Column('quando', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('arrendada_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tentativas', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('max_tentativas', sa.SmallInteger(), server_default='8', nullable=False),
    sa.Column('erro', sa.Text(), nullable=True),
    sa.Column('cursor', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('progresso', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('contagens', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('cancelar', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('agenda', sa.String(length=60), nullable=True),
    sa.Column('referencia', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('iniciada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('terminada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tarefa')),
    sa.UniqueConstraint('chave', name=op.f('uq_tarefa_chave'))
    )
    with op.batch_alter_table('tarefa', schema=None) as batch_op:
        batch_op.create_index('ix_tarefa_agenda', ['agenda', 'referencia'], unique=False, postgresql_where=sa.text('agenda IS NOT NULL'))
        batch_op.create_index('ix_tarefa_arrendada', ['arrendada_ate'], unique=False, postgresql_where=sa.text("estado IN ('publicada', 'executando')"))
        batch_op.create_index('ix_tarefa_estado', ['estado', 'id'], unique=False)
        batch_op.create_index('ix_tarefa_pronta', ['fila', 'prioridade', 'quando'], unique=False, postgresql_where=sa.text("estado = 'pendente'"))
        batch_op.create_index('ix_tarefa_terminada', ['terminada_em'], unique=False, postgresql_where=sa.text('terminada_em IS NOT NULL'))

    op.create_table('user_audit_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('timestamp', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.String(length=30), nullable=False),
    sa.Column('resource', sa.String(length=63), nullable=False),
    sa.Column('resource_id', sa.String(length=100), nullable=True),
    sa.Column('antes', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('depois', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('ip_address', sa.String(length=45), nullable=True),
    sa.Column('user_agent', sa.String(length=300), nullable=True),
    sa.Column('execucao_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', 'timestamp', name=op.f('pk_user_audit_log')),
    postgresql_partition_by='RANGE (timestamp)'
    )
    with op.batch_alter_table('user_audit_log', schema=None) as batch_op:
        batch_op.create_index('ix_user_audit_log_recurso', ['resource', 'resource_id'], unique=False)
        batch_op.create_index('ix_user_audit_log_usuario', ['user_id', 'timestamp'], unique=False)

    op.create_table('ab_api_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uuid', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=256), nullable=False),
    sa.Column('key_hash', sa.String(length=256), nullable=False),
    sa.Column('lookup_hash', sa.String(length=256), nullable=True),
    sa.Column('key_prefix', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_on', sa.DateTime(), nullable=True),
    sa.Column('expires_on', sa.DateTime(), nullable=True),
    sa.Column('revoked_on', sa.DateTime(), nullable=True),
    sa.Column('last_used_on', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_ab_api_key_user_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_api_key')),
    sa.UniqueConstraint('lookup_hash', name=op.f('uq_ab_api_key_lookup_hash')),
    sa.UniqueConstraint('uuid', name=op.f('uq_ab_api_key_uuid'))
    )
    with op.batch_alter_table('ab_api_key', schema=None) as batch_op:
        batch_op.create_index('idx_api_key_lookup_hash', ['lookup_hash'], unique=True)
        batch_op.create_index('idx_api_key_prefix', ['key_prefix'], unique=False)
        batch_op.create_index('idx_api_key_user_id', ['user_id'], unique=False)

    op.create_table('ab_group_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('role_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['ab_group.id'], name=op.f('fk_ab_group_role_group_id_ab_group'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['role_id'], ['ab_role.id'], name=op.f('fk_ab_group_role_role_id_ab_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_group_role')),
    sa.UniqueConstraint('group_id', 'role_id', name=op.f('uq_ab_group_role_group_id_role_id'))
    )
    with op.batch_alter_table('ab_group_role', schema=None) as batch_op:
        batch_op.create_index('idx_group_id', ['group_id'], unique=False)
        batch_op.create_index('idx_group_role_id', ['role_id'], unique=False)

    op.create_table('ab_permission_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('permission_id', sa.Integer(), nullable=False),
    sa.Column('view_menu_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['permission_id'], ['ab_permission.id'], name=op.f('fk_ab_permission_view_permission_id_ab_permission')),
    sa.ForeignKeyConstraint(['view_menu_id'], ['ab_view_menu.id'], name=op.f('fk_ab_permission_view_view_menu_id_ab_view_menu')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_permission_view')),
    sa.UniqueConstraint('permission_id', 'view_menu_id', name=op.f('uq_ab_permission_view_permission_id_view_menu_id'))
    )
    with op.batch_alter_table('ab_permission_view', schema=None) as batch_op:
        batch_op.create_index('idx_permission_id', ['permission_id'], unique=False)
        batch_op.create_index('idx_view_menu_id', ['view_menu_id'], unique=False)

    op.create_table('ab_user_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['ab_group.id'], name=op.f('fk_ab_user_group_group_id_ab_group'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_ab_user_group_user_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_user_group')),
    sa.UniqueConstraint('user_id', 'group_id', name=op.f('uq_ab_user_group_user_id_group_id'))
    )
    with op.batch_alter_table('ab_user_group', schema=None) as batch_op:
        batch_op.create_index('idx_user_group_id', ['group_id'], unique=False)
        batch_op.create_index('idx_user_id', ['user_id'], unique=False)

    op.create_table('ab_user_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('role_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['role_id'], ['ab_role.id'], name=op.f('fk_ab_user_role_role_id_ab_role'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_ab_user_role_user_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_user_role')),
    sa.UniqueConstraint('user_id', 'role_id', name=op.f('uq_ab_user_role_user_id_role_id'))
    )
    op.create_table('acesso_portal',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('usuario_id', sa.Integer(), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('papel', sa.String(length=20), server_default='titular', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_acesso_portal_cliente_id_cliente')),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_acesso_portal_usuario_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acesso_portal')),
    sa.UniqueConstraint('usuario_id', 'cliente_id', name=op.f('uq_acesso_portal_usuario_id_cliente_id'))
    )
    with op.batch_alter_table('acesso_portal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_acesso_portal_cliente_id'), ['cliente_id'], unique=False)

    op.create_table('anexo',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tabela', sa.String(length=63), nullable=False),
    sa.Column('registro_id', sa.BigInteger(), nullable=False),
    sa.Column('arquivo_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['arquivo_id'], ['arquivo.id'], name=op.f('fk_anexo_arquivo_id_arquivo'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anexo'))
    )
    with op.batch_alter_table('anexo', schema=None) as batch_op:
        batch_op.create_index('ix_anexo_registro', ['tabela', 'registro_id'], unique=False)

    op.create_table('arquivo_parte',
    sa.Column('arquivo_id', sa.BigInteger(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('dados', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('octet_length(dados) <= 1048576', name=op.f('ck_arquivo_parte_tamanho')),
    sa.ForeignKeyConstraint(['arquivo_id'], ['arquivo.id'], name=op.f('fk_arquivo_parte_arquivo_id_arquivo'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('arquivo_id', 'n', name=op.f('pk_arquivo_parte'))
    )
    op.create_table('ciclo_faturamento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('ciclo_id', sa.BigInteger(), nullable=False),
    sa.Column('dia_vencimento', sa.SmallInteger(), nullable=False),
    sa.Column('data_inicio', sa.Date(), nullable=False),
    sa.Column('proximo_vencimento', sa.Date(), nullable=False),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('estacionado_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('estacionado_motivo', sa.String(length=255), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('dia_vencimento BETWEEN 1 AND 31', name=op.f('ck_ciclo_faturamento_dia_vencimento')),
    sa.ForeignKeyConstraint(['ciclo_id'], ['ciclo.id'], name=op.f('fk_ciclo_faturamento_ciclo_id_ciclo')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_ciclo_faturamento_cliente_id_cliente')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ciclo_faturamento'))
    )
    with op.batch_alter_table('ciclo_faturamento', schema=None) as batch_op:
        batch_op.create_index('ix_ciclo_faturamento_cliente', ['cliente_id', 'id'], unique=False)
        batch_op.create_index('ix_ciclo_faturamento_devidos', ['proximo_vencimento', 'id'], unique=False, postgresql_where=sa.text('ativo AND estacionado_em IS NULL'))

    op.create_table('consentimento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('canal', sa.Enum('email', 'whatsapp', 'sms', name='canal_contato', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('finalidade', sa.String(length=60), nullable=False),
    sa.Column('concedido', sa.Boolean(), nullable=False),
    sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('origem', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_consentimento_cliente_id_cliente')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consentimento'))
    )
    with op.batch_alter_table('consentimento', schema=None) as batch_op:
        batch_op.create_index('ix_consentimento_cliente', ['cliente_id', 'canal', 'id'], unique=False)

    op.create_table('contato',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('papel', sa.String(length=60), nullable=True),
    sa.Column('email', sa.String(length=255), nullable=True),
    sa.Column('telefone', sa.String(length=20), nullable=True),
    sa.Column('recebe_faturas', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_contato_cliente_id_cliente')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contato'))
    )
    with op.batch_alter_table('contato', schema=None) as batch_op:
        batch_op.create_index('ix_contato_cliente', ['cliente_id', 'id'], unique=False)

    op.create_table('empresa',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('razao_social', sa.String(length=255), nullable=False),
    sa.Column('nome_fantasia', sa.String(length=255), nullable=True),
    sa.Column('cnpj', sa.String(length=14), nullable=False),
    sa.Column('inscricao_estadual', sa.String(length=20), nullable=True),
    sa.Column('email', sa.String(length=255), nullable=True),
    sa.Column('telefone', sa.String(length=20), nullable=True),
    sa.Column('site', sa.String(length=255), nullable=True),
    sa.Column('cep', sa.String(length=8), nullable=True),
    sa.Column('logradouro', sa.String(length=255), nullable=True),
    sa.Column('numero', sa.String(length=20), nullable=True),
    sa.Column('complemento', sa.String(length=255), nullable=True),
    sa.Column('bairro', sa.String(length=255), nullable=True),
    sa.Column('municipio', sa.String(length=255), nullable=True),
    sa.Column('uf', sa.String(length=2), nullable=True),
    sa.Column('chave_pix', sa.String(length=77), nullable=True),
    sa.Column('logo_id', sa.BigInteger(), nullable=True),
    sa.Column('matiz', sa.SmallInteger(), server_default='255', nullable=False),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('matiz BETWEEN 0 AND 359', name=op.f('ck_empresa_matiz')),
    sa.ForeignKeyConstraint(['logo_id'], ['arquivo.id'], name=op.f('fk_empresa_logo_id_arquivo'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_empresa')),
    sa.UniqueConstraint('cnpj', name=op.f('uq_empresa_cnpj'))
    )
    op.create_table('endereco',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('tipo', sa.Enum('instalacao', 'cobranca', name='tipo_endereco', native_enum=False, create_constraint=True, length=30), server_default='instalacao', nullable=False),
    sa.Column('cep', sa.String(length=8), nullable=True),
    sa.Column('logradouro', sa.String(length=255), nullable=False),
    sa.Column('numero', sa.String(length=20), server_default='S/N', nullable=False),
    sa.Column('complemento', sa.String(length=255), nullable=True),
    sa.Column('bairro', sa.String(length=255), nullable=True),
    sa.Column('municipio', sa.String(length=255), nullable=False),
    sa.Column('uf', sa.String(length=2), nullable=False),
    sa.Column('codigo_ibge', sa.String(length=7), nullable=True),
    sa.Column('latitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('longitude', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("latitude = latitude AND latitude <> 'NaN'", name=op.f('ck_endereco_latitude_numero')),
    sa.CheckConstraint("longitude = longitude AND longitude <> 'NaN'", name=op.f('ck_endereco_longitude_numero')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_endereco_cliente_id_cliente')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endereco'))
    )
    with op.batch_alter_table('endereco', schema=None) as batch_op:
        batch_op.create_index('ix_endereco_cliente', ['cliente_id', 'id'], unique=False)
        batch_op.create_index('ix_endereco_municipio', ['uf', 'municipio', 'bairro'], unique=False)

    op.create_table('limite_papel',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('papel_id', sa.Integer(), nullable=False),
    sa.Column('desconto', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('credito', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('dispensa', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("credito = credito AND credito <> 'NaN'", name=op.f('ck_limite_papel_credito_numero')),
    sa.CheckConstraint("desconto = desconto AND desconto <> 'NaN'", name=op.f('ck_limite_papel_desconto_numero')),
    sa.CheckConstraint("dispensa = dispensa AND dispensa <> 'NaN'", name=op.f('ck_limite_papel_dispensa_numero')),
    sa.ForeignKeyConstraint(['papel_id'], ['ab_role.id'], name=op.f('fk_limite_papel_papel_id_ab_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_limite_papel')),
    sa.UniqueConstraint('papel_id', name=op.f('uq_limite_papel_papel_id'))
    )
    op.create_table('lote_faturamento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('execucao_id', sa.BigInteger(), nullable=False),
    sa.Column('invoices', sa.BigInteger(), nullable=False),
    sa.Column('sem_valor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('valor', sa.Numeric(precision=14, scale=2), nullable=False),
    sa.Column('duracao_ms', sa.BigInteger(), nullable=False),
    sa.Column('em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("valor = valor AND valor <> 'NaN'", name=op.f('ck_lote_faturamento_valor_numero')),
    sa.ForeignKeyConstraint(['execucao_id'], ['execucao_faturamento.id'], name=op.f('fk_lote_faturamento_execucao_id_execucao_faturamento')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lote_faturamento'))
    )
    with op.batch_alter_table('lote_faturamento', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lote_faturamento_execucao_id'), ['execucao_id'], unique=False)

    op.create_table('perfil',
    sa.Column('usuario_id', sa.Integer(), nullable=False),
    sa.Column('idioma', sa.String(length=5), nullable=True),
    sa.Column('tema', sa.String(length=10), server_default='sistema', nullable=False),
    sa.Column('atalhos', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('foto_id', sa.BigInteger(), nullable=True),
    sa.Column('trocar_senha', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('versao_sessao', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('falhas', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('travado_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('totp_secret', sa.Text(), nullable=True),
    sa.Column('totp_passo', sa.BigInteger(), nullable=True),
    sa.Column('codigos_recuperacao', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['foto_id'], ['arquivo.id'], name=op.f('fk_perfil_foto_id_arquivo'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['usuario_id'], ['ab_user.id'], name=op.f('fk_perfil_usuario_id_ab_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('usuario_id', name=op.f('pk_perfil'))
    )
    op.create_table('servidor',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nome', sa.String(length=255), nullable=False),
    sa.Column('pop_id', sa.BigInteger(), nullable=True),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('tipo', sa.Enum('simulado', 'radius', 'routeros', name='tipo_servidor', native_enum=False, create_constraint=True, length=30), server_default='simulado', nullable=False),
    sa.Column('usuario', sa.String(length=64), nullable=True),
    sa.Column('segredo', sa.Text(), nullable=True),
    sa.Column('porta_coa', sa.Integer(), server_default='3799', nullable=False),
    sa.Column('ativo', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('ultimo_contato_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ultimo_erro', sa.Text(), nullable=True),
    sa.Column('pausado_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ordem', sa.Text(collation='C'), sa.Computed("translate(lower(nome), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny')", persisted=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('porta_coa BETWEEN 1 AND 65535', name=op.f('ck_servidor_porta_coa')),
    sa.ForeignKeyConstraint(['pop_id'], ['pop.id'], name=op.f('fk_servidor_pop_id_pop')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_servidor')),
    sa.UniqueConstraint('nome', name=op.f('uq_servidor_nome'))
    )
    with op.batch_alter_table('servidor', schema=None) as batch_op:
        batch_op.create_index('ix_servidor_ordem', ['ordem', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_servidor_pop_id'), ['pop_id'], unique=False)

    op.create_table('ab_permission_view_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('permission_view_id', sa.Integer(), nullable=True),
    sa.Column('role_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['permission_view_id'], ['ab_permission_view.id'], name=op.f('fk_ab_permission_view_role_permission_view_id_ab_permission_view'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['role_id'], ['ab_role.id'], name=op.f('fk_ab_permission_view_role_role_id_ab_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ab_permission_view_role')),
    sa.UniqueConstraint('permission_view_id', 'role_id', name=op.f('uq_ab_permission_view_role_permission_view_id_role_id'))
    )
    with op.batch_alter_table('ab_permission_view_role', schema=None) as batch_op:
        batch_op.create_index('idx_permission_view_id', ['permission_view_id'], unique=False)
        batch_op.create_index('idx_role_id', ['role_id'], unique=False)

    op.create_table('cliente_estacionado',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('execucao_id', sa.BigInteger(), nullable=True),
    sa.Column('ciclo_faturamento_id', sa.BigInteger(), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('vencimento', sa.Date(), nullable=False),
    sa.Column('motivo', sa.Text(), nullable=False),
    sa.Column('resolvido_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['ciclo_faturamento_id'], ['ciclo_faturamento.id'], name=op.f('fk_cliente_estacionado_ciclo_faturamento_id_ciclo_faturamento')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_cliente_estacionado_cliente_id_cliente')),
    sa.ForeignKeyConstraint(['execucao_id'], ['execucao_faturamento.id'], name=op.f('fk_cliente_estacionado_execucao_id_execucao_faturamento')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cliente_estacionado'))
    )
    with op.batch_alter_table('cliente_estacionado', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cliente_estacionado_cliente_id'), ['cliente_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_cliente_estacionado_execucao_id'), ['execucao_id'], unique=False)
        batch_op.create_index('uq_cliente_estacionado_aberto', ['ciclo_faturamento_id'], unique=True, postgresql_where=sa.text('resolvido_em IS NULL'))

    op.create_table('contrato',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('numero', sa.String(length=20), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('plano_id', sa.BigInteger(), nullable=False),
    sa.Column('endereco_instalacao_id', sa.BigInteger(), nullable=True),
    sa.Column('empresa_id', sa.BigInteger(), nullable=True),
    sa.Column('data_inicio', sa.Date(), nullable=False),
    sa.Column('data_fim', sa.Date(), nullable=True),
    sa.Column('data_renovacao', sa.Date(), nullable=True),
    sa.Column('preco', sa.Numeric(12, 2), nullable=False),
    sa.Column('desconto', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('desconto_ate', sa.Date(), nullable=True),
    sa.Column('termo', sa.Text(), nullable=True),
    sa.Column('status', sa.Enum('rascunho', 'aguardando_assinatura', 'ativo', 'suspenso', 'vencido', 'cancelado', name='status_contrato', native_enum=False, create_constraint=True, length=30), server_default='rascunho', nullable=False),
    sa.Column('renovacao_automatica', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('fidelidade_ate', sa.Date(), nullable=True),
    sa.Column('beneficio_fidelidade', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('cobranca', sa.Enum('antecipada', 'vencida', name='cobranca', native_enum=False, create_constraint=True, length=30), server_default='antecipada', nullable=False),
    sa.Column('login_pppoe', sa.String(length=64), nullable=True),
    sa.Column('senha_pppoe', sa.Text(), nullable=True),
    sa.Column('bloqueio_automatico', sa.Enum('S', 'N', 'P', name='sim', native_enum=False, create_constraint=True, length=30), server_default='P', nullable=False),
    sa.Column('nao_bloquear_ate', sa.Date(), nullable=True),
    sa.Column('motivo_cancelamento', sa.String(length=255), nullable=True),
    sa.Column('busca', sa.Text(), sa.Computed("translate(translate(lower(coalesce(numero, '') || ' ' || coalesce(replace(numero, '-', ''), '') || ' ' || coalesce(login_pppoe, '')), 'áàâãäåéèêëíìîïóòôõöúùûüçñý', 'aaaaaaeeeeiiiiooooouuuucny'), '@._-/+', '      ')", persisted=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("beneficio_fidelidade = beneficio_fidelidade AND beneficio_fidelidade <> 'NaN'", name=op.f('ck_contrato_beneficio_fidelidade_numero')),
    sa.CheckConstraint("desconto = desconto AND desconto <> 'NaN'", name=op.f('ck_contrato_desconto_numero')),
    sa.CheckConstraint("preco = preco AND preco <> 'NaN'", name=op.f('ck_contrato_preco_numero')),
    sa.CheckConstraint('data_fim IS NULL OR data_fim >= data_inicio', name=op.f('ck_contrato_vigencia')),
    sa.CheckConstraint('preco >= 0 AND desconto >= 0 AND desconto <= preco', name=op.f('ck_contrato_valores')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_contrato_cliente_id_cliente')),
    sa.ForeignKeyConstraint(['empresa_id'], ['empresa.id'], name=op.f('fk_contrato_empresa_id_empresa')),
    sa.ForeignKeyConstraint(['endereco_instalacao_id'], ['endereco.id'], name=op.f('fk_contrato_endereco_instalacao_id_endereco')),
    sa.ForeignKeyConstraint(['plano_id'], ['plano.id'], name=op.f('fk_contrato_plano_id_plano')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contrato')),
    sa.UniqueConstraint('login_pppoe', name=op.f('uq_contrato_login_pppoe')),
    sa.UniqueConstraint('numero', name=op.f('uq_contrato_numero'))
    )
    with op.batch_alter_table('contrato', schema=None) as batch_op:
        batch_op.create_index('ix_contrato_busca', [sa.literal_column("to_tsvector('simple', busca)")], unique=False, postgresql_using='gin')
        batch_op.create_index('ix_contrato_cliente', ['cliente_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contrato_data_renovacao'), ['data_renovacao'], unique=False)
        batch_op.create_index('ix_contrato_inicio', ['data_inicio', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contrato_plano_id'), ['plano_id'], unique=False)
        batch_op.create_index('ix_contrato_status', ['status', 'id'], unique=False)

    op.create_table('incidente',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('titulo', sa.String(length=255), nullable=False),
    sa.Column('descricao', sa.Text(), nullable=True),
    sa.Column('situacao', sa.Enum('aberto', 'encerrado', name='situacao_incidente', native_enum=False, create_constraint=True, length=30), server_default='aberto', nullable=False),
    sa.Column('pop_id', sa.BigInteger(), nullable=True),
    sa.Column('servidor_id', sa.BigInteger(), nullable=True),
    sa.Column('municipio', sa.String(length=255), nullable=True),
    sa.Column('bairro', sa.String(length=255), nullable=True),
    sa.Column('inicio', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('previsao', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fim', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('fim IS NULL OR fim >= inicio', name=op.f('ck_incidente_periodo')),
    sa.ForeignKeyConstraint(['pop_id'], ['pop.id'], name=op.f('fk_incidente_pop_id_pop')),
    sa.ForeignKeyConstraint(['servidor_id'], ['servidor.id'], name=op.f('fk_incidente_servidor_id_servidor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidente'))
    )
    with op.batch_alter_table('incidente', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incidente_pop_id'), ['pop_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_incidente_servidor_id'), ['servidor_id'], unique=False)
        batch_op.create_index('ix_incidente_situacao', ['situacao', 'id'], unique=False)

    op.create_table('invoice',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('numero', sa.BigInteger(), server_default=sa.text("nextval('invoice_numero_seq')"), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('empresa_id', sa.BigInteger(), nullable=True),
    sa.Column('copia_emitente_id', sa.BigInteger(), nullable=True),
    sa.Column('ciclo_faturamento_id', sa.BigInteger(), nullable=True),
    sa.Column('competencia_inicio', sa.Date(), nullable=False),
    sa.Column('competencia_fim', sa.Date(), nullable=False),
    sa.Column('data_emissao', sa.Date(), nullable=False),
    sa.Column('data_vencimento', sa.Date(), nullable=False),
    sa.Column('data_pagamento', sa.Date(), nullable=True),
    sa.Column('valor_total', sa.Numeric(12, 2), nullable=False),
    sa.Column('valor_pago', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('valor_abatido', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('status', sa.Enum('draft', 'emitida', 'paga', 'vencida', 'cancelada', name='status_invoice', native_enum=False, create_constraint=True, length=30), server_default='emitida', nullable=False),
    sa.Column('multa_percentual', sa.Numeric(precision=5, scale=2), server_default='2', nullable=False),
    sa.Column('juros_mensal', sa.Numeric(precision=5, scale=2), server_default='1', nullable=False),
    sa.Column('desconto_pontual', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('pagador_nome', sa.String(length=255), nullable=False),
    sa.Column('pagador_documento', sa.String(length=14), nullable=False),
    sa.Column('pagador_endereco', sa.Text(), server_default='', nullable=False),
    sa.Column('txid_pix', sa.String(length=25), nullable=False),
    sa.Column('contestada_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('motivo_cancelamento', sa.String(length=255), nullable=True),
    sa.Column('substitui_id', sa.BigInteger(), nullable=True),
    sa.Column('observacoes', sa.Text(), nullable=True),
    sa.Column('versao_modelo', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('execucao_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("desconto_pontual = desconto_pontual AND desconto_pontual <> 'NaN'", name=op.f('ck_invoice_desconto_pontual_numero')),
    sa.CheckConstraint("juros_mensal = juros_mensal AND juros_mensal <> 'NaN'", name=op.f('ck_invoice_juros_mensal_numero')),
    sa.CheckConstraint("multa_percentual = multa_percentual AND multa_percentual <> 'NaN'", name=op.f('ck_invoice_multa_percentual_numero')),
    sa.CheckConstraint("status <> 'paga' OR valor_pago + valor_abatido = valor_total", name=op.f('ck_invoice_paga')),
    sa.CheckConstraint("valor_abatido = valor_abatido AND valor_abatido <> 'NaN'", name=op.f('ck_invoice_valor_abatido_numero')),
    sa.CheckConstraint("valor_pago = valor_pago AND valor_pago <> 'NaN'", name=op.f('ck_invoice_valor_pago_numero')),
    sa.CheckConstraint("valor_total = valor_total AND valor_total <> 'NaN'", name=op.f('ck_invoice_valor_total_numero')),
    sa.CheckConstraint('competencia_fim >= competencia_inicio', name=op.f('ck_invoice_competencia')),
    sa.CheckConstraint('valor_pago + valor_abatido <= valor_total', name=op.f('ck_invoice_saldo')),
    sa.CheckConstraint('valor_total >= 0 AND valor_pago >= 0 AND valor_abatido >= 0 AND desconto_pontual >= 0', name=op.f('ck_invoice_valores')),
    sa.ForeignKeyConstraint(['ciclo_faturamento_id'], ['ciclo_faturamento.id'], name=op.f('fk_invoice_ciclo_faturamento_id_ciclo_faturamento')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_invoice_cliente_id_cliente')),
    sa.ForeignKeyConstraint(['substitui_id'], ['invoice.id'], name=op.f('fk_invoice_substitui_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('numero', name=op.f('uq_invoice_numero'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_abertas', ['data_vencimento', 'cliente_id'], unique=False, postgresql_where=sa.text("status IN ('emitida', 'vencida')"))
        batch_op.create_index('ix_invoice_cliente', ['cliente_id', 'id'], unique=False)
        batch_op.create_index('ix_invoice_emissao', ['data_emissao', 'id'], unique=False)
        batch_op.create_index('ix_invoice_execucao', ['execucao_id'], unique=False, postgresql_where=sa.text('execucao_id IS NOT NULL'))
        batch_op.create_index('ix_invoice_numero_texto', [sa.literal_column("(lpad(numero::text, 9, '0')) text_pattern_ops")], unique=False)
        batch_op.create_index('ix_invoice_status', ['status', 'id'], unique=False)
        batch_op.create_index('ix_invoice_valor', ['valor_total', 'id'], unique=False)
        batch_op.create_index('ix_invoice_vencimento', ['data_vencimento', 'id'], unique=False)
        batch_op.create_index('uq_invoice_periodo', ['ciclo_faturamento_id', 'competencia_inicio'], unique=True, postgresql_where=sa.text("status <> 'cancelada'"))
        batch_op.create_index('uq_invoice_txid_pix', ['txid_pix'], unique=True)

    op.create_table('acesso_rede',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('servidor_id', sa.BigInteger(), nullable=True),
    sa.Column('login', sa.String(length=64), nullable=True),
    sa.Column('grupo', sa.String(length=64), nullable=True),
    sa.Column('desejado', sa.Enum('liberado', 'reduzido', 'bloqueado', 'suspenso', 'encerrado', name='desejado', native_enum=False, create_constraint=True, length=30), server_default='liberado', nullable=False),
    sa.Column('aplicado', sa.Enum('liberado', 'reduzido', 'bloqueado', 'suspenso', 'encerrado', name='aplicado', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('versao', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('versao_aplicada', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('mudou_em', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('aplicado_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tentativas', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('proxima', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('reservado_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('erro', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_acesso_rede_contrato_id_contrato')),
    sa.ForeignKeyConstraint(['servidor_id'], ['servidor.id'], name=op.f('fk_acesso_rede_servidor_id_servidor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acesso_rede')),
    sa.UniqueConstraint('contrato_id', name=op.f('uq_acesso_rede_contrato_id'))
    )
    with op.batch_alter_table('acesso_rede', schema=None) as batch_op:
        batch_op.create_index('ix_acesso_rede_pendente', ['proxima', 'id'], unique=False, postgresql_where=sa.text('versao <> versao_aplicada'))
        batch_op.create_index(batch_op.f('ix_acesso_rede_servidor_id'), ['servidor_id'], unique=False)

    op.create_table('bloqueio',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('tipo', sa.Enum('reducao', 'total', name='tipo_bloqueio', native_enum=False, create_constraint=True, length=30), server_default='total', nullable=False),
    sa.Column('motivo', sa.Enum('inadimplencia', 'manual', 'pedido', 'seguranca', name='motivo_bloqueio', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('inicio', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('fim', sa.DateTime(timezone=True), nullable=True),
    sa.Column('liberado_ate', sa.DateTime(timezone=True), nullable=True),
    sa.Column('notificacao_id', sa.BigInteger(), nullable=True),
    sa.Column('aviso_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('aviso_canal', sa.String(length=20), nullable=True),
    sa.Column('aviso_destinatario', sa.String(length=255), nullable=True),
    sa.Column('aviso_hash', sa.String(length=64), nullable=True),
    sa.Column('explicacao', sa.String(length=255), nullable=True),
    sa.Column('origem', sa.String(length=40), server_default='sistema', nullable=False),
    sa.Column('autor_id', sa.BigInteger(), nullable=True),
    sa.Column('desbloqueado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('motivo_desbloqueio', sa.String(length=255), nullable=True),
    sa.CheckConstraint('fim IS NULL OR fim >= inicio', name=op.f('ck_bloqueio_periodo')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_bloqueio_contrato_id_contrato')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bloqueio'))
    )
    with op.batch_alter_table('bloqueio', schema=None) as batch_op:
        batch_op.create_index('ix_bloqueio_contrato', ['contrato_id', 'id'], unique=False)
        batch_op.create_index('ix_bloqueio_inicio', ['inicio', 'id'], unique=False)
        batch_op.create_index('uq_bloqueio_aberto', ['contrato_id', 'motivo'], unique=True, postgresql_where=sa.text('fim IS NULL'))

    op.create_table('contrato_ciclo',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('ciclo_faturamento_id', sa.BigInteger(), nullable=False),
    sa.Column('desde', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['ciclo_faturamento_id'], ['ciclo_faturamento.id'], name=op.f('fk_contrato_ciclo_ciclo_faturamento_id_ciclo_faturamento')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_contrato_ciclo_contrato_id_contrato')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contrato_ciclo')),
    sa.UniqueConstraint('contrato_id', name=op.f('uq_contrato_ciclo_contrato_id'))
    )
    with op.batch_alter_table('contrato_ciclo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contrato_ciclo_ciclo_faturamento_id'), ['ciclo_faturamento_id'], unique=False)

    op.create_table('contrato_historico',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('versao', sa.SmallInteger(), nullable=False),
    sa.Column('termo', sa.Text(), nullable=True),
    sa.Column('plano_id', sa.BigInteger(), nullable=False),
    sa.Column('preco', sa.Numeric(12, 2), nullable=False),
    sa.Column('data_criacao', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('motivo', sa.String(length=255), nullable=False),
    sa.Column('autor_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("preco = preco AND preco <> 'NaN'", name=op.f('ck_contrato_historico_preco_numero')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_contrato_historico_contrato_id_contrato')),
    sa.ForeignKeyConstraint(['plano_id'], ['plano.id'], name=op.f('fk_contrato_historico_plano_id_plano')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contrato_historico')),
    sa.UniqueConstraint('contrato_id', 'versao', name=op.f('uq_contrato_historico_contrato_id_versao'))
    )
    op.create_table('contrato_item',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('adicional_id', sa.BigInteger(), nullable=False),
    sa.Column('quantidade', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('preco', sa.Numeric(12, 2), nullable=False),
    sa.Column('de', sa.Date(), nullable=False),
    sa.Column('ate', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("preco = preco AND preco <> 'NaN'", name=op.f('ck_contrato_item_preco_numero')),
    sa.CheckConstraint('ate IS NULL OR ate >= de', name=op.f('ck_contrato_item_vigencia')),
    sa.CheckConstraint('quantidade > 0 AND preco >= 0', name=op.f('ck_contrato_item_valores')),
    sa.ForeignKeyConstraint(['adicional_id'], ['adicional.id'], name=op.f('fk_contrato_item_adicional_id_adicional')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_contrato_item_contrato_id_contrato')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contrato_item'))
    )
    with op.batch_alter_table('contrato_item', schema=None) as batch_op:
        batch_op.create_index('ix_contrato_item_contrato', ['contrato_id', 'id'], unique=False)

    op.create_table('desbloqueio_confianca',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('de', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ate', sa.DateTime(timezone=True), nullable=False),
    sa.Column('origem', sa.String(length=20), nullable=False),
    sa.Column('cumprido', sa.Boolean(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('ate > de', name=op.f('ck_desbloqueio_confianca_periodo')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_desbloqueio_confianca_contrato_id_contrato')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_desbloqueio_confianca_invoice_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_desbloqueio_confianca')),
    sa.UniqueConstraint('contrato_id', 'invoice_id', name=op.f('uq_desbloqueio_confianca_contrato_id_invoice_id'))
    )
    with op.batch_alter_table('desbloqueio_confianca', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_desbloqueio_confianca_invoice_id'), ['invoice_id'], unique=False)

    op.create_table('item_invoice',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=True),
    sa.Column('descricao', sa.String(length=255), nullable=False),
    sa.Column('quantidade', sa.Numeric(precision=10, scale=3), server_default='1', nullable=False),
    sa.Column('valor_unitario', sa.Numeric(12, 2), nullable=False),
    sa.Column('valor_total', sa.Numeric(12, 2), nullable=False),
    sa.Column('tipo', sa.Enum('plano', 'produto', 'servico', 'desconto', 'multa', 'juros', 'credito', 'ajuste', name='tipo_item', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('periodo_inicio', sa.Date(), nullable=True),
    sa.Column('periodo_fim', sa.Date(), nullable=True),
    sa.Column('chave', sa.String(length=120), nullable=True),
    sa.CheckConstraint("quantidade = quantidade AND quantidade <> 'NaN'", name=op.f('ck_item_invoice_quantidade_numero')),
    sa.CheckConstraint("valor_total = valor_total AND valor_total <> 'NaN'", name=op.f('ck_item_invoice_valor_total_numero')),
    sa.CheckConstraint("valor_unitario = valor_unitario AND valor_unitario <> 'NaN'", name=op.f('ck_item_invoice_valor_unitario_numero')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_item_invoice_contrato_id_contrato')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_item_invoice_invoice_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_invoice')),
    sa.UniqueConstraint('chave', name=op.f('uq_item_invoice_chave'))
    )
    with op.batch_alter_table('item_invoice', schema=None) as batch_op:
        batch_op.create_index('ix_item_invoice_contrato', ['contrato_id'], unique=False, postgresql_where=sa.text('contrato_id IS NOT NULL'))
        batch_op.create_index('ix_item_invoice_invoice', ['invoice_id', 'id'], unique=False)

    op.create_table('lancamento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('contrato_id', sa.BigInteger(), nullable=True),
    sa.Column('tipo', sa.Enum('acrescimo', 'desconto', name='tipo_lancamento', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('item_tipo', sa.Enum('plano', 'produto', 'servico', 'desconto', 'multa', 'juros', 'credito', 'ajuste', name='tipo_item', native_enum=False, create_constraint=True, length=30), server_default='servico', nullable=False),
    sa.Column('descricao', sa.String(length=255), nullable=False),
    sa.Column('valor', sa.Numeric(12, 2), nullable=False),
    sa.Column('parcela', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('parcelas', sa.SmallInteger(), server_default='1', nullable=False),
    sa.Column('a_partir_de', sa.Date(), nullable=False),
    sa.Column('status', sa.Enum('aberto', 'faturado', 'cancelado', name='status_lancamento', native_enum=False, create_constraint=True, length=30), server_default='aberto', nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=True),
    sa.Column('origem_invoice_id', sa.BigInteger(), nullable=True),
    sa.Column('motivo', sa.String(length=255), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("(status = 'faturado') = (invoice_id IS NOT NULL)", name=op.f('ck_lancamento_faturado')),
    sa.CheckConstraint("valor = valor AND valor <> 'NaN'", name=op.f('ck_lancamento_valor_numero')),
    sa.CheckConstraint('parcela BETWEEN 1 AND parcelas', name=op.f('ck_lancamento_parcela')),
    sa.CheckConstraint('valor > 0', name=op.f('ck_lancamento_valor')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_lancamento_cliente_id_cliente')),
    sa.ForeignKeyConstraint(['contrato_id'], ['contrato.id'], name=op.f('fk_lancamento_contrato_id_contrato')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_lancamento_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['origem_invoice_id'], ['invoice.id'], name=op.f('fk_lancamento_origem_invoice_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lancamento'))
    )
    with op.batch_alter_table('lancamento', schema=None) as batch_op:
        batch_op.create_index('ix_lancamento_aberto', ['cliente_id', 'a_partir_de'], unique=False, postgresql_where=sa.text("status = 'aberto'"))
        batch_op.create_index(batch_op.f('ix_lancamento_contrato_id'), ['contrato_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lancamento_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lancamento_origem_invoice_id'), ['origem_invoice_id'], unique=False)

    op.create_table('pagamento',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('data_pagamento', sa.Date(), nullable=False),
    sa.Column('data_credito', sa.Date(), nullable=True),
    sa.Column('valor', sa.Numeric(12, 2), nullable=False),
    sa.Column('valor_principal', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('valor_multa', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('valor_juros', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('valor_credito', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('valor_abatido', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('tarifa', sa.Numeric(12, 2), server_default='0', nullable=False),
    sa.Column('metodo', sa.Enum('boleto', 'pix', 'cartao', 'transferencia', 'dinheiro', name='metodo', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('numero_referencia', sa.String(length=100), nullable=False),
    sa.Column('gateway', sa.String(length=30), server_default='manual', nullable=False),
    sa.Column('status', sa.Enum('pendente', 'confirmado', 'falha', 'estornado', name='status_pagamento', native_enum=False, create_constraint=True, length=30), server_default='confirmado', nullable=False),
    sa.Column('recibo', sa.String(length=20), nullable=True),
    sa.Column('estornado_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('motivo_estorno', sa.String(length=255), nullable=True),
    sa.Column('observacoes', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("tarifa = tarifa AND tarifa <> 'NaN'", name=op.f('ck_pagamento_tarifa_numero')),
    sa.CheckConstraint("valor = valor AND valor <> 'NaN'", name=op.f('ck_pagamento_valor_numero')),
    sa.CheckConstraint("valor_abatido = valor_abatido AND valor_abatido <> 'NaN'", name=op.f('ck_pagamento_valor_abatido_numero')),
    sa.CheckConstraint("valor_credito = valor_credito AND valor_credito <> 'NaN'", name=op.f('ck_pagamento_valor_credito_numero')),
    sa.CheckConstraint("valor_juros = valor_juros AND valor_juros <> 'NaN'", name=op.f('ck_pagamento_valor_juros_numero')),
    sa.CheckConstraint("valor_multa = valor_multa AND valor_multa <> 'NaN'", name=op.f('ck_pagamento_valor_multa_numero')),
    sa.CheckConstraint("valor_principal = valor_principal AND valor_principal <> 'NaN'", name=op.f('ck_pagamento_valor_principal_numero')),
    sa.CheckConstraint('valor = valor_principal + valor_multa + valor_juros + valor_credito', name=op.f('ck_pagamento_partes')),
    sa.CheckConstraint('valor > 0', name=op.f('ck_pagamento_valor')),
    sa.CheckConstraint('valor_principal >= 0 AND valor_multa >= 0 AND valor_juros >= 0 AND valor_credito >= 0 AND valor_abatido >= 0', name=op.f('ck_pagamento_positivos')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_pagamento_invoice_id_invoice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pagamento')),
    sa.UniqueConstraint('gateway', 'numero_referencia', name=op.f('uq_pagamento_gateway_numero_referencia')),
    sa.UniqueConstraint('recibo', name=op.f('uq_pagamento_recibo'))
    )
    with op.batch_alter_table('pagamento', schema=None) as batch_op:
        batch_op.create_index('ix_pagamento_data', ['data_pagamento', 'id'], unique=False)
        batch_op.create_index('ix_pagamento_invoice', ['invoice_id', 'id'], unique=False)

    op.create_table('cobranca',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('invoice_id', sa.BigInteger(), nullable=False),
    sa.Column('gateway', sa.String(length=30), nullable=False),
    sa.Column('transacao_id', sa.String(length=100), nullable=True),
    sa.Column('desejado', sa.Enum('registrada', 'cancelada', name='desejo_cobranca', native_enum=False, create_constraint=True, length=30), server_default='registrada', nullable=False),
    sa.Column('status', sa.Enum('a_registrar', 'registrada', 'paga', 'expirada', 'cancelada', 'erro', name='status_cobranca', native_enum=False, create_constraint=True, length=30), server_default='a_registrar', nullable=False),
    sa.Column('valor', sa.Numeric(12, 2), nullable=False),
    sa.Column('linha_digitavel', sa.String(length=60), nullable=True),
    sa.Column('codigo_barras', sa.String(length=44), nullable=True),
    sa.Column('pix_copia_e_cola', sa.Text(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('expira_em', sa.DateTime(timezone=True), nullable=True),
    sa.Column('chave_idempotencia', sa.String(length=64), nullable=False),
    sa.Column('pagamento_id', sa.BigInteger(), nullable=True),
    sa.Column('erro', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("valor = valor AND valor <> 'NaN'", name=op.f('ck_cobranca_valor_numero')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_cobranca_invoice_id_invoice')),
    sa.ForeignKeyConstraint(['pagamento_id'], ['pagamento.id'], name=op.f('fk_cobranca_pagamento_id_pagamento')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cobranca')),
    sa.UniqueConstraint('chave_idempotencia', name=op.f('uq_cobranca_chave_idempotencia')),
    sa.UniqueConstraint('gateway', 'transacao_id', name=op.f('uq_cobranca_gateway_transacao_id'))
    )
    with op.batch_alter_table('cobranca', schema=None) as batch_op:
        batch_op.create_index('ix_cobranca_invoice', ['invoice_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_cobranca_pagamento_id'), ['pagamento_id'], unique=False)
        batch_op.create_index('ix_cobranca_pendente', ['gateway', 'id'], unique=False, postgresql_where=sa.text("status IN ('a_registrar', 'erro')"))

    op.create_table('credito',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('cliente_id', sa.BigInteger(), nullable=False),
    sa.Column('valor', sa.Numeric(12, 2), nullable=False),
    sa.Column('saldo', sa.Numeric(12, 2), nullable=False),
    sa.Column('motivo', sa.String(length=255), nullable=False),
    sa.Column('pagamento_id', sa.BigInteger(), nullable=True),
    sa.Column('automatico', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('criado_por_id', sa.BigInteger(), nullable=True),
    sa.Column('alterado_por_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("saldo = saldo AND saldo <> 'NaN'", name=op.f('ck_credito_saldo_numero')),
    sa.CheckConstraint("valor = valor AND valor <> 'NaN'", name=op.f('ck_credito_valor_numero')),
    sa.CheckConstraint('valor > 0 AND saldo >= 0 AND saldo <= valor', name=op.f('ck_credito_saldo')),
    sa.ForeignKeyConstraint(['cliente_id'], ['cliente.id'], name=op.f('fk_credito_cliente_id_cliente')),
    sa.ForeignKeyConstraint(['pagamento_id'], ['pagamento.id'], name=op.f('fk_credito_pagamento_id_pagamento')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credito'))
    )
    with op.batch_alter_table('credito', schema=None) as batch_op:
        batch_op.create_index('ix_credito_disponivel', ['cliente_id', 'id'], unique=False, postgresql_where=sa.text('saldo > 0'))
        batch_op.create_index(batch_op.f('ix_credito_pagamento_id'), ['pagamento_id'], unique=False)
    op.execute(AUDITORIA)


def downgrade():
    with op.batch_alter_table('credito', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credito_pagamento_id'))
        batch_op.drop_index('ix_credito_disponivel', postgresql_where=sa.text('saldo > 0'))

    op.drop_table('credito')
    with op.batch_alter_table('cobranca', schema=None) as batch_op:
        batch_op.drop_index('ix_cobranca_pendente', postgresql_where=sa.text("status IN ('a_registrar', 'erro')"))
        batch_op.drop_index(batch_op.f('ix_cobranca_pagamento_id'))
        batch_op.drop_index('ix_cobranca_invoice')

    op.drop_table('cobranca')
    with op.batch_alter_table('pagamento', schema=None) as batch_op:
        batch_op.drop_index('ix_pagamento_invoice')
        batch_op.drop_index('ix_pagamento_data')

    op.drop_table('pagamento')
    with op.batch_alter_table('lancamento', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lancamento_origem_invoice_id'))
        batch_op.drop_index(batch_op.f('ix_lancamento_invoice_id'))
        batch_op.drop_index(batch_op.f('ix_lancamento_contrato_id'))
        batch_op.drop_index('ix_lancamento_aberto', postgresql_where=sa.text("status = 'aberto'"))

    op.drop_table('lancamento')
    with op.batch_alter_table('item_invoice', schema=None) as batch_op:
        batch_op.drop_index('ix_item_invoice_invoice')
        batch_op.drop_index('ix_item_invoice_contrato', postgresql_where=sa.text('contrato_id IS NOT NULL'))

    op.drop_table('item_invoice')
    with op.batch_alter_table('desbloqueio_confianca', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_desbloqueio_confianca_invoice_id'))

    op.drop_table('desbloqueio_confianca')
    with op.batch_alter_table('contrato_item', schema=None) as batch_op:
        batch_op.drop_index('ix_contrato_item_contrato')

    op.drop_table('contrato_item')
    op.drop_table('contrato_historico')
    with op.batch_alter_table('contrato_ciclo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contrato_ciclo_ciclo_faturamento_id'))

    op.drop_table('contrato_ciclo')
    with op.batch_alter_table('bloqueio', schema=None) as batch_op:
        batch_op.drop_index('uq_bloqueio_aberto', postgresql_where=sa.text('fim IS NULL'))
        batch_op.drop_index('ix_bloqueio_inicio')
        batch_op.drop_index('ix_bloqueio_contrato')

    op.drop_table('bloqueio')
    with op.batch_alter_table('acesso_rede', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_acesso_rede_servidor_id'))
        batch_op.drop_index('ix_acesso_rede_pendente', postgresql_where=sa.text('versao <> versao_aplicada'))

    op.drop_table('acesso_rede')
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.drop_index('uq_invoice_txid_pix')
        batch_op.drop_index('uq_invoice_periodo', postgresql_where=sa.text("status <> 'cancelada'"))
        batch_op.drop_index('ix_invoice_vencimento')
        batch_op.drop_index('ix_invoice_valor')
        batch_op.drop_index('ix_invoice_status')
        batch_op.drop_index('ix_invoice_numero_texto')
        batch_op.drop_index('ix_invoice_execucao', postgresql_where=sa.text('execucao_id IS NOT NULL'))
        batch_op.drop_index('ix_invoice_emissao')
        batch_op.drop_index('ix_invoice_cliente')
        batch_op.drop_index('ix_invoice_abertas', postgresql_where=sa.text("status IN ('emitida', 'vencida')"))

    op.drop_table('invoice')
    with op.batch_alter_table('incidente', schema=None) as batch_op:
        batch_op.drop_index('ix_incidente_situacao')
        batch_op.drop_index(batch_op.f('ix_incidente_servidor_id'))
        batch_op.drop_index(batch_op.f('ix_incidente_pop_id'))

    op.drop_table('incidente')
    with op.batch_alter_table('contrato', schema=None) as batch_op:
        batch_op.drop_index('ix_contrato_status')
        batch_op.drop_index(batch_op.f('ix_contrato_plano_id'))
        batch_op.drop_index('ix_contrato_inicio')
        batch_op.drop_index(batch_op.f('ix_contrato_data_renovacao'))
        batch_op.drop_index('ix_contrato_cliente')
        batch_op.drop_index('ix_contrato_busca', postgresql_using='gin')

    op.drop_table('contrato')
    with op.batch_alter_table('cliente_estacionado', schema=None) as batch_op:
        batch_op.drop_index('uq_cliente_estacionado_aberto', postgresql_where=sa.text('resolvido_em IS NULL'))
        batch_op.drop_index(batch_op.f('ix_cliente_estacionado_execucao_id'))
        batch_op.drop_index(batch_op.f('ix_cliente_estacionado_cliente_id'))

    op.drop_table('cliente_estacionado')
    with op.batch_alter_table('ab_permission_view_role', schema=None) as batch_op:
        batch_op.drop_index('idx_role_id')
        batch_op.drop_index('idx_permission_view_id')

    op.drop_table('ab_permission_view_role')
    with op.batch_alter_table('servidor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_servidor_pop_id'))
        batch_op.drop_index('ix_servidor_ordem')

    op.drop_table('servidor')
    op.drop_table('perfil')
    with op.batch_alter_table('lote_faturamento', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lote_faturamento_execucao_id'))

    op.drop_table('lote_faturamento')
    op.drop_table('limite_papel')
    with op.batch_alter_table('endereco', schema=None) as batch_op:
        batch_op.drop_index('ix_endereco_municipio')
        batch_op.drop_index('ix_endereco_cliente')

    op.drop_table('endereco')
    op.drop_table('empresa')
    with op.batch_alter_table('contato', schema=None) as batch_op:
        batch_op.drop_index('ix_contato_cliente')

    op.drop_table('contato')
    with op.batch_alter_table('consentimento', schema=None) as batch_op:
        batch_op.drop_index('ix_consentimento_cliente')

    op.drop_table('consentimento')
    with op.batch_alter_table('ciclo_faturamento', schema=None) as batch_op:
        batch_op.drop_index('ix_ciclo_faturamento_devidos', postgresql_where=sa.text('ativo AND estacionado_em IS NULL'))
        batch_op.drop_index('ix_ciclo_faturamento_cliente')

    op.drop_table('ciclo_faturamento')
    op.drop_table('arquivo_parte')
    with op.batch_alter_table('anexo', schema=None) as batch_op:
        batch_op.drop_index('ix_anexo_registro')

    op.drop_table('anexo')
    with op.batch_alter_table('acesso_portal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_acesso_portal_cliente_id'))

    op.drop_table('acesso_portal')
    op.drop_table('ab_user_role')
    with op.batch_alter_table('ab_user_group', schema=None) as batch_op:
        batch_op.drop_index('idx_user_id')
        batch_op.drop_index('idx_user_group_id')

    op.drop_table('ab_user_group')
    with op.batch_alter_table('ab_permission_view', schema=None) as batch_op:
        batch_op.drop_index('idx_view_menu_id')
        batch_op.drop_index('idx_permission_id')

    op.drop_table('ab_permission_view')
    with op.batch_alter_table('ab_group_role', schema=None) as batch_op:
        batch_op.drop_index('idx_group_role_id')
        batch_op.drop_index('idx_group_id')

    op.drop_table('ab_group_role')
    with op.batch_alter_table('ab_api_key', schema=None) as batch_op:
        batch_op.drop_index('idx_api_key_user_id')
        batch_op.drop_index('idx_api_key_prefix')
        batch_op.drop_index('idx_api_key_lookup_hash')

    op.drop_table('ab_api_key')
    with op.batch_alter_table('user_audit_log', schema=None) as batch_op:
        batch_op.drop_index('ix_user_audit_log_usuario')
        batch_op.drop_index('ix_user_audit_log_recurso')

    op.drop_table('user_audit_log')
    with op.batch_alter_table('tarefa', schema=None) as batch_op:
        batch_op.drop_index('ix_tarefa_terminada', postgresql_where=sa.text('terminada_em IS NOT NULL'))
        batch_op.drop_index('ix_tarefa_pronta', postgresql_where=sa.text("estado = 'pendente'"))
        batch_op.drop_index('ix_tarefa_estado')
        batch_op.drop_index('ix_tarefa_arrendada', postgresql_where=sa.text("estado IN ('publicada', 'executando')"))
        batch_op.drop_index('ix_tarefa_agenda', postgresql_where=sa.text('agenda IS NOT NULL'))

    op.drop_table('tarefa')
    op.drop_table('pulso')
    with op.batch_alter_table('pop', schema=None) as batch_op:
        batch_op.drop_index('ix_pop_ordem')

    op.drop_table('pop')
    with op.batch_alter_table('politica_cobranca', schema=None) as batch_op:
        batch_op.drop_index('uq_politica_cobranca_padrao', postgresql_where=sa.text('padrao'))

    op.drop_table('politica_cobranca')
    with op.batch_alter_table('plano', schema=None) as batch_op:
        batch_op.drop_index('ix_plano_ordem')

    op.drop_table('plano')
    op.drop_table('papel_semente')
    op.drop_table('opt_out')
    op.drop_table('numeracao')
    with op.batch_alter_table('notificacao', schema=None) as batch_op:
        batch_op.drop_index('ix_notificacao_usuario', postgresql_where=sa.text('usuario_id IS NOT NULL'))
        batch_op.drop_index('ix_notificacao_pendente', postgresql_where=sa.text("status = 'pendente'"))
        batch_op.drop_index('ix_notificacao_invoice', postgresql_where=sa.text('invoice_id IS NOT NULL'))
        batch_op.drop_index('ix_notificacao_falha', postgresql_where=sa.text("status = 'falha'"))
        batch_op.drop_index('ix_notificacao_cliente')

    op.drop_table('notificacao')
    op.drop_table('modelo_mensagem')
    op.drop_table('instancia')
    with op.batch_alter_table('importacao_linha', schema=None) as batch_op:
        batch_op.drop_index('ix_importacao_linha_resultado')

    op.drop_table('importacao_linha')
    with op.batch_alter_table('importacao', schema=None) as batch_op:
        batch_op.drop_index('ix_importacao_created_at')

    op.drop_table('importacao')
    with op.batch_alter_table('filtro_salvo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_filtro_salvo_usuario_id'))

    op.drop_table('filtro_salvo')
    op.drop_table('feriado')
    with op.batch_alter_table('execucao_faturamento', schema=None) as batch_op:
        batch_op.drop_index('ix_execucao_faturamento_referencia')

    op.drop_table('execucao_faturamento')
    with op.batch_alter_table('evento_rede', schema=None) as batch_op:
        batch_op.drop_index('ix_evento_rede_contrato')

    op.drop_table('evento_rede')
    with op.batch_alter_table('evento', schema=None) as batch_op:
        batch_op.drop_index('ix_evento_cliente')

    op.drop_table('evento')
    op.drop_table('estado_agenda')
    with op.batch_alter_table('envio_mensagem', schema=None) as batch_op:
        batch_op.drop_index('ix_envio_mensagem_notificacao')
        batch_op.drop_index('ix_envio_mensagem_em')

    op.drop_table('envio_mensagem')
    op.drop_table('copia_emitente')
    op.drop_table('configuracao')
    with op.batch_alter_table('cliente', schema=None) as batch_op:
        batch_op.drop_index('ix_cliente_status')
        batch_op.drop_index('ix_cliente_ordem')
        batch_op.drop_index('ix_cliente_created_at')
        batch_op.drop_index('ix_cliente_busca', postgresql_using='gin')

    op.drop_table('cliente')
    op.drop_table('ciclo')
    op.drop_table('canal_envio')
    with op.batch_alter_table('arquivo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_arquivo_sha256'))
        batch_op.drop_index(batch_op.f('ix_arquivo_expira_em'))
        batch_op.drop_index('ix_arquivo_dono')

    op.drop_table('arquivo')
    with op.batch_alter_table('adicional', schema=None) as batch_op:
        batch_op.drop_index('ix_adicional_ordem')

    op.drop_table('adicional')
    op.drop_table('ab_view_menu')
    op.drop_table('ab_user')
    op.drop_table('ab_role')
    op.drop_table('ab_register_user')
    op.drop_table('ab_permission')
    op.drop_table('ab_group')
    op.execute("DROP SEQUENCE invoice_numero_seq")
    op.execute("DROP FUNCTION recusar_mudanca_na_auditoria()")
