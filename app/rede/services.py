"""The network's desired state: what a contract's access must be. Making routers agree is a task that runs after the commit."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app.clientes.models import Endereco
from app.contratos.models import Contrato
from app.core import tarefas
from app.core.erros import NaoEncontrado
from app.core.transacao import transacao_atual
from app.rede.estados import EstadoAcesso, SituacaoIncidente
from app.rede.models import AcessoRede, Incidente, Servidor

APLICAR = "aplicar_rede"
URGENTE, NORMAL = 1, 5


class RedeService:
    """Verbs of the network. The caller holds the customer's lock; the access row is the last of the lock order."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def garantir_acesso(self, contrato_id: int) -> AcessoRede:
        """The contract's access row, locked; made (released, on the only active server) when there is none."""
        contrato = self.sessao.get_one(Contrato, contrato_id, options=[joinedload(Contrato.plano)])
        valores = {
            "contrato_id": contrato.id, "login": contrato.login_pppoe, "grupo": contrato.plano.grupo, "servidor_id": self._unico_servidor(),
        }
        self.sessao.execute(insert(AcessoRede).values(**valores).on_conflict_do_nothing(index_elements=["contrato_id"]))
        return self._travar(contrato_id)

    def definir(self, contrato_id: int, desejado: EstadoAcesso, *, em: dt.datetime) -> AcessoRede:
        """Set what the access must be; a change (of state, login or group) gets a new version and a task after the commit."""
        acesso = self.garantir_acesso(contrato_id)
        contrato = self.sessao.get_one(Contrato, contrato_id, options=[joinedload(Contrato.plano)])
        querido = (desejado, contrato.login_pppoe, contrato.plano.grupo)
        if (acesso.desejado, acesso.login, acesso.grupo) != querido:
            acesso.desejado, acesso.login, acesso.grupo = querido
            self._nova_versao(acesso, em)
        elif acesso.versao_aplicada == 0 and acesso.versao == 1:
            self._pedir(acesso)
        return acesso

    def reaplicar(self, acesso_id: int, *, em: dt.datetime) -> AcessoRede:
        """Apply again what is desired (an operator's button). Raises NaoEncontrado."""
        consulta = select(AcessoRede).where(AcessoRede.id == acesso_id).with_for_update(key_share=True).execution_options(populate_existing=True)
        acesso = self.sessao.scalar(consulta)
        if acesso is None:
            raise NaoEncontrado(_("Acesso não encontrado."), acesso_id=acesso_id)
        self._nova_versao(acesso, em)
        return acesso

    def encerrar_incidente(self, incidente_id: int, *, em: dt.datetime) -> Incidente:
        """The outage ended at ``em``. Ending it again changes nothing. Raises NaoEncontrado."""
        incidente = self.sessao.get(Incidente, incidente_id, with_for_update={"key_share": True}, populate_existing=True)
        if incidente is None:
            raise NaoEncontrado(_("Incidente não encontrado."), incidente_id=incidente_id)
        if incidente.situacao is not SituacaoIncidente.encerrado:
            incidente.situacao, incidente.fim = SituacaoIncidente.encerrado, max(em, incidente.inicio)
            self.sessao.flush()
        return incidente

    def area_em_incidente(self, contrato_id: int, em: dt.datetime) -> bool:
        """Whether an open outage covers the contract's server, POP, or the municipality or neighbourhood of its address."""
        onde = select(AcessoRede.servidor_id, Servidor.pop_id, Endereco.municipio, Endereco.bairro).select_from(Contrato)
        onde = onde.outerjoin(AcessoRede, AcessoRede.contrato_id == Contrato.id).outerjoin(Servidor, Servidor.id == AcessoRede.servidor_id)
        onde = onde.outerjoin(Endereco, Endereco.id == Contrato.endereco_instalacao_id).where(Contrato.id == contrato_id)
        servidor, pop, municipio, bairro = self.sessao.execute(onde).one()
        no_bairro = or_(Incidente.bairro.is_(None), func.lower(Incidente.bairro) == (bairro or "").lower())
        alcances = [(func.lower(Incidente.municipio) == (municipio or "").lower()) & no_bairro]
        alcances += [coluna == chave for coluna, chave in ((Incidente.servidor_id, servidor), (Incidente.pop_id, pop)) if chave is not None]
        aberto = (Incidente.situacao == SituacaoIncidente.aberto) & (Incidente.inicio <= em)
        return self.sessao.scalar(select(Incidente.id).where(aberto, or_(*alcances)).limit(1)) is not None

    def _nova_versao(self, acesso: AcessoRede, em: dt.datetime) -> None:
        acesso.versao += 1
        acesso.mudou_em = acesso.proxima = em
        acesso.tentativas, acesso.erro = 0, None
        self.sessao.flush()
        self._pedir(acesso)

    def _pedir(self, acesso: AcessoRede) -> None:
        """One task of this transaction is enough for everything pending; releases go before everything else."""
        prioridade = URGENTE if acesso.desejado is EstadoAcesso.liberado else NORMAL
        tarefas.agendar(self.sessao, APLICAR, chave=f"{APLICAR}:{transacao_atual(self.sessao)}", prioridade=prioridade)

    def _unico_servidor(self) -> int | None:
        ativos = self.sessao.scalars(select(Servidor.id).where(Servidor.ativo).order_by(Servidor.id).limit(2)).all()
        return ativos[0] if len(ativos) == 1 else None

    def _travar(self, contrato_id: int) -> AcessoRede:
        consulta = select(AcessoRede).where(AcessoRede.contrato_id == contrato_id).with_for_update(key_share=True).execution_options(populate_existing=True)
        return self.sessao.scalars(consulta).one()
