"""What the screens of an import show: counts, lines a page at a time, the rejected ones as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clientes.models import Cliente
from app.core import sigilo
from app.core.execucao import ABERTOS
from app.core.models import EstadoTarefa, Tarefa
from app.integracoes.models import Importacao, ImportacaoLinha, ResultadoLinha, StatusImportacao
from app.integracoes.services import celulas_de

POR_PAGINA = 50
AMOSTRA = 3
RECENTES = 20
MOTIVO = "Motivo da rejeição"


@dataclass(frozen=True)
class LinhaVista:
    """A line as the list shows it."""

    numero: int
    nome: str
    documento: str
    resultado: ResultadoLinha | None
    detalhe: str
    cliente_id: int | None


@dataclass(frozen=True)
class Situacao:
    """How an import stands. ``parada``: it should be going on but its task has ended without finishing, for the reason ``erro``."""

    importacao: Importacao
    tarefa: Tarefa | None
    contagens: dict[str, int] = field(default_factory=dict)
    feitas: int = 0

    @property
    def correndo(self) -> bool:
        """Whether it is being checked or imported, or waits for its turn."""
        return self.importacao.status in (StatusImportacao.conferindo, StatusImportacao.importando)

    @property
    def parada(self) -> bool:
        """Whether nobody is at work on it although it is not finished."""
        return self.correndo and (self.tarefa is None or self.tarefa.estado not in ABERTOS)

    @property
    def na_fila(self) -> bool:
        """Whether it has not begun yet."""
        return self.tarefa is not None and self.tarefa.estado in (EstadoTarefa.pendente, EstadoTarefa.publicada)

    @property
    def erro(self) -> str:
        """Why it stopped, or why it is being tried again."""
        return (self.tarefa.erro or "") if self.tarefa else ""

    def quantas(self, resultado: ResultadoLinha) -> int:
        """Lines with an outcome."""
        return self.contagens.get(resultado.name, 0)

    @property
    def a_importar(self) -> int:
        """Lines that would be written."""
        return self.quantas(ResultadoLinha.criada) + self.quantas(ResultadoLinha.atualizada)


def situacao(sessao: Session, importacao_id: int) -> Situacao | None:
    """Counts by outcome and the task; None when there is no such import. Three queries."""
    importacao = sessao.get(Importacao, importacao_id, populate_existing=True)
    if importacao is None:
        return None
    tarefa = sessao.get(Tarefa, importacao.tarefa_id, populate_existing=True) if importacao.tarefa_id else None
    linha = ImportacaoLinha
    consulta = select(linha.resultado, func.count(), func.count().filter(linha.feita)).where(linha.importacao_id == importacao_id).group_by(linha.resultado)
    grupos = sessao.execute(consulta).all()
    return Situacao(importacao, tarefa, {r.name: n for r, n, _f in grupos if r}, sum(f for _r, _n, f in grupos))


def linhas(sessao: Session, importacao: Importacao, *, resultado: ResultadoLinha | None = None, pagina: int = 0) -> list[LinhaVista]:
    """A page of lines, in the file's order."""
    linha = ImportacaoLinha
    colunas = (linha.numero, linha.dados, linha.resultado, linha.detalhe, linha.cliente_id, Cliente.nome, Cliente.cpf_cnpj)
    consulta = select(*colunas).outerjoin(Cliente, Cliente.id == linha.cliente_id).where(linha.importacao_id == importacao.id)
    if resultado:
        consulta = consulta.where(linha.resultado == resultado)
    pagina_ = consulta.order_by(linha.numero).offset(pagina * POR_PAGINA).limit(POR_PAGINA)
    return [_vista(importacao, *valores) for valores in sessao.execute(pagina_)]


def _vista(
    importacao: Importacao, numero: int, dados: str | None, resultado: ResultadoLinha | None, detalhe: str | None, cliente_id: int | None,
    nome: str | None, documento: str | None,
) -> LinhaVista:
    if dados:
        por_campo = dict(zip(importacao.mapeamento, celulas_de(dados)[1], strict=False))
        nome, documento = por_campo.get("nome", ""), por_campo.get("documento", "")
    return LinhaVista(numero, nome or "", sigilo.documento(documento), resultado, sigilo.no_texto(detalhe or ""), cliente_id)


def amostra(sessao: Session, importacao: Importacao) -> list[list[str]]:
    """For each column its first values, for the person to recognise it by. A column of passwords shows none."""
    linha = ImportacaoLinha
    consulta = select(linha.dados).where(linha.importacao_id == importacao.id).order_by(linha.numero).limit(AMOSTRA * 3)
    valores: list[list[str]] = [[] for _c in importacao.cabecalho]
    for dados in sessao.scalars(consulta):
        for coluna, celula in zip(valores, celulas_de(dados)[1], strict=False):
            if celula and len(coluna) < AMOSTRA:
                coluna.append(celula[:40])
    return [[] if campo == "senha" else [_visivel(campo, c) for c in v] for campo, v in zip(importacao.mapeamento, valores, strict=True)]


_VISIVEIS = {"documento": sigilo.documento, "telefone": sigilo.telefone, "whatsapp": sigilo.telefone, "email": sigilo.email}


def _visivel(campo: str | None, celula: str) -> str:
    if not sigilo.pode("documento"):
        return _VISIVEIS.get(campo or "", sigilo.no_texto)(celula)
    return sigilo.no_texto(celula)      # as it came, and remembered


def tem_rejeitadas(sessao: Session, importacao_id: int) -> bool:
    """Whether rejected lines can still be downloaded."""
    consulta = select(ImportacaoLinha.numero).where(*_rejeitadas(importacao_id)).limit(1)
    return sessao.scalar(consulta) is not None


def rejeitadas(sessao: Session, importacao_id: int) -> Iterator[Sequence[str]]:
    """Rows of the file of rejected lines: the reason first, then the cells as they came, so that it can be corrected and sent again."""
    linha, depois = ImportacaoLinha, 0
    while True:
        consulta = select(linha.numero, linha.dados, linha.detalhe).where(*_rejeitadas(importacao_id), linha.numero > depois)
        lote = sessao.execute(consulta.order_by(linha.numero).limit(500)).all()
        if not lote:
            return
        for numero, dados, detalhe in lote:
            yield sigilo.no_valor([f"linha {numero}: {detalhe}", *celulas_de(dados)[1]])
        depois = lote[-1].numero


def cabecalho_das_rejeitadas(importacao: Importacao) -> list[str]:
    """Titles of that file: the reason's, then those of the file that was sent."""
    return [MOTIVO, *(c for c in importacao.cabecalho)]


def recentes(sessao: Session) -> list[Importacao]:
    """The last imports, newest first."""
    return list(sessao.scalars(select(Importacao).order_by(Importacao.id.desc()).limit(RECENTES)))


def _rejeitadas(importacao_id: int) -> tuple[object, ...]:
    linha = ImportacaoLinha
    return linha.importacao_id == importacao_id, linha.resultado == ResultadoLinha.rejeitada, linha.dados.is_not(None)
