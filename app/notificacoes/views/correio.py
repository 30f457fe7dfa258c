"""How mail leaves: the server, a test message, and going on after a stop."""

from __future__ import annotations

from flask import flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import confirmacao, instancia
from app.core.erros import DominioError
from app.core.transacao import transacao
from app.core.visoes.formularios import recusar
from app.extensions import db
from app.notificacoes import consultas
from app.notificacoes.formulario import FormServidor, guardado
from app.notificacoes.models import Canal
from app.notificacoes.services import CanalService, testar_smtp


class CorreioView(BaseView):
    """``/mensagens/email``."""

    route_base = "/mensagens/email"
    default_view = "pagina"
    titulo_da_permissao = _l("Envio de e-mail")

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("configurar")
    @confirmacao.exigida
    def pagina(self) -> ResponseReturnValue:
        """What is configured, and changing it."""
        correio = consultas.situacao_do_correio(db.session())
        form = FormServidor(data=guardado(correio.canal))
        if form.validate_on_submit() and self._salvar(form):
            flash(_("Servidor salvo. Envie uma mensagem de teste."), "success")
            return redirect(url_for("CorreioView.pagina"))
        return self.render_template(
            "notificacoes/correio.html", title=_("Envio de e-mail"), correio=correio, form=form, ligados=instancia.efeitos_ligados(), meu_email=g.user.email)

    @staticmethod
    def _salvar(form: FormServidor) -> bool:
        try:
            with transacao() as sessao:
                canal = consultas.situacao_do_correio(sessao).canal
                CanalService(sessao).configurar(Canal.email, url=form.url(canal), remetente=form.remetente.data)
        except DominioError as erro:
            recusar(form, erro, senao="servidor")
            return False
        return True

    @expose("/testar", methods=["POST"])
    @has_access
    @permission_name("configurar")
    def testar(self) -> ResponseReturnValue:
        """A real message to the person who asks; success lets stopped mail go on."""
        destinatario = g.user.email
        db.session.rollback()      # nothing stays open while the server is asked
        try:
            testar_smtp(destinatario)
            flash(_("Mensagem de teste enviada para %(quem)s.", quem=destinatario), "success")
        except DominioError as erro:
            flash(str(erro), "danger")
        return redirect(url_for("CorreioView.pagina"))

    @expose("/retomar", methods=["POST"])
    @has_access
    @permission_name("configurar")
    def retomar(self) -> ResponseReturnValue:
        """Try again what waits."""
        with transacao() as sessao:
            CanalService(sessao).retomar(Canal.email)
        flash(_("As mensagens que esperavam começam a sair em instantes."), "success")
        return redirect(url_for("CorreioView.pagina"))
