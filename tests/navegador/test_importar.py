"""Importing customers in a real browser: upload, columns, preview, progress, result; in every way of looking at it."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.clientes.models import Cliente
from app.core import execucao
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.integracoes import services
from tests import fabricas as f
from tests.integracoes import arquivos as a
from tests.navegador.base import EXTREMOS, MODOS, entrar, examinar, navegador, queixas, servir, visita

pytestmark = pytest.mark.navegador


class Operario(threading.Thread):
    """Runs the tasks of imports as they come, as the worker of the long queue does."""

    def __init__(self, app) -> None:
        super().__init__(daemon=True)
        self.app, self.fim = app, threading.Event()

    def run(self) -> None:
        """Until told to stop."""
        while not self.fim.wait(0.3):
            with self.app.app_context():
                with transacao() as s:
                    na_fila = Tarefa.estado.in_((EstadoTarefa.pendente, EstadoTarefa.publicada))
                    esperando = s.scalars(select(Tarefa.id).where(Tarefa.fila == "longa", na_fila)).all()
                for tarefa_id in esperando:
                    execucao.rodar(tarefa_id)
                db.session.remove()


@pytest.fixture
def url(app_real, monkeypatch):
    """The application with a manager and somebody who runs its tasks."""
    monkeypatch.setattr(services, "LOTE_IMPORTACAO", 20)
    with app_real.app_context(), transacao() as s:
        f.um_usuario(s, "Gerente", usuario="ana")
    operario = Operario(app_real)
    operario.start()
    with servir(app_real) as endereco:
        yield endereco
    operario.fim.set()
    operario.join()


def arquivo() -> dict[str, object]:
    """Eighty good lines, two bad ones."""
    linhas = [a.linha(n) for n in range(1, 81)] + [a.linha(81, **{"CPF/CNPJ": "111.111.111-11"}), a.linha(82, Valor="abc", Telefone="3200-1000")]
    return {"name": "clientes do sistema antigo.csv", "mimeType": "text/csv", "buffer": a.csv(*linhas, codificacao="cp1252")}


def test_import_with_preview(app_real, url) -> None:
    with navegador() as chromium, visita(chromium, MODOS[0], url) as pagina:
        entrar(pagina, "ana", f.SENHA)
        pagina.locator("a.item[href='/importar-clientes/']").click()
        pagina.set_input_files("#arquivo", arquivo())
        pagina.get_by_role("button", name="Enviar e escolher as colunas").click()
        pagina.wait_for_url("**/colunas")
        expect(pagina.locator("select[name=coluna0]")).to_have_value("nome")
        assert queixas(pagina) == []
        pagina.get_by_role("button", name="Conferir o arquivo").click()
        pagina.get_by_text("Prévia: nada foi gravado ainda").wait_for(timeout=20_000)
        expect(pagina.get_by_text("CPF ou CNPJ inválido: 111.111.111-11")).to_have_count(0)      # on the second page
        pagina.get_by_role("link", name="Rejeitada", exact=True).click()
        pagina.get_by_text("CPF ou CNPJ inválido: 111.111.111-11").wait_for()
        pagina.get_by_role("button", name="Importar 80 linhas").click()
        pagina.locator("dialog[open] [value=sim]").click()
        pagina.get_by_text("O que fez").first.wait_for(timeout=60_000)
        with pagina.expect_download() as descida:
            pagina.get_by_role("link", name="Baixar rejeitadas").click()
        with open(descida.value.path(), encoding="utf-8-sig") as rejeitadas:
            assert "linha 83: Valor inválido: abc" in rejeitadas.read()
        assert queixas(pagina) == []
    with app_real.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Cliente)) == 80


@pytest.mark.parametrize("modo", EXTREMOS, ids=lambda m: m.nome)
def test_every_page_in_every_way_of_looking(app_real, url, modo) -> None:
    """Accessibility, no sideways overflow, no other host, no CSP violation, no script error."""
    with app_real.app_context(), transacao() as s:
        servico = services.ImportacaoService(s)
        recebida, conferida, concluida = (servico.receber("clientes.csv", arquivo()["buffer"]) for _n in range(3))
        for importacao in (conferida, concluida):
            list(servico.conferir(importacao.id))
        concluida.status = services.StatusImportacao.importando
        while servico.importar_lote(concluida.id, 0, hoje=a.HOJE).ultima is not None:
            pass
        parada = servico.receber("parada.csv", arquivo()["buffer"])
        list(servico.conferir(parada.id))
        parada.status = services.StatusImportacao.importando      # its task is gone
        ids = [recebida.id, conferida.id, concluida.id, parada.id]
    with navegador() as chromium, visita(chromium, modo, url) as pagina:
        entrar(pagina, "ana", f.SENHA)
        caminhos = ["", f"{ids[0]}/colunas", *map(str, ids[1:]), f"{ids[1]}?resultado=rejeitada", f"{ids[1]}?resultado=atualizada"]
        assert [q for c in caminhos for q in examinar(pagina, f"/importar-clientes/{c}")] == []
