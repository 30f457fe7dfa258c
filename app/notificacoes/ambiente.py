"""What the installation says about sending: which channels are open now, through which server, from whom. Read once per run as plain data."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.brasil.documentos import formatar_telefone
from app.core import configuracao, instancia, relogio
from app.core.cifra import ChaveIlegivel, legivel
from app.core.models import Empresa
from app.core.tipos import N_
from app.notificacoes.canais import Ajuste, ProvedorHttp
from app.notificacoes.models import TELEFONES, Canal, CanalEnvio, EnvioMensagem, MetodoHttp, TipoCorpo
from app.notificacoes.sms import sem_acentos

SMS_SEM_ACENTOS = "notificacoes.sms_sem_acentos"
configuracao.declarar_grupo("notificacoes", N_("Mensagens"))
configuracao.declarar(
    "notificacoes.por_minuto", int, 0, N_("Máximo de e-mails por minuto"), N_("Limite do seu servidor de e-mail. Zero: sem limite."), minimo=0, maximo=10_000,
)
configuracao.declarar(
    "notificacoes.copia_em_falha", bool, True, N_("Avisar os administradores quando o envio parar"),
    N_("Um aviso no sistema quando o servidor de e-mail, ou o provedor de WhatsApp ou SMS, recusa o acesso."),
)
configuracao.declarar(
    SMS_SEM_ACENTOS, bool, True, N_("Enviar SMS sem acentos"),
    N_("Um SMS com acentos como ã e ç leva 70 caracteres em vez de 160, e custa mais partes."),
)
configuracao.declarar(
    "notificacoes.dias_registro", int, 400, N_("Guardar o registro dos envios (dias)"),
    N_("Depois disso as tentativas de envio são apagadas. Fica a prova de que saiu o aviso de uma fatura ainda em aberto."), minimo=60, maximo=3650,
)


@dataclass(frozen=True)
class Ambiente:
    """``abertos`` are the channels that may be used now; ``comuns`` is what every template gets."""

    abertos: tuple[Canal, ...]
    ajustes: Mapping[Canal, Ajuste] = field(repr=False)
    remetente: str
    nome_remetente: str
    responder_a: str | None
    comuns: Mapping[str, str]
    cota: int | None      # mails that may still leave in this minute; None without limit


def ler(sessao: Session) -> Ambiente:
    """The present state. Interno is always open; the others only when outside effects are on and the channel is not stopped."""
    agora = relogio.agora()
    linhas = {linha.canal: linha for linha in sessao.scalars(select(CanalEnvio))}
    de_fora = [c for c in Canal if c is not Canal.interno and _aberto(linhas.get(c), agora)] if instancia.efeitos_ligados() else []
    empresa = sessao.scalar(select(Empresa).order_by(Empresa.id).limit(1))
    correio = linhas.get(Canal.email)
    remetente = (correio and correio.remetente) or current_app.config["EMAIL_REMETENTE"] or (empresa and empresa.email) or ""
    responder_a = empresa.email if empresa and empresa.email and empresa.email != remetente else None
    ajustes = {Canal.email: Ajuste(url_smtp(correio), urlsplit(current_app.config["PUBLIC_URL"]).hostname), **{c: ajuste(linhas.get(c)) for c in TELEFONES}}
    return Ambiente(
        (Canal.interno, *de_fora), ajustes, remetente,
        str(empresa) if empresa else "", responder_a, comuns(empresa), _cota(sessao, agora),
    )


def url_smtp(correio: CanalEnvio | None) -> str:
    """The mail server: what was typed on the screen, else ``SMTP_URL``; empty when there is none."""
    return (correio.url if correio and correio.url else "") or current_app.config["SMTP_URL"]


def tem_saida(canal: Canal, linha: CanalEnvio | None) -> bool:
    """Whether a message of the channel would really leave: a server or a provider is known, can be read, and is not stopped."""
    if linha is not None and linha.parado_em is not None:
        return False
    url = legivel(lambda: linha.url) if linha else None
    return bool(url or (canal is Canal.email and current_app.config["SMTP_URL"]))


def ajuste(canal: CanalEnvio | None) -> Ajuste:
    """How a channel of telephones leaves: its provider, nothing when there is none, or why what is stored cannot be used."""
    try:
        return Ajuste(provedor=provedor_de(canal))
    except ChaveIlegivel as erro:
        return Ajuste(impedimento=str(erro))


def provedor_de(canal: CanalEnvio | None) -> ProvedorHttp | None:
    """The provider as it is stored, with its secret. Raises ChaveIlegivel."""
    if canal is None or not canal.url:
        return None
    return ProvedorHttp(
        canal.url, canal.metodo or MetodoHttp.POST, canal.cabecalhos or "", canal.corpo or "", canal.tipo_corpo or TipoCorpo.json, canal.segredo or "",
        canal.id_na_resposta or "", canal.recusa_status or "", canal.recusa_texto or "",
    )


def sem_senha(url: str) -> str:
    """``servidor:porta`` of a mail server's address, for the screen."""
    partes = urlsplit(url)
    return f"{partes.hostname}:{partes.port}" if partes.port else partes.hostname or ""


def comuns(empresa: Empresa | None) -> dict[str, str]:
    """Fields that every template has."""
    return {
        "provedor": str(empresa) if empresa else "", "telefone_provedor": formatar_telefone(empresa.telefone) if empresa and empresa.telefone else "",
        "email_provedor": (empresa.email if empresa else "") or "", "portal": f"{current_app.config['PUBLIC_URL'].rstrip('/')}/portal/",
        "chave_pix": (empresa.chave_pix if empresa else "") or "",
    }


def no_canal(canal: Canal, texto: str) -> str:
    """A message's text as the channel carries it: an SMS without accents, unless the setting keeps them."""
    return sem_acentos(texto) if canal is Canal.sms and configuracao.ler(SMS_SEM_ACENTOS) else texto


def message_id(notificacao_id: int, canal: Canal, remetente: str) -> str:
    """Stable over retries and unique to this installation; lost answers make a repetition that mail readers, and providers by HTTP, recognise."""
    instalacao = hashlib.sha256(instancia.identidade().encode()).hexdigest()[:10]
    if canal in TELEFONES:
        return f"mensagem-{notificacao_id}-{instalacao}"
    return f"<mensagem-{notificacao_id}.{instalacao}@{remetente.rpartition('@')[2] or 'localhost'}>"


def _aberto(linha: CanalEnvio | None, agora: dt.datetime) -> bool:
    return linha is None or (linha.parado_em is None and (linha.espera_ate is None or linha.espera_ate <= agora))


def _cota(sessao: Session, agora: dt.datetime) -> int | None:
    limite = configuracao.ler("notificacoes.por_minuto")
    if not limite:
        return None
    recentes = select(func.count()).where(EnvioMensagem.canal == Canal.email, EnvioMensagem.em > agora - dt.timedelta(minutes=1))
    return max(0, limite - sessao.scalar(recentes))
