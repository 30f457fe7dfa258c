"""What open blocks mean: for a contract's access, and for its customer's status."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

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


def bloqueios_dos(sessao: Session, contrato_ids: Collection[int]) -> dict[int, list[Bloqueio]]:
    """Blocks of many contracts that were not closed, oldest first, by contract."""
    abertos: dict[int, list[Bloqueio]] = defaultdict(list)
    for b in sessao.scalars(select(Bloqueio).where(Bloqueio.contrato_id.in_(contrato_ids), Bloqueio.fim.is_(None)).order_by(Bloqueio.id)):
        abertos[b.contrato_id].append(b)
    return abertos


def acesso_devido(contrato: Contrato, abertos: Iterable[Bloqueio], em: dt.datetime) -> EstadoAcesso:
    """What the access must be: the contract's own state wins, then the hardest of its open blocks in force, else released."""
    if contrato.status in _DO_CONTRATO:
        return _DO_CONTRATO[contrato.status]
    em_vigor = {b.tipo for b in abertos if b.liberado_ate is None or b.liberado_ate <= em}
    for tipo in (TipoBloqueio.total, TipoBloqueio.reducao):
        if tipo in em_vigor:
            return _DO_BLOQUEIO[tipo]
    return EstadoAcesso.liberado


def recalcular_status(sessao: Session, cliente_ids: Collection[int], em: dt.datetime) -> None:
    """Set the status of customers from their contracts and the blocks in force at ``em``."""
    ClienteService(sessao).definir_status(_status_devidos(sessao, cliente_ids, em))


def _status_devidos(sessao: Session, cliente_ids: Collection[int], em: dt.datetime) -> dict[int, StatusCliente]:
    em_vigor = or_(Bloqueio.liberado_ate.is_(None), Bloqueio.liberado_ate <= em)
    total = select(Bloqueio.id).where(Bloqueio.contrato_id == Contrato.id, Bloqueio.fim.is_(None), Bloqueio.tipo == TipoBloqueio.total, em_vigor).exists()
    ativo = Contrato.status == StatusContrato.ativo
    contagens = select(
        Contrato.cliente_id, func.count().filter(ativo), func.count().filter(ativo, total), func.count().filter(Contrato.status.in_(_JA_TEVE))
    ).where(Contrato.cliente_id.in_(cliente_ids)).group_by(Contrato.cliente_id)
    sem_contrato = dict.fromkeys(cliente_ids, StatusCliente.prospecto)
    return sem_contrato | {cliente_id: _status(*contagem) for cliente_id, *contagem in sessao.execute(contagens)}


def _status(ativos: int, bloqueados: int, passados: int) -> StatusCliente:
    if not ativos:
        return StatusCliente.inativo if passados else StatusCliente.prospecto
    return StatusCliente.bloqueado if bloqueados == ativos else StatusCliente.ativo
