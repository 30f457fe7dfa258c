"""Commands of the operator about the customers' portal."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.core.numeros import MAIOR_ID
from app.core.transacao import transacao
from app.portal.services import PortalService


def registrar(grupo: click.Group) -> None:
    """Add the commands to ``flask crm``."""
    grupo.add_command(criar_acesso_portal)


@click.command("criar-acesso-portal")
@click.option("--cliente", "cliente_id", type=click.IntRange(1, MAIOR_ID), required=True, help="Número (id) do cliente.")
@click.option("--usuario", help="Nome de usuário (padrão: o CPF ou CNPJ, só os números).")
@click.option("--email", help="E-mail (padrão: o do cadastro).")
@with_appcontext
def criar_acesso_portal(cliente_id: int, usuario: str | None, email: str | None) -> None:
    """Dá a um cliente acesso ao portal; a senha é mostrada uma única vez e trocada no primeiro acesso."""
    with transacao() as sessao:
        pessoa, senha = PortalService(sessao).dar_acesso(cliente_id, usuario=usuario, email=email)
        nome = pessoa.username
    click.echo(f"acesso ao portal: usuario={nome} senha={senha}")
