"""Blocking for debt on screen: who would be blocked tonight and why, and a person's word when the circuit breaker opened."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import relogio
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.services import FaturamentoService


class BloqueioEmMassaView(BaseView):
    """``/faturamento/bloqueio/``."""

    route_base = "/faturamento/bloqueio"
    titulo_da_permissao = _l("Bloqueio por atraso")
    default_view = "previa"

    @expose("/")
    @has_access
    @permission_name("ver")
    def previa(self) -> ResponseReturnValue:
        """Dry run of tonight's blocking."""
        previa = FaturamentoService(db.session()).simular_bloqueio(hoje=relogio.hoje())
        db.session.rollback()
        return self.render_template("faturamento/bloqueio.html", previa=previa)

    @expose("/executar", methods=["POST"])
    @has_access
    @permission_name("executar")
    def executar(self) -> ResponseReturnValue:
        """Block now, past the circuit breaker; the person is in the audit."""
        with transacao() as sessao:
            tarefa_id = FaturamentoService(sessao).pedir_bloqueio(hoje=relogio.hoje(), confirmado=True)
        if tarefa_id is None:
            flash(_("O bloqueio já começou há menos de um minuto. Acompanhe em Bloqueios."), "warning")
        else:
            flash(_("O bloqueio começou. Acompanhe em Bloqueios."), "success")
        return redirect(url_for("BloqueioEmMassaView.previa"))
