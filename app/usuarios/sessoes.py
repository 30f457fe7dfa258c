"""Sessions of the browser: begun clean at entry under a random name, followed by a row that can be ended, given another name when rights change."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, request, session, url_for
from flask_appbuilder.security import decorators
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user

from app.core import confirmacao, relogio
from app.core.transacao import transacao
from app.extensions import db
from app.usuarios import consultas
from app.usuarios.conhecidos import dar
from app.usuarios.models import SessaoUsuario
from app.usuarios.services import FatorService, SessaoService
from app.usuarios.services.sessoes import PASSO, resumir

NOME = "sid"       # in the cookie and in the API's tokens
APARELHO = "crm_aparelho"
SEM_GENTE = "HX-Request"      # what a page asks for by itself, as it does for progress: nobody is at the keyboard
_FIM = {
    "ociosa": _l("A sessão terminou por falta de uso. Entre de novo."), "vencida": _l("A sessão chegou ao tempo máximo. Entre de novo."),
    "senha_trocada": _l("A senha desta conta foi trocada. Entre com a nova."), "encerrada": _l("Esta sessão foi encerrada. Entre de novo."),
    "desativada": _l("Este acesso foi desativado. Fale com o administrador."), "redefinir_2fa": _l("A verificação em duas etapas foi refeita. Entre de novo."),
}


def abrir(usuario: User, nome: str, idioma: str | None = None) -> None:
    """Sign in under the session of that name: nothing of the anonymous session survives (fixation) but the language, when the person has chosen none."""
    idioma = idioma or session.get("locale")
    session.clear()
    login_user(usuario, remember=False)
    session.permanent = True
    session[NOME] = nome
    if idioma:
        session["locale"] = idioma


def falar(idioma: str) -> None:
    """From the next page on, the present session is in this language."""
    session["locale"] = idioma


def atual() -> SessaoUsuario | None:
    """The row of the present session; None for programs with a key and for nobody."""
    return g.get("sessao")


def renovar(*, confirmada: bool = False) -> None:
    """Give the present session another name (rights changed, or the person has just proved who it is)."""
    esta = atual()
    if esta is not None:
        with transacao() as sessao:
            nome = SessaoService(sessao).girar(esta.id, esta.usuario_id, session.get(NOME, ""), confirmada=confirmada)
        if nome is not None:
            session[NOME] = nome


def acompanhar() -> None:
    """At each request of somebody signed in: note that the person is there, and give the session its new name when its rights changed."""
    esta = atual()
    if esta is None or request.headers.get(SEM_GENTE):
        return
    abre_pagina = request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if esta.girar and abre_pagina and not g.get("nome_velho"):
        renovar()
    elif relogio.agora() - esta.vista_em > PASSO:
        with transacao() as sessao:
            SessaoService(sessao).tocar(esta.id)


def segundos() -> int:
    """How long the present session still lasts without another click; 0 for nobody."""
    esta = atual()
    if esta is None:
        return 0
    agora = relogio.agora()
    vista = esta.vista_em if request.headers.get(SEM_GENTE) else agora
    fim = min(esta.expira_em, vista + dt.timedelta(minutes=esta.ociosa_minutos))
    return max(0, int((fim - agora).total_seconds()))


def recente() -> bool:
    """Whether the person of the present session proved within the last minutes who it is."""
    esta = atual()
    return esta is not None and not g.get("nome_velho") and esta.confirmada_em is not None and relogio.agora() - esta.confirmada_em < confirmacao.JANELA


confirmacao.ligar(recente)


def aparelho() -> str | None:
    """SHA-256 of what a trusted browser carries; None without."""
    cartao = request.cookies.get(APARELHO)
    return resumir(cartao) if cartao else None


def confiar(usuario_id: int) -> int:
    """Trust this browser from now on: its cookie goes with the answer. Returns the row's id."""
    with transacao() as sessao:
        chave, cartao, prazo = FatorService(sessao).confiar(usuario_id, nome=nome_do_navegador(request.user_agent.string), ip=request.remote_addr)
    dar(APARELHO, cartao, prazo)
    return chave


def nome_do_navegador(agente: str | None) -> str:
    """A browser as people call it: ``Chrome no Windows``."""
    agente = agente or ""
    programas = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    sistemas = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))
    programa = next((nome for parte, nome in programas if parte in agente), "")
    sistema = next((nome for parte, nome in sistemas if parte in agente), "")
    if programa and sistema:
        return _("%(programa)s no %(sistema)s", programa=programa, sistema=sistema)
    return programa or agente.split("/")[0][:40] or _("Programa desconhecido")


def entrou(funcao: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of pages open to anybody signed in, whatever the roles; others are sent to the entry and come back."""

    @functools.wraps(funcao)
    def embrulhada(*a: Any, **kw: Any) -> Any:
        if current_user.is_authenticated:
            return funcao(*a, **kw)
        _convidar("", "")
        return redirect(url_for("EntradaView.login", next=request.path))

    return embrulhada


def _convidar(_recusa: str, _tom: str) -> None:
    """What somebody who has not signed in reads at the entry: an invitation, once, however many pages were asked for."""
    aviso = ("info", _("Entre para continuar."))
    if NOME not in session and aviso not in map(tuple, session.get("_flashes", [])):
        flash(aviso[1], aviso[0])


def dizer_o_fim() -> None:
    """At the entry, once: why the session this browser had is over."""
    nome = session.pop(NOME, None)
    if nome:
        flash(str(_FIM.get(consultas.motivo_do_fim(db.session(), resumir(nome)), _("Entre para continuar."))), "info")


decorators.flash = _convidar      # the framework's own words there are "Access is Denied", in red; who has signed in gets a 403 instead
