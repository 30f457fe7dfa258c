"""The import as a task: in slices, killed anywhere, twice at once, from the command line."""

from __future__ import annotations

import os
import random
import threading
import time

import pytest
from sqlalchemy import func, select

from app.clientes.models import Cliente, Endereco
from app.contratos.models import Contrato
from app.core import execucao
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.models import CicloFaturamento, ContratoCiclo
from app.integracoes import services
from app.integracoes.models import Importacao, ImportacaoLinha, StatusImportacao
from app.integracoes.services import ImportacaoService
from tests.integracoes import arquivos as a

UMA_VEZ = (Cliente, Endereco, Contrato, CicloFaturamento, ContratoCiclo)


def receber(app, dados: bytes) -> tuple[int, int]:
    """(import, task of its preview)."""
    with app.app_context(), transacao() as s:
        servico = ImportacaoService(s)
        importacao = servico.receber("clientes.csv", dados)
        servico.mapear(importacao.id, importacao.mapeamento)
        return importacao.id, importacao.tarefa_id


def iniciar(app, importacao_id: int) -> int:
    with app.app_context(), transacao() as s:
        return ImportacaoService(s).iniciar(importacao_id).tarefa_id


def rodar(app, tarefa_id: int) -> str:
    with app.app_context():
        try:
            return execucao.rodar(tarefa_id)
        finally:
            db.session.remove()


def contar(app) -> list[int]:
    with app.app_context(), transacao() as s:
        return [s.scalar(select(func.count()).select_from(t)) for t in UMA_VEZ]


def a_importacao(app, importacao_id: int) -> Importacao:
    with app.app_context(), transacao() as s:
        importacao = s.get(Importacao, importacao_id)
        s.expunge(importacao)
        return importacao


def test_preview_and_import_run_as_tasks_with_counts(app_real, monkeypatch) -> None:
    monkeypatch.setattr(services, "LOTE_IMPORTACAO", 3)
    importacao_id, tarefa = receber(app_real, a.csv(*(a.linha(n) for n in range(8)), a.linha(9, Nome="")))
    assert rodar(app_real, tarefa) == "feita" and contar(app_real) == [0] * 5
    assert a_importacao(app_real, importacao_id).status is StatusImportacao.conferida
    tarefa = iniciar(app_real, importacao_id)
    assert rodar(app_real, tarefa) == "feita" and contar(app_real) == [8] * 5
    with app_real.app_context(), transacao() as s:
        assert s.get(Tarefa, tarefa).contagens == {"criada": 8, "rejeitada": 1} and s.get(Tarefa, tarefa).progresso == 9
    assert a_importacao(app_real, importacao_id).status is StatusImportacao.concluida


def test_stopped_and_continued(app_real, monkeypatch) -> None:
    monkeypatch.setattr(services, "LOTE_IMPORTACAO", 3)
    importacao_id, tarefa = receber(app_real, a.csv(*(a.linha(n) for n in range(7))))
    rodar(app_real, tarefa)
    tarefa = iniciar(app_real, importacao_id)
    with app_real.app_context(), transacao() as s:
        ImportacaoService(s).importar_lote(importacao_id, 0, hoje=a.HOJE)      # a slice of an attempt that ends here
        s.get(Tarefa, tarefa).estado = EstadoTarefa.morta
    assert contar(app_real) == [3] * 5
    outra = iniciar(app_real, importacao_id)
    assert outra != tarefa and rodar(app_real, outra) == "feita" and contar(app_real) == [7] * 5
    with app_real.app_context(), transacao() as s:
        assert set(s.scalars(select(ImportacaoLinha.resultado))) == {services.ResultadoLinha.criada}


@pytest.mark.lento
def test_the_same_file_imported_twice_at_the_same_moment(app_real) -> None:
    dados = a.csv(*(a.linha(n) for n in range(150)))
    tarefas = []
    for _vez in range(2):
        importacao_id, tarefa = receber(app_real, dados)
        rodar(app_real, tarefa)
        tarefas.append(iniciar(app_real, importacao_id))
    linhas = [threading.Thread(target=rodar, args=(app_real, t)) for t in tarefas]
    for linha in linhas:
        linha.start()
    for linha in linhas:
        linha.join()
    assert contar(app_real) == [150] * 5
    with app_real.app_context(), transacao() as s:
        assert dict(s.execute(select(ImportacaoLinha.resultado, func.count()).group_by(ImportacaoLinha.resultado)).all()).keys() <= {
            services.ResultadoLinha.criada, services.ResultadoLinha.sem_mudanca}


