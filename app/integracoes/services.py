"""Imports: receiving a file, saying which column is what, foreseeing, and importing in slices that can be killed anywhere."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.core import auditoria, configuracao, relogio, tarefas
from app.core.erros import DominioError, NaoEncontrado, RegraViolada, ValorInvalido
from app.core.execucao import ABERTOS
from app.core.models import Tarefa
from app.core.tipos import N_
from app.integracoes import colunas, leitura
from app.integracoes.decisao import Decisao, Visao, decidir
from app.integracoes.gravacao import aplicar
from app.integracoes.linhas import LinhaRejeitada, Registro, interpretar
from app.integracoes.models import Importacao, ImportacaoLinha, ResultadoLinha, StatusImportacao

CONFERIR, IMPORTAR = "conferir_importacao", "importar_clientes"
LOTE_LEITURA, LOTE_CONFERENCIA, LOTE_IMPORTACAO = 500, 500, 100
_S = StatusImportacao

configuracao.declarar_grupo("integracoes", N_("Importações"))
configuracao.declarar(
    "integracoes.dias_linhas", int, 90, N_("Guardar as linhas dos arquivos importados (dias)"),
    N_("Depois disso as linhas rejeitadas não podem mais ser baixadas, e o arquivo que não foi importado é descartado."), minimo=1, maximo=3650,
)


@dataclass
class Bruta:
    """A line of the file on its way through a lot, with what became of it."""

    numero: int
    celulas: list[str]
    registro: Registro | None = None
    resultado: ResultadoLinha | None = None
    detalhe: str | None = None
    cliente_id: int | None = None
    contrato_id: int | None = None

    def rejeitar(self, motivo: object) -> None:
        """It will not be imported, because of ``motivo``."""
        self.resultado, self.detalhe = ResultadoLinha.rejeitada, str(motivo)


@dataclass
class Lote:
    """What a slice did. ``ultima`` is None when there was nothing left."""

    ultima: int | None
    linhas: Sequence[Bruta] = field(default_factory=list)

    @property
    def contagens(self) -> dict[str, int]:
        """Lines by outcome."""
        return dict(Counter(x.resultado.name for x in self.linhas))


class ImportacaoService:
    """Verbs of imports of customers."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def receber(self, nome: str, dados: bytes) -> Importacao:
        """Keep the lines of a file, guess its columns. Nothing but the import itself is written. Raises leitura.ArquivoRecusado."""
        tabela = leitura.abrir(nome, dados)
        importacao = Importacao(
            nome=PurePath(nome.replace("\\", "/")).name[-255:], formato=tabela.formato, cabecalho=tabela.cabecalho,
            mapeamento=colunas.adivinhar(tabela.cabecalho), avisos=[*tabela.avisos, *_avisos(tabela.cabecalho)], status=_S.recebida,
        )
        self.sessao.add(importacao)
        self.sessao.flush()
        lote: list[dict[str, Any]] = []
        for linha in tabela.linhas:
            lote.append({"importacao_id": importacao.id, "numero": linha.numero, "dados": _guardar(linha)})
            importacao.linhas += 1
            if len(lote) == LOTE_LEITURA:
                self._inserir(lote)
        self._inserir(lote)
        self.sessao.flush()
        return importacao

    def mapear(self, importacao_id: int, mapeamento: Sequence[str | None]) -> Importacao:
        """Say which field each column fills and ask for the preview. Raises ValorInvalido (a field twice, name or document missing), RegraViolada."""
        importacao = self._travar(importacao_id)
        if importacao.status not in (_S.recebida, _S.conferida, _S.conferindo) or self.em_andamento(importacao):
            raise RegraViolada(_("Esta importação não aceita mais mudança de colunas."), importacao_id=importacao_id)
        self.conferir_mapeamento(importacao, mapeamento)
        importacao.mapeamento, importacao.status = list(mapeamento), _S.conferindo
        self._agendar(importacao, CONFERIR)
        return importacao

    def conferir_mapeamento(self, importacao: Importacao, mapeamento: Sequence[str | None]) -> None:
        """Raise ValorInvalido when a mapping cannot be used."""
        usados = [c for c in mapeamento if c]
        if len(mapeamento) != len(importacao.cabecalho) or set(usados) - set(colunas.POR_CAMPO):
            raise ValorInvalido(_("Mapeamento de colunas inválido."), campo="mapeamento")
        if repetido := next((c for c, n in Counter(usados).items() if n > 1), None):
            raise ValorInvalido(_("Duas colunas foram ligadas a “%(campo)s”.", campo=_(colunas.POR_CAMPO[repetido].rotulo)), campo="mapeamento")
        if faltam := colunas.faltam(mapeamento):
            nomes = ", ".join(_(c.rotulo) for c in faltam)
            raise ValorInvalido(_("Diga qual coluna tem: %(nomes)s.", nomes=nomes), campo="mapeamento", codigo="faltam_colunas")

    def conferir(self, importacao_id: int) -> Iterator[Lote]:
        """Foresee every line, lot by lot, writing only the foreseen outcome. Ends with the import ``conferida``."""
        importacao = self._travar(importacao_id)
        importacao.status = _S.conferindo
        visao, planos, ultima = Visao(self.sessao), [], 0
        while brutas := self._ler(importacao, ultima, LOTE_CONFERENCIA):
            ultima = brutas[-1].numero
            visao.carregar(b.registro for b in brutas if b.registro)
            for bruta in brutas:
                if decisao := _prever(bruta, visao):
                    planos += [decisao.plano_novo.nome] if decisao.plano_novo else []
            self._anotar(importacao.id, brutas, feita=False)
            yield Lote(ultima, brutas)
        importacao.status, importacao.planos_novos = _S.conferida, planos
        self.sessao.flush()

    def iniciar(self, importacao_id: int) -> Importacao:
        """Ask for the import; or for the rest of one that was stopped. Raises RegraViolada unless it was checked, or while it is going on."""
        importacao = self._travar(importacao_id)
        if importacao.status not in (_S.conferida, _S.importando) or self.em_andamento(importacao):
            raise RegraViolada(_("Confira o arquivo antes de importar; uma importação em andamento não começa de novo."), importacao_id=importacao_id)
        importacao.status = _S.importando
        self._agendar(importacao, IMPORTAR)
        auditoria.registrar(self.sessao, "importar", "importacao", importacao.id, depois={"arquivo": importacao.nome, "linhas": importacao.linhas})
        return importacao

    def importar_lote(self, importacao_id: int, depois: int, *, hoje: dt.date) -> Lote:
        """Import the next lines after number ``depois`` that were not imported. Each line is alone: one that fails is rejected with its reason."""
        importacao = self._travar(importacao_id)
        if importacao.status is not _S.importando:
            return Lote(None)
        brutas = self._ler(importacao, depois, LOTE_IMPORTACAO, so_por_fazer=True)
        if not brutas:
            importacao.status, importacao.terminada_em = _S.concluida, relogio.agora()
            self.sessao.flush()
            return Lote(None)
        visao = Visao(self.sessao, hoje=hoje, travar=True, importacao_id=importacao.id)
        visao.carregar(b.registro for b in brutas if b.registro)
        for bruta in brutas:
            if bruta.registro:
                self._importar(bruta, visao, hoje)
        self._anotar(importacao.id, brutas, feita=True)
        return Lote(brutas[-1].numero, brutas)

    def descartar(self, importacao_id: int) -> Importacao:
        """Give the file up, or forget the rejected lines of a finished one: what was kept of it is deleted. Raises RegraViolada while it is going on."""
        importacao = self._travar(importacao_id)
        if self.em_andamento(importacao) or importacao.status is _S.importando:
            raise RegraViolada(_("A importação está em andamento."), importacao_id=importacao_id)
        if importacao.status is not _S.concluida:
            importacao.status = _S.descartada
            self.sessao.execute(delete(ImportacaoLinha).where(ImportacaoLinha.importacao_id == importacao_id))
        esquecer = update(ImportacaoLinha).where(ImportacaoLinha.importacao_id == importacao_id).values(dados=None)
        self.sessao.execute(esquecer.execution_options(synchronize_session=False))
        self.sessao.flush()
        return importacao

    def em_andamento(self, importacao: Importacao) -> bool:
        """Whether its task waits or runs."""
        aberta = select(func.count()).where(Tarefa.id == importacao.tarefa_id, Tarefa.estado.in_(ABERTOS))
        return importacao.tarefa_id is not None and bool(self.sessao.scalar(aberta))

    # ---- lines

    def _inserir(self, lote: list[dict[str, Any]]) -> None:
        if lote:
            self.sessao.execute(insert(ImportacaoLinha), lote)
            lote.clear()

    def _ler(self, importacao: Importacao, depois: int, quantas: int, *, so_por_fazer: bool = False) -> list[Bruta]:
        linha = ImportacaoLinha
        consulta = select(linha.numero, linha.dados).where(linha.importacao_id == importacao.id, linha.numero > depois)
        if so_por_fazer:
            consulta = consulta.where(~linha.feita)
        return [_abrir(n, dados, importacao.mapeamento) for n, dados in self.sessao.execute(consulta.order_by(linha.numero).limit(quantas))]

    def _anotar(self, importacao_id: int, brutas: Sequence[Bruta], *, feita: bool) -> None:
        """Outcomes; a line that was imported needs its data no more."""
        por_forma: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
        for b in brutas:
            esquecer = feita and b.resultado is not ResultadoLinha.rejeitada
            valores = {"importacao_id": importacao_id, "numero": b.numero, "resultado": b.resultado, "detalhe": b.detalhe, "feita": feita,
                       "cliente_id": b.cliente_id, "contrato_id": b.contrato_id}
            por_forma[esquecer].append({**valores, "dados": None} if esquecer else valores)
        for valores in por_forma.values():
            if valores:
                self.sessao.execute(update(ImportacaoLinha), valores)

    def _importar(self, bruta: Bruta, visao: Visao, hoje: dt.date) -> None:
        """One line in a savepoint. What somebody else did at the same moment is looked at again once."""
        for ultima_vez in (False, True):
            try:
                with self.sessao.begin_nested():
                    self._gravar(bruta, visao, hoje)
                return
            except (IntegrityError, DataError, ValueError) as erro:
                motivo: object = _motivo(erro)
            except DominioError as erro:
                motivo = erro
                if isinstance(erro, LinhaRejeitada):
                    break
            if not ultima_vez:
                visao.reler(bruta.registro)
        bruta.rejeitar(motivo)

    def _gravar(self, bruta: Bruta, visao: Visao, hoje: dt.date) -> None:
        decisao = decidir(bruta.registro, visao)
        feito = aplicar(self.sessao, decisao, hoje=hoje)
        bruta.resultado, bruta.detalhe = decisao.resultado, decisao.detalhe
        bruta.cliente_id, bruta.contrato_id = feito.cliente_id, feito.contrato_id
        visao.lembrar(decisao, cliente_id=feito.cliente_id, endereco_id=feito.endereco_id, contrato_id=feito.contrato_id)

    # ---- the import itself

    def _travar(self, importacao_id: int) -> Importacao:
        importacao = self.sessao.get(Importacao, importacao_id, with_for_update={"key_share": True}, populate_existing=True)
        if importacao is None:
            raise NaoEncontrado(_("Importação não encontrada."), importacao_id=importacao_id)
        return importacao

    def _agendar(self, importacao: Importacao, nome: str) -> None:
        importacao.tarefa_id = tarefas.agendar(
            self.sessao, nome, fila="longa", prioridade=3, importacao_id=importacao.id, hoje=relogio.hoje().isoformat())
        self.sessao.flush()


