#!/usr/bin/env python3
"""``run:app`` is the WSGI application; ``python run.py`` is the supervisor of one machine.

    python run.py                   everything: packages, servers, migrations, web, workers, clock
    python run.py preparar [--dev]  only the packages (--dev: those of tests and checks too) and the translations
    python run.py executar CMD ...  one command, with PostgreSQL and Valkey answering while it runs
    python run.py restaurar COPIA   put back a copy made by pg_dump -Fc, while nothing runs

Importing this module starts nothing but the application. As a program it depends on the standard library alone until
``.venv`` exists, and loads ``app/core/embutidos`` without the application even then.
"""

from __future__ import annotations  # an older Python must get as far as being told so

import contextlib
import fcntl
import hashlib
import http.client
import importlib.util
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

RAIZ = Path(__file__).resolve().parent
VENV = RAIZ / ".venv"
PORTA = "8080"
AVISO = "atenção: "      # how a command begins what the person at the terminal must read
FUSO = "America/Sao_Paulo"
DEMONSTRACAO = "crm demo --clientes 60 --meses 4 --seed 1"
PROCESSOS = {  # the Procfile's, less its release step
    "web": "gunicorn -c gunicorn_conf.py run:app",
    "worker": "python -m jobs.worker rapida",
    "worker_longo": "python -m jobs.worker longa",
    "clock": "python -m jobs.relogio",
}


class Falha(Exception):
    """The start cannot go on; the message says why, in Portuguese."""


def main(argumentos: list[str]) -> int:
    """Run as a program; return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - nothing else checks it before the packages are installed
        raise Falha("é preciso Python 3.11 ou mais novo")
    os.chdir(RAIZ)
    comando, *resto = argumentos or ["tudo"]
    if comando not in ("tudo", "preparar", "executar", "restaurar") or (comando == "executar" and not resto) or (comando == "restaurar" and len(resto) != 1):
        sys.stderr.write(__doc__ + "\n")
        return 2
    preparar_pacotes(dev="--dev" in resto and comando == "preparar")
    if comando == "preparar":
        compilar_catalogos()
        return 0
    _entrar_no_venv(argumentos)
    compilar_catalogos()
    if comando == "restaurar":
        return restaurar(Path(resto[0]))
    return executar(resto) if comando == "executar" else supervisionar()


# packages -----------------------------------------------------------------------------------------------------------
def python_do_projeto() -> Path:
    """The interpreter that has the packages: ``.venv``'s, or ours with ``CRM_SEM_VENV=1``."""
    return Path(sys.executable) if os.environ.get("CRM_SEM_VENV") else VENV / "bin" / "python"


def preparar_pacotes(*, dev: bool) -> None:
    """Create ``.venv`` and install the pinned packages unless its stamp says that nothing changed since."""
    if os.environ.get("CRM_SEM_VENV") or _carimbado(dev):
        return
    VENV.mkdir(exist_ok=True)
    with _trancada(VENV):
        if not _carimbado(dev):
            _instalar(dev)


def _instalar(dev: bool) -> None:
    dizer("instalando pacotes em .venv (só na primeira vez e quando as versões mudam)...")
    python = VENV / "bin" / "python"
    if not _venv_inteiro(python):
        _chamar([sys.executable, "-m", "venv", "--clear", str(VENV)], "não foi possível criar .venv; no Debian e no Ubuntu: apt install python3-venv")
    lista = _listas(dev)[-1]
    _chamar([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(lista)], "não foi possível instalar os pacotes")
    for cada in {False, dev}:
        _carimbo(cada).write_text(_esperado(cada))


def _chamar(comando: list[str], erro: str) -> None:
    if subprocess.run(comando, check=False).returncode:
        raise Falha(erro)


def _venv_inteiro(python: Path) -> bool:
    """A half-made environment, or one of another Python, is made anew."""
    if not python.exists():
        return False
    resposta = subprocess.run([python, "-c", "import pip, sys; print(sys.version)"], capture_output=True, text=True, check=False)
    return resposta.returncode == 0 and resposta.stdout.strip() == sys.version


