"""What everybody may do with the own account: see and correct the name, choose the language."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_babel import get_locale, refresh
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import DataRequired, Length

from app.core.transacao import transacao
from app.core.visoes import CampoTexto
from app.core.visoes.campos import EntradaTexto, Selecao
from app.usuarios import consultas, sessoes
from app.usuarios.services import UsuarioService
from app.usuarios.sessoes import entrou


def _idiomas() -> list[tuple[str, str]]:
    return [(codigo, idioma["name"]) for codigo, idioma in current_app.config["LANGUAGES"].items()]


class FormPerfil(DynamicForm):
    """The person's name and language."""

    first_name = CampoTexto(_l("Nome"), validators=[DataRequired(_l("Informe o nome.")), Length(max=64)], widget=EntradaTexto())
    last_name = CampoTexto(_l("Sobrenome"), validators=[DataRequired(_l("Informe o sobrenome.")), Length(max=64)], widget=EntradaTexto())
    idioma = SelectField(_l("Idioma"), choices=_idiomas, widget=Selecao())


class MeuPerfilView(BaseView):
    """``/perfil/``: the own account."""

    route_base = "/perfil"
    default_view = "pagina"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    @entrou
    def pagina(self) -> ResponseReturnValue:
        """Show the account; correct the name, choose the language."""
        form = FormPerfil(obj=g.user, idioma=str(get_locale()))
        if form.validate_on_submit():
            with transacao() as sessao:
                UsuarioService(sessao).alterar_perfil(g.user.id, nome=form.first_name.data, sobrenome=form.last_name.data, idioma=form.idioma.data)
            sessoes.falar(form.idioma.data)
            refresh()
            flash(_("Perfil alterado."), "success")
            return redirect(url_for("MeuPerfilView.pagina"))
        return self.render_template("usuarios/perfil.html", title=_("Meu perfil"), form=form, papeis=sorted(consultas.papeis_de(g.user)))
