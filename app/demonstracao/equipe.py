"""The invented provider's people: a small team, an invitation still open, a program with a key, and what customers said of offers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.clientes import consentimentos
from app.clientes.models import CanalContato, Cliente
from app.core import relogio
from app.core.ator import agindo_como
from app.faturamento.estados import TipoLancamento
from app.faturamento.models import CicloFaturamento
from app.faturamento.services import FaturamentoService
from app.usuarios import limites_papel, links
from app.usuarios.models import Convite, Tipo
from app.usuarios.services import ChaveApiService, UsuarioService

DOMINIO = "redeipe.exemplo.com.br"
TIME = (("beatriz", "Beatriz", "Lima", "Financeiro"), ("carlos", "Carlos", "Prado", "Atendente"), ("diego", "Diego", "Nunes", "Tecnico"))
AGRADOS = (
    ("carlos", "15.00", "Demora na visita técnica"), ("carlos", "10.00", "Queda no fim de semana"), ("beatriz", "40.00", "Indicação de vizinho"))
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
    _agradar(sessao)
    sessao.flush()


def _agradar(sessao: Session) -> None:
    """Small discounts of those who answer the telephone, for the next invoices."""
    pessoas = dict(sessao.execute(select(User.username, User.id).where(User.username.in_([usuario for usuario, *_resto in TIME]))).all())
    clientes = sessao.scalars(select(CicloFaturamento.cliente_id).distinct().order_by(CicloFaturamento.cliente_id).limit(len(AGRADOS))).all()
    for cliente_id, (quem, valor, descricao) in zip(clientes, AGRADOS, strict=False):
        if quem in pessoas:
            with agindo_como(pessoas[quem]):
                FaturamentoService(sessao).lancar(
                    cliente_id, tipo=TipoLancamento.desconto, descricao=descricao, valor=Decimal(valor), a_partir_de=relogio.hoje())
                limites_papel.anotar(sessao, Tipo.desconto, Decimal(valor), usuario_id=pessoas[quem], cliente_id=cliente_id)
