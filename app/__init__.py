"""create_app(): the composition root, nothing else."""

from __future__ import annotations

from importlib import import_module

from flask import Flask
from flask_appbuilder import AppBuilder

from app.modulos import COM_TABELAS


def create_app(configuracao: object | None = None) -> Flask:
    """The WSGI application. ``configuracao`` is an instance of a class of config.py; None loads the one CRM_AMBIENTE names.

    Starts nothing, opens no connection and sends no query.
    """
    from app.core import seguranca_http

    app = Flask(__name__)
    app.config.from_object(configuracao or import_module("config").carregar())
    importar_modelos()
    _ligar_extensoes(app)
    seguranca_http.init_app(app)
    with app.app_context():
        _ligar_appbuilder(app)
    return app


def importar_modelos() -> None:
    """All tables before any view: configuring one mapper configures them all."""
    from app.core import tipos
    from app.extensions import db

    for modulo in COM_TABELAS:
        import_module(f"app.{modulo}.models")
    import_module("app.core.auditoria")
    tipos.exigir_numeros(db.metadata)


def _ligar_extensoes(app: Flask) -> None:
    from app.core import formatos, logs, numeros
    from app.extensions import csrf, db, migrate

    logs.init_app(app)
    numeros.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)      # before Flask-AppBuilder, which exempts its APIs when their blueprints are made
    formatos.init_app(app)


def _ligar_appbuilder(app: Flask) -> None:
    from app import cli, menu
    from app.core import estatico, eventos, formatos, rotas, visoes
    from app.extensions import db
    from jobs.reacoes import REACOES

    appbuilder = AppBuilder()
    appbuilder.init_app(app, db.session)
    app.extensions["appbuilder_crm"] = appbuilder
    estatico.init_app(app)
    visoes.init_app(app, appbuilder)
    menu.registrar(appbuilder)
    appbuilder.post_init()
    rotas.init_app(app)
    formatos.filtrar_na_hora(app)
    eventos.ligar_reacoes(REACOES)
    import_module("jobs")
    cli.init_app(app)