def _listas(dev: bool) -> list[Path]:
    return [RAIZ / "requirements.txt", *([RAIZ / "requirements-dev.txt"] if dev else [])]


def _carimbo(dev: bool) -> Path:
    return VENV / (".carimbo-dev" if dev else ".carimbo")


def _esperado(dev: bool) -> str:
    conteudo = b"\0".join(lista.read_bytes() for lista in _listas(dev))
    return hashlib.sha256(conteudo + sys.version.encode()).hexdigest()


def _carimbado(dev: bool) -> bool:
    with contextlib.suppress(OSError):
        return _carimbo(dev).read_text() == _esperado(dev)
    return False


@contextlib.contextmanager
def _trancada(pasta: Path):
    """Hold a lock on a folder: `make run` and `make test` may start at once."""
    descritor = os.open(pasta, os.O_RDONLY)
    try:
        fcntl.flock(descritor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descritor)


def _entrar_no_venv(argumentos: list[str]) -> None:
    if not os.environ.get("CRM_SEM_VENV") and os.path.realpath(sys.prefix) != os.path.realpath(VENV):
        python = str(python_do_projeto())
        os.execv(python, [python, str(RAIZ / "run.py"), *argumentos])


def compilar_catalogos() -> None:
    """Compile the translations whose source is newer than what was compiled."""
    fontes = RAIZ.glob("translations/*/LC_MESSAGES/*.po")
    if any(not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime for po in fontes):
        comando = [str(python_do_projeto()), "-m", "scripts.catalogos", "compilar"]
        _chamar(comando, "não foi possível compilar as traduções")


# one machine --------------------------------------------------------------------------------------------------------
def executar(comando: list[str]) -> int:
    """Run ``comando`` while the servers answer, borrowing those of a running `make run`; return its exit status."""
    emb, base = _embutidos(), instancia()
    with _erros_ditos(emb), emb.garantir(base, quais=emb.faltam(_dado())):
        ambiente = ambiente_local(emb, base)
        filho = subprocess.Popen(comando, env=ambiente | _postgres_embutido(emb, base, ambiente["PATH"]))
        try:
            return _esperar(filho)
        finally:
            filho.terminate()
            filho.wait()


def _postgres_embutido(emb, base: Path, caminho: str) -> dict[str, str]:
    """What makes ``pg_dump``, ``pg_restore`` and ``psql`` without arguments mean the embedded server, in its own version; nothing when it is not in use."""
    if "postgres" not in emb.faltam(_dado()):
        return {}
    url = urlsplit(emb.urls(base)[0])
    programas = emb.programa_do_postgres("pg_dump").parent
    onde = {"PGHOST": str(emb.lugar(base).soquetes_do_postgres), "PGPORT": "5432", "PGUSER": url.username or "", "PGDATABASE": url.path[1:]}
    return {**onde, "PATH": f"{programas}{os.pathsep}{caminho}"}


def restaurar(copia: Path) -> int:
    """Replace this machine's data by those of a copy. Raises ``Falha`` while anything runs, or when the copy cannot be read."""
    emb = _embutidos()
    if "postgres" not in emb.faltam(_dado()):
        raise Falha("o banco é o de DATABASE_URL: restaure com as ferramentas dele")
    with _erros_ditos(emb):
        emb.restaurar(instancia(), copia)
    (instancia() / "iniciado").touch()  # the next start adds no demonstration to data that were put back
    dizer(f"restaurado de {copia}; inicie com: make run")
    return 0


