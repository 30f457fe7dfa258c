"""Keys of programs: each acts as a person, within its scopes and never beyond what the person may. Using one writes nothing in the database."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Sequence

import redis
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.core import auditoria, filas, relogio
from app.core.erros import NaoEncontrado, ValorInvalido
from app.usuarios import consultas, escopos
from app.usuarios.models import ChaveApi
from app.usuarios.services.sessoes import resumir

log = logging.getLogger(__name__)
PREFIXO, _LETRAS_DO_NOME = "crm_", 8
_USOS = "chaves:uso"
NOME_MAXIMO = 80


class ChaveApiService:
    """Verbs of keys."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def criar(self, usuario_id: int, *, nome: str, escopos_dados: Sequence[str], dias: int | None) -> tuple[ChaveApi, str]:
        """A key and its text, shown once. ``dias`` until it ends (None: never).

        Raises ValorInvalido at ``nome``, ``escopos`` or ``usuario`` (a customer, or somebody inactive).
        """
        pessoa = self.sessao.get(User, usuario_id)
        if pessoa is None or not pessoa.is_active or consultas.PAPEL_CLIENTE in {p.name for p in pessoa.roles}:
            raise ValorInvalido(_("Escolha uma pessoa ativa da equipe."), campo="usuario")
        if not (nome := nome.strip()[:NOME_MAXIMO]):
            raise ValorInvalido(_("Diga que programa vai usar a chave."), campo="nome")
        estranhos = sorted(set(escopos_dados) - set(escopos.todos()))
        if not escopos_dados or estranhos:
            frase = _("Permissão desconhecida: %(nome)s.", nome=", ".join(estranhos)) if estranhos else _("Escolha ao menos uma permissão.")
            raise ValorInvalido(frase, campo="escopos")
        texto = f"{PREFIXO}{secrets.token_hex(_LETRAS_DO_NOME // 2)}_{secrets.token_urlsafe(32)}"
        fim = relogio.agora() + dt.timedelta(days=dias) if dias else None
        chave = ChaveApi(
            nome=nome, usuario_id=usuario_id, prefixo=texto[: len(PREFIXO) + _LETRAS_DO_NOME], resumo=resumir(texto), escopos=sorted(set(escopos_dados)),
            expira_em=fim)
        self.sessao.add(chave)
        self.sessao.flush()
        auditoria.registrar(self.sessao, "criar_chave", "chave_api", chave.id, depois={"nome": nome, "escopos": chave.escopos, "age_como": usuario_id})
        return chave, texto

    def revogar(self, chave_id: int) -> ChaveApi:
        """It opens nothing any more; doing it again changes nothing. Raises NaoEncontrado."""
        chave = self.sessao.get(ChaveApi, chave_id, with_for_update={"key_share": True})
        if chave is None:
            raise NaoEncontrado(_("Chave não encontrada."), chave_id=chave_id)
        if chave.revogada_em is None:
            chave.revogada_em = relogio.agora()
            self.sessao.flush()
            auditoria.registrar(self.sessao, "revogar_chave", "chave_api", chave_id)
        return chave

    def revogar_do_usuario(self, usuario_id: int) -> int:
        """Every key that acts as this person, and every one the person made and so has read. Returns how many."""
        dela = or_(ChaveApi.usuario_id == usuario_id, ChaveApi.criado_por_id == usuario_id)
        ids = self.sessao.scalars(select(ChaveApi.id).where(dela, ChaveApi.revogada_em.is_(None)).order_by(ChaveApi.id)).all()
        for chave_id in ids:
            self.revogar(chave_id)
        return len(ids)

    def de_texto(self, texto: str) -> ChaveApi | None:
        """The key of that text with its person and the person's roles, in one query; None when it does not serve (any more)."""
        agora = relogio.agora()
        consulta = (
            select(ChaveApi)
            .join(ChaveApi.usuario)
            .where(ChaveApi.resumo == resumir(texto), ChaveApi.revogada_em.is_(None), User.active)
            .options(joinedload(ChaveApi.usuario).options(*consultas.com_papeis()))
        )
        chave = self.sessao.execute(consulta).unique().scalar_one_or_none()
        return chave if chave is not None and (chave.expira_em is None or chave.expira_em > agora) else None


def anotar_uso(chave_id: int, ip: str | None) -> None:
    """Remember in Redis that the key was used now; without Redis it is forgotten, the request goes on."""
    try:
        filas.conexao().hset(_USOS, str(chave_id), f"{relogio.agora().isoformat()} {ip or ''}")
    except redis.RedisError as erro:
        log.warning("redis does not answer, use of a key is not noted chave=%s error=%s", chave_id, type(erro).__name__)


def guardar_usos(sessao: Session) -> int:
    """Write into the table what Redis remembers, later uses only. Returns how many keys. Raises RedisError: the task tries again."""
    lidos = filas.conexao().hgetall(_USOS)
    linhas = [{"chave": int(chave), "em": dt.datetime.fromisoformat(uso.decode().split(" ")[0]), "ip": uso.decode().split(" ")[1] or None}
              for chave, uso in lidos.items()]
    if linhas:
        tabela = ChaveApi.__table__
        antigo = tabela.c.ultimo_uso_em.is_(None) | (tabela.c.ultimo_uso_em < bindparam("em"))
        sessao.execute(update(tabela).where(tabela.c.id == bindparam("chave"), antigo).values(ultimo_uso_em=bindparam("em"), ultimo_ip=bindparam("ip")), linhas)
    return len(linhas)
