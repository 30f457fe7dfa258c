"""Files as rows: written whole, read as a stream, served only under the rule of their owner."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core.ator import ator_id
from app.core.models import Arquivo, ArquivoParte

PARTE = 1 << 20

# owner's table → may the present user read files of that owner's row? Filled by the modules.
REGRAS: dict[str, Callable[[int], bool]] = {}


def regra_de_leitura(tabela: str, regra: Callable[[int], bool]) -> None:
    """Who may read the files of a table's rows; a table without a rule is read by nobody."""
    REGRAS[tabela] = regra


def guardar(
    sessao: Session, nome: str, tipo: str, dados: bytes | Iterable[bytes], *, dono: tuple[str, int] | None = None, expira_em: dt.datetime | None = None
) -> Arquivo:
    """Store a file in the caller's transaction. ``dados`` may be a stream; memory use is one piece (1 MiB)."""
    tabela, registro = dono or (None, None)
    arquivo = Arquivo(sha256="", nome=nome[:255], tipo=tipo, tamanho=0, dono_tabela=tabela, dono_id=registro, expira_em=expira_em, criado_por_id=ator_id())
    sessao.add(arquivo)
    sessao.flush()
    resumo, tamanho = hashlib.sha256(), 0
    for n, parte in enumerate(_partes(dados)):
        sessao.execute(insert(ArquivoParte), [{"arquivo_id": arquivo.id, "n": n, "dados": parte}])
        resumo.update(parte)
        tamanho += len(parte)
    arquivo.sha256, arquivo.tamanho = resumo.hexdigest(), tamanho
    sessao.flush()
    return arquivo


def ler(sessao: Session, arquivo_id: int) -> Iterator[bytes]:
    """The file's pieces in order."""
    n = 0
    while (parte := sessao.scalar(select(ArquivoParte.dados).where(ArquivoParte.arquivo_id == arquivo_id, ArquivoParte.n == n))) is not None:
        yield parte
        n += 1


def conteudo(sessao: Session, arquivo_id: int) -> bytes:
    """The whole file; for small ones (logos, attachments of a message)."""
    return b"".join(ler(sessao, arquivo_id))


def _partes(dados: bytes | Iterable[bytes]) -> Iterator[bytes]:
    resto = b""
    for pedaco in [dados] if isinstance(dados, bytes) else dados:
        resto += pedaco
        while len(resto) >= PARTE:
            yield resto[:PARTE]
            resto = resto[PARTE:]
    if resto:
        yield resto
