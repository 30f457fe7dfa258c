"""What an operator does with tasks and the schedule, and how the schedule stands. The screens and the commands call this."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import agenda, auditoria, execucao, relogio, tarefas
from app.core.agenda import Cada, Job
from app.core.ator import ator_id
from app.core.erros import NaoEncontrado, RegraViolada
from app.core.models import EstadoAgenda, Pulso, Tarefa
from app.core.models import EstadoTarefa as E
from app.core.transacao import transacao

PULSO_VELHO = dt.timedelta(minutes=5)
URGENTE = 2
RESERVA = dt.timedelta(minutes=5)


def pode_tentar_de_novo(tarefa: Tarefa) -> bool:
    """It failed, was cancelled or waits."""
    return tarefa.estado in (E.morta, E.cancelada, E.pendente)


def pode_confirmar(tarefa: Tarefa) -> bool:
    """A rule stopped it, and a person's word lets it go on."""
    quem = execucao.manipulador(tarefa.nome)
    return tarefa.estado is E.morta and quem is not None and quem.confirmavel and not tarefa.argumentos.get("confirmado")


def pode_cancelar(tarefa: Tarefa) -> bool:
    """It waits or is running."""
    return tarefa.estado in execucao.ABERTOS


class TarefaService:
    """Verbs of a person on tasks and jobs; each writes to the audit trail."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def tentar_de_novo(self, tarefa_id: int) -> Tarefa:
        """Run again what failed or was cancelled, with a fresh set of attempts; one that waits for its next attempt goes at once.

        Raises RegraViolada for a task that is done or running.
        """
        tarefa = self._travar(tarefa_id)
        if not pode_tentar_de_novo(tarefa):
            raise RegraViolada(_("Só se tenta de novo o que falhou, foi cancelado ou espera."), tarefa_id=tarefa_id)
        self._registrar("tentar_de_novo", tarefa)
        tarefa.estado, tarefa.quando, tarefa.terminada_em, tarefa.cancelar = E.pendente, relogio.agora(), None, False
        tarefa.max_tentativas = tarefa.tentativas + execucao.TENTATIVAS
        return tarefa

    def confirmar(self, tarefa_id: int) -> int:
        """A person's word: do what a rule stopped, for its own day and at once, outside its hours too. Returns the new task; once for each stopped one.

        Raises RegraViolada for a task that did not stop, or that no word helps.
        """
        tarefa = self._travar(tarefa_id)
        if not pode_confirmar(tarefa):
            raise RegraViolada(_("Só se confirma o que parou à espera de uma confirmação."), codigo="nao_confirmavel", tarefa_id=tarefa_id)
        dia = tarefa.referencia or relogio.hoje()
        argumentos = {"hoje": dia.isoformat(), **tarefa.argumentos, "confirmado": True}
        nova = tarefas.agendar(self.sessao, tarefa.nome, chave=f"confirmada:{tarefa.id}", fila=tarefa.fila, prioridade=URGENTE, **argumentos)
        if nova is None:
            raise RegraViolada(_("Esta tarefa já foi confirmada."), codigo="ja_confirmada", tarefa_id=tarefa_id)
        self._registrar("confirmar", tarefa)
        return nova

    def cancelar(self, tarefa_id: int) -> Tarefa:
        """Stop it: at once while it waits; between two slices when it is running. Asking again does nothing. Raises RegraViolada when it has ended."""
        tarefa = self._travar(tarefa_id)
        if not pode_cancelar(tarefa):
            raise RegraViolada(_("Esta tarefa já terminou."), tarefa_id=tarefa_id)
        self._registrar("cancelar", tarefa)
        tarefa.cancelar = True
        if tarefa.estado in execucao.ESPERANDO:
            tarefa.estado, tarefa.terminada_em, tarefa.arrendada_ate = E.cancelada, relogio.agora(), None
        return tarefa

    def executar_agora(self, nome: str, *, hoje: dt.date | None = None, reservada: bool = False) -> Tarefa:
        """Ask for a run of a job of the schedule, outside its hours too. Still waits for older ones. ``reservada`` leaves it to the caller for a while.

        Asking twice for the same day before it begins gives the same task. Raises NaoEncontrado, ValorInvalido for a day to come.
        """
        job = self._job(nome)
        dia = relogio.exigir_que_chegou(hoje or relogio.hoje(), campo="data")
        mesma = (Tarefa.agenda == nome, Tarefa.chave.is_(None), Tarefa.referencia == dia, Tarefa.estado.in_(execucao.ESPERANDO))
        tarefa = self.sessao.scalar(select(Tarefa).where(*mesma).order_by(Tarefa.id).limit(1))
        if tarefa is None:
            tarefa = Tarefa(
                nome=nome, agenda=nome, referencia=dia, fila=job.fila, prioridade=URGENTE, quando=relogio.agora(), estado=E.pendente,
                tentativas=0, criado_por_id=ator_id())
            self.sessao.add(tarefa)
        if reservada:
            tarefa.estado, tarefa.arrendada_ate = E.publicada, relogio.agora() + RESERVA
        self.sessao.flush()
        self._registrar("executar_agora", tarefa)
        return tarefa

    def pausar(self, nome: str) -> None:
        """The job makes no more occurrences until it is resumed."""
        self._ligar(nome, ativa=False)

    def retomar(self, nome: str) -> None:
        """The job goes on from now: what passed while it was paused is not made up for."""
        self._ligar(nome, ativa=True)

    def _ligar(self, nome: str, *, ativa: bool) -> None:
        self._job(nome)
        estado = self.sessao.get(EstadoAgenda, nome, with_for_update=True) or EstadoAgenda(nome=nome, ultima=relogio.agora())
        if ativa and estado.ativa is False:
            estado.ultima = relogio.agora()
        estado.ativa = ativa
        self.sessao.add(estado)
        auditoria.registrar(self.sessao, "retomar" if ativa else "pausar", "estado_agenda", nome)

    def _job(self, nome: str) -> Job:
        job = agenda.tabela().get(nome)
        if job is None or execucao.manipulador(nome) is None:
            raise NaoEncontrado(_("Não há trabalho agendado com o nome “%(nome)s”.", nome=nome))
        return job

    def _travar(self, tarefa_id: int) -> Tarefa:
        tarefa = self.sessao.get(Tarefa, tarefa_id, with_for_update=True, populate_existing=True)
        if tarefa is None:
            raise NaoEncontrado(_("Tarefa não encontrada."))
        return tarefa

    def _registrar(self, acao: str, tarefa: Tarefa) -> None:
        auditoria.registrar(self.sessao, acao, "tarefa", tarefa.id, antes={"estado": tarefa.estado.name}, depois={"nome": tarefa.nome})


def rodar_ate_o_fim(tarefa_id: int) -> E:
    """Run a task here and now, with what it waits for before it; returns its state. One that a worker took meanwhile is waited for.

    Stops at a failed or postponed attempt: the task then goes on in the background.
    """
    while True:
        resultado = execucao.rodar(tarefa_id)
        with transacao() as sessao:
            estado, erro, nome = sessao.execute(select(Tarefa.estado, Tarefa.erro, Tarefa.agenda).where(Tarefa.id == tarefa_id)).one()
            antes = agenda.espera_por(sessao, tarefa_id, nome) if nome else None
        if estado not in execucao.ABERTOS or (erro and resultado != "repetida"):
            return estado
        if antes is None and resultado == E.pendente.name:
            continue
        if antes is None or execucao.rodar(antes) == "repetida":
            time.sleep(0.5)


# ---- how it stands


@dataclass(frozen=True)
class Situacao:
    """One job of the schedule as the screen shows it."""

    job: Job
    ativa: bool
    tem_manipulador: bool
    proxima: dt.datetime
    ultima: Tarefa | None
    aberta: Tarefa | None


def situacoes(sessao: Session) -> list[Situacao]:
    """Every job, in the table's order, with its next run, the last that began and the oldest that is open. Three queries."""
    agora = relogio.agora()
    pausados = set(sessao.scalars(select(EstadoAgenda.nome).where(~EstadoAgenda.ativa)))
    ultimas = _por_agenda(sessao, func.max, Tarefa.iniciada_em.is_not(None))
    abertas = _por_agenda(sessao, func.min, Tarefa.estado.in_(execucao.ABERTOS))
    return [
        Situacao(job, nome not in pausados, execucao.manipulador(nome) is not None, agenda.proxima(job, agora=agora), ultimas.get(nome), abertas.get(nome))
        for nome, job in agenda.tabela().items()
    ]


