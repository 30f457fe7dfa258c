"""What everybody may do with the own account: see and correct the name, choose the language, change the password."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import no_cache
from flask_babel import get_locale, refresh
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.validators import DataRequired, EqualTo, Length

from app.core.erros import ValorInvalido
from app.core.transacao import transacao
from app.core.visoes import CampoTexto
from app.core.visoes.campos import EntradaTexto, Selecao
from app.usuarios import consultas, senhas, sessoes
from app.usuarios.services import UsuarioService
from app.usuarios.sessoes import entrou


class FormSenha(DynamicForm):
    """The present password and the new one, twice."""

    atual = PasswordField(_l("Senha atual"), validators=[DataRequired(_l("Informe a senha atual."))])
    nova = PasswordField(
        _l("Nova senha"), validators=[DataRequired(_l("Informe a nova senha."))],
        description=_l("Pelo menos 10 caracteres. Uma frase é melhor que uma palavra."),
    )
    repetida = PasswordField(_l("Repita a nova senha"), validators=[EqualTo("nova", message=_l("As senhas não são iguais."))])


class TrocarSenhaView(BaseView):
    """``/trocar-senha/``: also where a first entry is held until the password is one's own."""

    route_base = "/trocar-senha"
    default_view = "formulario"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    @no_cache
    @entrou
    def formulario(self) -> ResponseReturnValue:
        """Ask the present password, check the new one, end the other sessions."""
        form = FormSenha()
        if form.validate_on_submit() and self._trocar(form):
            flash(_("Senha trocada. As outras sessões desta conta foram encerradas."), "success")
            return redirect("/portal/" if consultas.e_cliente(g.user) else "/")
        return self.render_template("usuarios/trocar_senha.html", title=_("Trocar senha"), form=form, obrigatoria=g.get("trocar_senha"), minimo=senhas.MINIMO)

    @staticmethod
    def _trocar(form: FormSenha) -> bool:
        try:
            with transacao() as sessao:
                versao = UsuarioService(sessao).trocar_senha(g.user.id, atual=form.atual.data, nova=form.nova.data)
        except ValorInvalido as erro:
            form[erro.campo or "nova"].errors = [str(erro)]
            return False
        sessoes.renovar(versao)
        return True


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
