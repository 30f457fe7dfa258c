"""The queue of accesses: what must be done is claimed with a lease, carried out with no transaction open, recorded by compare-and-set.

The lease's end names the holder: whoever finds another one there was too slow. His order may then have reached the equipment after a newer one,
so the access is asked for once more.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Update, bindparam, case, insert, or_, select, update
from sqlalchemy.orm import Session

from app.contratos.models import Contrato
from app.core import relogio
from app.notificacoes.services import NotificacaoService
from app.rede.controladores import Alvo, DadosServidor, FalhaRede
from app.rede.estados import EstadoAcesso, TipoServidor
from app.rede.models import AcessoRede, EventoRede, Servidor

RESERVA = dt.timedelta(seconds=60)
LOTE = 500
AVISOS_POR_VEZ = 5      # a whole server that refuses is one trouble, not hundreds
PAUSA_DO_SERVIDOR = dt.timedelta(seconds=30)
PRIMEIRA_PAUSA, MAIOR_PAUSA, PAUSA_DEFINITIVA = 30, 3600, 86400
A = AcessoRede
SEM_SERVIDOR = DadosServidor(None, "simulado", TipoServidor.simulado)


@dataclass(frozen=True)
class Pedido:
    """What one server must do, and until when it is ours to do."""

    servidor: DadosServidor
    alvos: Sequence[Alvo]
    reserva: dt.datetime


def reservar(sessao: Session, tamanho: int = LOTE) -> list[Pedido]:
    """Claim what is due, releases first, except on servers that pause; grouped by server."""
    agora = relogio.agora()
    reserva = agora + RESERVA
    em_pausa = select(Servidor.id).where(Servidor.pausado_ate > agora)
    livre = or_(A.reservado_ate.is_(None), A.reservado_ate < agora)
    alcancavel = or_(A.servidor_id.is_(None), A.servidor_id.not_in(em_pausa))
    urgencia = case((A.desejado == EstadoAcesso.liberado, 0), else_=1)
    ids = select(A.id).where(A.versao != A.versao_aplicada, A.proxima <= agora, livre, alcancavel).order_by(urgencia, A.proxima, A.id)
    alvo = ids.limit(tamanho).with_for_update(skip_locked=True, key_share=True).cte("alvo")
    colunas = (A.id, A.contrato_id, A.login, A.grupo, A.desejado, A.versao, A.servidor_id)
    linhas = sessao.execute(_quieto(update(A).where(A.id == alvo.c.id).values(reservado_ate=reserva).returning(*colunas))).all()
    return _por_servidor(sessao, linhas, reserva)


def _por_servidor(sessao: Session, linhas: Sequence[Any], reserva: dt.datetime) -> list[Pedido]:
    senhas = dict(sessao.execute(select(Contrato.id, Contrato.senha_pppoe).where(Contrato.id.in_([n.contrato_id for n in linhas]))).all()) if linhas else {}
    grupos: dict[int | None, list[Alvo]] = defaultdict(list)
    for n in sorted(linhas, key=lambda n: (n.desejado is not EstadoAcesso.liberado, n.id)):
        grupos[n.servidor_id].append(Alvo(n.id, n.contrato_id, n.login or "", n.grupo or "", n.desejado, n.versao, senhas.get(n.contrato_id)))
    servidores = {s.id: _dados(s) for s in sessao.scalars(select(Servidor).where(Servidor.id.in_([i for i in grupos if i])))}
    return [Pedido(servidores.get(servidor_id, SEM_SERVIDOR), alvos, reserva) for servidor_id, alvos in grupos.items()]


def _dados(s: Servidor) -> DadosServidor:
    return DadosServidor(s.id, s.nome, s.tipo, s.ip, s.usuario, s.segredo, s.porta_coa)


def anotar(sessao: Session, pedido: Pedido, resultados: Mapping[int, FalhaRede | None]) -> int:
    """Record what the server answered to each order; an order it said nothing about failed. Returns how many are in place."""
    calado = FalhaRede(_("O servidor não respondeu sobre este acesso."))
    falhas = {alvo.acesso_id: resultados.get(alvo.acesso_id, calado) for alvo in pedido.alvos}
    nossos = set(sessao.scalars(
        select(A.id).where(A.id.in_(list(falhas)), A.reservado_ate == pedido.reserva).order_by(A.id).with_for_update(key_share=True)
    ))
    _aplicados(sessao, [a for a in pedido.alvos if a.acesso_id in nossos and falhas[a.acesso_id] is None])
    for alvo in pedido.alvos:
        falha = falhas[alvo.acesso_id]
        if falha is not None and alvo.acesso_id in nossos:
            _falhou(sessao, alvo, falha)
    _avisar_recusas(sessao, pedido, {a.acesso_id: falhas[a.acesso_id] for a in pedido.alvos if a.acesso_id in nossos})
    _pedir_de_novo(sessao, [a.acesso_id for a in pedido.alvos if a.acesso_id not in nossos])
    _contar(sessao, pedido, falhas)
    return sum(1 for falha in falhas.values() if falha is None)


def devolver(sessao: Session, pedido: Pedido, motivo: str) -> None:
    """The server as a whole did not answer: the orders wait with all their tries until it is asked again. It is the server's trouble, told there."""
    minhas = (A.id.in_([alvo.acesso_id for alvo in pedido.alvos]), A.reservado_ate == pedido.reserva)
    sessao.execute(_quieto(update(A).where(*minhas).values(reservado_ate=None, erro=motivo[:500])))


