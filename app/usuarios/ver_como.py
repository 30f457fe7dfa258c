"""An employee sees the portal as a customer does: the address /portal only, reading only, for a quarter of an hour. He stays the actor of everything.

It lives in the employee's own session, so it ends with it; the other pages of the application go on as his.
"""

from __future__ import annotations

import datetime as dt

from flask import abort, current_app, flash, g, has_app_context, redirect, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import auditoria, relogio
from app.core.erros import SemPermissao
from app.core.transacao import transacao

DIREITO = ("can_ver_como", "AcessoPortalView")
DURACAO = dt.timedelta(minutes=15)
_CHAVE, _PORTAL = "ver_como", "/portal"


def comecar(sessao: Session, cliente_id: int) -> None:
    """From now on the present session sees the portal as that customer; audited. Another customer takes the place of the one before, which ends."""
    terminar(sessao)
    session[_CHAVE] = [cliente_id, (relogio.agora() + DURACAO).timestamp()]
    g.ver_como = cliente_id
    auditoria.registrar(sessao, "ver_como", "cliente", cliente_id)


def terminar(sessao: Session) -> int | None:
    """Stop; returns the customer, None when there was none. Audited."""
    visto = session.pop(_CHAVE, None)
    if visto is None:
        return None
    g.ver_como = visto[0]
    auditoria.registrar(sessao, "fim_ver_como", "cliente", visto[0])
    return visto[0]


def permite() -> bool:
    """The gate asks: whether the present request of an employee may reach the portal. Says in ``g.ver_como`` as whom.

    What would change something is refused (403); after the time is over the way leads back to the customer's page.
    """
    if request.path != _PORTAL and not request.path.startswith(f"{_PORTAL}/"):
        return False
    visto = session.get(_CHAVE)
    if visto is None or not current_app.appbuilder.sm.has_access(*DIREITO):
        return False
    if ate() <= relogio.agora():
        with transacao() as sessao:
            terminar(sessao)
        flash(_("O tempo de ver como o cliente acabou."), "info")
        abort(redirect(url_for("ClienteView.show", pk=visto[0])))
    g.ver_como = visto[0]
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise SemPermissao(_("Você está vendo o portal como o cliente: aqui nada pode ser mudado."))
    return True


def ate() -> dt.datetime:
    """When it ends by itself; only while it lasts."""
    return dt.datetime.fromtimestamp(session[_CHAVE][1], dt.UTC)


def cliente_visto() -> int | None:
    """The customer as whom the present request sees the portal; None for everybody else."""
    return g.get("ver_como") if has_app_context() else None
