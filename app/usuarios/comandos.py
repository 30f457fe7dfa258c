"""Commands of the operator about people."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.core.transacao import transacao
from app.usuarios import consultas
from app.usuarios.services import UsuarioService


def registrar(grupo: click.Group) -> None:
    """Add the commands to ``flask crm``."""
    grupo.add_command(criar_admin)


@click.command("criar-admin")
@click.option("--inicial", is_flag=True, help="Só cria quando ainda não há administrador; senão não diz nada.")
@click.option("--usuario", default="admin", show_default=True, help="Nome de usuário.")
@click.option("--email", default="admin@localhost.localdomain", show_default=True, help="E-mail.")
@with_appcontext
def criar_admin(inicial: bool, usuario: str, email: str) -> None:
    """Cria um administrador com senha gerada, mostrada uma única vez e trocada no primeiro acesso."""
    with transacao() as sessao:
        if inicial and consultas.existe_admin(sessao):
            return
        papeis = [consultas.papel_admin()]
        _novo, senha = UsuarioService(sessao).criar(usuario=usuario.lower(), email=email, nome="Administrador", sobrenome="do sistema", papeis=papeis)
    click.echo(f"senha inicial do administrador: usuario={usuario.lower()} senha={senha}")
