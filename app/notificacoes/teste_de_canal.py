"""A real message through a channel of telephones, so that whoever sets it up sees what the provider answers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import instancia, relogio
from app.core.erros import RegraViolada
from app.core.transacao import transacao
from app.notificacoes import ambiente as ambientes
from app.notificacoes.canais import Mensagem, ResultadoEnvio, fabricar
from app.notificacoes.models import Canal, EnvioMensagem, ModeloMensagem, Notificacao, StatusNotificacao
from app.notificacoes.regras import conferir_endereco, renderizar
from app.notificacoes.services import CanalService

EVENTO = "teste_canal"
S = StatusNotificacao


def testar_canal(canal: Canal, telefone: str) -> ResultadoEnvio:
    """Send the test message now, with no transaction open, and journal it with the answer; success lets a stopped channel go on.

    Raises ValorInvalido for a telephone that is none, RegraViolada without a provider or while the instance is quiet.
    """
    with transacao() as sessao:
        destinatario = conferir_endereco(canal, telefone)
        if not instancia.efeitos_ligados():
            raise RegraViolada(_("Esta cópia está em modo silencioso: nada é enviado."), codigo="modo_silencioso")
        quem = ambientes.ler(sessao)
        ajuste = quem.ajustes[canal]
        if not (ajuste.provedor or ajuste.impedimento):
            raise RegraViolada(_("Nenhum provedor está configurado."), codigo="sem_provedor")
        mensagem = _mensagem(sessao, canal, destinatario, quem.comuns)
    saida = fabricar(canal, quem.ajustes)
    try:
        resultado = saida.enviar(mensagem)
    finally:
        saida.fechar()
    with transacao() as sessao:
        _anotar(sessao, canal, mensagem, resultado, saida.nome)
    return resultado


def _mensagem(sessao: Session, canal: Canal, destinatario: str, comuns: Mapping[str, str]) -> Mensagem:
    modelo = sessao.scalars(select(ModeloMensagem).where(ModeloMensagem.evento == EVENTO, ModeloMensagem.canal == canal)).one()
    assunto, texto = renderizar(modelo.assunto, modelo.corpo, comuns, hoje=relogio.hoje())
    return Mensagem(destinatario, assunto, ambientes.no_canal(canal, texto), message_id=f"teste-{secrets.token_hex(8)}", data=relogio.agora())


def _anotar(sessao: Session, canal: Canal, mensagem: Mensagem, resultado: ResultadoEnvio, por: str) -> None:
    agora, saiu = relogio.agora(), resultado.enviada
    linha = Notificacao(
        chave=f"{EVENTO}:{mensagem.message_id}", evento=EVENTO, canal=canal, destinatario=mensagem.destinatario, assunto=mensagem.assunto,
        corpo=mensagem.texto, status=S.enviada if saiu else S.falha, enviada_em=agora if saiu else None, quando=agora, message_id=mensagem.message_id,
        tentativas=1, erro=None if saiu else resultado.resposta,
    )
    sessao.add(linha)
    sessao.flush()
    sessao.add(EnvioMensagem(
        notificacao_id=linha.id, canal=canal, por=por, resultado=resultado.resultado, resposta=resultado.resposta or None,
        id_no_provedor=resultado.id_no_provedor or None, em=agora,
    ))
    if saiu:
        CanalService(sessao).retomar(canal)
