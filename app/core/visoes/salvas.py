"""Saved views: a list's filters kept under a name, as a tab of that list, for one person or for the whole team."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.core.erros import DominioError, RegraViolada, SemPermissao, ValorInvalido
from app.core.models import FiltroSalvo
from app.core.transacao import transacao
from app.core.visoes.escopo import pode_ver

NOME_MAXIMO = 40
CONSULTA_MAXIMA = 1500
POR_PESSOA = 20
PERMISSAO = ("can_compartilhar", "FiltrosSalvosView")


def criterios(pares: Iterable[tuple[str, str]]) -> str:
    """What of an address makes a view: quick search, filters and order, never the page. As a query string in one fixed order."""
    return urlencode(sorted((n, v) for n, v in pares if v and (n == "q" or n.startswith(("_flt_", "_oc_", "_od_")))))


def sem_ordem(consulta: str) -> str:
    """``consulta`` (see ``criterios``) without its order."""
    return urlencode([(n, v) for n, v in parse_qsl(consulta) if not n.startswith(("_oc_", "_od_"))])


def do_usuario(sessao: Session, visao: str, usuario_id: int) -> list[FiltroSalvo]:
    """The person's own views of a list and the team's, by name."""
    dono = or_(FiltroSalvo.usuario_id == usuario_id, FiltroSalvo.usuario_id.is_(None))
    return list(sessao.scalars(select(FiltroSalvo).where(FiltroSalvo.visao == visao, dono).order_by(FiltroSalvo.nome, FiltroSalvo.id)))


def salvar(sessao: Session, visao: str, nome: str, consulta: str, usuario_id: int | None) -> FiltroSalvo:
    """Keep ``consulta`` (see ``criterios``) under ``nome`` for that person, or for the team with None; the same name is replaced.

    Raises ``ValorInvalido`` for a missing or long name or an empty or long query, ``RegraViolada`` above ``POR_PESSOA`` views of one list.
    """
    nome = " ".join(nome.replace("\0", "").split())
    if not 1 <= len(nome) <= NOME_MAXIMO:
        raise ValorInvalido(_("Dê à visão um nome de até %(n)d letras.", n=NOME_MAXIMO), campo="nome")
    if not 1 <= len(consulta) <= CONSULTA_MAXIMA:
        raise ValorInvalido(_("Filtre ou ordene a lista antes de salvar a visão.") if not consulta else _("Há filtros demais para uma visão."))
    sessao.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"filtro_salvo:{visao}:{usuario_id}", 0))))
    do_dono = FiltroSalvo.usuario_id == usuario_id if usuario_id is not None else FiltroSalvo.usuario_id.is_(None)
    existentes = {f.nome: f for f in sessao.scalars(select(FiltroSalvo).where(FiltroSalvo.visao == visao, do_dono))}
    if nome not in existentes and len(existentes) >= POR_PESSOA:
        raise RegraViolada(_("Esta lista já tem %(n)d visões salvas: exclua uma antes.", n=POR_PESSOA))
    filtro = existentes.get(nome) or FiltroSalvo(visao=visao, nome=nome, usuario_id=usuario_id)
    filtro.consulta = consulta
    sessao.add(filtro)
    return filtro


def excluir(sessao: Session, filtro_id: int, usuario_id: int, *, da_equipe: bool) -> str:
    """Remove one's own view, or with ``da_equipe`` one of the team's; returns its list. ``SemPermissao`` for a view of somebody else."""
    filtro = sessao.get(FiltroSalvo, filtro_id)
    if filtro is None or not (filtro.usuario_id == usuario_id or (filtro.usuario_id is None and da_equipe)):
        raise SemPermissao(_("Essa visão não é sua."))
    sessao.delete(filtro)
    return filtro.visao


def pode_compartilhar() -> bool:
    """Whether the present person may save and remove the team's views."""
    return current_app.appbuilder.sm.has_access(*PERMISSAO)


class FiltrosSalvosView(BaseView):
    """Two POSTs, from the tabs of a list: save the address's filters, remove a saved view."""

    route_base = "/filtros-salvos"
    titulo_da_permissao = _l("Visões salvas")
    default_view = "salvar"
    base_permissions: list[str] = ["can_compartilhar"]

    @expose("/", methods=["POST"])
    def salvar(self) -> ResponseReturnValue:
        """``visao`` (a list's endpoint), ``nome``, ``consulta`` (the address after the question mark) and ``equipe`` to share it."""
        lista = self._lista(request.form.get("visao", ""))
        consulta = criterios(parse_qsl(request.form.get("consulta", "").replace("\0", "")))
        equipe = bool(request.form.get("equipe"))
        if equipe and not pode_compartilhar():
            abort(403)
        try:
            with transacao() as sessao:
                filtro = salvar(sessao, lista.endpoint, request.form.get("nome", ""), consulta, None if equipe else current_user.id)
                sessao.flush()
                nome = filtro.nome
        except DominioError as erro:
            flash(str(erro), "danger")
        else:
            flash(_("Visão “%(nome)s” salva.", nome=nome), "success")
        return self._ir(lista, consulta)

    @expose("/<int:pk>/excluir", methods=["POST"])
    def excluir(self, pk: int) -> ResponseReturnValue:
        """Remove it and go back to its list, unfiltered; 404 when it is not the person's."""
        if not current_user.is_authenticated:
            abort(401)
        try:
            with transacao() as sessao:
                visao = excluir(sessao, pk, current_user.id, da_equipe=pode_compartilhar())
        except SemPermissao:
            abort(404)
        flash(_("Visão excluída."), "success")
        return self._ir(self._lista(visao), "")

    def _lista(self, endpoint: str) -> Any:
        """The list the person may see; 401 for nobody, 404 for anything else."""
        if not current_user.is_authenticated:
            abort(401)
        lista = next((v for v in self.appbuilder.baseviews if v.endpoint == endpoint and hasattr(v, "visoes")), None)
        return lista if lista is not None and pode_ver(lista) else abort(404)

    def _ir(self, lista: Any, consulta: str) -> ResponseReturnValue:
        return redirect(url_for(f"{lista.endpoint}.list") + (f"?{consulta}" if consulta else ""))
