"""The administrator's first week: company and logo, Pix key, e-mail, policy, first plan, users. Every step may be skipped and come back to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import configuracao, confirmacao
from app.core.erros import DominioError
from app.core.tipos import N_
from app.core.transacao import transacao
from app.core.visoes import recusar
from app.dashboard import passos
from app.extensions import db
from app.usuarios.consultas import e_admin
from app.usuarios.sessoes import entrou

# no declared title: not a section of the settings screen
PROVADOS = frozenset({"pix", "email", "usuarios"})      # where money and passwords go: whoever is here has just proved who it is
configuracao.declarar("assistente.dispensado", bool, False, N_("Primeiros passos dispensados"))


@dataclass(frozen=True)
class Situacao:
    """A step as the checklist shows it."""

    nome: str
    titulo: str
    explicacao: str
    url: str
    feito: bool


def situacoes(sessao: Session) -> list[Situacao]:
    """Every step, in order, and whether it is done."""
    feitos = passos.feitos(sessao)
    return [
        Situacao(nome, _(p.titulo), _(p.explicacao), url_for("AssistenteView.passo", nome=nome), feitos[nome]) for nome, p in passos.PASSOS.items()
    ]


def passos_pendentes(sessao: Session) -> list[Situacao] | None:
    """The checklist for the home page; None when it was dismissed or everything is done."""
    if configuracao.ler("assistente.dispensado"):
        return None
    lista = situacoes(sessao)
    return None if all(s.feito for s in lista) else lista


def so_admin(funcao: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of pages of administrators."""

    @functools.wraps(funcao)
    @entrou
    def embrulhada(*a: Any, **kw: Any) -> Any:
        return funcao(*a, **kw) if e_admin(g.user) else abort(403)

    return embrulhada


class AssistenteView(BaseView):
    """``/primeiros-passos/``."""

    route_base = "/primeiros-passos"
    default_view = "inicio"
    base_permissions: list[str] = []

    @expose("/")
    @so_admin
    def inicio(self) -> ResponseReturnValue:
        """The checklist."""
        return self.render_template("dashboard/assistente.html", title=_("Primeiros passos"), situacoes=situacoes(db.session()))

    @expose("/<string:nome>", methods=["GET", "POST"])
    @so_admin
    def passo(self, nome: str) -> ResponseReturnValue:
        """One step: its form, saved in one transaction, then the next one not done."""
        passo = passos.PASSOS.get(nome) or abort(404)
        if nome in PROVADOS:
            confirmacao.exigir()
        form = passo.formulario(db.session())
        resultado = self._salvar(passo, form) if form.validate_on_submit() else None
        if isinstance(resultado, str):
            return redirect(resultado)
        lista = situacoes(db.session())
        return self.render_template(
            "dashboard/passo.html", title=_(passo.titulo), passo=passo, nome=nome, form=form, situacoes=lista, resultado=resultado, proximo=_depois(nome),
            extra=passo.extra(db.session()))

    @staticmethod
    def _salvar(passo: passos.Passo, form: Any) -> str | dict | None:
        """Where to go next, what to show (the link of an invitation), or None with the refusal in the form."""
        try:
            passo.fora(form)
            with transacao() as sessao:
                mostrar = passo.salvar(sessao, form)
        except DominioError as erro:
            return recusar(form, erro)
        flash(_("Salvo."), "success")
        return mostrar or _depois(request.view_args["nome"])

    @expose("/dispensar", methods=["POST"])
    @so_admin
    def dispensar(self) -> ResponseReturnValue:
        """Take the checklist off the home page; its address stays."""
        with transacao() as sessao:
            configuracao.gravar(sessao, "assistente.dispensado", True)
        flash(_("Os primeiros passos continuam em %(endereco)s.", endereco=url_for("AssistenteView.inicio")), "info")
        return redirect("/")


def _depois(nome: str) -> str:
    nomes = list(passos.PASSOS)
    seguinte = nomes.index(nome) + 1
    return url_for("AssistenteView.passo", nome=nomes[seguinte]) if seguinte < len(nomes) else url_for("AssistenteView.inicio")
