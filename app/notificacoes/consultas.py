"""Reads of messages for screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.orm import Session, load_only

from app.core import instancia, relogio
from app.core.cifra import legivel
from app.core.formatos import datahora_br
from app.core.models import Empresa
from app.core.tipos import N_, Rotulado
from app.notificacoes import ambiente
from app.notificacoes.canais import CanalDiario, CanalInterno
from app.notificacoes.models import Canal, CanalEnvio, EnvioMensagem, ModeloMensagem, Notificacao, ResultadoTentativa, StatusNotificacao
from app.notificacoes.regras import ErroDeModelo, declarado, renderizar

DO_CLIENTE, DO_SINO, DA_PAGINA = 5, 8, 50
LOCAIS = (CanalDiario.nome, CanalInterno.nome)


@dataclass(frozen=True)
class Texto:
    """What a message says, or why it cannot say anything."""

    assunto: str = ""
    corpo: str = ""
    problema: str = ""


class EstadoCanal(Rotulado):
    """What becomes of a channel's messages."""

    ligado = N_("Ligado")
    registra = N_("Só registra")
    silencioso = N_("Em espera")
    parado = N_("Parado")


@dataclass(frozen=True)
class SituacaoCanal:
    """A channel, what becomes of its messages and why, in a sentence."""

    canal: Canal
    estado: EstadoCanal
    frase: str
    servidor: str = ""
    desde: dt.datetime | None = None

    @property
    def parado(self) -> bool:
        """Whether a person must act before anything leaves."""
        return self.estado is EstadoCanal.parado

    @property
    def tom(self) -> str:
        """Colour of its label."""
        return {EstadoCanal.ligado: "success", EstadoCanal.parado: "danger", EstadoCanal.silencioso: "warning"}.get(self.estado, "neutral")


@dataclass(frozen=True)
class SituacaoCorreio:
    """How mail leaves: ``servidor`` without password, ``origem`` of the setting (tela, ambiente or empty), what stopped it."""

    servidor: str
    origem: str
    canal: CanalEnvio | None
    remetente: str

    @property
    def parado(self) -> bool:
        """Whether a person must act before mail leaves again."""
        return self.canal is not None and self.canal.parado_em is not None


def texto_da(sessao: Session, linha: Notificacao) -> Texto:
    """The stored text, or what it would say if it left now; nothing when it was emptied after 13 months."""
    if linha.corpo is not None:
        return Texto(linha.assunto or "", linha.corpo)
    modelo = sessao.scalar(select(ModeloMensagem).where(ModeloMensagem.evento == linha.evento, ModeloMensagem.canal == linha.canal))
    if modelo is None or linha.enviada_em is not None:
        return Texto()
    try:
        dados = {**comuns(sessao), **linha.dados, **declarado(linha.evento).pontos}
        return Texto(*renderizar(modelo.assunto, modelo.corpo, dados, hoje=relogio.hoje()))
    except ErroDeModelo as erro:
        return Texto(problema=str(erro))


def previa(sessao: Session, evento: str, assunto: str, corpo: str) -> Texto:
    """A template with the example data of its event."""
    try:
        return Texto(*renderizar(assunto, corpo, {**declarado(evento).exemplo(), **_cheios(comuns(sessao))}, hoje=relogio.hoje()))
    except ErroDeModelo as erro:
        return Texto(problema=str(erro))


def comuns(sessao: Session) -> dict[str, str]:
    """Fields that every template has, of the provider itself."""
    return ambiente.comuns(sessao.scalar(select(Empresa).order_by(Empresa.id).limit(1)))


def _cheios(dados: dict[str, str]) -> dict[str, str]:
    return {nome: valor for nome, valor in dados.items() if valor}


def tentativas_da(sessao: Session, notificacao_id: int) -> Sequence[EnvioMensagem]:
    """The message's log, newest first, the last fifty."""
    return sessao.scalars(select(EnvioMensagem).where(EnvioMensagem.notificacao_id == notificacao_id).order_by(EnvioMensagem.id.desc()).limit(50)).all()


def saiu() -> ColumnElement[bool]:
    """Condition on Notificacao: an attempt handed it to a server of the outside world. The journal and the bell are none, whatever its status says."""
    return exists().where(
        EnvioMensagem.notificacao_id == Notificacao.id, EnvioMensagem.resultado == ResultadoTentativa.enviada, EnvioMensagem.por.not_in(LOCAIS)
    )


def smtp_configurado(sessao: Session) -> bool:
    """Whether there is a mail server at all."""
    return bool(ambiente.url_smtp(sessao.scalar(select(CanalEnvio).where(CanalEnvio.canal == Canal.email))))


