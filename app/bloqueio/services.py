"""Blocks: opening, closing and lifting them for a while. It knows contracts and access, not debts: whoever calls it says why."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bloqueio.consultas import acesso_devido, bloqueios_abertos, bloqueios_dos, recalcular_status
from app.bloqueio.models import Bloqueio, MotivoBloqueio, TipoBloqueio
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.contratos.services import ContratoService
from app.core import eventos
from app.core.ator import ator_id
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.tipos import N_
from app.notificacoes.models import Notificacao
from app.rede.services import RedeService

_SO_A_MAO = (MotivoBloqueio.pedido, MotivoBloqueio.seguranca)
A_MAO = (MotivoBloqueio.manual, *_SO_A_MAO)      # what a person may choose; debt is billing's

eventos.declarar("bloqueio_aberto", N_("Contrato {numero} bloqueado ({motivo}): {explicacao}"), "lock")
eventos.declarar("bloqueio_encerrado", N_("Contrato {numero} desbloqueado ({motivo}): {explicacao}"), "lock-open")


class BloqueioService:
    """Verbs of blocking; each locks the customer and the contract first and ends with the access and the status recomputed."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao
        self.contratos = ContratoService(sessao)
        self.rede = RedeService(sessao)

    def bloquear(
        self, contrato_id: int, motivo: MotivoBloqueio, notificacao_id: int | None = None, *, tipo: TipoBloqueio = TipoBloqueio.total, em: dt.datetime,
        explicacao: str | None = None, origem: str = "sistema", autor_id: int | None = None,
    ) -> Bloqueio:
        """Open a block; one open block a motive: the same again returns it, harder (reducao → total) when asked, never softer.

        The notice's date, channel, address and text hash are copied as evidence. What a person decides goes to the timeline; blocks for debt are
        told by billing. Raises RegraViolada unless the contract is active.
        """
        contrato = self.contratos.travar(contrato_id)
        if contrato.status is not StatusContrato.ativo:
            raise RegraViolada(_("Só um contrato ativo pode ser bloqueado."), codigo="contrato_inativo", contrato_id=contrato_id)
        aberto = self._aberto(contrato_id, motivo)
        if aberto is None:
            aberto = Bloqueio(
                contrato_id=contrato_id, motivo=motivo, tipo=tipo, inicio=em, explicacao=explicacao, origem=origem, autor_id=autor_id or ator_id(),
                **self._prova(notificacao_id),
            )
            self.sessao.add(aberto)
            if motivo is not MotivoBloqueio.inadimplencia:
                self._contar("bloqueio_aberto", contrato, motivo, explicacao)
        elif tipo is TipoBloqueio.total:
            aberto.tipo = tipo
        self.sessao.flush()
        self.reavaliar(contrato, em=em)
        return aberto

    def desbloquear(self, contrato_id: int, *, motivo: MotivoBloqueio | None = None, em: dt.datetime, explicacao: str | None = None) -> int:
        """Close the open blocks of a motive, or all but those only a person may lift (request, security). Returns how many."""
        contrato = self.contratos.travar(contrato_id)
        fechar = [b for b in bloqueios_abertos(self.sessao, contrato_id) if b.motivo is motivo or (motivo is None and b.motivo not in _SO_A_MAO)]
        return self._fechar(contrato, fechar, em, explicacao)

    def encerrar(self, bloqueio_id: int, *, em: dt.datetime, explicacao: str) -> Bloqueio:
        """Close one block by a person's word, whatever its motive. Closing it again changes nothing. Raises NaoEncontrado."""
        contrato_id = self.sessao.scalar(select(Bloqueio.contrato_id).where(Bloqueio.id == bloqueio_id))
        if contrato_id is None:
            raise NaoEncontrado(_("Bloqueio não encontrado."), bloqueio_id=bloqueio_id)
        contrato = self.contratos.travar(contrato_id)
        bloqueio = self.sessao.get_one(Bloqueio, bloqueio_id, populate_existing=True)
        if self._fechar(contrato, [bloqueio] if bloqueio.fim is None else [], em, explicacao):
            self._contar("bloqueio_encerrado", contrato, bloqueio.motivo, explicacao)
        return bloqueio

    def liberar_ate(self, contrato_id: int, ate: dt.datetime, *, em: dt.datetime) -> int:
        """Lift the open blocks for debt until an instant, without closing them. Returns how many. Raises RegraViolada when there is none."""
        contrato = self.contratos.travar(contrato_id)
        abertos = [b for b in bloqueios_abertos(self.sessao, contrato_id) if b.motivo is MotivoBloqueio.inadimplencia]
        if not abertos or ate <= em:
            raise RegraViolada(_("Este contrato não está bloqueado por atraso."), codigo="sem_bloqueio", contrato_id=contrato_id)
        for bloqueio in abertos:
            bloqueio.liberado_ate = ate
        self.sessao.flush()
        self.reavaliar(contrato, em=em)
        return len(abertos)

    def reavaliar(self, contrato: Contrato, *, em: dt.datetime) -> None:
        """Desired access and customer status from the contract's state and its open blocks. The caller holds the locks."""
        self.reavaliar_varios([contrato], em=em)

    def reavaliar_varios(self, contratos: Sequence[Contrato], *, em: dt.datetime) -> None:
        """``reavaliar`` for many contracts."""
        abertos = bloqueios_dos(self.sessao, [c.id for c in contratos])
        self.rede.definir_varios([(c, acesso_devido(c, abertos.get(c.id, ()), em)) for c in contratos], em=em)
        recalcular_status(self.sessao, {c.cliente_id for c in contratos}, em)

    def _fechar(self, contrato: Contrato, bloqueios: Sequence[Bloqueio], em: dt.datetime, explicacao: str | None) -> int:
        for bloqueio in bloqueios:
            bloqueio.fim = max(em, bloqueio.inicio)
            bloqueio.desbloqueado_por_id, bloqueio.motivo_desbloqueio = ator_id(), explicacao
        self.sessao.flush()
        if bloqueios:
            self.reavaliar(contrato, em=em)
        return len(bloqueios)

    def _contar(self, fato: str, contrato: Contrato, motivo: MotivoBloqueio, explicacao: str | None) -> None:
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "motivo": motivo.value.lower(), "explicacao": explicacao or "–"}
        eventos.registrar(self.sessao, fato, cliente_id=contrato.cliente_id, **dados)

    def _aberto(self, contrato_id: int, motivo: MotivoBloqueio) -> Bloqueio | None:
        return self.sessao.scalar(select(Bloqueio).where(Bloqueio.contrato_id == contrato_id, Bloqueio.motivo == motivo, Bloqueio.fim.is_(None)))

    def _prova(self, notificacao_id: int | None) -> dict[str, object]:
        aviso = self.sessao.get(Notificacao, notificacao_id) if notificacao_id else None
        if aviso is None:
            return {}
        texto = None if aviso.corpo is None else f"{aviso.assunto}\n{aviso.corpo}".encode()
        return {
            "notificacao_id": aviso.id, "aviso_em": aviso.enviada_em, "aviso_canal": aviso.canal.name, "aviso_destinatario": aviso.destinatario,
            "aviso_hash": texto and hashlib.sha256(texto).hexdigest(),
        }
