"""Telling people of an entry to their account by a browser they never used before. A job finds them, so that signing in costs nothing more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import relogio
from app.notificacoes.models import Canal
from app.notificacoes.services import NotificacaoService
from app.usuarios.models import SessaoUsuario, TipoSessao
from app.usuarios.recuperacao import destino
from app.usuarios.sessoes import nome_do_navegador

JANELA = dt.timedelta(days=1)
POR_VEZ = 1000


def avisar(sessao: Session) -> int:
    """Write to each person who entered since yesterday by a kind of browser and system none of the earlier sessions had. The first entry of an
    account is no news. Once for each session, however often it is repeated; returns how many were new."""
    recentes = select(SessaoUsuario).where(SessaoUsuario.tipo == TipoSessao.navegador, SessaoUsuario.aberta_em > relogio.agora() - JANELA)
    novas = sessao.scalars(recentes.order_by(SessaoUsuario.id).limit(POR_VEZ)).all()
    antes = _navegadores(sessao, {nova.usuario_id for nova in novas})
    return sum(_contar(sessao, nova) for nova in novas if _nunca_visto(nova, antes[nova.usuario_id]))


def _navegadores(sessao: Session, pessoas: set[int]) -> dict[int, list[tuple[int, str]]]:
    """Of each person, the (session, browser) of every session there was."""
    delas: dict[int, list[tuple[int, str]]] = defaultdict(list)
    consulta = select(SessaoUsuario.usuario_id, SessaoUsuario.id, SessaoUsuario.agente).where(
        SessaoUsuario.usuario_id.in_(pessoas), SessaoUsuario.tipo == TipoSessao.navegador)
    for pessoa, chave, agente in sessao.execute(consulta):
        delas[pessoa].append((chave, nome_do_navegador(agente)))
    return delas


def _nunca_visto(nova: SessaoUsuario, delas: list[tuple[int, str]]) -> bool:
    anteriores = {nome for chave, nome in delas if chave < nova.id}
    return bool(anteriores) and nome_do_navegador(nova.agente) not in anteriores


def _contar(sessao: Session, nova: SessaoUsuario) -> int:
    usuario = sessao.get_one(User, nova.usuario_id)
    canal, para = destino(sessao, usuario) or (None, "")
    if canal is not Canal.email:
        return 0
    quando = f"{relogio.local(nova.aberta_em):%d/%m/%Y %H:%M}"
    dados = {"nome": usuario.first_name, "quando": quando, "ip": nova.ip or "-", "aparelho": nome_do_navegador(nova.agente)}
    feita = NotificacaoService(sessao).agendar("acesso_novo", chave=f"acesso_novo:{nova.id}", destinatario=para, usuario_id=usuario.id, dados=dados)
    return int(feita is not None)
