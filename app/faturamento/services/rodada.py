"""The billing run: previewed, started once, carried in lots by any number of workers, resumed wherever it was killed."""

from __future__ import annotations

import datetime as dt
import time
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from app.clientes.services import travar_cliente
from app.core import relogio, tarefas
from app.core.datas import UM_ANO
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.transacao import transacao
from app.faturamento.estados import StatusExecucao
from app.faturamento.models import CicloFaturamento, ClienteEstacionado, ExecucaoFaturamento, LoteFaturamento
from app.faturamento.motor import Lote, Pedido, Previa, faturar_lote, prever
from app.faturamento.services.pendencias import Pendencias

EMITIR = "emitir_rodada"
ABERTAS = (StatusExecucao.preparando, StatusExecucao.executando)
PACIENCIA, ESPERA = 30, 0.2          # passes without progress, and seconds between them: somebody else holds what is left
ABANDONO = dt.timedelta(minutes=15)
PREVIA_ATE = 50_000                  # a preview of more would take longer than a slice may
_TRAVA = "SELECT pg_advisory_xact_lock(hashtext('execucao_faturamento'))"


class Passo(NamedTuple):
    """What one lot did, and whether due cycles may be left (0: none; other workers may hold some of them)."""

    lote: Lote
    restam: int


class Rodada(Pendencias):
    """Runs."""

    def simular(self, *, hoje: dt.date, cliente_id: int | None = None) -> Previa:
        """What a run of ``hoje`` would issue, through the same path, saving nothing. Raises ValorInvalido for a day more than a year ahead."""
        relogio.exigir_dia(hoje, UM_ANO, campo="referencia")
        return prever(self.sessao, Pedido(hoje, cliente_id=cliente_id))

    def gerar_invoices_automaticas(self, *, hoje: dt.date, cliente_id: int | None = None) -> list[int]:
        """Issue everything due in the caller's transaction (one customer, or a small base). Returns the invoices' ids.

        Raises RegraViolada for a day in the future, or without a company.
        """
        self.exigir_emissao(hoje)
        ids: list[int] = []
        pedido = Pedido(hoje, cliente_id=cliente_id)
        if cliente_id:
            travar_cliente(self.sessao, cliente_id)      # wait for who holds him, where a run passes by
        while True:
            lote = faturar_lote(self.sessao, pedido)
            ids += [e.id for e in lote.emitidas]
            if not lote.ha_mais:
                return ids + [e.id for e in self.faturar_pendencias(hoje=hoje, cliente_id=cliente_id).emitidas]

    def iniciar_execucao(self, *, hoje: dt.date, origem: str = "tela") -> ExecucaoFaturamento:
        """A run of ``hoje`` with what is expected of it, and its task.

        Raises RegraViolada while another one is going on, for a day in the future (only a preview looks ahead), or without a company.
        """
        self.sessao.execute(text(_TRAVA))
        self._encerrar_abandonadas()
        if self.sessao.scalar(select(ExecucaoFaturamento.id).where(ExecucaoFaturamento.status.in_(ABERTAS)).limit(1)):
            raise RegraViolada(_("Já há uma rodada em andamento."), codigo="rodada_em_andamento")
        execucao = self.abrir_execucao(hoje=hoje, origem=origem)
        execucao.tarefa_id = tarefas.agendar(self.sessao, EMITIR, chave=f"{EMITIR}:{execucao.id}", fila="longa", prioridade=3, execucao_id=execucao.id)
        return execucao

    def abrir_execucao(self, *, hoje: dt.date, origem: str) -> ExecucaoFaturamento:
        """The run's row, with what the preview expects (only the number of cycles when there are very many). Raises as ``iniciar_execucao``."""
        self.exigir_emissao(hoje)
        quantos = self.devidos(ate=Pedido(hoje).ate)
        previa = self.simular(hoje=hoje) if quantos <= PREVIA_ATE else None
        execucao = ExecucaoFaturamento(
            referencia=hoje, origem=origem, status=StatusExecucao.executando, esperado=previa.quantidade if previa else quantos,
            valor_esperado=previa.valor if previa else None, iniciada_em=relogio.agora(),
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
        restam = lote.ciclos or self.devidos(ate=pedido.ate)
        if not restam:
            lote.emitidas += self.faturar_pendencias(hoje=execucao.referencia, execucao_id=execucao.id).emitidas
            self._fechar(execucao, StatusExecucao.concluida)
        return Passo(lote, restam)

    def pedir_parada(self, execucao_id: int) -> None:
        """Ask a run to stop after its present lot; what it issued stays. Raises NaoEncontrado."""
        execucao = self.sessao.get(ExecucaoFaturamento, execucao_id)
        if execucao is None:
            raise NaoEncontrado(_("Registro não encontrado."), execucao_id=execucao_id)
        execucao.parar = True

    def interromper(self, execucao_id: int) -> None:
        """Close a run that does not advance any more; what it issued stays, what is due is the next run's."""
        self._fechar(self._ler_execucao(execucao_id), StatusExecucao.interrompida)

    def devidos(self, *, ate: dt.date) -> int:
        """A plain count of the cycles still due, whoever holds them."""
        consulta = select(func.count()).where(
            CicloFaturamento.ativo, CicloFaturamento.estacionado_em.is_(None), CicloFaturamento.proximo_vencimento <= ate
        )
        return self.sessao.scalar(consulta)

    def tentar_estacionado(self, estacionado_id: int, *, hoje: dt.date) -> list[int]:
        """Release a parked cycle and bill it at once. Returns the invoices' ids. Raises RegraViolada with the reason when it fails again."""
        self.exigir_emissao(hoje)
        estacionado = self.sessao.get(ClienteEstacionado, estacionado_id)
        if estacionado is None:
            raise NaoEncontrado(_("Registro não encontrado."), estacionado_id=estacionado_id)
        ciclo = self._travar_ciclo(estacionado.ciclo_faturamento_id)
        self.sessao.refresh(estacionado)
        if estacionado.resolvido_em is not None:
            return []
        estacionado.resolvido_em, ciclo.estacionado_em, ciclo.estacionado_motivo = relogio.agora(), None, None
        self.sessao.flush()
        return self._faturar(ciclo, hoje)

    def faturar_ciclo(self, ciclo_id: int, *, hoje: dt.date) -> list[int]:
        """Issue what one cycle owes by ``hoje``. Returns the invoices' ids; none when nothing is due.

        Raises NaoEncontrado, and RegraViolada for a day in the future, without a company, or with the reason when its data cannot be billed.
        """
        self.exigir_emissao(hoje)
        ciclo = self._travar_ciclo(ciclo_id)
        if ciclo.estacionado_em is not None:
            raise RegraViolada(ciclo.estacionado_motivo or _("Não foi possível faturar."), codigo="estacionado")
        return self._faturar(ciclo, hoje)

    def _travar_ciclo(self, ciclo_id: int) -> CicloFaturamento:
        """The customer first, as everywhere: a run that holds him is waited for, where ``faturar_lote`` passes by."""
        cliente_id = self.sessao.scalar(select(CicloFaturamento.cliente_id).where(CicloFaturamento.id == ciclo_id))
        if cliente_id is None:
            raise NaoEncontrado(_("Registro não encontrado."), ciclo_faturamento_id=ciclo_id)
        travar_cliente(self.sessao, cliente_id)
        return self.sessao.get_one(CicloFaturamento, ciclo_id, with_for_update={"key_share": True}, populate_existing=True)

    def _faturar(self, ciclo: CicloFaturamento, hoje: dt.date) -> list[int]:
        ids: list[int] = []
        while (lote := faturar_lote(self.sessao, Pedido(hoje, ciclo_id=ciclo.id))).ciclos:
            if lote.estacionados:
                self.sessao.refresh(ciclo)
                raise RegraViolada(ciclo.estacionado_motivo or _("Não foi possível faturar."), codigo="estacionado")
            ids += [e.id for e in lote.emitidas]
        return ids

    @classmethod
    def rodar_do_dia(cls, *, hoje: dt.date) -> int:
        """The whole run of a day from here to its end, one transaction a lot (commands and the demonstration).

        Returns how many were issued. Raises RegraViolada for a day in the future, or without a company.
        """
        emitidas = parado = 0
        with transacao() as sessao:
            cls(sessao).exigir_emissao(hoje)
        while parado <= PACIENCIA:
            with transacao() as sessao:
                lote = faturar_lote(sessao, pedido := Pedido(hoje))
                if not lote.ciclos and not cls(sessao).devidos(ate=pedido.ate):
                    break
            emitidas += len(lote.emitidas)
            parado = 0 if lote.ciclos else parado + 1
            if parado:
                time.sleep(ESPERA)
        with transacao() as sessao:
            emitidas += len(cls(sessao).faturar_pendencias(hoje=hoje).emitidas)
        return emitidas

    def _encerrar_abandonadas(self) -> None:
        """Runs whose task died or was cancelled give no sign of life any more."""
        limite = relogio.agora() - ABANDONO
        ultimo = select(func.max(LoteFaturamento.em)).where(LoteFaturamento.execucao_id == ExecucaoFaturamento.id).scalar_subquery()
        paradas = select(ExecucaoFaturamento).where(
            ExecucaoFaturamento.status.in_(ABERTAS), func.coalesce(ultimo, ExecucaoFaturamento.iniciada_em, ExecucaoFaturamento.created_at) < limite
        )
        for execucao in self.sessao.scalars(paradas.order_by(ExecucaoFaturamento.id)).all():
            self._fechar(execucao, StatusExecucao.interrompida)

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
