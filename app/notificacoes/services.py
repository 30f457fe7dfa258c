"""Messages: written in the caller's transaction, rendered and sent by a task after the commit. Each key is used once for ever."""

from __future__ import annotations

import datetime as dt
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import auditoria, configuracao, instancia, relogio, tarefas
from app.core.cifra import legivel
from app.core.erros import FalhaExterna, NaoEncontrado, RegraViolada, ValorInvalido
from app.core.permissoes import tem_papel
from app.core.transacao import transacao, transacao_atual
from app.notificacoes import ambiente as ambientes
from app.notificacoes import eventos_da_casa  # noqa: F401 - the kinds of messages, for every process that makes the application
from app.notificacoes.canais import CanalEmail, Mensagem, ProvedorHttp, ServidorSmtp, frase_da_falha
from app.notificacoes.canais.provedor import conferir
from app.notificacoes.models import (
    TELEFONES,
    Canal,
    CanalEnvio,
    EnvioMensagem,
    ModeloMensagem,
    Notificacao,
    OptOut,
    ResultadoTentativa,
    StatusNotificacao,
)
from app.notificacoes.regras import declarado, endereco_no_canal, renderizar
from app.notificacoes.reserva import frase_sem_segredo

log = logging.getLogger(__name__)
DESPACHAR = "despachar_notificacoes"
ESPERA_APOS_QUEDA = dt.timedelta(minutes=1)


