"""The staff's home page, and the wizard of the first week."""

from __future__ import annotations

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, IndexView, expose
from flask_babel import gettext as _

from app.core import relogio
from app.dashboard import consultas, paginas
from app.dashboard.assistente import AssistenteView, passos_pendentes
from app.extensions import db
from app.usuarios.consultas import e_admin


class Painel(IndexView):
    """``/``: the dashboard of whoever is signed in."""

    base_permissions: list[str] = []

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Numbers, alerts and shortcuts the person's permissions allow; for an administrator also what is left of the first steps."""
        if not g.user.is_authenticated:
            return redirect(url_for("EntradaView.login"))
        return self.render_template(
            "dashboard/painel.html", title=_("Painel"), cartoes=self._cartoes(), avisos=self._avisos(), atalhos=paginas.atalhos(),
            passos=passos_pendentes(db.session()) if e_admin(g.user) else None)

    @staticmethod
    def _cartoes() -> list[paginas.Cartao]:
        sem_numeros = not any(paginas.lista(visao) for visao in ("ClienteView", "ContratoView", "InvoiceView", "PagamentoView"))
        hoje = relogio.hoje()
        return [] if sem_numeros else paginas.cartoes(consultas.kpis(db.session(), hoje=hoje), hoje=hoje)

    @staticmethod
    def _avisos() -> list[paginas.Atalho]:
        sem_avisos = not any(paginas.lista(visao) for visao in ("ClienteEstacionadoView", "TarefaView", "NotificacaoView"))
        return [] if sem_avisos else paginas.avisos(consultas.alertas(db.session(), em=relogio.agora()))


def registrar(appbuilder: AppBuilder) -> None:
    """The wizard; the index view is registered by the framework."""
    appbuilder.add_view_no_menu(AssistenteView)
