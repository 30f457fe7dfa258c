"""RQ's queues: they carry task ids and nothing else. A Redis that does not answer costs a second and loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import redis
from flask import current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job

log = logging.getLogger(__name__)

EXECUTAR = "app.core.execucao.rodar"
PRAZO_SEGUNDOS = 240
CHEIA = 500


def conexao() -> redis.Redis:
    """The application's Redis, with short time-outs: a person is waiting."""
    guardada = current_app.extensions.get("redis")
    if guardada is None:
        guardada = current_app.extensions["redis"] = redis.Redis.from_url(
            current_app.config["REDIS_URL"], socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
        )
    return guardada


def fila(nome: str) -> Queue:
    """The queue of that name."""
    return Queue(nome, connection=conexao())


def nome_do_job(tarefa_id: int, tentativa: int) -> str:
    """RQ's id of one publication. The attempt is part of it: RQ deletes a finished job, which must not be the next one waiting."""
    return f"tarefa-{tarefa_id}-{tentativa}"


def publicar(tarefas: Sequence[tuple[int, int]], nome_fila: str) -> bool:
    """Offer tasks, given as (id, attempts so far), to the workers. False when Redis does not answer or the queue is full: the sweep offers them again."""
    try:
        onde = fila(nome_fila)
        if len(tarefas) == 1 and onde.count >= CHEIA:
            return False
        dados = [
            Queue.prepare_data(EXECUTAR, args=(tarefa_id,), job_id=nome_do_job(tarefa_id, n), timeout=PRAZO_SEGUNDOS, result_ttl=0, failure_ttl=86400)
            for tarefa_id, n in tarefas
        ]
        onde.enqueue_many(dados)
    except redis.RedisError as erro:
        log.warning("redis does not answer, tasks wait for the sweep n=%s fila=%s error=%s", len(tarefas), nome_fila, erro)
        return False
    return True


def na_fila(nome_fila: str) -> list[str] | None:
    """RQ's ids of what the queue holds, or None when Redis does not answer."""
    try:
        return fila(nome_fila).get_job_ids()
    except redis.RedisError as erro:
        log.warning("redis does not answer fila=%s error=%s", nome_fila, erro)
        return None


def tarefa_do_job(job: Job) -> int:
    """The task a job carries."""
    return int(job.args[0])
