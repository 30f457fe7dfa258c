"""``flask crm importar clientes``: the import from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core import operacao
from app.core.exportacao import linhas_csv
from app.core.models import EstadoTarefa, Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.integracoes import colunas, consultas
from app.integracoes.leitura import TAMANHO_MAXIMO
from app.integracoes.models import Importacao, ResultadoLinha
from app.integracoes.services import ImportacaoService, Lote

CAMPOS = ", ".join(c.campo for c in colunas.COLUNAS)


def registrar(grupo: click.Group) -> None:
    """Add the command."""
    grupo.add_command(importar)


@click.group("importar")
def importar() -> None:
    """Importa cadastros de outro sistema."""


@importar.command("clientes", epilog=f"Campos de --coluna: {CAMPOS}.")
@click.argument("arquivo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--conferir", is_flag=True, help="Só mostra o que cada linha faria; nada é gravado.")
@click.option("--coluna", "ligacoes", multiple=True, metavar="TÍTULO=CAMPO", help="Liga uma coluna do arquivo a um campo; pode repetir.")
@click.option("--rejeitadas", type=click.Path(dir_okay=False, path_type=Path), help="Onde gravar as linhas rejeitadas (CSV com o motivo).")
@with_appcontext
def clientes(arquivo: Path, conferir: bool, ligacoes: Sequence[str], rejeitadas: Path | None) -> None:
    """Importa clientes, planos e contratos de um CSV ou XLSX, sem mensagens e sem cobrar o passado. Repetir o mesmo arquivo não muda nada."""
    if conferir:
        _so_conferir(arquivo, ligacoes)
    else:
        _importar(arquivo, ligacoes, rejeitadas)


def _so_conferir(arquivo: Path, ligacoes: Sequence[str]) -> None:
    """The whole preview in one transaction that is undone."""
    sessao = db.session()
    try:
        importacao = _receber(sessao, arquivo, ligacoes)
        for lote in ImportacaoService(sessao).conferir(importacao.id):
            _mostrar(lote)
        click.echo(_resumo(sessao, importacao.id, _("Nada foi gravado. Se importar")))
    finally:
        sessao.rollback()


def _importar(arquivo: Path, ligacoes: Sequence[str], rejeitadas: Path | None) -> None:
    with transacao() as sessao:
        importacao_id = _receber(sessao, arquivo, ligacoes).id
    passos = (
        (_("Conferindo…"), lambda s: s.mapear(importacao_id, _mapeamento_de(s.sessao, importacao_id))), (_("Importando…"), lambda s: s.iniciar(importacao_id)),
    )
    for dito, verbo in passos:
        click.echo(dito)
        with transacao() as sessao:
            tarefa_id = verbo(ImportacaoService(sessao)).tarefa_id
        _rodar(tarefa_id)
    with transacao() as sessao:
        click.echo(_resumo(sessao, importacao_id, _("Importação %(n)d concluída", n=importacao_id)))
        _relatar_rejeitadas(sessao, importacao_id, rejeitadas)


def _receber(sessao: Session, arquivo: Path, ligacoes: Sequence[str]) -> Importacao:
    with arquivo.open("rb") as aberto:
        dados = aberto.read(TAMANHO_MAXIMO + 1)
    servico = ImportacaoService(sessao)
    importacao = servico.receber(arquivo.name, dados)
    importacao.mapeamento = _ligar(importacao, ligacoes)
    servico.conferir_mapeamento(importacao, importacao.mapeamento)
    sessao.flush()
    _mostrar_colunas(importacao)
    return importacao


def _ligar(importacao: Importacao, ligacoes: Sequence[str]) -> list[str | None]:
    mapeamento = list(importacao.mapeamento)
    por_titulo = {colunas.normalizar_titulo(t): i for i, t in reversed(list(enumerate(importacao.cabecalho)))}
    for ligacao in ligacoes:
        titulo, _igual, campo = ligacao.rpartition("=")
        posicao = por_titulo.get(colunas.normalizar_titulo(titulo))
        if posicao is None or campo not in colunas.POR_CAMPO:
            raise click.BadParameter(_("“%(texto)s”: use TÍTULO=CAMPO; campos: %(campos)s", texto=ligacao, campos=CAMPOS), param_hint="--coluna")
        mapeamento = [None if c == campo else c for c in mapeamento]
        mapeamento[posicao] = campo
    return mapeamento


def _mapeamento_de(sessao: Session, importacao_id: int) -> list[str | None]:
    return sessao.get_one(Importacao, importacao_id).mapeamento


def _rodar(tarefa_id: int) -> None:
    estado = operacao.rodar_ate_o_fim(tarefa_id)
    if estado is not EstadoTarefa.feita:
        with transacao() as sessao:
            erro = sessao.get_one(Tarefa, tarefa_id).erro or ""
        raise click.ClickException(_("a tarefa %(n)d não terminou (%(estado)s): %(erro)s", n=tarefa_id, estado=estado.rotulo.lower(), erro=erro))


# ---- what is said


def _mostrar_colunas(importacao: Importacao) -> None:
    linhas = ngettext("%(num)d linha", "%(num)d linhas", importacao.linhas)
    click.echo(f"{importacao.nome}: {linhas} ({importacao.formato})")
    for titulo, campo in zip(importacao.cabecalho, importacao.mapeamento, strict=True):
        vai_para = _(colunas.POR_CAMPO[campo].rotulo) if campo else _("ignorada")
        click.echo(f"  {titulo} → {vai_para}")
    for aviso in importacao.avisos:
        click.echo(f"  {aviso}")


def _mostrar(lote: Lote) -> None:
    for linha in lote.linhas:
        click.echo(_("linha %(n)d: %(resultado)s: %(detalhe)s", n=linha.numero, resultado=linha.resultado.rotulo.lower(), detalhe=linha.detalhe))


def _resumo(sessao: Session, importacao_id: int, inicio: str) -> str:
    situacao = consultas.situacao(sessao, importacao_id)
    partes = [f"{situacao.quantas(r)} {_plural(r)}" for r in ResultadoLinha]
    planos = situacao.importacao.planos_novos
    criados = " " + _("Planos novos: %(nomes)s.", nomes=", ".join(planos)) if planos else ""
    return f"{inicio}: {', '.join(partes)}.{criados}"


def _plural(resultado: ResultadoLinha) -> str:
    return {"criada": _("novas"), "atualizada": _("atualizadas"), "sem_mudanca": _("sem mudança"), "rejeitada": _("rejeitadas")}[resultado.name]


def _relatar_rejeitadas(sessao: Session, importacao_id: int, destino: Path | None) -> None:
    importacao = sessao.get_one(Importacao, importacao_id)
    if not consultas.tem_rejeitadas(sessao, importacao_id):
        return
    if destino is None:
        for motivo, *_celulas in consultas.rejeitadas(sessao, importacao.id):
            click.echo(motivo)
        return
    with destino.open("wb") as aberto:
        aberto.writelines(linhas_csv(consultas.cabecalho_das_rejeitadas(importacao), consultas.rejeitadas(sessao, importacao.id)))
    click.echo(_("Linhas rejeitadas, com o motivo: %(arquivo)s", arquivo=destino))
