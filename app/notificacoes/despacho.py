"""Sending: claim some messages, send each with no transaction open, mark each by compare-and-set. Any number may run at once.

One row is never sent twice, except when a kill falls between the server's answer and the mark; the second has the same Message-ID.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import time
from contextlib import ExitStack
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.orm import Session

from app.core import eventos, registro, relogio
from app.core.erros import DominioError
from app.core.execucao import CONTINUAR, Execucao
from app.core.tipos import N_
from app.extensions import db
from app.notificacoes import ambiente as ambientes
from app.notificacoes.ambiente import Ambiente
from app.notificacoes.canais import FABRICAS, AnexoPronto, CanalMensagem, Mensagem, ResultadoEnvio, fabricar, permanente, temporaria
from app.notificacoes.canais.smtp import TEMPO_TOTAL
from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, OptOut, ResultadoTentativa, StatusNotificacao
from app.notificacoes.regras import TENTATIVAS, proxima_tentativa
from app.notificacoes.reserva import Carta, avisar_falha, reservar, soltar
from app.notificacoes.services import CanalService
from app.notificacoes.sigilo import ocultar

log = logging.getLogger(__name__)
VEZ = 20.0      # seconds in a row before others of the queue get their turn
R = ResultadoTentativa

eventos.declarar("mensagem_falhou", N_("Mensagem para {destinatario} não entregue: {motivo}"), "mail")


class Despacho:
    """One run of the task."""

    def __init__(self, execucao: Execucao, *, tempo_de_envio: float = TEMPO_TOTAL) -> None:
        self.execucao, self.margem = execucao, dt.timedelta(seconds=tempo_de_envio)
        self.canais: dict[Canal, CanalMensagem] = {}

    def rodar(self) -> object:
        """Send until nothing is due, or until the turn is over (CONTINUAR)."""
        fim = time.monotonic() + VEZ
        with ExitStack() as abertos:
            while time.monotonic() < fim:
                with self.execucao.transacao() as sessao:
                    ambiente = ambientes.ler(sessao)
                    lote = reservar(sessao, ambiente)
                if not lote:
                    return None
                self._enviar_lote(lote, ambiente, abertos)
        return CONTINUAR

    def _enviar_lote(self, lote: list[Carta], ambiente: Ambiente, abertos: ExitStack) -> None:
        parados: set[Canal] = set()
        sobras = []
        for carta in lote:
            if carta.canal in parados or not self._da_tempo(carta):
                sobras.append(carta)
            elif self._uma(carta, ambiente, abertos):
                parados.add(carta.canal)
        if sobras:
            with self.execucao.transacao() as sessao:
                soltar(sessao, sobras)

    def _da_tempo(self, carta: Carta) -> bool:
        """A send must end before the claim does, or somebody else could send the same row meanwhile."""
        return relogio.agora() + self.margem < carta.reservada_ate

    def _uma(self, carta: Carta, ambiente: Ambiente, abertos: ExitStack) -> bool:
        """Send and mark one message; True when its channel cannot be used any more in this run."""
        canal = self._canal(carta.canal, ambiente, abertos)
        nome = canal.nome if canal else "nenhum"
        resultado = self._tentar(carta, ambiente, canal)
        with self.execucao.transacao() as sessao:
            marcar(sessao, carta, resultado, nome)
        self.execucao.avancar(1, **{resultado.resultado.name: 1})
        return resultado.conexao or resultado.resultado is R.configuracao

    def _canal(self, canal: Canal, ambiente: Ambiente, abertos: ExitStack) -> CanalMensagem | None:
        if canal not in self.canais and canal in FABRICAS:
            self.canais[canal] = fabricar(canal, ambiente.ajustes)
            abertos.callback(self.canais[canal].fechar)
        return self.canais.get(canal)

    def _tentar(self, carta: Carta, ambiente: Ambiente, canal: CanalMensagem | None) -> ResultadoEnvio:
        if canal is None:
            return permanente(_("O envio por %(canal)s ainda não está disponível.", canal=carta.canal.rotulo))
        try:
            anexos = () if canal.local else tuple(fazer_anexo(anexo) for anexo in carta.anexos)
        except DominioError as erro:
            return permanente(_("O anexo não pôde ser feito: %(motivo)s", motivo=str(erro)))
        except Exception as erro:  # a maker of documents is any module's code: what it raises is this message's trouble, not the others'
            log.exception("attachment failed notificacao=%s", carta.id)
            return temporaria(_("O anexo não pôde ser feito: %(motivo)s", motivo=type(erro).__name__))
        if not self._da_tempo(carta):
            return temporaria(_("O anexo demorou demais para ficar pronto."))
        self.execucao.exigir_livre()
        resultado = canal.enviar(_mensagem(carta, ambiente, anexos))
        return dataclasses.replace(resultado, resposta=ocultar(resultado.resposta, carta.segredos))


def fazer_anexo(anexo: dict[str, Any]) -> AnexoPronto:
    """A document made now by its registered maker, with no transaction open afterwards. Raises what the maker raises."""
    try:
        return AnexoPronto(anexo["nome"], "application/pdf", registro.fazer_pdf(anexo["pdf"], anexo["id"]))
    finally:
        db.session.rollback()


def _mensagem(carta: Carta, ambiente: Ambiente, anexos: tuple[AnexoPronto, ...]) -> Mensagem:
    return Mensagem(
        carta.destinatario, carta.assunto, carta.texto, ambiente.remetente, ambiente.nome_remetente, ambiente.responder_a, carta.message_id,
        relogio.agora(), anexos, sigilosa=bool(carta.segredos),
    )


# ---- marks


def marcar(sessao: Session, carta: Carta, resultado: ResultadoEnvio, por: str) -> bool:
    """Record how an attempt ended, if the claim is still ours, and what follows from it. False when somebody else has it."""
    agora = relogio.agora()
    log_da_tentativa = {"notificacao_id": carta.id, "canal": carta.canal, "por": por, "resultado": resultado.resultado, "resposta": resultado.resposta or None}
    log_da_tentativa["id_no_provedor"] = resultado.id_no_provedor or None
    sessao.execute(insert(EnvioMensagem).values(**log_da_tentativa, em=agora))
    minha = (Notificacao.id == carta.id, Notificacao.tentativas == carta.tentativa, Notificacao.status == StatusNotificacao.pendente)
    valores = _valores(carta, resultado, agora)
    if not sessao.execute(update(Notificacao).where(*minha).values(valores).execution_options(synchronize_session=False)).rowcount:
        log.warning("claim lost notificacao=%s tentativa=%s", carta.id, carta.tentativa)
        return False
    if valores.get("status") is StatusNotificacao.falha:
        avisar_falha(sessao, carta.cliente_id, carta.destinatario, resultado.resposta)
    if resultado.endereco_recusado:
        _recusar_endereco(sessao, carta, resultado.resposta)
    if resultado.conexao:
        CanalService(sessao).esperar(carta.canal, resultado.resposta, em=agora, por=resultado.espere)
    if resultado.resultado is R.configuracao:
        CanalService(sessao).parar(carta.canal, resultado.resposta, em=agora)
    return True


def _valores(carta: Carta, resultado: ResultadoEnvio, agora: dt.datetime) -> dict[str, Any]:
    if resultado.enviada:
        return {"status": StatusNotificacao.enviada, "enviada_em": agora, "erro": None, "reservada_ate": None, "segredos": None}
    if resultado.resultado is R.configuracao:      # not the message's fault: it waits with all its tries
        return {"tentativas": Notificacao.tentativas - 1, "erro": resultado.resposta, "reservada_ate": None}
    if resultado.resultado is R.temporaria and carta.tentativa < TENTATIVAS:
        quando = max(proxima_tentativa(carta.tentativa, agora), agora + (resultado.espere or dt.timedelta()))
        return {"quando": quando, "erro": resultado.resposta, "reservada_ate": None}
    return {"status": StatusNotificacao.falha, "erro": resultado.resposta, "reservada_ate": None, "segredos": None}


def _recusar_endereco(sessao: Session, carta: Carta, resposta: str) -> None:
    motivo = _("Endereço recusado pelo servidor: %(resposta)s", resposta=resposta)[:255]
    comando = insert_pg(OptOut).values(canal=carta.canal, destinatario=carta.destinatario.lower(), evento=None, motivo=motivo)
    sessao.execute(comando.on_conflict_do_nothing(index_elements=["canal", "destinatario", "evento"]))