@pytest.mark.lento
def test_killed_at_random_points_and_resumed_nothing_twice(provedor) -> None:
    """SIGKILL to the worker and its job while it imports; the sweep brings the task back and it goes on with the next line."""
    quantos, sorteio = 300, random.Random(int(os.environ.get("CAOS_SEMENTE", "7")))
    importacao_id, _tarefa = receber(provedor.app, a.csv(*(a.linha(n) for n in range(quantos))))
    provedor.iniciar("longa", "relogio")

    def status() -> StatusImportacao:
        return provedor.perguntar(select(Importacao.status).where(Importacao.id == importacao_id))[0][0]

    assert provedor.esperar(lambda: status() is StatusImportacao.conferida, 60)
    iniciar(provedor.app, importacao_id)
    mortes = 0
    while mortes < 4 and status() is StatusImportacao.importando:
        time.sleep(sorteio.uniform(1.0, 3.0))
        provedor.matar("longa", pai=mortes % 2 == 0)
        provedor.vigiar()
        mortes += 1
    assert mortes >= 2
    assert provedor.esperar(lambda: status() is StatusImportacao.concluida, 120)
    assert contar(provedor.app) == [quantos] * 5
    resultados = provedor.perguntar(select(ImportacaoLinha.resultado, ImportacaoLinha.feita, func.count()).group_by("resultado", "feita"))
    assert [(r.name, feita, n) for r, feita, n in resultados] == [("criada", True, quantos)]
    numeros = [n for (n,) in provedor.perguntar(select(Contrato.numero).order_by(Contrato.numero))]
    assert numeros == [f"2024-{n:05d}" for n in range(1, quantos + 1)]


# ---- command line

def crm(app, *argumentos: str):
    return app.test_cli_runner().invoke(args=["crm", "importar", "clientes", *argumentos])


@pytest.fixture
def arquivo(tmp_path):
    """A file of three lines, one of them bad."""
    caminho = tmp_path / "clientes.csv"
    caminho.write_bytes(a.csv(a.linha(1), a.linha(2), a.linha(3, Nome="")))
    return caminho


def test_command_preview_writes_nothing_at_all(app_real, arquivo) -> None:
    resultado = crm(app_real, str(arquivo), "--conferir")
    assert resultado.exit_code == 0, resultado.output
    assert "linha 4: rejeitada: Falta o nome" in resultado.output and "Cliente novo" in resultado.output and "Nada foi gravado" in resultado.output
    assert contar(app_real) == [0] * 5
    with app_real.app_context(), transacao() as s:
        assert s.scalar(select(func.count()).select_from(Importacao)) == 0


def test_command_imports_and_writes_the_rejected_lines(app_real, arquivo, tmp_path) -> None:
    resultado = crm(app_real, str(arquivo), "--rejeitadas", str(tmp_path / "r.csv"))
    assert resultado.exit_code == 0, resultado.output
    assert "2 novas, 0 atualizadas, 0 sem mudança, 1 rejeitadas" in resultado.output and "Planos novos: Fibra 500 Mega" in resultado.output
    assert contar(app_real) == [2] * 5
    assert "linha 4: Falta o nome" in (tmp_path / "r.csv").read_text("utf-8-sig")
    repetido = crm(app_real, str(arquivo))
    assert "0 novas, 0 atualizadas, 2 sem mudança" in repetido.output and "linha 4: Falta o nome" in repetido.output and contar(app_real) == [2] * 5


def test_command_says_what_is_wrong_with_the_file_or_its_columns(app_real, tmp_path) -> None:
    ruim = tmp_path / "x.csv"
    ruim.write_bytes(b"Fulano;Papel\r\nAna;15606827875\r\n")
    sem = crm(app_real, str(ruim))
    assert sem.exit_code == 1 and "Diga qual coluna tem: Nome, CPF/CNPJ" in sem.output
    com = crm(app_real, str(ruim), "--coluna", "Fulano=nome", "--coluna", "Papel=documento")
    assert com.exit_code == 0 and "1 novas" in com.output
    errada = crm(app_real, str(ruim), "--coluna", "Fulano=idade")
    assert errada.exit_code == 2 and "TÍTULO=CAMPO" in errada.output
    ruim.write_bytes(b"")
    assert "vazio" in crm(app_real, str(ruim)).output