class NotificacaoService:
    """Verbs of messages."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def agendar(
        self, evento: str, *, chave: str, destinatario: str, canal: Canal = Canal.email, cliente_id: int | None = None, usuario_id: int | None = None,
        invoice_id: int | None = None, dados: Mapping[str, Any] | None = None, segredos: Mapping[str, str] | None = None,
        anexos: Sequence[Mapping[str, Any]] = (), quando: dt.datetime | None = None, vale_ate: dt.datetime | None = None,
    ) -> Notificacao | None:
        """Write a message of an event; None when ``chave`` exists. ``dados`` (JSON) is what the template gets at dispatch.

        ``segredos`` are the fields the event declares as such (a link, a code), each not empty: kept encrypted, in the text only while it leaves, shown
        to nobody, erased when the message left, failed, was cancelled or its validity ``vale_ate`` is over; after that moment it does not leave.
        ``anexos`` name documents made at dispatch: ``{"pdf": "invoice", "id": 7, "nome": "fatura.pdf"}``. An address that opted out of
        the event or bounced gets a cancelled row that says so, but for an event with secrets: its person asks for it. Raises ValueError for other
        secrets than the event's.
        """
        _exigir_segredos(evento, canal, dados or {}, segredos or {})
        linha = {
            "evento": evento, "chave": chave, "destinatario": _como_se_guarda(canal, destinatario), "canal": canal, "cliente_id": cliente_id,
            "usuario_id": usuario_id,
            "invoice_id": invoice_id, "dados": dict(dados or {}), "anexos": list(anexos), "quando": quando or relogio.agora(),
            "segredos": json.dumps(dict(segredos)) if segredos else None, "vale_ate": vale_ate,
        }
        comando = insert(Notificacao).values({**linha, **self._recusas([linha])[0]}).on_conflict_do_nothing(index_elements=["chave"])
        novo = self.sessao.execute(comando.returning(Notificacao.id)).scalar()
        if novo is None:
            return None
        self.pedir_despacho()
        return self.sessao.get_one(Notificacao, novo)

    def agendar_em_lote(self, linhas: Sequence[Mapping[str, Any]]) -> int:
        """Many messages at once, as column mappings with the same keys; existing keys are skipped. Returns how many were new.

        Raises ValueError for an event with secrets: those go one by one.
        """
        if not linhas:
            return 0
        for evento in {linha["evento"] for linha in linhas}:
            _exigir_segredos(evento, Canal.email, {}, {})
        padrao = {"canal": Canal.email, "quando": relogio.agora()}
        estado = {"status": StatusNotificacao.pendente, "erro": None}
        linhas = [{**padrao, **linha, "destinatario": _como_se_guarda(linha.get("canal", Canal.email), linha["destinatario"])} for linha in linhas]
        valores = [{**linha, **estado, **recusa} for linha, recusa in zip(linhas, self._recusas(linhas), strict=True)]
        comando = insert(Notificacao).on_conflict_do_nothing(index_elements=["chave"]).returning(Notificacao.id)
        novas = len(self.sessao.execute(comando, valores).all())
        if novas:
            self.pedir_despacho()
        return novas

    def canais_disponiveis(self, evento: str) -> list[Canal]:
        """Channels (e-mail, WhatsApp, SMS, in this order) by which a message of ``evento`` would really leave now.

        The instance is not quiet, the channel has a server or a provider and is not stopped, and the event's text for it is switched on. What a page
        offers to whoever waits for a code; a message scheduled on another channel waits, or is only written down.
        """
        if not instancia.efeitos_ligados():
            return []
        linhas = {linha.canal: linha for linha in self.sessao.scalars(select(CanalEnvio))}
        ligados = set(self.sessao.scalars(select(ModeloMensagem.canal).where(ModeloMensagem.evento == evento, ModeloMensagem.ativo)))
        return [canal for canal in (Canal.email, *TELEFONES) if canal in ligados and ambientes.tem_saida(canal, linhas.get(canal))]

    def pedir_despacho(self) -> None:
        """One task of this transaction walks everything pending after the commit."""
        tarefas.agendar(self.sessao, DESPACHAR, chave=f"{DESPACHAR}:{transacao_atual(self.sessao)}")

    def avisar_equipe(self, evento: str, *, chave: str, dados: Mapping[str, Any], papeis: Sequence[str] = ("Admin",)) -> int:
        """A message in the bell of every active person of those roles (by group too). Returns how many were new."""
        pessoas = self.sessao.execute(select(User.id, User.username).where(User.active, tem_papel(*papeis)).order_by(User.id)).all()
        comum = {"evento": evento, "canal": Canal.interno, "dados": dict(dados), "quando": relogio.agora()}
        return self.agendar_em_lote([{**comum, "chave": f"{chave}:{p.id}", "destinatario": p.username, "usuario_id": p.id} for p in pessoas])

    def cancelar(self, notificacao_id: int, *, motivo: str) -> Notificacao:
        """Do not send it. Cancelling again does nothing. Raises RegraViolada when it was sent or is being sent at this moment."""
        linha = self._travar(notificacao_id)
        if linha.status is StatusNotificacao.cancelada:
            return linha
        if linha.status is StatusNotificacao.enviada:
            raise RegraViolada(_("Esta mensagem já foi enviada."), codigo="ja_enviada", notificacao_id=notificacao_id)
        self._exigir_parada(linha)
        self._registrar("cancelar", linha, {"status": "cancelada", "motivo": motivo})
        linha.status, linha.erro, linha.segredos = StatusNotificacao.cancelada, motivo, None
        self.sessao.flush()
        return linha

    def reenviar(self, notificacao_id: int) -> Notificacao:
        """Send again: what failed, was cancelled or waits goes at once with a fresh set of tries; of a sent one a copy goes. Returns the row that goes.

        A text that could not be made is made again from the present template. Raises RegraViolada while it is being sent, when the address
        is refused (lift the refusal first), and when its secret is gone or its validity over.
        """
        linha = self._travar(notificacao_id)
        if linha.canal is Canal.interno and linha.usuario_id is None:
            raise RegraViolada(_("Este aviso foi dado por uma pessoa: não há o que enviar de novo."), codigo="aviso_de_pessoa", notificacao_id=notificacao_id)
        self._exigir_parada(linha)
        self._exigir_conteudo(linha)
        if recusa := self._recusas([{"evento": linha.evento, "canal": linha.canal, "destinatario": linha.destinatario}])[0]:
            raise RegraViolada(_("Este destinatário não recebe mensagens: %(motivo)s", motivo=recusa["erro"]), codigo="recusado", notificacao_id=notificacao_id)
        self._registrar("reenviar", linha, {"status": "pendente"})
        if linha.status is StatusNotificacao.enviada:
            return self._copiar(linha)
        linha.status, linha.erro, linha.tentativas, linha.quando = StatusNotificacao.pendente, None, 0, relogio.agora()
        self.sessao.flush()
        self.pedir_despacho()
        return linha

    def marcar_lidas(self, usuario_id: int, notificacao_id: int | None = None) -> int:
        """A person has seen what is in the bell (one, or all). Returns how many were new to him."""
        minhas = [Notificacao.usuario_id == usuario_id, Notificacao.canal == Canal.interno, Notificacao.lida_em.is_(None)]
        if notificacao_id is not None:
            minhas.append(Notificacao.id == notificacao_id)
        comando = update(Notificacao).where(*minhas, Notificacao.status == StatusNotificacao.enviada).values(lida_em=relogio.agora())
        return self.sessao.execute(comando.execution_options(synchronize_session=False)).rowcount

    def _copiar(self, linha: Notificacao) -> Notificacao:
        copia = Notificacao(
            chave=f"{linha.chave[:170]}:r{secrets.token_hex(8)}", evento=linha.evento, canal=linha.canal, cliente_id=linha.cliente_id,
            usuario_id=linha.usuario_id, invoice_id=linha.invoice_id, destinatario=linha.destinatario, assunto=linha.assunto, corpo=linha.corpo,
            dados=linha.dados, anexos=linha.anexos, quando=relogio.agora(), status=StatusNotificacao.pendente,
        )
        self.sessao.add(copia)
        self.sessao.flush()
        self.pedir_despacho()
        return copia

    def _travar(self, notificacao_id: int) -> Notificacao:
        linha = self.sessao.get(Notificacao, notificacao_id, with_for_update=True, populate_existing=True)
        if linha is None:
            raise NaoEncontrado(_("Mensagem não encontrada."), notificacao_id=notificacao_id)
        return linha

    @staticmethod
    def _exigir_parada(linha: Notificacao) -> None:
        if linha.status is StatusNotificacao.pendente and linha.reservada_ate and linha.reservada_ate > relogio.agora():
            raise RegraViolada(_("Esta mensagem está sendo enviada agora. Tente de novo em instantes."), codigo="enviando", notificacao_id=linha.id)

    @staticmethod
    def _exigir_conteudo(linha: Notificacao) -> None:
        if linha.vale_ate is not None and linha.vale_ate <= relogio.agora():
            raise RegraViolada(_("Esta mensagem passou da validade: peça uma nova."), codigo="vencida", notificacao_id=linha.id)
        if declarado(linha.evento).segredos and legivel(lambda: linha.segredos) is None:
            raise RegraViolada(frase_sem_segredo(), codigo="sem_segredo", notificacao_id=linha.id)

    def _registrar(self, acao: str, linha: Notificacao, depois: dict[str, Any]) -> None:
        auditoria.registrar(self.sessao, acao, "notificacao", linha.id, antes={"status": linha.status.name}, depois=depois)

    def _recusas(self, linhas: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """For each message, the columns of one that is refused, or nothing. One query."""
        pares = {(canal := linha.get("canal", Canal.email), endereco_no_canal(canal, linha["destinatario"])) for linha in linhas}
        achadas: dict[tuple[str, str, str | None], str] = {}
        for recusa in self.sessao.scalars(select(OptOut).where(tuple_(OptOut.canal, func.lower(OptOut.destinatario)).in_(pares))):
            achadas[recusa.canal.name, recusa.destinatario.lower(), recusa.evento] = recusa.motivo
        return [_recusa(achadas, linha) if achadas else {} for linha in linhas]


def _recusa(achadas: Mapping[tuple[str, str, str | None], str], linha: Mapping[str, Any]) -> dict[str, Any]:
    canal = linha.get("canal", Canal.email)
    quem = endereco_no_canal(canal, linha["destinatario"])
    motivo = achadas.get((canal.name, quem, None)) or achadas.get((canal.name, quem, linha["evento"]))
    if not motivo or declarado(linha["evento"]).segredos:      # a code or a link the person has just asked for is no offer, and no other way in
        return {}
    return {"status": StatusNotificacao.cancelada, "erro": motivo}


def _como_se_guarda(canal: Canal, destinatario: str) -> str:
    """Mail keeps the address as its owner writes it."""
    return endereco_no_canal(canal, destinatario) if canal in TELEFONES else destinatario


def _exigir_segredos(evento: str, canal: Canal, dados: Mapping[str, Any], segredos: Mapping[str, str]) -> None:
    """A mistake of the caller's code: a link among the plain data would be in the table for ever."""
    esperados = declarado(evento).segredos
    if set(segredos) != esperados or not all(segredos.values()) or esperados & set(dados):
        raise ValueError(f"{evento} takes exactly these secrets, apart from its data: {sorted(esperados)}")
    if esperados and canal is Canal.interno:
        raise ValueError("the bell shows what is stored: a secret has no way through it")


