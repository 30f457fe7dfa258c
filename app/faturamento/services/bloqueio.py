"""Blocking for debt: who, why, who is spared and why, and freeing whoever paid. The 22:00 job locks and looks again, customer by customer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from app.bloqueio.consultas import bloqueios_abertos
from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.brasil import feriados
from app.clientes.models import Cliente
from app.clientes.services import travar_cliente
from app.contratos.estados import Sim, StatusContrato
from app.contratos.models import Contrato
from app.core import configuracao, eventos, relogio, tarefas
from app.core.datas import UM_ANO
from app.core.dinheiro import ZERO
from app.core.erros import RegraViolada
from app.core.formatos import numero
from app.core.idiomas import da_casa
from app.core.transacao import transacao
from app.faturamento import consultas
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import DesbloqueioConfianca, Invoice, PoliticaCobranca
from app.faturamento.services.avisos import Avisos
from app.faturamento.services.base import momento

SEXTA, SABADO = 4, 5
UM_DIA = dt.timedelta(days=1)


class Eleito(NamedTuple):
    """A contract that would be blocked: names for people, the debt in reais and the days of delay of the oldest invoice."""

    cliente_id: int
    contrato_id: int
    cliente: str
    contrato: str
    divida: Decimal
    dias: int
    notificacao_id: int | None


class Poupado(NamedTuple):
    """A contract of a debtor that would not be blocked, and why, in words."""

    cliente_id: int
    contrato_id: int
    cliente: str
    contrato: str
    dias: int
    motivo: str


@dataclass
class PreviaBloqueio:
    """A dry run. ``percentual`` of the active base; ``disjuntor``: above the policy's limit; ``impedimento``: why nobody is blocked today."""

    eleitos: list[Eleito] = field(default_factory=list)
    um_a_um: list[Poupado] = field(default_factory=list)
    contagem: Counter[str] = field(default_factory=Counter)
    percentual: Decimal = ZERO
    limite: Decimal = ZERO
    disjuntor: bool = False
    impedimento: str = ""

    @property
    def divida(self) -> Decimal:
        """Sum of the debts, each customer once."""
        return sum({e.cliente_id: e.divida for e in self.eleitos}.values(), ZERO)

    @property
    def poupados(self) -> list[tuple[str, int]]:
        """(reason, how many contracts), most first."""
        return self.contagem.most_common()


class Divida(NamedTuple):
    """What a customer owes late: sum, days of the oldest, and that invoice."""

    valor: Decimal
    dias: int
    invoice_id: int


