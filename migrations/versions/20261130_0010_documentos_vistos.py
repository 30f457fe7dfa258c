"""Every screen with documents is noted, lists once an hour; consents only grow.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# rows leave only under an anonymisation that was confirmed and is not over (its receipt says how many)
SO_CRESCE = '''
CREATE FUNCTION recusar_mudanca_nos_consentimentos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM pedido_titular WHERE cliente_id = OLD.cliente_id AND tipo = 'anonimizacao' AND situacao IN ('em_andamento', 'aguardando_prazo')
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER consentimentos_so_crescem BEFORE UPDATE OR DELETE ON consentimento FOR EACH ROW EXECUTE FUNCTION recusar_mudanca_nos_consentimentos();
CREATE TRIGGER consentimentos_nao_esvaziam BEFORE TRUNCATE ON consentimento FOR EACH STATEMENT EXECUTE FUNCTION recusar_mudanca_nos_consentimentos();
'''
ANTES = ('pagina', 'documento', 'api', 'exportacao', 'titular', 'portal')


def conferir(valores):
    nome = op.f('ck_acesso_dado_pessoal_o_que_viu')
    op.drop_constraint(nome, 'acesso_dado_pessoal')
    op.create_check_constraint(nome, 'acesso_dado_pessoal', sa.column('o_que').in_([sa.literal_column(f"'{v}'") for v in valores]))


def upgrade():
    conferir((*ANTES, 'tela', 'lista'))
    op.create_index('uq_acesso_dado_pessoal_lista', 'acesso_dado_pessoal', ['usuario_id', 'rota', 'hora'], unique=True,
                    postgresql_where=sa.text("o_que = 'lista'"))
    op.execute(SO_CRESCE)


def downgrade():
    op.execute("DROP TRIGGER consentimentos_nao_esvaziam ON consentimento")
    op.execute("DROP TRIGGER consentimentos_so_crescem ON consentimento")
    op.execute("DROP FUNCTION recusar_mudanca_nos_consentimentos()")
    op.drop_index('uq_acesso_dado_pessoal_lista', 'acesso_dado_pessoal')
    op.execute("ALTER TABLE acesso_dado_pessoal DISABLE TRIGGER acessos_so_crescem")      # the old kinds know no screen but the customer's page
    op.execute("UPDATE acesso_dado_pessoal SET o_que = 'exportacao', cliente_id = NULL WHERE o_que IN ('tela', 'lista')")
    op.execute("ALTER TABLE acesso_dado_pessoal ENABLE TRIGGER acessos_so_crescem")
    conferir(ANTES)
