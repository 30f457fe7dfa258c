"""``/recuperar``: asking for a link that sets a new password, and the page it leads to."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, logout_user
from wtforms.validators import DataRequired, Length

from app.core import limites
from app.core.erros import DominioError, NaoEncontrado
from app.core.transacao import transacao
from app.core.visoes import CampoTexto, recusar
from app.extensions import db
from app.usuarios import recuperacao
from app.usuarios.links import LINK_ENDERECO, exigir_vez
from app.usuarios.porta import DuasSenhas, Porta
from app.usuarios.recuperacao import RECUPERAR_ENDERECO, VALIDADE, RecuperacaoService


class FormPedido(DynamicForm):
    """Who forgot the password."""

    conta = CampoTexto(_l("Usuário, e-mail, CPF ou CNPJ"), [DataRequired(_l("Informe o usuário, o e-mail, o CPF ou o CNPJ.")), Length(max=320)])


class RecuperarView(Porta):
    """``/recuperar``."""

    route_base = "/recuperar"
    default_view = "pedido"

    @expose("/", methods=["GET", "POST"])
    def pedido(self) -> ResponseReturnValue:
        """Who has forgotten says which account; the answer is the same whether or not there is one."""
        form, enviado = FormPedido(), False
        if form.validate_on_submit() and self.na_vez(RECUPERAR_ENDERECO):
            recuperacao.pedir(form.conta.data.strip())
            enviado = True
        return self.pagina("usuarios/recuperar.html", _("Esqueci a senha"), form=form, enviado=enviado, minutos=VALIDADE // dt.timedelta(minutes=1))

    @expose("/<string:token>", methods=["GET", "POST"])
    def nova(self, token: str) -> ResponseReturnValue:
        """The link's page. Opening it uses nothing up; a new password does."""
        exigir_vez(LINK_ENDERECO, limites.endereco(request.remote_addr))
        usuario = RecuperacaoService(db.session()).achar(token)
        if usuario is None:
            return self._invalido()
        limites.devolver(LINK_ENDERECO, limites.endereco(request.remote_addr))
        form = DuasSenhas()
        if form.validate_on_submit():
            try:
                with transacao() as sessao:
                    RecuperacaoService(sessao).redefinir(token, form.senha.data)
            except NaoEncontrado:
                return self._invalido()
            except DominioError as erro:
                recusar(form, erro, senao="senha")
            else:
                return self._feito()
        return self.pagina("usuarios/nova_senha.html", _("Criar nova senha"), form=form, usuario=usuario)

    @staticmethod
    def _feito() -> ResponseReturnValue:
        if current_user.is_authenticated:      # here, as whoever it was
            logout_user()
            session.clear()
        flash(_("Senha trocada. Entre com a nova senha."), "success")
        return redirect(url_for("EntradaView.login"))

    def _invalido(self) -> ResponseReturnValue:
        texto = _("Ele já foi usado, venceu, ou um mais novo foi pedido.")
        return self.invalido(_("Este link não vale mais"), texto, url_for("RecuperarView.pedido"))