def _maquina(endereco: str | None) -> str:
    """The server of an address, without account, path or secret."""
    try:
        partes = urlsplit(endereco or "")
        return f"{partes.hostname or ''}:{partes.port}" if partes.port else partes.hostname or ""
    except ValueError:      # a port that is none: refused where it is checked
        return ""


class CanalService:
    """Verbs of a channel's way out: its server, stopping and going on."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def configurar(self, canal: Canal, *, url: str | None, remetente: str | None) -> CanalEnvio:
        """Store the server (encrypted; None keeps the stored one, "" goes back to the environment's) and the sender; a stopped channel goes on.

        Raises ValorInvalido for an address that is none.
        """
        linha = self._linha(canal)
        antes = _maquina(legivel(lambda: linha.url))
        if url:
            ServidorSmtp.de_url(url)
        if url is not None:
            linha.url = url or None
        linha.remetente = remetente or None
        self._soltar(linha)
        self.sessao.flush()
        self._anotar_destino(linha, antes, antes if url is None else _maquina(url))
        return linha

    def parar(self, canal: Canal, motivo: str, *, em: dt.datetime) -> None:
        """Stop a channel until a person acts, and tell the administrators once. Stopping a stopped one changes nothing."""
        linha = self._linha(canal)
        if linha.parado_em is not None:
            return
        linha.parado_em, linha.motivo = em, motivo
        log.error("channel stopped canal=%s", canal.name)
        if configuracao.ler("notificacoes.copia_em_falha"):
            NotificacaoService(self.sessao).avisar_equipe(f"{canal.name}_parado", chave=f"{canal.name}_parado:{em:%Y%m%d%H%M%S%f}", dados={"motivo": motivo})

    def configurar_provedor(self, canal: Canal, provedor: ProvedorHttp) -> CanalEnvio:
        """Store an HTTP provider (address, headers and secret encrypted; an empty secret keeps the stored one); a stopped channel goes on.

        Raises ValorInvalido or ErroDeModelo, with the field in ``campo``, for what cannot work; production takes https alone.
        """
        linha = self._linha(canal)
        antes = _maquina(legivel(lambda: linha.url))
        if not provedor.segredo and linha.segredo and _maquina(provedor.url) != antes:
            raise ValorInvalido(_("O endereço é de outro servidor: digite o segredo de novo."), campo="segredo", codigo="segredo_de_outro")
        provedor = replace(provedor, segredo=provedor.segredo or legivel(lambda: linha.segredo) or "")
        conferir(provedor, exige_https=current_app.config["AMBIENTE"] == "producao")
        linha.url, linha.metodo, linha.cabecalhos, linha.corpo = provedor.url, provedor.metodo, provedor.cabecalhos or None, provedor.corpo or None
        linha.tipo_corpo, linha.segredo, linha.id_na_resposta = provedor.tipo, provedor.segredo or None, provedor.id_na_resposta or None
        linha.recusa_status, linha.recusa_texto = provedor.recusa_status or None, provedor.recusa_texto or None
        self._soltar(linha)
        self.sessao.flush()
        self._anotar_destino(linha, antes, _maquina(provedor.url))
        return linha

    def _anotar_destino(self, linha: CanalEnvio, antes: str, depois: str) -> None:
        """Addresses are secrets of which the trail keeps none; to which server messages go from now on it does say."""
        if antes != depois:
            auditoria.registrar(self.sessao, "configurar_canal", "canal_envio", linha.id, antes={"servidor": antes}, depois={"servidor": depois})

    def esquecer_provedor(self, canal: Canal) -> None:
        """Without a provider again: messages are only written down. Its secret goes with it."""
        linha = self._linha(canal)
        linha.url = linha.metodo = linha.cabecalhos = linha.corpo = linha.tipo_corpo = linha.segredo = None
        linha.id_na_resposta = linha.recusa_status = linha.recusa_texto = None
        self._soltar(linha)
        self.sessao.flush()

    def esperar(self, canal: Canal, motivo: str, *, em: dt.datetime, por: dt.timedelta | None = None) -> None:
        """Leave a server that does not answer alone for a minute, or for as long as it asks."""
        linha = self._linha(canal)
        linha.espera_ate, linha.motivo = em + max(ESPERA_APOS_QUEDA, por or ESPERA_APOS_QUEDA), motivo

    def retomar(self, canal: Canal) -> None:
        """Go on at once with what waits."""
        self._soltar(self._linha(canal))
        self.sessao.flush()
        NotificacaoService(self.sessao).pedir_despacho()

    def _linha(self, canal: Canal) -> CanalEnvio:
        self.sessao.execute(insert(CanalEnvio).values(canal=canal).on_conflict_do_nothing(index_elements=["canal"]))
        return self.sessao.scalars(select(CanalEnvio).where(CanalEnvio.canal == canal).with_for_update().execution_options(populate_existing=True)).one()

    @staticmethod
    def _soltar(linha: CanalEnvio) -> None:
        linha.parado_em = linha.espera_ate = linha.motivo = None


def testar_smtp(destinatario: str) -> None:
    """Send the test message now through the configured server, with no transaction open, and journal it; success lets stopped mail go on.

    Raises RegraViolada without a server or while the instance is quiet, FalhaExterna with what the server answered.
    """
    with transacao() as sessao:
        if not instancia.efeitos_ligados():
            raise RegraViolada(_("Esta cópia está em modo silencioso: nada é enviado."), codigo="modo_silencioso")
        quem = ambientes.ler(sessao)
        if not quem.ajustes[Canal.email].url:
            raise RegraViolada(_("Nenhum servidor de e-mail está configurado."), codigo="sem_smtp")
        mensagem = _mensagem_de_teste(sessao, quem, destinatario)
    canal = CanalEmail(ServidorSmtp.de_url(quem.ajustes[Canal.email].url), apresentacao=quem.ajustes[Canal.email].apresentacao)
    try:
        resultado = canal.enviar(mensagem)
    finally:
        canal.fechar()
    if not resultado.enviada:
        raise FalhaExterna(
            frase_da_falha(resultado.resposta),
            codigo="smtp_recusou",
            temporaria=resultado.resultado is ResultadoTentativa.temporaria,
        )
    with transacao() as sessao:
        _anotar_teste(sessao, mensagem)
        CanalService(sessao).retomar(Canal.email)


def _mensagem_de_teste(sessao: Session, quem: ambientes.Ambiente, destinatario: str) -> Mensagem:
    if not quem.remetente:
        raise ValorInvalido(_("Informe de que endereço as mensagens saem: no cadastro da empresa ou nos dados de envio."), codigo="sem_remetente")
    modelo = sessao.scalars(select(ModeloMensagem).where(ModeloMensagem.evento == "teste_smtp", ModeloMensagem.canal == Canal.email)).one()
    assunto, texto = renderizar(modelo.assunto, modelo.corpo, quem.comuns, hoje=relogio.hoje())
    numero = f"<teste-{secrets.token_hex(8)}@{quem.remetente.rpartition('@')[2]}>"
    return Mensagem(destinatario, assunto, texto, quem.remetente, quem.nome_remetente, quem.responder_a, numero, relogio.agora())


def _anotar_teste(sessao: Session, mensagem: Mensagem) -> None:
    agora = relogio.agora()
    linha = Notificacao(
        chave=f"teste_smtp:{mensagem.message_id}", evento="teste_smtp", canal=Canal.email, destinatario=mensagem.destinatario, assunto=mensagem.assunto,
        corpo=mensagem.texto, status=StatusNotificacao.enviada, enviada_em=agora, quando=agora, message_id=mensagem.message_id, tentativas=1,
    )
    sessao.add(linha)
    sessao.flush()
    sessao.add(EnvioMensagem(notificacao_id=linha.id, canal=Canal.email, por=CanalEmail.nome, resultado=ResultadoTentativa.enviada, em=agora))

