"""``flask crm job`` and ``flask crm agenda``: the schedule from the command line."""

from __future__ import annotations

import datetime as dt

import click
from flask.cli import with_appcontext

from app.core import operacao, relogio
from app.core.erros import NaoEncontrado
from app.core.models import EstadoTarefa, Tarefa
from app.core.operacao import TarefaService
from app.core.transacao import transacao
from app.core.visoes.filtros import ler_data


class Dia(click.ParamType):
    """A day typed as ``2026-12-31`` or ``31/12/2026``; gives a date."""

    name = "dia"

    def convert(self, value: str | dt.date, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Refused in Portuguese when it is no day of the calendar."""
        try:
            return ler_data(value)
        except ValueError:
            self.fail(f"“{value}” não é uma data: escreva AAAA-MM-DD ou DD/MM/AAAA.", param, ctx)


def registrar(grupo: click.Group) -> None:
    """Add the commands."""
    grupo.add_command(job)
    grupo.add_command(agenda)


@click.command("job")
@click.argument("nome")
@click.option("--data", type=Dia(), help="O dia que o trabalho deve considerar como hoje (padrão: hoje).")
@with_appcontext
def job(nome: str, data: dt.date | None) -> None:
    """Executa agora um trabalho da agenda, depois dos mais antigos dele que ainda estiverem abertos."""
    try:
        with transacao() as sessao:
            tarefa_id = TarefaService(sessao).executar_agora(nome, hoje=data, reservada=True).id
    except NaoEncontrado as erro:
        raise click.ClickException(f"{erro} Veja os nomes com: flask --app run:app crm agenda") from erro
    estado = operacao.rodar_ate_o_fim(tarefa_id)
    with transacao() as sessao:
        tarefa = sessao.get(Tarefa, tarefa_id, populate_existing=True)
        contagens = ", ".join(f"{nome}: {quantos}" for nome, quantos in tarefa.contagens.items())
        erro = tarefa.erro
    if estado is not EstadoTarefa.feita:
        raise click.ClickException(f"tarefa {tarefa_id}: {estado.rotulo.lower()}: {erro or 'sem explicação'}")
    click.echo(f"tarefa {tarefa_id} feita" + (f" ({contagens})" if contagens else ""))


@click.command("agenda")
@with_appcontext
def agenda() -> None:
    """Mostra o que roda quando: próxima e última execução de cada trabalho."""
    with transacao() as sessao:
        linhas = [_linha(s) for s in operacao.situacoes(sessao)]
    larguras = [max(len(linha[i]) for linha in linhas) for i in range(len(linhas[0]))] if linhas else []
    for linha in linhas:
        click.echo("  ".join(texto.ljust(largura) for texto, largura in zip(linha, larguras, strict=True)).rstrip())


def _linha(s: operacao.Situacao) -> tuple[str, ...]:
    ultima = f"última {_hora(s.ultima.iniciada_em)} ({s.ultima.estado.rotulo.lower()})" if s.ultima else "nunca rodou"
    return s.job.nome, operacao.quando_texto(s.job), f"próxima {_hora(s.proxima)}", ultima, _situacao(s)


def _situacao(s: operacao.Situacao) -> str:
    if not s.tem_manipulador:
        return "sem manipulador"
    if not s.ativa:
        return "pausado"
    return f"aberta: tarefa {s.aberta.id} ({s.aberta.estado.rotulo.lower()})" if s.aberta else ""


def _hora(instante: dt.datetime) -> str:
    return f"{relogio.local(instante):%d/%m/%Y %H:%M}"
