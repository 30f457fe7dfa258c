"""The settings screen, made of what modules declared (core.configuracao): one page per group, typed fields, each with a way back to the default."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice

from app.core import configuracao
from app.core.configuracao import GRUPOS, PARAMETROS, Parametro
from app.core.erros import ValorInvalido
from app.core.formatos import numero, sim_nao
from app.core.modelos import retrato
from app.core.transacao import transacao
from app.core.visoes.campos import CampoDecimal, CampoInteiro, CampoTexto, EntradaInteiro, EntradaNumero, EntradaTexto, Selecao


class ConfiguracoesView(BaseView):
    """``/configuracoes/<grupo>``. A group without a declared title is the program's own and has no page."""

    route_base = "/configuracoes"
    default_view = "index"
    titulo_da_permissao = _l("Parâmetros")

    @expose("/")
    @has_access
    @permission_name("list")
    def index(self) -> ResponseReturnValue:
        """The first group."""
        primeiro = next(iter(grupos()), None)
        return redirect(url_for("ConfiguracoesView.grupo", grupo=primeiro)) if primeiro else abort(404)

    @expose("/<string:grupo>")
    @has_access
    @permission_name("list")
    def grupo(self, grupo: str) -> ResponseReturnValue:
        """The settings of a group."""
        return self._pagina(grupo, _formulario(_do_grupo(grupo)))

    @expose("/<string:grupo>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def gravar(self, grupo: str) -> ResponseReturnValue:
        """Save what differs; or put one setting back to its default, keeping what was typed in the others."""
        parametros = _do_grupo(grupo)
        form = _formulario(parametros)
        if (chave := request.form.get("padrao")) in {p.chave for p in parametros}:
            _voltar_ao_padrao(form, PARAMETROS[chave])
            return self._pagina(grupo, form)
        valores = _conferir(form, parametros) if form.validate_on_submit() else None
        if valores is None:
            return self._pagina(grupo, form)
        with transacao() as sessao:
            configuracao.travar(sessao)
            mudaram = [chave for chave, valor in valores.items() if valor != configuracao.ler(chave)]
            if mudaram and not _como_foi_lido(form, parametros):
                return self._pagina(grupo, form)
            for chave in mudaram:
                configuracao.gravar(sessao, chave, valores[chave])
        flash(_("Configurações salvas.") if mudaram else _("Nada mudou."), "success" if mudaram else "info")
        return redirect(url_for("ConfiguracoesView.grupo", grupo=grupo))

    def _pagina(self, grupo: str, form: DynamicForm) -> ResponseReturnValue:
        parametros = _do_grupo(grupo)
        diferentes = {p.chave for p in parametros if configuracao.ler(p.chave) != p.padrao}
        pode = self.appbuilder.sm.has_access("can_edit", self.class_permission_name)
        return self.render_template(
            "core/configuracoes.html", title=_("Parâmetros"), grupo=grupo, grupos=grupos(), form=form, parametros=parametros, nome_do_campo=nome_do_campo,
            diferentes=diferentes, pode=pode)


def grupos() -> dict[str, str]:
    """Groups that have a title and settings: name → title on screen."""
    com_parametros = {p.grupo for p in PARAMETROS.values()}
    return {grupo: _(titulo) for grupo, titulo in GRUPOS.items() if grupo in com_parametros}


def _do_grupo(grupo: str) -> list[Parametro]:
    if grupo not in grupos():
        abort(404)
    return [p for p in PARAMETROS.values() if p.grupo == grupo]


def nome_do_campo(chave: str) -> str:
    """Name of a setting's field: fields cannot have dots."""
    return chave.replace(".", "__")


def _formulario(parametros: list[Parametro]) -> DynamicForm:
    classe = type("FormConfiguracao", (DynamicForm,), {**{nome_do_campo(p.chave): _campo(p) for p in parametros}, "lido": HiddenField()})
    return classe(data={**{nome_do_campo(p.chave): configuracao.ler(p.chave) for p in parametros}, "lido": _retrato(parametros)})


def _retrato(parametros: list[Parametro]) -> str:
    """What the settings are now, in few characters."""
    return retrato(configuracao.ler(p.chave) for p in parametros)


def _como_foi_lido(form: DynamicForm, parametros: list[Parametro]) -> bool:
    """Whether nobody saved these settings since the page was opened (they are locked); else says so, and the next try is of the page as it is now."""
    agora = _retrato(parametros)
    if (form.lido.data or agora) == agora:
        return True
    form.lido.process(None, agora)
    form.form_errors = [_("Outra pessoa mudou estes parâmetros depois que esta página foi aberta. Nada foi salvo: confira o que digitou e salve de novo.")]
    return False


_CAMPOS: dict[type, tuple[type[Field], dict[str, Any]]] = {
    bool: (BooleanField, {}), int: (CampoInteiro, {"widget": EntradaInteiro()}), Decimal: (CampoDecimal, {"widget": EntradaNumero()}),
    str: (CampoTexto, {"widget": EntradaTexto()}), dt.time: (TimeField, {"render_kw": {"class": "form-control"}}),
}


def _campo(parametro: Parametro) -> Field:
    comum = {"label": _(parametro.rotulo), "description": _descricao(parametro)}
    if parametro.opcoes:
        opcoes = [SelectChoice(valor, _(texto)) for valor, texto in parametro.opcoes]
        return SelectField(choices=opcoes, coerce=parametro.tipo, widget=Selecao(), **comum)
    classe, forma = _CAMPOS[parametro.tipo]
    return classe(**comum, **forma)


def _descricao(parametro: Parametro) -> str:
    ajuda = _(parametro.ajuda) if parametro.ajuda else ""
    padrao = _na_tela(parametro)
    return f"{ajuda} ".lstrip() + _("Padrão: %(valor)s.", valor=padrao) if padrao else ajuda


def _na_tela(parametro: Parametro) -> str:
    valor = parametro.padrao
    if parametro.opcoes:
        return next((_(texto) for chave, texto in parametro.opcoes if chave == valor), str(valor))
    if isinstance(valor, bool):
        return sim_nao(valor)
    if isinstance(valor, (Decimal, int)):
        return numero(valor, max(0, -valor.as_tuple().exponent) if isinstance(valor, Decimal) else 0)
    return valor.strftime("%H:%M") if isinstance(valor, dt.time) else str(valor or "")


def _conferir(form: DynamicForm, parametros: list[Parametro]) -> dict[str, Any] | None:
    """The values by key, or None with the reason at each field that is wrong."""
    valores: dict[str, Any] = {}
    for parametro in parametros:
        campo = form[nome_do_campo(parametro.chave)]
        vazio = "" if parametro.tipo is str else None
        try:
            if campo.data is None and vazio is None:
                raise ValorInvalido(_("Informe um valor, ou volte ao padrão."))
            valores[parametro.chave] = configuracao.conferir(parametro, vazio if campo.data is None else campo.data)
        except ValorInvalido as erro:
            campo.errors = [str(erro)]
    return None if form.errors else valores


def _voltar_ao_padrao(form: DynamicForm, parametro: Parametro) -> None:
    with transacao() as sessao:
        configuracao.gravar(sessao, parametro.chave, None)
    campo = form[nome_do_campo(parametro.chave)]
    campo.raw_data, campo.data = None, parametro.padrao
    flash(_("“%(nome)s” voltou ao padrão.", nome=_(parametro.rotulo)), "success")
