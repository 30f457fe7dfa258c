"""The quiet mode of a restored copy: a banner on every page, and the administrator's word that this copy is the real one."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import instancia
from app.core.models import Instancia
from app.core.transacao import transacao
from app.extensions import db


class InstanciaView(BaseView):
    """``/instancia/``: which installation the database believes it belongs to, and the button that says it is this one."""

    route_base = "/instancia"
    default_view = "pagina"
    titulo_da_permissao = _l("Modo silencioso")

    @expose("/")
    @has_access
    @permission_name("list")
    def pagina(self) -> ResponseReturnValue:
        """Where the database came from and where it is now."""
        return self.render_template(
            "core/instancia.html", title=_("Modo silencioso"), dona=db.session.get(Instancia, 1), ligados=instancia.efeitos_ligados(),
            desligados_por_configuracao=not current_app.config["EFEITOS_EXTERNOS"], aqui=current_app.config["PUBLIC_URL"],
            pode=self.appbuilder.sm.has_access("can_confirmar", self.class_permission_name))

    @expose("/confirmar", methods=["POST"])
    @has_access
    @permission_name("confirmar")
    def confirmar(self) -> ResponseReturnValue:
        """From here mail, gateways and routers are reached. Audited."""
        with transacao() as sessao:
            instancia.confirmar(sessao)
        flash(_("Confirmado: esta cópia envia mensagens e comanda a rede."), "success")
        return redirect(url_for("InstanciaView.pagina"))


def faixas() -> list[dict[str, Any]]:
    """Banners of every staff page: today only the quiet mode's."""
    if instancia.efeitos_ligados():
        return []
    texto = _("Modo silencioso: esta cópia não envia e-mails e não comanda a rede; o que ela faz fica só nela.")
    pode = current_app.appbuilder.sm.has_access("can_list", "InstanciaView")
    return [{"tom": "warning", "icone": "alert-triangle", "texto": texto, "url": url_for("InstanciaView.pagina") if pode else None, "acao": _("Ver por quê")}]


def init_app(app: Flask) -> None:
    """Give the staff's frame its banners."""
    app.jinja_env.globals["faixas"] = faixas
