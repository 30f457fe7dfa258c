"""No partition of the audit trail can be emptied: a trigger on TRUNCATE counts for one table only.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

PARTICOES = "SELECT inhrelid::regclass AS particao FROM pg_inherits WHERE inhparent = 'user_audit_log'::regclass"


def upgrade():
    op.execute(f'''
DO $$ DECLARE r record; BEGIN
    FOR r IN {PARTICOES} LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER auditoria_nao_esvazia BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                       'EXECUTE FUNCTION recusar_mudanca_na_auditoria()', r.particao);
    END LOOP;
END $$''')


def downgrade():
    op.execute(f'''
DO $$ DECLARE r record; BEGIN
    FOR r IN {PARTICOES} LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS auditoria_nao_esvazia ON %s', r.particao);
    END LOOP;
END $$''')
