"""The bell of the top bar: what the system has to say to the person who is signed in."""

from __future__ import annotations

from flask import Flask, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from app.core.numeros import id_pedido
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes import consultas
from app.notificacoes.services import NotificacaoService


class SinoView(BaseView):
    """``/notificacoes/sino``: one's own messages, for anybody of the house who signed in."""

    route_base = "/notificacoes"
    default_view = "sino"
    base_permissions: list[str] = []

    @expose("/sino")
    def sino(self) -> ResponseReturnValue:
        """The page; ``?formato=json`` gives the unread ones: ``{"total": 2, "mais": false, "itens": [{"id", "assunto", "em"}]}``."""
        eu = _eu()
        if request.args.get("formato") == "json":
            linhas = consultas.nao_lidas(db.session(), eu)
            itens = [{"id": i.id, "assunto": i.assunto, "em": i.enviada_em.isoformat()} for i in linhas[: consultas.DO_SINO]]
            return jsonify(total=len(itens), mais=len(linhas) > consultas.DO_SINO, itens=itens)
        return self.render_template("notificacoes/sino.html", title=_("Avisos"), avisos=consultas.avisos_de(db.session(), eu))

    @expose("/sino/lidas", methods=["POST"])
    def lidas(self) -> ResponseReturnValue:
        """Mark one (``id``) or all as read."""
        eu = _eu()
        with transacao() as sessao:
            NotificacaoService(sessao).marcar_lidas(eu, request.form.get("id", type=id_pedido))
        return redirect(url_for("SinoView.sino"))


def _eu() -> int:
    return current_user.id if current_user.is_authenticated else abort(401)


def sino() -> Markup:
    """The bell with its count, for the top bar. One query; empty for nobody."""
    if not current_user.is_authenticated:
        return Markup("")
    linhas = consultas.nao_lidas(db.session(), current_user.id)
    return Markup(render_template(
        "notificacoes/_sino.html", avisos=linhas[: consultas.DO_SINO], mais=len(linhas) > consultas.DO_SINO, appbuilder=current_app.appbuilder))


def init_app(app: Flask) -> None:
    """Give the staff's frame its bell."""
    app.jinja_env.globals["sino"] = sino
