"""Where an employee begins and ends seeing the portal as a customer does, and what the banner on each page says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.clientes import acessos
from app.clientes.models import Cliente, OQueViu
from app.core import relogio
from app.core.permissoes import dar
from app.core.transacao import transacao
from app.core.visoes import aplicar_escopo
from app.extensions import db
from app.usuarios import sessoes, ver_como
from app.usuarios.sessoes import entrou

for _papel in ("Gerente", "Atendente"):
    dar(_papel, "AcessoPortalView", "can_ver_como")


@dataclass(frozen=True)
class Faixa:
    """What the banner says: who is seen, and until when (local time)."""

    cliente: Cliente
    ate: dt.datetime


class VerComoView(BaseView):
    """Outside ``/portal``: the employee's own pages."""

    route_base = "/ver-como"
    default_view = "ver_como"
    class_permission_name = "AcessoPortalView"
    titulo_da_permissao = _l("Acesso dos clientes ao portal")

    @expose("/<int:cliente_id>", methods=["POST"])
    @has_access
    @permission_name("ver_como")
    def ver_como(self, cliente_id: int) -> ResponseReturnValue:
        """Begin; the customer needs no account of the portal."""
        cliente = aplicar_escopo(db.session.query(Cliente).filter(Cliente.id == cliente_id), Cliente).one_or_none() or abort(404)
        with transacao() as sessao:
            ver_como.comecar(sessao, cliente.id)
            acessos.registrar(sessao, cliente.id, OQueViu.portal)
        return redirect(url_for("PortalView.inicio"))

    @expose("/sair", methods=["POST"])
    @entrou
    def sair(self) -> ResponseReturnValue:
        """End, and back to the customer's page; again, and nothing changes."""
        with transacao() as sessao:
            cliente_id = ver_como.terminar(sessao)
        sessoes.renovar(confirmada=sessoes.recente())      # a cookie from before says still that somebody is seen
        if cliente_id is None:
            return redirect(url_for("Painel.index"))
        flash(_("Você voltou a ser você."), "success")
        return redirect(url_for("ClienteView.show", pk=cliente_id))


def faixa_ver_como() -> Faixa | None:
    """For the portal's frame."""
    cliente = db.session.get(Cliente, ver_como.cliente_visto() or 0)
    return Faixa(cliente, relogio.local(ver_como.ate())) if cliente is not None else None