def _aplicados(sessao: Session, alvos: Sequence[Alvo]) -> None:
    if not alvos:
        return
    comando = update(A).where(A.id == bindparam("_id")).values(
        versao_aplicada=bindparam("_versao"), aplicado=bindparam("_aplicado"), aplicado_em=relogio.agora(), tentativas=0, erro=None, reservado_ate=None
    )
    sessao.connection().execute(comando, [{"_id": a.acesso_id, "_versao": a.versao, "_aplicado": a.desejado} for a in alvos])


def _falhou(sessao: Session, alvo: Alvo, falha: FalhaRede) -> None:
    """Wait longer each time, unless the desire changed meanwhile: a new order starts afresh."""
    tentativas = sessao.scalar(select(A.tentativas).where(A.id == alvo.acesso_id)) + 1
    segundos = min(PRIMEIRA_PAUSA * 2 ** min(tentativas - 1, 10), MAIOR_PAUSA) if falha.temporaria else PAUSA_DEFINITIVA
    espera = {"tentativas": tentativas, "erro": str(falha)[:500], "proxima": relogio.agora() + dt.timedelta(seconds=segundos)}
    sessao.execute(_quieto(update(A).where(A.id == alvo.acesso_id, A.versao == alvo.versao).values(espera)))
    sessao.execute(_quieto(update(A).where(A.id == alvo.acesso_id).values(reservado_ate=None)))


def _avisar_recusas(sessao: Session, pedido: Pedido, falhas: Mapping[int, FalhaRede | None]) -> None:
    """An order that was refused for good needs a person: the administrators' bell says so, once per order."""
    recusados = [a for a in pedido.alvos if (falha := falhas.get(a.acesso_id)) is not None and not falha.temporaria]
    numeros = dict(sessao.execute(select(Contrato.id, Contrato.numero).where(Contrato.id.in_([a.contrato_id for a in recusados]))).all()) if recusados else {}
    for alvo in recusados[:AVISOS_POR_VEZ]:
        dados = {"contrato": numeros[alvo.contrato_id], "servidor": pedido.servidor.nome, "motivo": str(falhas[alvo.acesso_id])[:500]}
        NotificacaoService(sessao).avisar_equipe("acesso_recusado", chave=f"acesso_recusado:{alvo.acesso_id}:{alvo.versao}", dados=dados)


def _pedir_de_novo(sessao: Session, ids: Sequence[int]) -> None:
    if ids:
        sessao.execute(_quieto(update(A).where(A.id.in_(ids)).values(versao=A.versao + 1, proxima=relogio.agora())))


def _contar(sessao: Session, pedido: Pedido, falhas: Mapping[int, FalhaRede | None]) -> None:
    agora = relogio.agora()
    sessao.execute(insert(EventoRede), [
        {
            "contrato_id": a.contrato_id, "servidor_id": pedido.servidor.id, "acao": a.desejado.name, "ok": falhas[a.acesso_id] is None, "em": agora,
            "detalhe": str(falhas[a.acesso_id])[:500] if falhas[a.acesso_id] else None,
        }
        for a in pedido.alvos
    ])


def servidor_respondeu(sessao: Session, servidor_id: int | None) -> None:
    """The circuit is closed."""
    if servidor_id is not None:
        valores = {"ultimo_contato_em": relogio.agora(), "ultimo_erro": None, "pausado_ate": None}
        sessao.execute(_quieto(update(Servidor).where(Servidor.id == servidor_id).values(valores)))


def servidor_calou(sessao: Session, servidor_id: int | None, motivo: str) -> None:
    """The circuit opens: nothing is asked of this server for a while, the others go on."""
    if servidor_id is not None:
        valores = {"ultimo_erro": motivo[:500], "pausado_ate": relogio.agora() + PAUSA_DO_SERVIDOR}
        sessao.execute(_quieto(update(Servidor).where(Servidor.id == servidor_id).values(valores)))


def _quieto(comando: Update) -> Update:
    return comando.execution_options(synchronize_session=False)
