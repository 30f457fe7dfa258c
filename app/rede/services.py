"""The network's desired state: what a contract's access must be. Making routers agree is a task that runs after the commit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app.clientes.models import Endereco
from app.contratos.models import Contrato
from app.core import relogio, tarefas
from app.core.erros import NaoEncontrado, ValorInvalido
from app.core.transacao import transacao_atual
from app.rede.estados import EstadoAcesso, SituacaoIncidente
from app.rede.models import AcessoRede, Incidente, Pop, Servidor

APLICAR = "aplicar_rede"
URGENTE, NORMAL = 1, 5


class RedeService:
    """Verbs of the network. The caller holds the customer's lock; the access row is the last of the lock order."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def garantir_acesso(self, contrato_id: int) -> AcessoRede:
        """The contract's access row, locked; made (released; its server: ``_servidores_de``) when there is none."""
        return self._garantir([self._contrato(contrato_id)])[contrato_id]

    def definir(self, contrato_id: int, desejado: EstadoAcesso, *, em: dt.datetime) -> AcessoRede:
        """Set what the access must be; a change (of state, login or group) gets a new version and a task after the commit."""
        return self.definir_varios([(self._contrato(contrato_id), desejado)], em=em)[0]

    def definir_varios(self, desejados: Sequence[tuple[Contrato, EstadoAcesso]], *, em: dt.datetime) -> list[AcessoRede]:
        """``definir`` for many contracts, in their order."""
        acessos = self._garantir([contrato for contrato, _desejado in desejados])
        a_pedir = []
        for contrato, desejado in desejados:
            acesso, querido = acessos[contrato.id], (desejado, contrato.login_pppoe, contrato.plano.grupo)
            if (acesso.desejado, acesso.login, acesso.grupo) != querido:
                acesso.desejado, acesso.login, acesso.grupo = querido
                _subir_versao(acesso, em)
                a_pedir.append(acesso)
            elif acesso.versao_aplicada == 0 and acesso.versao == 1:
                a_pedir.append(acesso)
        self.sessao.flush()
        self._pedir(a_pedir)
        return [acessos[contrato.id] for contrato, _desejado in desejados]

    def reaplicar(self, acesso_id: int, *, em: dt.datetime) -> AcessoRede:
        """Apply again what is desired (an operator's button). Raises NaoEncontrado."""
        consulta = select(AcessoRede).where(AcessoRede.id == acesso_id).with_for_update(key_share=True).execution_options(populate_existing=True)
        acesso = self.sessao.scalar(consulta)
        if acesso is None:
            raise NaoEncontrado(_("Acesso não encontrado."), acesso_id=acesso_id)
        _subir_versao(acesso, em)
        self.sessao.flush()
        self._pedir([acesso])
        return acesso

    def mudar_servidor(self, acesso_id: int, *, servidor_id: int, em: dt.datetime) -> AcessoRede:
        """Put the access on another server and send it what is desired; on the same one nothing changes.

        Raises NaoEncontrado, ValorInvalido for a server that does not exist or is not active.
        """
        consulta = select(AcessoRede).where(AcessoRede.id == acesso_id).with_for_update(key_share=True).execution_options(populate_existing=True)
        acesso = self.sessao.scalar(consulta)
        if acesso is None:
            raise NaoEncontrado(_("Acesso não encontrado."), acesso_id=acesso_id)
        if not self.sessao.scalar(select(Servidor.ativo).where(Servidor.id == servidor_id)):
            raise ValorInvalido(_("Escolha um servidor ativo."), campo="servidor_id")
        if acesso.servidor_id != servidor_id:
            acesso.servidor_id = servidor_id
            _subir_versao(acesso, em)
            self.sessao.flush()
            self._pedir([acesso])
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

    def _contrato(self, contrato_id: int) -> Contrato:
        return self.sessao.get_one(Contrato, contrato_id, options=[joinedload(Contrato.plano)])

    def _garantir(self, contratos: Sequence[Contrato]) -> dict[int, AcessoRede]:
        """Access rows by contract, locked, ids ascending; the missing ones are made."""
        acessos = self._travar([c.id for c in contratos])
        if faltam := [c for c in contratos if c.id not in acessos]:
            servidores = self._servidores_de(faltam)
            agora = relogio.agora()
            feitos = {"mudou_em": agora, "proxima": agora}
            linhas = [{"contrato_id": c.id, "login": c.login_pppoe, "grupo": c.plano.grupo, "servidor_id": servidores.get(c.id), **feitos} for c in faltam]
            self.sessao.execute(insert(AcessoRede).values(linhas).on_conflict_do_nothing(index_elements=["contrato_id"]))
            acessos |= self._travar([c.id for c in faltam])
        return acessos

    def _pedir(self, acessos: Sequence[AcessoRede]) -> None:
        """One task of this transaction is enough for everything pending; releases go before everything else."""
        if acessos:
            prioridade = URGENTE if any(a.desejado is EstadoAcesso.liberado for a in acessos) else NORMAL
            tarefas.agendar(self.sessao, APLICAR, chave=f"{APLICAR}:{transacao_atual(self.sessao)}", prioridade=prioridade)

    def _servidores_de(self, contratos: Sequence[Contrato]) -> dict[int, int]:
        """The server of each new access: the only active one, or the only one of the POPs of its address's municipality. Others have none yet."""
        ativos = self.sessao.execute(select(Servidor.id, func.lower(Pop.municipio)).outerjoin(Servidor.pop).where(Servidor.ativo)).all()
        if len(ativos) == 1:
            return dict.fromkeys((c.id for c in contratos), ativos[0][0])
        por_municipio: dict[str, list[int]] = defaultdict(list)
        for servidor_id, municipio in ativos:
            if municipio:
                por_municipio[municipio].append(servidor_id)
        onde = select(Contrato.id, func.lower(Endereco.municipio)).join(Endereco, Endereco.id == Contrato.endereco_instalacao_id)
        achados = self.sessao.execute(onde.where(Contrato.id.in_([c.id for c in contratos]))).all() if por_municipio else []
        return {contrato_id: por_municipio[m][0] for contrato_id, m in achados if len(por_municipio.get(m, ())) == 1}

    def _travar(self, contrato_ids: Sequence[int]) -> dict[int, AcessoRede]:
        consulta = select(AcessoRede).where(AcessoRede.contrato_id.in_(contrato_ids)).order_by(AcessoRede.id).with_for_update(key_share=True)
        return {a.contrato_id: a for a in self.sessao.scalars(consulta.execution_options(populate_existing=True))}


def _subir_versao(acesso: AcessoRede, em: dt.datetime) -> None:
    acesso.versao += 1
    acesso.mudou_em = acesso.proxima = em
    acesso.tentativas, acesso.erro = 0, None