def do_cliente(sessao: Session, cliente_id: int) -> Sequence[Notificacao]:
    """The customer's last messages, newest first."""
    consulta = select(Notificacao).where(Notificacao.cliente_id == cliente_id).order_by(Notificacao.id.desc()).limit(DO_CLIENTE)
    colunas = (
        Notificacao.id, Notificacao.evento, Notificacao.canal, Notificacao.status, Notificacao.assunto, Notificacao.quando,
        Notificacao.enviada_em, Notificacao.so_no_diario,
    )
    return sessao.scalars(consulta.options(load_only(*colunas))).all()


def nao_lidas(sessao: Session, usuario_id: int) -> Sequence[Row]:
    """What a person has not seen in the bell, newest first: at most one more than the bell shows."""
    minhas = (Notificacao.usuario_id == usuario_id, Notificacao.canal == Canal.interno, Notificacao.status == StatusNotificacao.enviada)
    consulta = select(Notificacao.id, Notificacao.assunto, Notificacao.enviada_em).where(*minhas, Notificacao.lida_em.is_(None))
    return sessao.execute(consulta.order_by(Notificacao.id.desc()).limit(DO_SINO + 1)).all()


def avisos_de(sessao: Session, usuario_id: int) -> Sequence[Notificacao]:
    """Everything in a person's bell, newest first, the last fifty."""
    minhas = (Notificacao.usuario_id == usuario_id, Notificacao.canal == Canal.interno, Notificacao.status == StatusNotificacao.enviada)
    return sessao.scalars(select(Notificacao).where(*minhas).order_by(Notificacao.id.desc()).limit(DA_PAGINA)).all()


def canal_de_envio(sessao: Session, canal: Canal) -> CanalEnvio | None:
    """How a channel is set up, when it is."""
    return sessao.scalar(select(CanalEnvio).where(CanalEnvio.canal == canal))


def canais_parados(sessao: Session) -> Sequence[CanalEnvio]:
    """Channels that wait for a person."""
    return sessao.scalars(select(CanalEnvio).where(CanalEnvio.parado_em.is_not(None)).order_by(CanalEnvio.id)).all()


def situacao_dos_canais(sessao: Session) -> list[SituacaoCanal]:
    """Every channel as people are told of it."""
    return [situacao_do_canal(sessao, canal) for canal in Canal]


def situacao_do_canal(sessao: Session, canal: Canal) -> SituacaoCanal:
    """One channel as people are told of it."""
    if canal is Canal.interno:
        return SituacaoCanal(canal, EstadoCanal.ligado, _("Avisos no sino da barra de cima, para a equipe."))
    linha = canal_de_envio(sessao, canal)
    servidor = situacao_do_correio(sessao).servidor if canal is Canal.email else servidor_de(linha)
    if linha and linha.parado_em:
        return SituacaoCanal(canal, EstadoCanal.parado, _("Parado até que alguém o retome: %(motivo)s", motivo=linha.motivo or ""), servidor, linha.parado_em)
    if not servidor:
        return SituacaoCanal(canal, EstadoCanal.registra, _("Nada sai: cada mensagem fica na lista como a pessoa a veria."))
    if not instancia.efeitos_ligados():
        return SituacaoCanal(canal, EstadoCanal.silencioso, _("Esta cópia está em modo silencioso: as mensagens esperam."), servidor)
    if linha and linha.espera_ate and linha.espera_ate > relogio.agora():
        frase = _("O servidor pediu um tempo: as mensagens esperam até %(quando)s.", quando=datahora_br(linha.espera_ate))
        return SituacaoCanal(canal, EstadoCanal.ligado, frase, servidor)
    return SituacaoCanal(canal, EstadoCanal.ligado, _("As mensagens saem por %(servidor)s.", servidor=servidor), servidor)


def servidor_de(linha: CanalEnvio | None) -> str:
    """The host of an HTTP provider, without what may be secret in its address."""
    url = legivel(lambda: linha.url) if linha else None
    return urlsplit(url).hostname or "" if url else ""


def situacao_do_correio(sessao: Session) -> SituacaoCorreio:
    """How mail leaves now."""
    canal = sessao.scalar(select(CanalEnvio).where(CanalEnvio.canal == Canal.email))
    guardada = legivel(lambda: canal.url) if canal else None
    url = guardada or current_app.config["SMTP_URL"]
    origem = "tela" if guardada else "ambiente" if url else ""
    remetente = (canal and canal.remetente) or current_app.config["EMAIL_REMETENTE"] or sessao.scalar(select(Empresa.email).order_by(Empresa.id).limit(1)) or ""
    return SituacaoCorreio(ambiente.sem_senha(url), origem, canal, remetente)
