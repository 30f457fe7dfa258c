"""Threads: one person's filters never reach another's page, nor a record another person's customer."""

from __future__ import annotations

import collections
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from flask_appbuilder.baseviews import BaseModelView

from app.core.visoes.filtros import FiltrosPorRequisicao
from app.extensions import db
from tests.core.visoes.aplicacao import Pedido, PessoaView
from tests.core.visoes.conftest import entrar

VEZES = 25


@pytest.fixture
def trocas_frequentes() -> Iterator[None]:
    """Threads change every 10 µs, so that what can go wrong does."""
    antes = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(antes)


def em_paralelo(*tarefas: Callable[[], None]) -> None:
    """Run the tasks at once and raise what any of them raised."""
    erros: list[BaseException] = []

    def guardada(tarefa: Callable[[], None]) -> None:
        try:
            tarefa()
        except BaseException as erro:  # noqa: BLE001 - raised again below, in the test's own thread
            erros.append(erro)

    linhas = [threading.Thread(target=guardada, args=(t,)) for t in tarefas]
    for linha in linhas:
        linha.start()
    for linha in linhas:
        linha.join()
    if erros:
        raise erros[0]


def ativos(pagina: str) -> list:
    """The active filters the search form was drawn with."""
    return json.loads(re.search(r"data-def>(.*?)</script>", pagina, re.DOTALL).group(1))["ativos"]


def olhar(app, url: str, contagem: collections.Counter) -> Callable[[], None]:
    """A task that opens a list many times and counts the filters and rows it shows."""
    def tarefa() -> None:
        cliente = entrar(app, "admin")
        for _n in range(VEZES):
            pagina = cliente.get(url).text
            contagem[json.dumps(ativos(pagina)), pagina.count('name="rowid"')] += 1
    return tarefa


def test_each_page_shows_its_own_filters_and_rows(app_visoes, trocas_frequentes):
    urls = {"/pedidoview/list/": ([], 3), "/pedidoview/list/?_flt_0_numero=P-1": ([["numero", "Começa com", ["P-1"]]], 1),
            "/pedidoview/list/?_flt_0_situacao=fechado": ([["situacao", "Igual a", ["fechado"]]], 0),
            "/pedidoview/list/?_flt_0_numero=P-2": ([["numero", "Começa com", ["P-2"]]], 1)}
    contagens = {url: collections.Counter() for url in urls}
    em_paralelo(*(olhar(app_visoes, url, contagens[url]) for url in urls))
    for url, (filtros, linhas) in urls.items():
        assert contagens[url] == {(json.dumps(filtros), linhas): VEZES}, url


def incluir(app, pessoa_id: int) -> Callable[[], None]:
    """A task that adds orders from the tab of one person."""
    def tarefa() -> None:
        cliente = entrar(app, "admin")
        for n in range(VEZES):
            corpo = {"numero": f"R-{pessoa_id}-{n}", "valor": "1,00", "situacao": "aberto"}
            assert cliente.post(f"/pedidocatalogoview/add?_flt_0_pessoa={pessoa_id}", data=corpo).status_code == 302
    return tarefa


def no_errado(app) -> list[str]:
    """Orders saved under somebody they were not added to."""
    with app.app_context():
        return [p.numero for p in db.session.query(Pedido).filter(Pedido.numero.like("R-%")) if int(p.numero.split("-")[1]) != p.pessoa_id]


def test_a_record_added_from_a_tab_is_saved_under_that_row(app_visoes, ids, trocas_frequentes):
    em_paralelo(*(incluir(app_visoes, ids[nome]) for nome in ("Álvaro", "Beatriz", "Caio")))
    with app_visoes.app_context():
        assert db.session.query(Pedido).filter(Pedido.numero.like("R-%")).count() == 3 * VEZES
    assert no_errado(app_visoes) == []


def test_the_api_keeps_filters_apart_too(app_visoes, trocas_frequentes):
    def perguntar(numero: str) -> Callable[[], None]:
        def tarefa() -> None:
            cliente = app_visoes.test_client()
            ficha = cliente.post("/api/v1/security/login", json={"username": "admin", "password": "senha-de-teste-1", "provider": "db"}).json["access_token"]
            for _n in range(VEZES):
                resposta = cliente.get(f"/api/v1/pedido/?q=(filters:!((col:numero,opr:eq,value:{numero})))", headers={"Authorization": f"Bearer {ficha}"})
                assert [p["numero"] for p in resposta.json["result"]] == [numero]
        return tarefa

    em_paralelo(*(perguntar(f"P-{n}") for n in (1, 2, 3)))


def test_the_frameworks_own_screens_have_filters_per_request_as_well():
    assert BaseModelView._filters is FiltrosPorRequisicao._filters and PessoaView._filters is FiltrosPorRequisicao._filters
