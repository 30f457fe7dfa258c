"""The objects every floor may import: database, migrations, CSRF, Flask-AppBuilder's session and the RQ queues.

Flask-AppBuilder's ``Model`` is the declarative base (``db.Model is Model``), so its ``ab_*`` tables and ours share one
metadata, one naming convention and one migration history.
"""

from __future__ import annotations

from flask_appbuilder.models.sqla import Model
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

# Set before flask_appbuilder.security.sqla.models is imported, else its constraints stay unnamed.
Model.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# create_savepoint only matters to sessions given an open connection (the tests, which roll it back)
db = SQLAlchemy(model_class=Model, session_options={"join_transaction_mode": "create_savepoint"})
migrate = Migrate(db=db, compare_type=True)
csrf = CSRFProtect()
