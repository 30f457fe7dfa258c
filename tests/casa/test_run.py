"""The supervisor: one command, one copy, no orphan, and whatever was killed starts again."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from app.core.embutidos import processos
from tests import servidores
from tests.casa.projeto import RAIZ, Partida, Projeto, aguardar, ambiente_limpo, matar, porta_livre, processos_de, python_ao_alcance_de

SO_COMO_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
PRONTO = "pronto em http://localhost:"


@pytest.fixture
def projeto() -> Iterator[Callable[..., Projeto]]:
    """Makes miniatures, and stops and removes them afterwards."""
    feitos: list[Projeto] = []

    def fazer(*opcoes: str) -> Projeto:
        feitos.append(Projeto(servidores.pasta_alcancavel(), *opcoes))
        return feitos[-1]

    yield fazer
    for feito in feitos:
        feito.fechar()
        servidores.apagar(feito.pasta)


def contar(projeto: Projeto, sql: str, **ambiente: str) -> str:
    """The answer of a query, asked by a command of its own."""
    pergunta = f"from app import conexao; print(conexao().execute({sql!r}).fetchone()[0])"
    partida = projeto.iniciar("executar", projeto.python, "-c", pergunta, **ambiente)
    assert partida.processo.wait(40) == 0, partida.texto
    return partida.texto.strip()


def test_the_first_start_shows_address_and_password_and_control_c_stops_everything(projeto):
    p = projeto()
    partida = p.iniciar()
    partida.esperar(PRONTO + str(p.porta))
    assert "atenção: um aviso da preparação" in partida.texto
    assert partida.texto.count("s3nh4-gerada") == 1
    assert "preparado" not in partida.texto
    partida.esperar("fila rapida"), partida.esperar("fila longa"), partida.esperar("fuso America/Sao_Paulo")
    assert (p.instancia / "segredos.env").stat().st_mode & 0o777 == 0o600
    assert "fila rapida" in (p.instancia / "logs" / "worker.log").read_text()
    assert contar(p, "select count(*) from cliente") == "60"
    assert partida.sinalizar(signal.SIGINT) == 0
    assert partida.texto.endswith("tudo parado\n")
    assert processos_de(p.pasta) == []


PARTICIONADA = """
create table trilha (id bigint generated always as identity, em date not null, primary key (id, em)) partition by range (em);
create table trilha_2026 partition of trilha for values from ('2026-01-01') to ('2027-01-01');
insert into trilha (em) values ('2026-11-25');
"""


def executar(p: Projeto, *comando: str) -> None:
    """A command of the README, which must succeed."""
    partida = p.iniciar(*comando)
    assert partida.processo.wait(60) == 0, partida.texto


def test_a_copy_of_the_embedded_database_is_made_and_restored_as_the_readme_says(projeto):
    p = projeto()
    sistema = p.iniciar()
    sistema.esperar(PRONTO + str(p.porta))
    copia = str(p.pasta / "copia.dump")
    executar(p, "executar", "psql", "-qc", PARTICIONADA)
    executar(p, "executar", "pg_dump", "-Fc", "-f", copia)
    executar(p, "executar", "psql", "-qc", "drop table cliente; insert into trilha (em) values ('2026-11-26'); create table intrusa ()")
    assert sistema.sinalizar(signal.SIGINT) == 0
    executar(p, "restaurar", copia)
    assert contar(p, "select count(*) from cliente") == "60"
    assert contar(p, "select count(*) from trilha") == "1"
    assert contar(p, "select coalesce(to_regclass('intrusa')::text, 'nada')") == "nada"
    assert contar(p, "select string_agg(datname, ' ') from pg_database where datname like 'crm%'") == "crm"
    assert contar(p, "select tableowner from pg_tables where tablename = 'cliente'") == "crm"


def test_a_restore_is_refused_while_the_system_runs(projeto):
    p = projeto()
    p.iniciar().esperar(PRONTO + str(p.porta))
    copia = str(p.pasta / "copia.dump")
    executar(p, "executar", "pg_dump", "-Fc", "-f", copia)
    partida = p.iniciar("restaurar", copia)
    assert partida.processo.wait(40) == 1
    assert "está em execução nesta pasta" in partida.texto
    assert contar(p, "select count(*) from cliente") == "60"


def test_a_copy_that_cannot_be_read_changes_nothing(projeto):
    p = projeto()
    executar(p, "executar", "psql", "-qc", "create table cliente (id int); insert into cliente values (1)")
    copia = p.pasta / "copia.dump"
    executar(p, "executar", "pg_dump", "-Fc", "-f", str(copia))
    copia.write_bytes(copia.read_bytes()[:-200])
    partida = p.iniciar("restaurar", str(copia))
    assert partida.processo.wait(40) == 1
    assert "os dados continuam como estavam" in partida.texto
    assert contar(p, "select count(*) from cliente") == "1"
    assert contar(p, "select count(*) from pg_database where datname like 'crm%'") == "1"


def test_control_c_works_where_the_shell_that_started_it_ignores_it(projeto):
    p = projeto()
    antes = signal.signal(signal.SIGINT, signal.SIG_IGN)
    partida = p.iniciar(CRM_SEM_DEMO="1")
    signal.signal(signal.SIGINT, antes)
    partida.esperar("preparando o banco")
    assert partida.sinalizar(signal.SIGINT) == 130
    aguardar(lambda: processos_de(p.pasta) == [])


def test_a_second_copy_on_the_same_data_is_refused(projeto):
    p = projeto()
    primeira = p.iniciar(CRM_SEM_DEMO="1")
    primeira.esperar(PRONTO)
    segunda = p.iniciar(PORT="1")
    assert segunda.processo.wait(20) == 1
    assert f"já está em execução nesta pasta (processo {primeira.processo.pid})" in segunda.texto
    assert primeira.processo.poll() is None


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_continues_with_the_data(projeto):
    p = projeto()
    partida = p.iniciar()
    partida.esperar(PRONTO)
    segredos = (p.instancia / "segredos.env").read_text()
    matar(partida.processo.pid)
    partida.processo.wait()
    outra = p.iniciar()
    outra.esperar(PRONTO)
    assert contar(p, "select count(*) from partida") == "2"
    assert contar(p, "select count(*) from cliente") == "60"
    assert "s3nh4-gerada" not in outra.texto
    assert (p.instancia / "segredos.env").read_text() == segredos
    matar(outra.processo.pid)
    outra.processo.wait()
    aguardar(lambda: processos_de(p.pasta) == [], 30, lambda: str(processos_de(p.pasta)))


def test_what_dies_is_started_again(projeto):
    p = projeto()
    partida = p.iniciar(CRM_SEM_DEMO="1")
    partida.esperar(PRONTO)
    pids = {" ".join(comando[2:]): int(pid) for pid, comando in json.loads((p.instancia / "processos.json").read_text()).items()}
    matar(pids["jobs.worker longa"])
    matar(int((p.instancia / "postgres" / "postmaster.pid").read_text().split()[0]))
    matar(int((p.instancia / "valkey" / "valkey.pid").read_text()))
    partida.esperar("worker_longo parou"), partida.esperar("postgres parou"), partida.esperar("valkey parou")
    partida.esperar("(?s)fila longa.*fila longa")
    assert contar(p, "select count(*) from partida") == "1"


def test_the_supervisor_waits_for_a_command_that_owns_the_servers(projeto):
    p = projeto()
    comando = p.iniciar("executar", sys.executable, "-c", "import time; print('dentro', flush=True); time.sleep(2); print('fora', flush=True)")
    comando.esperar("dentro")
    partida = p.iniciar(CRM_SEM_DEMO="1")
    partida.esperar(f"esperando terminar um comando que usa o banco \\(processo {comando.processo.pid}\\)")
    partida.esperar(PRONTO)
    assert "fora" in comando.texto
    assert comando.processo.wait(5) == 0


@pytest.mark.parametrize("porta", ["abc", "70000", "0"])
def test_what_is_no_port_is_said_before_anything_starts(projeto, porta: str):
    p = projeto()
    partida = p.iniciar(PORT=porta)
    assert partida.processo.wait(40) == 1
    assert f"PORT={porta} não é uma porta" in partida.texto and "Traceback" not in partida.texto


def test_a_port_in_use_is_said_before_anything_starts(projeto):
    p = projeto()
    with socket.socket() as ocupada:
        ocupada.bind(("127.0.0.1", p.porta))
        ocupada.listen()
        partida = p.iniciar()
        assert partida.processo.wait(40) == 1
    assert f"a porta {p.porta} não pode ser usada" in partida.texto
    assert not (p.instancia / "postgres").exists()


@SO_COMO_ROOT
def test_an_ordinary_user_starts_stops_and_starts_it_again(projeto):
    if not (achado := python_ao_alcance_de("daemon")):
        pytest.skip("no interpreter with our packages that another user can reach")
    python, pacotes = achado
    p = projeto("daemon", python)
    for vez in ("1", "2"):
        partida = p.iniciar(CRM_SEM_DEMO="1", PYTHONPATH=pacotes)
        partida.esperar(PRONTO)
        assert contar(p, "select count(*) from partida", PYTHONPATH=pacotes) == vez
        assert (p.instancia / "postgres").owner() == "daemon"
        assert partida.sinalizar(signal.SIGINT) == 0
    assert processos_de(p.pasta) == []


@pytest.mark.lento
def test_the_whole_system_comes_up_to_a_login_page_and_goes_down_again():
    porta = porta_livre()
    with servidores.maquina() as base:
        so_embutidos = {"CRM_INSTANCIA": str(base), "CRM_SEM_DEMO": "1", "DATABASE_URL": "", "REDIS_URL": ""}      # whatever .env says
        partida = Partida(base, [sys.executable, str(RAIZ / "run.py")], ambiente_limpo(porta) | so_embutidos)
        try:
            partida.esperar(PRONTO, 90)
            assert "senha" in partida.texto
            with urllib.request.urlopen(f"http://localhost:{porta}/login/", timeout=20) as resposta:
                assert resposta.status == 200
                assert 'name="password"' in resposta.read().decode()
            filhos = [int(pid) for pid in json.loads((base / "processos.json").read_text())]
            assert partida.sinalizar(signal.SIGINT) == 0
            assert len(filhos) == 4
            assert not [pid for pid in filhos if processos.vivo(pid)] + processos_de(base)
        finally:
            partida.fechar()


def test_importing_run_starts_nothing_but_the_application(projeto):
    p = projeto()
    feito = subprocess.run([sys.executable, "-c", "import run; print(run.app.name)"], cwd=p.pasta, capture_output=True, text=True, check=True)
    assert feito.stdout == "app\n"
    assert not p.instancia.exists()


def test_the_procfile_and_the_supervisor_run_the_same_commands():
    from run import PROCESSOS

    linhas = dict(re.findall(r"(?m)^(\w+): (.+)$", (RAIZ / "Procfile").read_text()))
    assert linhas.pop("release") == "flask --app run:app db upgrade && flask --app run:app crm preparar"
    assert linhas == PROCESSOS
    assert set(json.loads((RAIZ / "app.json").read_text())["formation"]) == set(PROCESSOS)


def test_packages_are_installed_once_and_again_when_the_pins_change(projeto):
    p = projeto()
    (p.pasta / ".venv" / "bin").mkdir(parents=True)
    (p.pasta / ".venv" / "bin" / "python").symlink_to("/nonexistent")

    def preparar() -> str:
        partida = p.iniciar("preparar", CRM_SEM_VENV="")
        assert partida.processo.wait(60) == 0, partida.texto
        return partida.texto

    assert "instalando pacotes" in preparar(), "an environment half made is made anew"
    subprocess.run([p.pasta / ".venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)
    assert preparar() == ""
    (p.pasta / "requirements.txt").write_text("# another list\n")
    antes = time.time()
    assert "instalando pacotes" in preparar()
    assert (p.pasta / ".venv" / "pyvenv.cfg").stat().st_mtime < antes, "an environment that works is not made anew"
