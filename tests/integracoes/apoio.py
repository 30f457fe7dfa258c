"""Importing in a test without queues: the service's verbs one after the other."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import relogio
from app.integracoes import consultas
from app.integracoes.models import Importacao, ImportacaoLinha, StatusImportacao
from app.integracoes.services import ImportacaoService
from tests.integracoes.arquivos import HOJE


def receber(sessao: Session, dados: bytes, nome: str = "clientes.csv") -> Importacao:
    """The file's lines, under the guessed mapping."""
    servico = ImportacaoService(sessao)
    importacao = servico.receber(nome, dados)
    servico.conferir_mapeamento(importacao, importacao.mapeamento)
    return importacao


def conferir(sessao: Session, dados: bytes, nome: str = "clientes.csv") -> Importacao:
    """The preview."""
    importacao = receber(sessao, dados, nome)
    list(ImportacaoService(sessao).conferir(importacao.id))
    return importacao


def importar(sessao: Session, dados: bytes, nome: str = "clientes.csv", *, hoje: dt.date = HOJE) -> Importacao:
    """The preview, then the import to its end. What both said of each line must agree."""
    with relogio.mover_para(hoje):
        importacao = conferir(sessao, dados, nome)
    previsto = desfecho(sessao, importacao)
    importacao.status = StatusImportacao.importando
    servico, ultima = ImportacaoService(sessao), 0
    while (lote := servico.importar_lote(importacao.id, ultima, hoje=hoje)).ultima is not None:
        ultima = lote.ultima
    assert importacao.status is StatusImportacao.concluida
    assert desfecho(sessao, importacao) == previsto
    return importacao


def desfecho(sessao: Session, importacao: Importacao) -> list[tuple[int, str, str]]:
    """(number, outcome, detail) of every line."""
    linha = ImportacaoLinha
    consulta = select(linha.numero, linha.resultado, linha.detalhe).where(linha.importacao_id == importacao.id).order_by(linha.numero)
    return [(n, r.name, d) for n, r, d in sessao.execute(consulta)]


def contagens(sessao: Session, importacao: Importacao) -> dict[str, int]:
    """Lines by outcome."""
    return consultas.situacao(sessao, importacao.id).contagens