def _esperar(filho: subprocess.Popen) -> int:
    """Ctrl-C reaches the child too, and it decides what that means."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return filho.wait()


def supervisionar() -> int:
    """Everything until Ctrl-C. Raises ``Falha`` when it cannot start."""
    emb, base = _embutidos(), instancia()
    from embutidos import supervisor

    signal.signal(signal.SIGINT, signal.default_int_handler)
    supervisor.ao_terminar(lambda *_: sys.exit(0), menos=(signal.SIGINT,))
    with _erros_ditos(emb), emb.assumir(base, dizer):
        supervisor.encerrar_orfaos(base / "processos.json")
        ambiente = ambiente_local(emb, base)
        _conferir_porta(ambiente["PORT"])
        servidores = emb.Servidores(base, emb.faltam(_dado()))
        dizer("iniciando o banco de dados..." if servidores.todos else "usando os servidores de DATABASE_URL e REDIS_URL")
        servidores.iniciar()
        try:
            preparar_banco(ambiente, base, servidores)
            processos = [supervisor.Processo(nome, _com_python(linha), ambiente=ambiente, pasta=RAIZ, logs=base / "logs") for nome, linha in PROCESSOS.items()]
            tudo = supervisor.Supervisor(processos, servidores.todos, base / "processos.json")
            threading.Thread(target=_anunciar, args=(ambiente, tudo.parando), daemon=True).start()
            tudo.rodar()
        finally:
            servidores.parar()
    dizer("tudo parado")
    return 0


@contextlib.contextmanager
def _erros_ditos(emb):
    try:
        yield
    except emb.ErroEmbutidos as erro:
        raise Falha(str(erro)) from erro


def instancia() -> Path:
    """The folder of this installation's data, secrets and logs."""
    pasta = Path(_dado().get("CRM_INSTANCIA") or RAIZ / "instance").resolve()
    pasta.mkdir(parents=True, exist_ok=True)
    return pasta


def ambiente_local(emb, base: Path) -> dict[str, str]:
    """Environment of every child: what was given, else ``.env``, else this machine's servers and generated secrets."""
    dado = _dado()
    banco, redis = emb.urls(base)
    porta = dado.get("PORT") or PORTA
    padroes = {"DATABASE_URL": banco, "REDIS_URL": redis, "PORT": porta, "BIND": f"127.0.0.1:{porta}"} | emb.segredos.segredos(base)
    if not dado.get("DYNO"):
        padroes["CRM_AMBIENTE"] = "desenvolvimento"
    caminho = f"{python_do_projeto().parent}{os.pathsep}{dado.get('PATH', os.defpath)}"
    fixos = {"TZ": FUSO, "PYTHONUNBUFFERED": "1", "CRM_INSTANCIA": str(base), "PATH": caminho}
    return padroes | {nome: valor for nome, valor in dado.items() if valor} | fixos


def preparar_banco(ambiente: Mapping[str, str], base: Path, servidores) -> None:
    """Migrations, roles, the demonstration on the very first start, and the first administrator, whose password is said at once and once.

    He comes last: what could take long or be interrupted is over when his password is seen.
    """
    dizer("preparando o banco de dados...")
    administrador, primeira = "crm criar-admin --inicial", base / "iniciado"
    if servidores.postgres not in servidores.todos or primeira.exists() or ambiente.get("CRM_SEM_DEMO") or not _sem_clientes(servidores):
        senha = _comandos(ambiente, base, "db upgrade", "crm preparar", administrador)
        primeira.touch()
    else:
        _comandos(ambiente, base, "db upgrade", "crm preparar")
        _carregar_demonstracao(ambiente, base, primeira)
        senha = _comandos(ambiente, base, administrador)
    if senha.strip():
        linhas = ["", *senha.strip().splitlines(), "Anote: a senha não será mostrada de novo e deve ser trocada no primeiro acesso.", ""]
        dizer("\n".join(f"    {linha}" if linha else "" for linha in linhas))


def _carregar_demonstracao(ambiente: Mapping[str, str], base: Path, primeira: Path) -> None:
    """Without it the system starts all the same, and the next start tries again."""
    dizer("carregando um provedor de demonstração (CRM_SEM_DEMO=1 o dispensa)...")
    try:
        _comandos(ambiente, base, DEMONSTRACAO)
        primeira.touch()
    except Falha as falha:
        dizer(f"a demonstração não pôde ser carregada: {falha}")


def _sem_clientes(servidores) -> bool:
    import psycopg

    with psycopg.connect(servidores.database_url.replace("+psycopg", "")) as conexao:
        existe = conexao.execute("select to_regclass('cliente')").fetchone()[0]
        return not (existe and conexao.execute("select exists (select from cliente)").fetchone()[0])


