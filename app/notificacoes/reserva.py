"""Claiming messages: a short transaction that takes some, renders their texts once and counts the attempt; and giving them back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from app.core import eventos, relogio
from app.core.cifra import legivel
from app.notificacoes.ambiente import Ambiente, message_id, no_canal
from app.notificacoes.models import Canal, ModeloMensagem, Notificacao, OptOut, StatusNotificacao
from app.notificacoes.regras import PONTOS, TENTATIVAS, ErroDeModelo, declarado, renderizar

LOTE = 10
ARRENDAMENTO = dt.timedelta(seconds=75)      # longer than any one message may take (canais.smtp.TEMPO_TOTAL)


@dataclass(frozen=True)
class Carta:
    """A claimed message as plain data. ``tentativa`` names the claim: whoever marks must still hold it."""

    id: int
    tentativa: int
    reservada_ate: dt.datetime
    canal: Canal
    evento: str
    cliente_id: int | None
    destinatario: str
    assunto: str = field(repr=False)
    texto: str = field(repr=False)
    message_id: str
    anexos: tuple[Mapping[str, Any], ...]
    segredos: tuple[str, ...] = field(default=(), repr=False)      # what is in ``texto`` and may be in no table


def reservar(sessao: Session, ambiente: Ambiente) -> list[Carta]:
    """Claim up to LOTE due messages of the open channels. What cannot be sent at all (template, opt-out, tries used up, validity over) is settled here."""
    _cancelar_vencidas(sessao)
    while True:
        linhas = _pegar(sessao, ambiente)
        recusas, modelos = _recusas(sessao, linhas), _modelos(sessao, linhas)
        cartas = [carta for linha in linhas if (carta := _preparar(sessao, linha, ambiente, recusas, modelos))]
        sessao.flush()
        if cartas or not linhas:
            return cartas


def soltar(sessao: Session, cartas: Iterable[Carta]) -> None:
    """Give back claims that were not used: they cost no attempt."""
    for carta in cartas:
        minha = (Notificacao.id == carta.id, Notificacao.tentativas == carta.tentativa, Notificacao.status == StatusNotificacao.pendente)
        valores = {"tentativas": Notificacao.tentativas - 1, "reservada_ate": None}
        sessao.execute(update(Notificacao).where(*minha).values(valores).execution_options(synchronize_session=False))


def _pegar(sessao: Session, ambiente: Ambiente) -> list[Notificacao]:
    agora = relogio.agora()
    canais = [c for c in ambiente.abertos if c is not Canal.email or ambiente.cota != 0]
    livre = or_(Notificacao.reservada_ate.is_(None), Notificacao.reservada_ate < agora)
    consulta = select(Notificacao).where(Notificacao.status == StatusNotificacao.pendente, Notificacao.quando <= agora, livre, Notificacao.canal.in_(canais))
    consulta = consulta.order_by(Notificacao.quando, Notificacao.id).limit(min(LOTE, ambiente.cota or LOTE))
    return list(sessao.scalars(consulta.with_for_update(skip_locked=True).execution_options(populate_existing=True)))


def _cancelar_vencidas(sessao: Session) -> None:
    """What may not leave any more, of every channel, stopped ones too: its secret goes with it."""
    agora = relogio.agora()
    livre = or_(Notificacao.reservada_ate.is_(None), Notificacao.reservada_ate < agora)
    vencidas = update(Notificacao).where(Notificacao.status == StatusNotificacao.pendente, Notificacao.vale_ate <= agora, livre)
    valores = {"status": StatusNotificacao.cancelada, "segredos": None, "reservada_ate": None, "erro": _("Passou da validade antes de poder sair.")}
    sessao.execute(vencidas.values(valores).execution_options(synchronize_session=False))


def _recusas(sessao: Session, linhas: list[Notificacao]) -> dict[tuple[Canal, str], dict[str | None, str]]:
    """(channel, address in lower case) → {event or None for all: reason}."""
    if not linhas:
        return {}
    pares = {(linha.canal, linha.destinatario.lower()) for linha in linhas}
    achados: dict[tuple[Canal, str], dict[str | None, str]] = {}
    for recusa in sessao.scalars(select(OptOut).where(tuple_(OptOut.canal, func.lower(OptOut.destinatario)).in_(pares))):
        achados.setdefault((recusa.canal, recusa.destinatario.lower()), {})[recusa.evento] = recusa.motivo
    return achados


def _modelos(sessao: Session, linhas: list[Notificacao]) -> dict[tuple[str, Canal], ModeloMensagem]:
    sem_texto = {(linha.evento, linha.canal) for linha in linhas if linha.corpo is None or declarado(linha.evento).segredos}
    if not sem_texto:
        return {}
    consulta = select(ModeloMensagem).where(tuple_(ModeloMensagem.evento, ModeloMensagem.canal).in_(sem_texto))
    return {(modelo.evento, modelo.canal): modelo for modelo in sessao.scalars(consulta)}


def _preparar(sessao: Session, linha: Notificacao, ambiente: Ambiente, recusas: Mapping, modelos: Mapping) -> Carta | None:
    motivos = recusas.get((linha.canal, linha.destinatario.lower()), {})
    if recusado := motivos.get(None) or motivos.get(linha.evento):
        return _encerrar(sessao, linha, StatusNotificacao.cancelada, recusado)
    if linha.tentativas >= TENTATIVAS:      # counted before the call: a message that kills its process must use up its tries too
        return _encerrar(sessao, linha, StatusNotificacao.falha, linha.erro or _("O envio foi interrompido %(n)d vezes.", n=TENTATIVAS))
    segredos: dict[str, str] = {}
    if (esperados := declarado(linha.evento).segredos) and set(segredos := _segredos(linha)) != esperados:
        return _encerrar(sessao, linha, StatusNotificacao.falha, frase_sem_segredo())
    texto = linha.corpo
    if texto is None or segredos:
        modelo = modelos.get((linha.evento, linha.canal))
        if modelo is None or not modelo.ativo:
            motivo = _("Não há modelo para esta mensagem.") if modelo is None else _("O modelo desta mensagem está desligado.")
            return _encerrar(sessao, linha, StatusNotificacao.falha if modelo is None else StatusNotificacao.cancelada, motivo)
        try:
            texto = _escrever(linha, modelo, {**ambiente.comuns, **linha.dados}, segredos)
        except ErroDeModelo as erro:
            return _encerrar(sessao, linha, StatusNotificacao.falha, str(erro))
    linha.tentativas += 1
    linha.reservada_ate = relogio.agora() + ARRENDAMENTO
    linha.message_id = linha.message_id or message_id(linha.id, linha.canal, ambiente.remetente)
    return Carta(
        linha.id, linha.tentativas, linha.reservada_ate, linha.canal, linha.evento, linha.cliente_id, linha.destinatario, linha.assunto or "", texto,
        linha.message_id, tuple(linha.anexos), tuple(segredos.values()),
    )


def _escrever(linha: Notificacao, modelo: ModeloMensagem, dados: Mapping[str, Any], segredos: Mapping[str, str]) -> str:
    """The text that leaves. The row keeps the same one, with dots where the secrets are: made anew for each try, never stored with them."""
    hoje = relogio.hoje()
    linha.assunto, corpo = renderizar(modelo.assunto, modelo.corpo, {**dados, **dict.fromkeys(segredos, PONTOS)}, hoje=hoje)
    linha.corpo = no_canal(linha.canal, corpo)
    return no_canal(linha.canal, renderizar("", modelo.corpo, {**dados, **segredos}, hoje=hoje)[1]) if segredos else linha.corpo


def _segredos(linha: Notificacao) -> dict[str, str]:
    """What was kept encrypted; nothing when it is gone or no key opens it."""
    return json.loads(legivel(lambda: linha.segredos) or "{}")


def frase_sem_segredo() -> str:
    """Why a message whose link or code is gone cannot leave."""
    return _("O link ou código desta mensagem não existe mais: peça um novo.")


def _encerrar(sessao: Session, linha: Notificacao, status: StatusNotificacao, motivo: str) -> None:
    linha.status, linha.erro, linha.reservada_ate, linha.segredos = status, motivo, None, None
    if status is StatusNotificacao.falha:
        avisar_falha(sessao, linha.cliente_id, linha.destinatario, motivo)


def avisar_falha(sessao: Session, cliente_id: int | None, destinatario: str, motivo: str) -> None:
    """The fact that a customer's message will not arrive."""
    if cliente_id:
        eventos.registrar(sessao, "mensagem_falhou", cliente_id=cliente_id, destinatario=destinatario, motivo=motivo)
