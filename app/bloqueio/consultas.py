"""What open blocks mean: for a contract's access, and for its customer's status."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio, TipoBloqueio
from app.clientes.models import StatusCliente
from app.clientes.services import ClienteService
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.rede.estados import EstadoAcesso

_DO_CONTRATO = {StatusContrato.suspenso: EstadoAcesso.suspenso, StatusContrato.cancelado: EstadoAcesso.encerrado}
_DO_BLOQUEIO = {TipoBloqueio.total: EstadoAcesso.bloqueado, TipoBloqueio.reducao: EstadoAcesso.reduzido}
_JA_TEVE = (StatusContrato.suspenso, StatusContrato.vencido, StatusContrato.cancelado)


def bloqueios_abertos(sessao: Session, contrato_id: int) -> list[Bloqueio]:
    """Blocks of a contract that were not closed, oldest first."""
    return list(sessao.scalars(select(Bloqueio).where(Bloqueio.contrato_id == contrato_id, Bloqueio.fim.is_(None)).order_by(Bloqueio.id)))


def acesso_devido(sessao: Session, contrato: Contrato, em: dt.datetime) -> EstadoAcesso:
    """What the access must be: the contract's own state wins, then the hardest block in force, else released."""
    if contrato.status in _DO_CONTRATO:
        return _DO_CONTRATO[contrato.status]
    em_vigor = {b.tipo for b in bloqueios_abertos(sessao, contrato.id) if b.liberado_ate is None or b.liberado_ate <= em}
    for tipo in (TipoBloqueio.total, TipoBloqueio.reducao):
        if tipo in em_vigor:
            return _DO_BLOQUEIO[tipo]
    return EstadoAcesso.liberado


def recalcular_status(sessao: Session, cliente_id: int, em: dt.datetime) -> StatusCliente:
    """Set the customer's status from his contracts and their blocks in force at ``em``, and return it."""
    status = _status_devido(sessao, cliente_id, em)
    ClienteService(sessao).definir_status(cliente_id, status)
    return status


def _status_devido(sessao: Session, cliente_id: int, em: dt.datetime) -> StatusCliente:
    em_vigor = or_(Bloqueio.liberado_ate.is_(None), Bloqueio.liberado_ate <= em)
    total = select(Bloqueio.id).where(Bloqueio.contrato_id == Contrato.id, Bloqueio.fim.is_(None), Bloqueio.tipo == TipoBloqueio.total, em_vigor).exists()
    ativo = Contrato.status == StatusContrato.ativo
    contagens = select(
        func.count().filter(ativo), func.count().filter(ativo, total), func.count().filter(Contrato.status.in_(_JA_TEVE))
    ).where(Contrato.cliente_id == cliente_id)
    ativos, bloqueados, passados = sessao.execute(contagens).one()
    if not ativos:
        return StatusCliente.inativo if passados else StatusCliente.prospecto
    return StatusCliente.bloqueado if bloqueados == ativos else StatusCliente.ativo