def _por_agenda(sessao: Session, qual: object, condicao: object) -> dict[str, Tarefa]:
    ids = select(qual(Tarefa.id)).where(Tarefa.agenda.in_(list(agenda.tabela())), condicao).group_by(Tarefa.agenda)
    return {t.agenda: t for t in sessao.scalars(select(Tarefa).where(Tarefa.id.in_(ids)))}


def adiadas(sessao: Session) -> int:
    """Tasks that wait because this copy is quiet."""
    return sessao.scalar(select(func.count()).select_from(Tarefa).where(Tarefa.estado == E.pendente, Tarefa.erro == execucao.QUIETA)) or 0


def processos(sessao: Session) -> list[tuple[str, dt.datetime | None, bool]]:
    """(name on screen, last sign of life, alive) of clock and workers."""
    pulsos = {p.processo: p.em for p in sessao.scalars(select(Pulso))}
    limite = relogio.agora() - PULSO_VELHO
    nomes = {"clock": _("Relógio"), "worker_rapida": _("Fila rápida"), "worker_longa": _("Fila longa")}
    return [(rotulo, pulsos.get(nome), (em := pulsos.get(nome)) is not None and em >= limite) for nome, rotulo in nomes.items()]


def quando_texto(job: Job) -> str:
    """``22:00``, ``a cada 15 min``."""
    if not isinstance(job.quando, Cada):
        return f"{job.quando.hora:%H:%M}"
    segundos = int(job.quando.passo.total_seconds())
    if segundos < 60:
        return _("a cada %(n)d s", n=segundos)
    return _("a cada %(n)d min", n=segundos // 60) if segundos < 3600 else _("a cada %(n)d h", n=segundos // 3600)


def rotulo_da_tarefa(nome: str) -> str:
    """A task as a person calls it: the label of its job, else its name in words."""
    job = agenda.tabela().get(nome)
    return _(job.rotulo) if job and job.rotulo else nome.replace("_", " ").capitalize()
