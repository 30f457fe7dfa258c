"""RQ's queues: they carry task ids and nothing else. A Redis that does not answer costs a second and loses nothing."""

from __future__ import annotations

import logging

import redis
from flask import current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

log = logging.getLogger(__name__)

EXECUTAR = "app.core.execucao.rodar"
PRAZO_SEGUNDOS = 240


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


def publicar(tarefa_id: int, nome_fila: str) -> bool:
    """Offer a task to the workers. False when Redis does not answer: the sweep will offer it again."""
    try:
        fila(nome_fila).enqueue(EXECUTAR, tarefa_id, job_id=f"tarefa-{tarefa_id}", job_timeout=PRAZO_SEGUNDOS, result_ttl=0, failure_ttl=86400)
    except redis.RedisError as erro:
        log.warning("redis does not answer, task stays pending tarefa=%s error=%s", tarefa_id, erro)
        return False
    return True
