"""``/desligar/<pessoa>``: what somebody who leaves holds, and who gets it."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import SelectField

from app.core import confirmacao
from app.core.erros import DominioError
from app.core.numeros import MAIOR_INTEIRO
from app.core.transacao import transacao
from app.core.visoes import recusar
from app.core.visoes.campos import Selecao
from app.extensions import db
from app.usuarios import consultas
from app.usuarios.desligamento import DesligamentoService, Posse


class DesligarForm(FlaskForm):
    """Who gets what; 0 leaves it. One field for each kind of work is added to it."""

    para_tudo = SelectField(_l("Passar tudo para"), coerce=int, widget=Selecao(), description=_l("Vale para o que não tiver outra pessoa escolhida abaixo."))

    def escolhidos(self, posse: Posse) -> dict[str, int]:
        """Kind of work → who gets it."""
        ditos = {trabalho.nome: self[f"para_{trabalho.nome}"].data or self.para_tudo.data for trabalho, _n in posse.trabalhos}
        return {nome: quem for nome, quem in ditos.items() if quem}


class DesligamentoView(BaseView):
    """Only an administrator's. Doing it again hands on what is left."""

    route_base = "/desligar"
    default_view = "pagina"
    class_permission_name = "UsuarioView"
    titulo_da_permissao = _l("Usuários")

    @expose(f"/<int(max={MAIOR_INTEIRO}):pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def pagina(self, pk: int) -> ResponseReturnValue:
        """List what the person holds, and on POST end the way in and hand the work on."""
        if not consultas.e_admin(g.user):
            abort(403)
        pessoa = db.session.get(User, pk)
        if pessoa is None or consultas.e_cliente(pessoa):
            abort(404)
        confirmacao.exigir()
        posse = DesligamentoService(db.session()).posse(pk)
        form = _formulario(posse, pk)
        if form.validate_on_submit() and (feito := _desligar(form, posse, pk)) is not None:
            passados = ngettext("%(num)d item passado adiante.", "%(num)d itens passados adiante.", feito) if feito else ""
            flash(" ".join([_("%(pessoa)s não entra mais.", pessoa=pessoa.get_full_name()), passados]).strip(), "success")
            return redirect(url_for("UsuarioView.show", pk=pk))
        return self._pagina(pessoa, posse, form)

    def _pagina(self, pessoa: User, posse: Posse, form: FlaskForm) -> ResponseReturnValue:
        volta = url_for("UsuarioView.show", pk=pessoa.id)
        titulo = _("Desligar %(pessoa)s da equipe", pessoa=pessoa.get_full_name()) if pessoa.active else _("Passar adiante o trabalho de %(pessoa)s",
                                                                                                   pessoa=pessoa.get_full_name())
        return self.render_template(
            "usuarios/desligar.html", form=form, titulo=titulo, pessoa=pessoa, posse=posse, voltar=volta,
            trilha=[(_("Usuários"), url_for("UsuarioView.list")), (pessoa.get_full_name(), volta)],
            botao=_("Desligar da equipe") if pessoa.active else _("Passar adiante"))


def _formulario(posse: Posse, pk: int) -> DesligarForm:
    campos: dict[str, Any] = {f"para_{t.nome}": SelectField(_(t.rotulo), coerce=int, widget=Selecao()) for t, _n in posse.trabalhos}
    form = type("DesligarForm", (DesligarForm,), campos)()
    da_equipe = select(User).where(User.active, User.id != pk, ~consultas.tem_papel(consultas.PAPEL_CLIENTE)).order_by(User.first_name, User.last_name)
    pessoas = [(p.id, f"{p.get_full_name()} ({p.username})") for p in db.session.scalars(da_equipe)]
    form.para_tudo.choices = [(0, _("Ninguém")), *pessoas]
    for trabalho, _n in posse.trabalhos:
        form[f"para_{trabalho.nome}"].choices = [(0, _("Como escolhido acima")), *pessoas]
    if not posse.trabalhos:
        del form.para_tudo
    return form


def _desligar(form: DesligarForm, posse: Posse, pk: int) -> int | None:
    try:
        with transacao() as sessao:
            return DesligamentoService(sessao).desligar(pk, por_id=g.user.id, para=form.escolhidos(posse))
    except DominioError as erro:
        return recusar(form, erro)
