"""The billing run: previewed, started once, carried in lots by any number of workers, resumed wherever it was killed."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from app.core import configuracao, relogio, tarefas
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.transacao import transacao
from app.faturamento.estados import StatusExecucao
from app.faturamento.models import CicloFaturamento, ClienteEstacionado, ExecucaoFaturamento
from app.faturamento.motor import Lote, Pedido, Previa, faturar_lote, prever
from app.faturamento.services.base import Base

EMITIR = "emitir_rodada"
ABERTAS = (StatusExecucao.preparando, StatusExecucao.executando)
_TRAVA = "SELECT pg_advisory_xact_lock(hashtext('execucao_faturamento'))"


class Passo(NamedTuple):
    """What one lot did, and how many due cycles are left for somebody (other workers may hold some of them)."""

    lote: Lote
    restam: int


class Rodada(Base):
    """Runs."""

    def simular(self, *, hoje: dt.date, cliente_id: int | None = None) -> Previa:
        """What a run of ``hoje`` would issue, through the same path, saving nothing."""
        return prever(self.sessao, Pedido(hoje, cliente_id=cliente_id))

    def gerar_invoices_automaticas(self, *, hoje: dt.date, cliente_id: int | None = None) -> list[int]:
        """Issue everything due in the caller's transaction (one customer, or a small base). Returns the invoices' ids."""
        ids: list[int] = []
        pedido = Pedido(hoje, cliente_id=cliente_id)
        while (lote := faturar_lote(self.sessao, pedido)).ciclos:
            ids += [e.id for e in lote.emitidas]
        return ids

    def iniciar_execucao(self, *, hoje: dt.date, origem: str = "tela") -> ExecucaoFaturamento:
        """A run of ``hoje`` with what is expected of it, and its task. Raises RegraViolada while another one is going on."""
        self.sessao.execute(text(_TRAVA))
        if self.sessao.scalar(select(ExecucaoFaturamento.id).where(ExecucaoFaturamento.status.in_(ABERTAS)).limit(1)):
            raise RegraViolada(_("Já há uma rodada em andamento."), codigo="rodada_em_andamento")
        execucao = self.abrir_execucao(hoje=hoje, origem=origem)
        execucao.tarefa_id = tarefas.agendar(self.sessao, EMITIR, chave=f"{EMITIR}:{execucao.id}", fila="longa", prioridade=3, execucao_id=execucao.id)
        return execucao

    def abrir_execucao(self, *, hoje: dt.date, origem: str) -> ExecucaoFaturamento:
        """The run's row, with what the preview expects."""
        previa = self.simular(hoje=hoje)
        execucao = ExecucaoFaturamento(
            referencia=hoje, origem=origem, status=StatusExecucao.executando, esperado=previa.quantidade, valor_esperado=previa.valor,
            iniciada_em=relogio.agora(),
        )
        self.sessao.add(execucao)
        self.sessao.flush()
        return execucao

    def passo(self, execucao_id: int) -> Passo:
        """One lot of a run, in the caller's transaction. ``Passo(lote, 0)`` closes the run; a person's stop closes it as interrupted."""
        execucao = self._ler_execucao(execucao_id)
        if execucao.parar or execucao.status not in ABERTAS:
            self._fechar(execucao, StatusExecucao.interrompida)
            return Passo(Lote(), 0)
        pedido = Pedido(execucao.referencia, execucao_id=execucao.id)
        lote = faturar_lote(self.sessao, pedido)
        restam = self.devidos(ate=pedido.ate)
        if not restam:
            self._fechar(execucao, StatusExecucao.concluida)
        return Passo(lote, restam)

    def devidos(self, *, ate: dt.date) -> int:
        """A plain count of the cycles still due, whoever holds them."""
        consulta = select(func.count()).where(
            CicloFaturamento.ativo, CicloFaturamento.estacionado_em.is_(None), CicloFaturamento.proximo_vencimento <= ate
        )
        return self.sessao.scalar(consulta)

    def tentar_estacionado(self, estacionado_id: int, *, hoje: dt.date) -> list[int]:
        """Release a parked cycle and bill it at once. Returns the invoices' ids. Raises RegraViolada with the reason when it fails again."""
        estacionado = self.sessao.get(ClienteEstacionado, estacionado_id)
        if estacionado is None:
            raise NaoEncontrado(_("Registro não encontrado."), estacionado_id=estacionado_id)
        if estacionado.resolvido_em is not None:
            return []
        ciclo = self.sessao.get_one(CicloFaturamento, estacionado.ciclo_faturamento_id, with_for_update={"key_share": True})
        estacionado.resolvido_em, ciclo.estacionado_em, ciclo.estacionado_motivo = relogio.agora(), None, None
        self.sessao.flush()
        ids: list[int] = []
        while (lote := faturar_lote(self.sessao, Pedido(hoje, ciclo_id=ciclo.id))).ciclos:
            if lote.estacionados:
                self.sessao.refresh(ciclo)
                raise RegraViolada(ciclo.estacionado_motivo or _("Não foi possível faturar."), codigo="estacionado")
            ids += [e.id for e in lote.emitidas]
        return ids

    @classmethod
    def rodar_do_dia(cls, *, hoje: dt.date) -> int:
        """The whole run of a day from here to its end, one transaction a lot (commands and the demonstration). Returns how many were issued."""
        ate = hoje + dt.timedelta(days=configuracao.ler("faturamento.dias_antecedencia"))
        emitidas, anterior = 0, -1
        while True:
            with transacao() as sessao:
                servico = cls(sessao)
                restam = servico.devidos(ate=ate)
                if not restam or restam == anterior:
                    return emitidas
                emitidas += len(faturar_lote(sessao, Pedido(hoje)).emitidas)
                anterior = restam

    def _ler_execucao(self, execucao_id: int) -> ExecucaoFaturamento:
        """Read fresh and not locked: workers of one run must not wait for each other."""
        execucao = self.sessao.get(ExecucaoFaturamento, execucao_id, populate_existing=True)
        if execucao is None:
            raise NaoEncontrado(_("Rodada não encontrada."), execucao_id=execucao_id)
        return execucao

    def _fechar(self, execucao: ExecucaoFaturamento, status: StatusExecucao) -> None:
        if execucao.status in ABERTAS:
            execucao.status, execucao.terminada_em = status, relogio.agora()
            self.sessao.flush()
