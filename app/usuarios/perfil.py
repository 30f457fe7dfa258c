"""What everybody of the team may do with the own account: name, photo, language, theme, shortcuts."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.sqla.models import User
from flask_babel import get_locale, refresh
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.core import arquivos
from app.core.arquivos import regra_de_leitura
from app.core.models import Arquivo
from app.core.transacao import transacao
from app.core.visoes import CampoTexto
from app.core.visoes.campos import EntradaTexto, Selecao
from app.usuarios import aparencia, consultas, fotos, sessoes
from app.usuarios.aparencia import AGORA, BISCOITO, TEMAS
from app.usuarios.fotos import CampoFoto
from app.usuarios.services.usuarios import garantir_perfil
from app.usuarios.sessoes import entrou

_UM_ANO = 365 * 24 * 3600
_AJUSTES = {"tema": {t: t for t in TEMAS}, "atalhos": {"1": True, "0": False}}      # what a button changes, and its values
regra_de_leitura("perfil", lambda _usuario_id: not consultas.e_cliente(current_user))      # colleagues know each other's faces


class PerfilService:
    """Verbs of the own account."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def alterar(self, usuario_id: int, *, nome: str, sobrenome: str, **ajustes: Any) -> None:
        """What a person says of the own account; ``ajustes``: ``idioma`` (one of ``LANGUAGES``), ``tema`` (one of ``TEMAS``), ``atalhos``."""
        usuario = self.sessao.get_one(User, usuario_id)
        usuario.first_name, usuario.last_name = nome, sobrenome
        self.ajustar(usuario_id, **ajustes)

    def ajustar(self, usuario_id: int, **ajustes: Any) -> None:
        """Change some of ``idioma``, ``tema`` and ``atalhos``."""
        perfil = garantir_perfil(self.sessao, usuario_id)
        for nome, valor in ajustes.items():
            setattr(perfil, nome, valor)
        self.sessao.flush()

    def trocar_foto(self, usuario_id: int, jpeg: bytes | None) -> None:
        """Keep a photo that ``fotos.preparar`` made, or none; the one before is gone."""
        perfil = garantir_perfil(self.sessao, usuario_id)
        antiga = self.sessao.get(Arquivo, perfil.foto_id) if perfil.foto_id else None
        perfil.foto_id = arquivos.guardar(self.sessao, "foto.jpg", fotos.TIPO, jpeg, dono=("perfil", usuario_id)).id if jpeg else None
        self.sessao.flush()
        if antiga is not None:
            self.sessao.delete(antiga)
            self.sessao.flush()


def _idiomas() -> list[SelectChoice]:
    return [SelectChoice(codigo, idioma["name"]) for codigo, idioma in current_app.config["LANGUAGES"].items()]


def _temas() -> list[SelectChoice]:
    rotulos = {"sistema": _("Como o do aparelho"), "claro": _("Claro"), "escuro": _("Escuro")}
    return [SelectChoice(tema, rotulos[tema]) for tema in TEMAS]


class FormPerfil(DynamicForm):
    """What a person says of the own account."""

    first_name = CampoTexto(_l("Nome"), validators=[DataRequired(_l("Informe o nome.")), Length(max=64)], widget=EntradaTexto())
    last_name = CampoTexto(_l("Sobrenome"), validators=[DataRequired(_l("Informe o sobrenome.")), Length(max=64)], widget=EntradaTexto())
    foto = CampoFoto(_l("Foto"), description=_l("JPEG, PNG ou WebP de até 8 MB. Fica o quadrado do meio; a equipe a vê."))
    idioma = SelectField(_l("Idioma"), choices=_idiomas, widget=Selecao())
    tema = SelectField(_l("Tema"), choices=_temas, widget=Selecao())
    atalhos = BooleanField(_l("Usar atalhos de uma tecla"))


class MeuPerfilView(BaseView):
    """``/perfil/``: the own account."""

    route_base = "/perfil"
    default_view = "pagina"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    @entrou
    def pagina(self) -> ResponseReturnValue:
        """Show the account; change what is one's own to change."""
        olhar = aparencia.atual()
        form = FormPerfil(obj=g.user, idioma=str(get_locale()), tema=olhar.tema, atalhos=olhar.atalhos)
        if form.validate_on_submit():
            self._alterar(form)
            refresh()
            flash(_("Perfil alterado."), "success")
            return _lembrar(redirect(url_for("MeuPerfilView.pagina")), form.tema.data)
        return self.render_template("usuarios/perfil.html", title=_("Meu perfil"), form=form, papeis=sorted(consultas.papeis_de(g.user)))

    @staticmethod
    def _alterar(form: FormPerfil) -> None:
        with transacao() as sessao:
            servico = PerfilService(sessao)
            servico.alterar(
                g.user.id, nome=form.first_name.data, sobrenome=form.last_name.data, idioma=form.idioma.data, tema=form.tema.data,
                atalhos=form.atalhos.data)
            if form.foto.data:
                servico.trocar_foto(g.user.id, form.foto.data)
        sessoes.falar(form.idioma.data)

    @expose("/foto/tirar", methods=["POST"])
    @entrou
    def tirar_foto(self) -> ResponseReturnValue:
        """Back to the initials."""
        with transacao() as sessao:
            PerfilService(sessao).trocar_foto(g.user.id, None)
        flash(_("Foto retirada."), "success")
        return redirect(url_for("MeuPerfilView.pagina"))

    @expose("/ajuste", methods=["POST"])
    @entrou
    def ajuste(self) -> ResponseReturnValue:
        """What a button of the frame changes at once: theme or shortcuts. 204."""
        nome = request.form.get("nome", "")
        valores = _AJUSTES.get(nome) or abort(400)
        if (dito := request.form.get("valor", "")) not in valores:
            abort(400)
        with transacao() as sessao:
            PerfilService(sessao).ajustar(g.user.id, **{nome: valores[dito]})
        resposta = Response(status=204)
        return _lembrar(resposta, dito) if nome == "tema" else resposta


def _lembrar(resposta: Any, tema: str) -> Any:
    """This browser shows its entry page in that theme too."""
    resposta.set_cookie(BISCOITO, tema, max_age=_UM_ANO, samesite="Lax", secure=current_app.config.get("SESSION_COOKIE_SECURE", False), path="/")
    resposta.delete_cookie(AGORA, path="/")
    return resposta
