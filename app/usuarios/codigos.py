"""Short codes sent to an address on file: six digits, a quarter of an hour, five tries, once; of several the newest counts."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import relogio
from app.notificacoes.models import Canal
from app.notificacoes.services import NotificacaoService
from app.usuarios.models import CodigoConfirmacao

VALIDADE, TENTATIVAS, ALGARISMOS = dt.timedelta(minutes=15), 5, 6
C = CodigoConfirmacao


class CodigoService:
    """Verbs of codes. ``finalidade`` says what for, ``alvo`` about whom (``cliente:12``): a code serves for both as they were when it was sent."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def enviar(
        self, finalidade: str, alvo: str, *, destino: str, canal: Canal = Canal.email, cliente_id: int | None = None, usuario_id: int | None = None,
    ) -> CodigoConfirmacao:
        """Make a code and have it sent; those sent before for the same end nothing more."""
        agora, codigo = relogio.agora(), f"{secrets.randbelow(10**ALGARISMOS):0{ALGARISMOS}}"
        linha = C(
            finalidade=finalidade, alvo=alvo, destino=destino, resumo=_resumir(finalidade, alvo, codigo), created_at=agora, expira_em=agora + VALIDADE)
        self.sessao.add(linha)
        self.sessao.flush()
        NotificacaoService(self.sessao).agendar(
            "codigo_confirmacao", chave=f"codigo:{linha.id}", destinatario=destino, canal=canal, cliente_id=cliente_id, usuario_id=usuario_id,
            dados={"minutos": VALIDADE // dt.timedelta(minutes=1)}, segredos={"codigo": codigo}, vale_ate=linha.expira_em)
        return linha

    def conferir(self, finalidade: str, alvo: str, codigo: str) -> int | None:
        """Judge a try: the code's id when right. A wrong one is counted even against those made at the same moment, a right one is not.

        The caller's transaction must commit, or the try was free. The same statements run whether or not there is such a code.
        """
        ultimo = select(C.id).where(C.finalidade == finalidade, C.alvo == alvo).order_by(C.id.desc()).limit(1).scalar_subquery()
        vale = (C.usado_em.is_(None), C.expira_em > relogio.agora(), C.tentativas < TENTATIVAS)
        contar = update(C).where(C.id == ultimo, *vale).values(tentativas=C.tentativas + 1).returning(C.id, C.resumo)
        achado = self.sessao.execute(contar.execution_options(synchronize_session=False)).one_or_none()
        codigo_id, resumo = achado or (0, "")
        if not hmac.compare_digest(resumo, _resumir(finalidade, alvo, codigo)):
            return None
        self._mudar(codigo_id, tentativas=C.tentativas - 1)
        return codigo_id

    def usar(self, codigo_id: int) -> bool:
        """Use up a code that was right; False when somebody was faster or its time is over."""
        return self._mudar(codigo_id, usado_em=relogio.agora()) == 1

    def _mudar(self, codigo_id: int, **valores: object) -> int:
        comando = update(C).where(C.id == codigo_id, C.usado_em.is_(None), C.expira_em > relogio.agora()).values(**valores)
        return self.sessao.execute(comando.execution_options(synchronize_session=False)).rowcount


def _resumir(finalidade: str, alvo: str, codigo: str) -> str:
    chave = current_app.config["SECRET_KEY"].encode()
    return hmac.new(chave, f"{finalidade}:{alvo}:{codigo}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