def _avisos(cabecalho: Sequence[str]) -> list[str]:
    return [_("A coluna “%(nome)s” aparece mais de uma vez; vale a primeira.", nome=nome) for nome in colunas.repetidos(cabecalho)]


def _guardar(linha: leitura.Linha) -> str:
    return json.dumps([linha.defeito, *linha.celulas], ensure_ascii=False)


def celulas_de(dados: str | None) -> tuple[str | None, list[str]]:
    """(why it cannot be used, cells) of what is kept of a line."""
    defeito, *celulas = json.loads(dados) if dados else [None]
    return defeito, celulas


def _abrir(numero: int, dados: str | None, mapeamento: Sequence[str | None]) -> Bruta:
    defeito, celulas = celulas_de(dados)
    bruta = Bruta(numero, celulas)
    try:
        if defeito:
            raise LinhaRejeitada(defeito)
        bruta.registro = interpretar(celulas, mapeamento)
    except LinhaRejeitada as erro:
        bruta.rejeitar(erro)
    return bruta


def _prever(bruta: Bruta, visao: Visao) -> Decisao | None:
    if bruta.registro is None:
        return None
    try:
        decisao = decidir(bruta.registro, visao)
    except LinhaRejeitada as erro:
        bruta.rejeitar(erro)
        return None
    visao.lembrar(decisao)
    bruta.resultado, bruta.detalhe = decisao.resultado, decisao.detalhe
    bruta.cliente_id = decisao.cliente.id if decisao.cliente else None
    bruta.contrato_id = decisao.contrato.id if decisao.contrato else None
    return decisao


def _motivo(erro: Exception) -> str:
    if isinstance(erro, IntegrityError):
        return _("O banco recusou a linha: um valor repetido ou incompatível com o que já existe.")
    return _("O banco recusou a linha: um valor não cabe no campo.")