class BloqueioPorAtraso(Avisos):
    """Blocking and releasing by debt."""

    def simular_bloqueio(self, *, hoje: dt.date, dias_atraso: int | None = None) -> PreviaBloqueio:
        """Who would be blocked on ``hoje`` by the policy in force, saving nothing. Raises ValorInvalido for a day more than a year ahead."""
        relogio.exigir_dia(hoje, UM_ANO, campo="data")
        politica = self.politica
        previa = PreviaBloqueio(limite=politica.limite_percentual_da_base, impedimento=self.impedimento(politica, hoje))
        for contrato, divida in self._candidatos(politica, hoje, dias_atraso):
            motivo = self._poupa(contrato, divida, politica, hoje)
            if motivo:
                previa.contagem[motivo] += 1
                previa.um_a_um.append(Poupado(contrato.cliente_id, contrato.id, contrato.cliente.nome, contrato.numero, divida.dias, motivo))
            else:
                aviso = self._aviso(divida.invoice_id, politica, hoje)
                previa.eleitos.append(Eleito(
                    contrato.cliente_id, contrato.id, contrato.cliente.nome, contrato.numero, divida.valor, divida.dias, aviso.id if aviso else None
                ))
        ativos = self.sessao.scalar(select(func.count()).select_from(Contrato).where(Contrato.status == StatusContrato.ativo))
        previa.percentual = Decimal(len(previa.eleitos) * 100) / ativos if ativos else ZERO
        previa.disjuntor = previa.percentual > previa.limite and len(previa.eleitos) > configuracao.ler("faturamento.disjuntor_minimo")
        return previa

    def pedir_bloqueio(self, *, hoje: dt.date, confirmado: bool) -> int | None:
        """The mass block as a task, once a minute. Returns its id; None when this minute has one already.

        Raises RegraViolada when the breaker opened, or on a day without blocking, and nobody ``confirmado``.
        """
        if not confirmado:
            if impedimento := self.impedimento(self.politica, hoje):
                raise RegraViolada(impedimento, codigo="sem_bloqueio_hoje")
            self.conferir_disjuntor(self.simular_bloqueio(hoje=hoje), confirmado=False)
        chave = f"bloqueio-manual:{hoje}:{relogio.agora():%H%M}"
        return tarefas.agendar(self.sessao, "bloquear_clientes_vencidos", chave=chave, fila="longa", hoje=hoje.isoformat(), confirmado=confirmado)

    def bloquear_clientes_vencidos(self, dias_atraso: int | None = None, *, hoje: dt.date, confirmado: bool = False) -> int:
        """Block by the policy in the caller's transaction (a small base, a test). Returns how many contracts.

        Raises RegraViolada (``disjuntor``) when too much of the base would be blocked and nobody ``confirmado``.
        """
        previa = self.conferir_disjuntor(self.simular_bloqueio(hoje=hoje, dias_atraso=dias_atraso), confirmado=confirmado)
        return sum(self.bloquear_um(e.contrato_id, hoje=hoje, dias_atraso=dias_atraso) for e in previa.eleitos)

    @staticmethod
    def conferir_disjuntor(previa: PreviaBloqueio, *, confirmado: bool) -> PreviaBloqueio:
        """The preview itself, emptied on a day without blocking. Raises RegraViolada when the breaker opened."""
        if previa.disjuntor and not confirmado:
            raise RegraViolada(
                _(
                    "O disjuntor abriu: %(n)d contratos, %(pct)s%% da base, seriam bloqueados; o limite é %(limite)s%%. Confira a prévia e confirme.",
                    n=len(previa.eleitos), pct=numero(previa.percentual, 1), limite=numero(previa.limite, 1),
                ),
                codigo="disjuntor",
            )
        if previa.impedimento and not confirmado:
            previa.eleitos.clear()
        return previa

    def bloquear_um(self, contrato_id: int, *, hoje: dt.date, dias_atraso: int | None = None) -> bool:
        """Lock the customer, look again, and block the contract if it still must be. Returns whether it was blocked now."""
        cliente_id = self.sessao.scalar(select(Contrato.cliente_id).where(Contrato.id == contrato_id))
        travar_cliente(self.sessao, cliente_id)
        contrato = self.sessao.get_one(Contrato, contrato_id, populate_existing=True)
        politica = self.politica
        divida = self._divida(cliente_id, politica, hoje, dias_atraso)
        if divida is None or self._bloqueado(contrato_id) or self._poupa(contrato, divida, politica, hoje):
            return False
        aviso = self._aviso(divida.invoice_id, politica, hoje)
        explicacao = da_casa("1 dia de atraso") if divida.dias == 1 else da_casa("%(dias)d dias de atraso", dias=divida.dias)
        self.bloqueios.bloquear(contrato.id, MotivoBloqueio.inadimplencia, aviso.id if aviso else None, em=momento(hoje), explicacao=explicacao)
        dados = {"contrato_id": contrato.id, "numero": contrato.numero, "divida": str(divida.valor), "dias": divida.dias}
        eventos.registrar(self.sessao, "cliente_bloqueado", cliente_id=cliente_id, **dados)
        cliente = self.sessao.get_one(Cliente, cliente_id)
        invoice = self.sessao.get_one(Invoice, divida.invoice_id)
        self._avisar("cliente_bloqueado", cliente, chave=f"cliente_bloqueado:{cliente_id}:{hoje}", invoice=invoice)
        return True

    def reavaliar_bloqueio(self, cliente_id: int, *, em: dt.date) -> int:
        """Free the customer's contracts blocked for debt when nothing overdue is left above the policy's minimum. Returns how many.

        A partial payment frees only when what stays late is below the minimum. Who is free of every block now is told so. The caller's
        transaction; the customer is locked.
        """
        travar_cliente(self.sessao, cliente_id)
        self.sessao.flush()
        bloqueados = self.sessao.scalars(
            select(Bloqueio).join(Bloqueio.contrato).where(
                Contrato.cliente_id == cliente_id, Bloqueio.fim.is_(None), Bloqueio.motivo == MotivoBloqueio.inadimplencia
            ).order_by(Bloqueio.contrato_id)
        ).all()
        if not bloqueados or self._divida(cliente_id, self.politica, em, 0) is not None:
            return 0
        quando = momento(em)
        for bloqueio in bloqueados:
            self.bloqueios.desbloquear(bloqueio.contrato_id, motivo=MotivoBloqueio.inadimplencia, em=quando, explicacao=da_casa("nada em atraso"))
        self._anotar_palavra([b.id for b in bloqueados], em=quando, livre=True)
        livres = [b for b in bloqueados if not bloqueios_abertos(self.sessao, b.contrato_id)]
        if livres:
            eventos.registrar(self.sessao, "cliente_liberado", cliente_id=cliente_id, contratos=[b.contrato_id for b in livres])
            chave = f"cliente_liberado:{max(b.id for b in livres)}"
            self._avisar("cliente_liberado", self.sessao.get_one(Cliente, cliente_id), chave=chave)
        return len(bloqueados)

    def expirar_desbloqueios(self, *, agora: dt.datetime) -> int:
        """Lifted blocks whose time is over are in force again (the debt may be paid since: then they are closed). Returns how many."""
        vencidos = select(Bloqueio).options(joinedload(Bloqueio.contrato)).where(Bloqueio.fim.is_(None), Bloqueio.liberado_ate <= agora)
        feitos = 0
        for bloqueio in self.sessao.scalars(vencidos.order_by(Bloqueio.contrato_id)).all():
            contrato = self.contratos.travar(bloqueio.contrato_id)
            self.sessao.refresh(bloqueio)
            if bloqueio.fim is None and bloqueio.liberado_ate is not None and bloqueio.liberado_ate <= agora:
                bloqueio.liberado_ate = None
                self.sessao.flush()
                if not self.reavaliar_bloqueio(contrato.cliente_id, em=relogio.local(agora).date()):
                    self._anotar_palavra([bloqueio.id], em=agora, livre=False)
                    self.bloqueios.reavaliar(contrato, em=agora)
                feitos += 1
        return feitos

    def _anotar_palavra(self, bloqueios: Sequence[int], *, em: dt.datetime, livre: bool) -> None:
        """Whether who was released on his word during these blocks kept it: the invoice paid by its day, or he is ``livre`` of debt in its time.

        What was written once stays; of an invoice that was cancelled nothing is said.
        """
        durante = exists().where(
            Bloqueio.id.in_(bloqueios), Bloqueio.contrato_id == DesbloqueioConfianca.contrato_id, Bloqueio.inicio <= DesbloqueioConfianca.de)
        consulta = select(DesbloqueioConfianca, Invoice).join(Invoice, Invoice.id == DesbloqueioConfianca.invoice_id)
        consulta = consulta.where(DesbloqueioConfianca.cumprido.is_(None), durante, Invoice.status != StatusInvoice.cancelada)
        for palavra, invoice in self.sessao.execute(consulta):
            pagou = invoice.data_pagamento is not None and invoice.data_pagamento <= relogio.local(palavra.ate).date()
            if pagou or (livre and em <= palavra.ate):
                palavra.cumprido = True
            elif em >= palavra.ate:
                palavra.cumprido = False

    @classmethod
    def bloquear_do_dia(cls, *, hoje: dt.date, dias_atraso: int | None = None, confirmado: bool = False) -> int:
        """The whole blocking of a day, each customer in a transaction of his own (job, command, demonstration). Raises RegraViolada (disjuntor)."""
        with transacao() as sessao:
            servico = cls(sessao)
            previa = servico.conferir_disjuntor(servico.simular_bloqueio(hoje=hoje, dias_atraso=dias_atraso), confirmado=confirmado)
        feitos = 0
        for eleito in previa.eleitos:
            with transacao() as sessao:
                feitos += cls(sessao).bloquear_um(eleito.contrato_id, hoje=hoje, dias_atraso=dias_atraso)
        return feitos

    @staticmethod
    def impedimento(politica: PoliticaCobranca, hoje: dt.date) -> str:
        """Why the policy blocks nobody on ``hoje``; empty when it does."""
        extras = configuracao.feriados_do_operador()
        if hoje.weekday() >= SABADO and not politica.bloqueia_fim_de_semana:
            return _("A política não bloqueia em fim de semana.")
        if not feriados.e_dia_util(hoje, extras) and hoje.weekday() < SABADO and not politica.bloqueia_vespera_de_feriado:
            return _("A política não bloqueia em feriado.")
        if hoje.weekday() == SEXTA and not politica.bloqueia_sexta:
            return _("A política não bloqueia na sexta-feira.")
        vespera = hoje.weekday() < SEXTA and not feriados.e_dia_util(hoje + UM_DIA, extras)
        return _("A política não bloqueia em véspera de feriado.") if vespera and not politica.bloqueia_vespera_de_feriado else ""

    # ---- who and why not

    def _candidatos(self, politica: PoliticaCobranca, hoje: dt.date, dias_atraso: int | None) -> list[tuple[Contrato, Divida]]:
        """Active contracts not blocked for debt yet, of customers with enough debt, old enough."""
        saldo = Invoice.valor_total - Invoice.valor_pago - Invoice.valor_abatido
        limite = self._limite(politica, hoje, dias_atraso)
        devedores = select(
            Invoice.cliente_id, func.sum(saldo).label("valor"), func.min(Invoice.data_vencimento).label("desde")
        ).where(consultas.em_atraso(hoje), Invoice.contestada_em.is_(None)).group_by(Invoice.cliente_id)
        devedores = devedores.having(func.min(Invoice.data_vencimento) <= limite, func.sum(saldo) >= politica.divida_minima).subquery()
        sem_bloqueio = ~exists().where(Bloqueio.contrato_id == Contrato.id, Bloqueio.fim.is_(None), Bloqueio.motivo == MotivoBloqueio.inadimplencia)
        consulta = select(Contrato, devedores.c.valor, devedores.c.desde).join(devedores, devedores.c.cliente_id == Contrato.cliente_id)
        consulta = consulta.options(joinedload(Contrato.cliente)).where(Contrato.status == StatusContrato.ativo, sem_bloqueio)
        consulta = consulta.order_by(Contrato.cliente_id, Contrato.id)
        linhas = self.sessao.execute(consulta).all()
        return [(c, Divida(valor, (hoje - desde).days, self._mais_antiga(c.cliente_id, hoje))) for c, valor, desde in linhas]

    def _divida(self, cliente_id: int, politica: PoliticaCobranca, hoje: dt.date, dias_atraso: int | None) -> Divida | None:
        """What the customer owes late by the policy, or None. ``dias_atraso`` 0 counts everything overdue."""
        saldo = Invoice.valor_total - Invoice.valor_pago - Invoice.valor_abatido
        atrasadas = [Invoice.cliente_id == cliente_id, consultas.em_atraso(hoje), Invoice.contestada_em.is_(None)]
        valor, desde = self.sessao.execute(select(func.sum(saldo), func.min(Invoice.data_vencimento)).where(*atrasadas)).one()
        if valor is None or valor < politica.divida_minima or (dias_atraso != 0 and desde > self._limite(politica, hoje, dias_atraso)):
            return None
        return Divida(valor, (hoje - desde).days, self._mais_antiga(cliente_id, hoje))

    @staticmethod
    def _limite(politica: PoliticaCobranca, hoje: dt.date, dias_atraso: int | None) -> dt.date:
        return hoje - dt.timedelta(days=politica.dias_bloqueio if dias_atraso is None else dias_atraso)

    def _mais_antiga(self, cliente_id: int, hoje: dt.date) -> int:
        consulta = select(Invoice.id).where(Invoice.cliente_id == cliente_id, consultas.em_atraso(hoje), Invoice.contestada_em.is_(None))
        return self.sessao.scalar(consulta.order_by(Invoice.data_vencimento, Invoice.id).limit(1))

    def _bloqueado(self, contrato_id: int) -> bool:
        consulta = select(Bloqueio.id).where(Bloqueio.contrato_id == contrato_id, Bloqueio.fim.is_(None), Bloqueio.motivo == MotivoBloqueio.inadimplencia)
        return self.sessao.scalar(consulta) is not None

    def _poupa(self, contrato: Contrato, divida: Divida, politica: PoliticaCobranca, hoje: dt.date) -> str:
        """Why a contract with debt is not blocked; empty when it is."""
        regras: tuple[tuple[Callable[[], bool], str], ...] = (
            (lambda: contrato.status is not StatusContrato.ativo, _("contrato não está ativo")),
            (lambda: self._isento(contrato), _("bloqueio automático desligado no contrato")),
            (lambda: contrato.nao_bloquear_ate is not None and contrato.nao_bloquear_ate >= hoje, _("não bloquear até uma data")),
            (lambda: self._em_confianca(contrato.id, hoje), _("desbloqueio em confiança em andamento")),
            (lambda: self.rede.area_em_incidente(contrato.id, momento(hoje)), _("incidente na área")),
        )
        if motivo := next((str(motivo) for vale, motivo in regras if vale()), ""):
            return motivo
        if not politica.exige_aviso or self._aviso(divida.invoice_id, politica, hoje) is not None:
            return ""
        return self._por_que_sem_aviso(divida.invoice_id, contrato.cliente.email, politica)

    @staticmethod
    def _isento(contrato: Contrato) -> bool:
        if contrato.bloqueio_automatico is Sim.P:
            return not configuracao.ler("faturamento.bloqueio_automatico")
        return contrato.bloqueio_automatico is Sim.N

    def _em_confianca(self, contrato_id: int, hoje: dt.date) -> bool:
        consulta = select(DesbloqueioConfianca.id).where(DesbloqueioConfianca.contrato_id == contrato_id, DesbloqueioConfianca.ate > momento(hoje))
        return self.sessao.scalar(consulta.limit(1)) is not None
