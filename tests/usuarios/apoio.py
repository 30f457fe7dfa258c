"""Short words for the tests of accounts: tasks that a page left, and the secrets in the messages they wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import event, select

from app.core import execucao, limites
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.models import Notificacao

NOVA = "chuva fina no telhado"


def trabalhar(app: Flask, nome: str) -> None:
    """Run the tasks of that name that wait."""
    with app.app_context():
        with transacao() as s:
            ids = s.scalars(select(Tarefa.id).where(Tarefa.nome == nome, Tarefa.estado.in_((EstadoTarefa.pendente, EstadoTarefa.publicada)))).all()
        for tarefa_id in ids:
            fim = execucao.rodar(tarefa_id)
            assert fim == "feita", (fim, db.session.get(Tarefa, tarefa_id).erro)


def mensagens(app: Flask, evento: str) -> list[tuple[str, dict[str, str]]]:
    """(address, secrets) of the messages of an event, in order."""
    with app.app_context(), transacao() as s:
        linhas = s.execute(select(Notificacao.destinatario, Notificacao.segredos).where(Notificacao.evento == evento).order_by(Notificacao.id))
        return [(para, json.loads(segredos) if segredos else {}) for para, segredos in linhas]


def caminho(link: str) -> str:
    """The path of a whole address of ours."""
    assert link.startswith("http://localhost/")
    return link.removeprefix("http://localhost")


@contextmanager
def comandos(app: Flask) -> Iterator[list[str]]:
    """What the database is told meanwhile, statement by statement, without the values."""
    vistos: list[str] = []
    with app.app_context():
        motor = db.engine
    alvo = motor if isinstance(motor, sa.Engine) else motor.engine

    def anotar(_conexao: object, _cursor: object, comando: str, *_mais: object) -> None:
        if "SAVEPOINT" not in comando:      # of the test's own transaction
            vistos.append(comando)

    event.listen(alvo, "before_cursor_execute", anotar)
    try:
        yield vistos
    finally:
        event.remove(alvo, "before_cursor_execute", anotar)


def sem_o_redis(trocas: pytest.MonkeyPatch) -> None:
    """Redis is away: attempts are counted in this process, from none."""
    def fora() -> None:
        raise redis.ConnectionError

    trocas.setattr("app.core.limites.filas.conexao", fora)
    trocas.setattr(limites, "_memoria", limites._Memoria())


def recusas(tentar: Callable[[], int], *, ate: int = 40) -> int:
    """How many times something may be tried until it is told to wait (429)."""
    return next(n for n in range(ate) if tentar() == 429)


def papel_id(app: Flask, nome: str) -> int:
    """The key of a role."""
    with app.app_context(), transacao() as s:
        return s.scalar(select(Role.id).where(Role.name == nome))


def marcadas(pagina: str) -> list[str]:
    """Boxes of the role editor that are ticked."""
    return re.findall(r'name="p" value="([\d,]+)"[^>]* checked', pagina)


def salvar_papel(http, papel: int, caixas: list[str]):
    """Save the role editor as it is open now, with these boxes ticked."""
    versao = re.search(r'name="versao" value="([^"]+)"', http.get(f"/permissoes/{papel}").text)[1]
    return http.post(f"/permissoes/{papel}", data={"p": caixas, "versao": versao})
