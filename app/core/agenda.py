"""The schedule: rows of jobs/agenda.py turned into occurrences, each one a Tarefa with a unique key and a day of its own.

What lateness means (``atraso``): ``cada_dia`` every missed day, in order; ``ultimo`` once, for the last; ``janela`` once, for the last, and only
inside its hours and days. The database keeps up to when each job was looked at, so a lost Redis or a stopped clock loses nothing.
"""

from __future__ import annotations

import datetime as dt
import enum
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import execucao, relogio
from app.core.models import EstadoAgenda, Tarefa
from app.core.models import EstadoTarefa as E
from app.core.transacao import transacao

log = logging.getLogger(__name__)
MAIOR_RECUPERACAO = dt.timedelta(days=400)
TODOS_OS_DIAS = frozenset(range(7))


class Atraso(enum.Enum):
    """What to do with occurrences whose hour passed while nothing was running."""

    cada_dia = "todos os dias perdidos, em ordem"
    ultimo = "só a última"
    janela = "só a última, dentro do horário"


cada_dia, ultimo, janela = Atraso


@dataclass(frozen=True)
class Diario:
    """Every day at ``hora`` of São Paulo. A day has one occurrence, also when summer time makes that hour happen twice or not at all."""

    hora: dt.time

    def entre(self, depois: dt.datetime, ate: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
        """(instant, key) of each occurrence in (depois, ate], oldest first."""
        dia, fim = relogio.local(depois).date(), relogio.local(ate).date()
        while dia <= fim:
            instante = relogio.instante(dia, self.hora)
            if depois < instante <= ate:
                yield instante, f"{dia}T{self.hora:%H:%M}"
            dia += dt.timedelta(days=1)


@dataclass(frozen=True)
class Cada:
    """Every ``passo``, counted in real time: summer time neither repeats nor skips one."""

    passo: dt.timedelta

    def entre(self, depois: dt.datetime, ate: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
        """(instant, key) of each occurrence in (depois, ate], oldest first."""
        segundos = int(self.passo.total_seconds())
        for n in range(int(depois.timestamp()) // segundos + 1, int(ate.timestamp()) // segundos + 1):
            instante = dt.datetime.fromtimestamp(n * segundos, dt.UTC)
            yield instante, f"{instante:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Janela:
    """Hours (``ate`` excluded; past midnight when smaller than ``de``) and weekdays (0 Monday, of the day it opens) in which a job may run."""

    de: dt.time
    ate: dt.time
    dias: frozenset[int] = TODOS_OS_DIAS

    def abre_em(self, instante: dt.datetime) -> dt.datetime:
        """``instante`` itself when inside, else the next opening."""
        hoje = relogio.local(instante).date()
        for n in range(-1, 9):
            dia = hoje + dt.timedelta(days=n)
            abre, fecha = relogio.instante(dia, self.de), relogio.instante(dia + dt.timedelta(days=self.ate <= self.de), self.ate)
            if dia.weekday() in self.dias and instante < fecha:
                return max(abre, instante)
        raise ValueError("a window without days never opens")


@dataclass(frozen=True)
class Job:
    """One row of the schedule. ``nome`` is also its handler's name.

    It waits while an older occurrence of itself or of a job in ``depende_de`` is open; those in ``exige_sucesso`` must also have succeeded
    since the clock started. Names absent from the table are not waited for.
    """

    nome: str
    quando: Diario | Cada
    rotulo: str
    atraso: Atraso = ultimo
    fila: str = "rapida"
    prioridade: int = 5
    janela: Janela | None = None
    depende_de: tuple[str, ...] = ()
    exige_sucesso: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ocorrencia:
    """One run a job should have."""

    job: Job
    instante: dt.datetime
    quando: dt.datetime
    chave: str

    @property
    def referencia(self) -> dt.date:
        """The occurrence's own day."""
        return relogio.local(self.instante).date()


_TABELA: dict[str, Job] = {}


def diario(hora: str) -> Diario:
    """``diario("22:00")``."""
    return Diario(dt.time.fromisoformat(hora))


def cada(**passo: int) -> Cada:
    """``cada(minutes=5)``: arguments of timedelta."""
    return Cada(dt.timedelta(**passo))


def das(de: str, ate: str, dias: Iterable[int] = TODOS_OS_DIAS) -> Janela:
    """``das("08:00", "20:00")``."""
    return Janela(dt.time.fromisoformat(de), dt.time.fromisoformat(ate), frozenset(dias))


def definir(jobs: Sequence[Job]) -> None:
    """Set the table. Called once with jobs.agenda.JOBS."""
    _TABELA.clear()
    _TABELA.update({job.nome: job for job in jobs})


def tabela() -> Mapping[str, Job]:
    """The rows by name, in their order."""
    return _TABELA


def proxima(job: Job, *, agora: dt.datetime) -> dt.datetime:
    """When it is due next."""
    passo = job.quando.passo if isinstance(job.quando, Cada) else dt.timedelta(days=2)
    return next(job.quando.entre(agora, agora + passo))[0]


def ocorrencias(job: Job, *, depois: dt.datetime, ate: dt.datetime) -> list[Ocorrencia]:
    """What (depois, ate] owes this job under its rule of lateness, oldest first. Pure."""
    desde = max(depois, ate - MAIOR_RECUPERACAO)
    if isinstance(job.quando, Cada) and job.atraso is not cada_dia:
        desde = max(desde, ate - job.quando.passo)
    perdidas = list(job.quando.entre(desde, ate))
    if job.atraso is not cada_dia:
        perdidas = perdidas[-1:]
    return [Ocorrencia(job, instante, _quando(job, instante, ate), f"agenda:{job.nome}:{chave}") for instante, chave in perdidas]


def _quando(job: Job, instante: dt.datetime, agora: dt.datetime) -> dt.datetime:
    return job.janela.abre_em(agora) if job.janela and job.janela.abre_em(agora) > agora else instante


def abre_em(nome: str) -> dt.datetime:
    """When that job may run: now, or the next opening of its window."""
    job, agora = _TABELA.get(nome), relogio.agora()
    return job.janela.abre_em(agora) if job and job.janela else agora


# ---- occurrences → rows


def materializar() -> int:
    """Write a task for every occurrence that became due. One scheduler does it at a time. Returns how many were written.

    A job seen for the first time starts from now; a paused one skips what passes; one without a handler waits for it.
    """
    with transacao() as sessao:
        if not sessao.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('agenda'))")):
            return 0
        agora = relogio.agora()
        devidas: list[Ocorrencia] = []
        for job, estado in _linhas(sessao, agora):
            if estado.ultima < agora:
                devidas += ocorrencias(job, depois=estado.ultima, ate=agora) if estado.ativa else []
        if not devidas:
            return 0
        # in order of time over all jobs: what is older has the smaller id, which is what waiting goes by
        escritas = sum(_escrever(sessao, o) for o in sorted(devidas, key=lambda o: o.instante))
        _avancar(sessao, {o.job.nome for o in devidas}, agora)
    return escritas


def _linhas(sessao: Session, agora: dt.datetime) -> list[tuple[Job, EstadoAgenda]]:
    estados = {e.nome: e for e in sessao.scalars(select(EstadoAgenda))}
    prontos = [job for job in _TABELA.values() if _tem_manipulador(job)]
    for job in prontos:
        if job.nome not in estados:
            estados[job.nome] = EstadoAgenda(nome=job.nome, ultima=agora, ativa=True)
            sessao.add(estados[job.nome])
    return [(job, estados[job.nome]) for job in prontos]


_avisados: set[str] = set()


def _tem_manipulador(job: Job) -> bool:
    if execucao.manipulador(job.nome):
        return True
    if job.nome not in _avisados:
        _avisados.add(job.nome)
        log.warning("job without a handler is skipped nome=%s", job.nome)
    return False


def _avancar(sessao: Session, nomes: set[str], agora: dt.datetime) -> None:
    sessao.execute(update(EstadoAgenda).where(EstadoAgenda.nome.in_(nomes)).values(ultima=agora).execution_options(synchronize_session=False))


def _escrever(sessao: Session, o: Ocorrencia) -> int:
    if o.job.atraso is not cada_dia and _renovar_a_que_espera(sessao, o):
        return 0
    comando = insert(Tarefa).values(
        nome=o.job.nome, agenda=o.job.nome, chave=o.chave, referencia=o.referencia, quando=o.quando, fila=o.job.fila, prioridade=o.job.prioridade)
    return int(sessao.scalar(comando.on_conflict_do_nothing(index_elements=["chave"]).returning(Tarefa.id)) is not None)


def _renovar_a_que_espera(sessao: Session, o: Ocorrencia) -> bool:
    """An occurrence that has not begun becomes the newer one, so that a stopped worker does not pile up runs that would all do the same."""
    esperando = select(Tarefa.id).where(Tarefa.agenda == o.job.nome, Tarefa.estado.in_(execucao.ESPERANDO), Tarefa.chave.startswith(f"agenda:{o.job.nome}:"))
    tarefa_id = sessao.scalar(esperando.order_by(Tarefa.id).limit(1).with_for_update(skip_locked=True))
    ja_existe = tarefa_id and sessao.scalar(select(Tarefa.id).where(Tarefa.chave == o.chave))
    if tarefa_id and not ja_existe:
        sessao.execute(update(Tarefa).where(Tarefa.id == tarefa_id).values(chave=o.chave, referencia=o.referencia).execution_options(synchronize_session=False))
    return bool(tarefa_id)


# ---- who waits for whom


@dataclass(frozen=True)
class Aberta:
    """An open occurrence; ``a_mao`` when a person asked for it."""

    id: int
    agenda: str
    a_mao: bool = False


def bloqueadas(abertas: Iterable[Aberta], cumpridos: frozenset[str] | None = None) -> dict[int, int | None]:
    """Occurrences that must wait → the id of the oldest they wait for (None: for the first success of a job). Pure.

    ``cumpridos`` are the jobs that succeeded since the clock started; None does not ask for it.
    """
    mais_antiga: dict[str, int] = {}
    esperam: dict[int, int | None] = {}
    for aberta in sorted(abertas, key=lambda a: a.id):
        antes = [mais_antiga[nome] for nome in (aberta.agenda, *dependencias(aberta.agenda)) if nome in mais_antiga]
        if antes:
            esperam[aberta.id] = min(antes)
        elif not aberta.a_mao and cumpridos is not None and not exigencias(aberta.agenda) <= cumpridos:
            esperam[aberta.id] = None
        mais_antiga.setdefault(aberta.agenda, aberta.id)
    return esperam


def dependencias(nome: str) -> tuple[str, ...]:
    """Jobs of the table it waits for."""
    job = _TABELA.get(nome)
    return tuple(d for d in (*job.depende_de, *job.exige_sucesso) if d in _TABELA) if job else ()


def exigencias(nome: str) -> frozenset[str]:
    """Jobs of the table that must have succeeded since the clock started."""
    job = _TABELA.get(nome)
    return frozenset(d for d in job.exige_sucesso if d in _TABELA) if job else frozenset()


def abertas(sessao: Session) -> list[Aberta]:
    """All open occurrences."""
    consulta = select(Tarefa.id, Tarefa.agenda, Tarefa.chave.is_(None)).where(Tarefa.agenda.is_not(None), Tarefa.estado.in_(execucao.ABERTOS))
    return [Aberta(*linha) for linha in sessao.execute(consulta)]


def espera_por(sessao: Session, tarefa_id: int, nome: str) -> int | None:
    """The oldest open occurrence that this one must wait for."""
    consulta = select(Tarefa.id).where(Tarefa.agenda.in_((nome, *dependencias(nome))), Tarefa.estado.in_(execucao.ABERTOS), Tarefa.id < tarefa_id)
    return sessao.scalar(consulta.order_by(Tarefa.id).limit(1))


def cumpridos_desde(sessao: Session, desde: dt.datetime) -> frozenset[str]:
    """Jobs with a run that ended well since then."""
    nomes = {d for nome in _TABELA for d in exigencias(nome)}
    if not nomes:
        return frozenset()
    consulta = select(Tarefa.agenda).where(Tarefa.agenda.in_(nomes), Tarefa.estado == E.feita, Tarefa.terminada_em >= desde)
    return frozenset(sessao.scalars(consulta.distinct()))
