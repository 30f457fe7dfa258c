"""The invented provider's people: a small team, an invitation still open, a program with a key, and what customers said of offers."""

from __future__ import annotations

import datetime as dt

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.clientes import consentimentos
from app.clientes.models import CanalContato, Cliente
from app.core import relogio
from app.usuarios import links
from app.usuarios.models import Convite
from app.usuarios.services import ChaveApiService, UsuarioService

DOMINIO = "redeipe.exemplo.com.br"
TIME = (("beatriz", "Beatriz", "Lima", "Financeiro"), ("carlos", "Carlos", "Prado", "Atendente"), ("diego", "Diego", "Nunes", "Tecnico"))
PERGUNTADOS, PRAZO = 60, dt.timedelta(hours=72)


def contratar(sessao: Session) -> None:
    """Three people with provisional passwords nobody was told: an administrator gives each one another when it is to be tried."""
    nomes = [usuario for usuario, *_resto in TIME]
    existe = or_(User.username.in_(nomes), User.email.like(f"%@{DOMINIO}"))
    if sessao.scalar(select(User.id).where(existe).limit(1)) is not None:
        return
    for usuario, nome, sobrenome, papel in TIME:
        UsuarioService(sessao).criar(usuario=usuario, email=f"{usuario}@{DOMINIO}", nome=nome, sobrenome=sobrenome, papeis=[papel])
    sessao.flush()
    financeiro = sessao.scalars(select(User).where(User.username == nomes[0])).one()
    ChaveApiService(sessao).criar(financeiro.id, nome="ERP contábil", escopos_dados=["invoice:ler", "pagamento:ler"], dias=365)


def terminar(sessao: Session) -> None:
    """The last day: somebody is invited, and customers were asked about offers. No message leaves."""
    papel = sessao.scalars(select(Role).where(Role.name == "Atendente")).one()
    _token, resumo = links.novo()
    if sessao.scalar(select(Convite.id).limit(1)) is None:
        sessao.add(Convite(
            email=f"elisa@{DOMINIO}", nome="Elisa", sobrenome="Rocha", resumo=resumo, expira_em=relogio.agora() + PRAZO, papeis=[papel]))
    for n, cliente_id in enumerate(sessao.scalars(select(Cliente.id).order_by(Cliente.id).limit(PERGUNTADOS)).all()):
        canal = CanalContato.whatsapp if n % 3 else CanalContato.email
        consentimentos.registrar(sessao, cliente_id, canal, "marketing", concedido=n % 4 != 0, origem="Na instalação")
    sessao.flush()