def _comandos(ambiente: Mapping[str, str], base: Path, *linhas: str) -> str:
    """Run the application's commands in a process of their own; return what the last printed, keep the rest in a log, but show its warnings."""
    programa = "import run, sys; run.comandos(sys.argv[1:])"
    comando = [str(python_do_projeto()), "-c", programa, *linhas]
    feito = subprocess.run(comando, env=ambiente, cwd=RAIZ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    with (base / "logs" / "preparacao.log").open("a") as log:
        log.write(f"$ flask {' && flask '.join(linhas)}\n{feito.stderr}")
    if feito.returncode:
        raise Falha(f"flask {' && flask '.join(linhas)} falhou (tudo em {log.name}):\n{(feito.stdout + feito.stderr).strip()[-1500:]}")
    for linha in feito.stderr.splitlines():
        if linha.startswith(AVISO):
            dizer(linha)
    return feito.stdout


def comandos(linhas: list[str]) -> None:
    """Run several ``flask`` commands with one import of the application; only the last may write to standard output."""
    from flask.cli import FlaskGroup

    grupo = FlaskGroup(create_app=lambda: app)
    for linha in linhas:
        saida = sys.stdout if linha == linhas[-1] else sys.stderr
        with contextlib.redirect_stdout(saida):
            if estado := grupo.main(shlex.split(linha), prog_name="flask", standalone_mode=False):
                sys.exit(estado)


def _com_python(linha: str) -> list[str]:
    """A command of the Procfile as this project's interpreter runs it."""
    programa, *argumentos = shlex.split(linha)
    return [str(python_do_projeto()), *(argumentos if programa == "python" else ["-m", programa, *argumentos])]


def _conferir_porta(dita: str) -> None:
    """Fail early and clearly; the last supervisor's web process may take some seconds to let go."""
    if not (dita.isascii() and dita.isdigit() and 0 < (porta := int(dita)) < 65536):
        raise Falha(f"PORT={dita} não é uma porta: use um número de 1 a 65535, como em PORT=8081 make run")
    fim = time.monotonic() + 5
    while True:
        with socket.socket() as tomada:
            tomada.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return tomada.bind(("127.0.0.1", porta))
            except OSError as erro:
                if time.monotonic() > fim or isinstance(erro, PermissionError):
                    raise Falha(f"a porta {porta} não pode ser usada ({erro.strerror}); escolha outra: PORT=8081 make run") from erro
        time.sleep(0.2)


def _anunciar(ambiente: Mapping[str, str], parando: threading.Event) -> None:
    """Say where the system is when it answers."""
    while not _responde(int(ambiente["PORT"])):
        if parando.wait(0.1):
            return
    dizer(f"\n    CRM Provedor pronto em http://localhost:{ambiente['PORT']}  (Ctrl-C para tudo)\n")


def _responde(porta: int) -> bool:
    conexao = http.client.HTTPConnection("127.0.0.1", porta, timeout=5)
    try:
        conexao.request("GET", "/healthz")
        return conexao.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        conexao.close()


def _dado() -> dict[str, str]:
    """The environment, and what ``.env`` adds to it."""
    from dotenv import dotenv_values

    return {nome: valor or "" for nome, valor in dotenv_values(RAIZ / ".env").items()} | os.environ


def _embutidos():
    """The package ``app.core.embutidos`` under a name of its own, so that the application is not imported."""
    pasta = RAIZ / "app" / "core" / "embutidos"
    origem = importlib.util.spec_from_file_location("embutidos", pasta / "__init__.py", submodule_search_locations=[str(pasta)])
    modulo = sys.modules["embutidos"] = importlib.util.module_from_spec(origem)
    origem.loader.exec_module(modulo)
    return modulo


def dizer(texto: str) -> None:
    """A line on the terminal."""
    print(texto, flush=True)


def _como_programa() -> int:
    try:
        return main(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    except Falha as erro:
        sys.stderr.write(f"run.py: {erro}\n")
        return 1


if __name__ == "__main__":
    sys.exit(_como_programa())
else:
    from app import create_app

    app = create_app()
