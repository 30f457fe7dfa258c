"""Commands of billing: ``crm faturar``, ``crm lembrar``, ``crm bloquear``."""

from __future__ import annotations

import datetime as dt

import click
from flask_babel import ngettext

from app.core import relogio
from app.core.comandos import Dia
from app.core.dinheiro import formatar_reais
from app.core.formatos import numero
from app.core.numeros import MAIOR_ID
from app.core.transacao import transacao
from app.faturamento.services import FaturamentoService

DATA = click.option("--data", type=Dia(), help="Dia da execução; hoje, se não informado.")


def registrar(grupo: click.Group) -> None:
    """Add the commands."""
    for comando in (faturar, lembrar, bloquear):
        grupo.add_command(comando)


@click.command("faturar")
@DATA
@click.option("--previa", is_flag=True, help="Só mostra o que seria emitido.")
@click.option("--cliente", type=click.IntRange(1, MAIOR_ID), help="Só este cliente.")
def faturar(data: dt.date | None, previa: bool, cliente: int | None) -> None:
    """Emite as faturas devidas até o dia. Pode repetir: nada é faturado duas vezes."""
    hoje = data or relogio.hoje()
    with transacao() as sessao:
        prevista = FaturamentoService(sessao).simular(hoje=hoje, cliente_id=cliente)
    faturas = ngettext("%(num)d fatura", "%(num)d faturas", prevista.quantidade)
    click.echo(f"{faturas}, {formatar_reais(prevista.valor)}, vencendo até {prevista.ate:%d/%m/%Y}")
    for problema in prevista.problemas:
        click.echo(f"  não será faturado: {problema.cliente}: {problema.motivo}")
    if previa:
        return
    click.echo(f"emitidas: {_emitir(hoje, cliente)}")


def _emitir(hoje: dt.date, cliente: int | None) -> int:
    if not cliente:
        return FaturamentoService.rodar_do_dia(hoje=hoje)
    with transacao() as sessao:
        return len(FaturamentoService(sessao).gerar_invoices_automaticas(hoje=hoje, cliente_id=cliente))


@click.command("lembrar")
@DATA
def lembrar(data: dt.date | None) -> None:
    """Agenda os lembretes de vencimento e os avisos de atraso do dia."""
    hoje = relogio.exigir_que_chegou(data or relogio.hoje())
    with transacao() as sessao:
        servico = FaturamentoService(sessao)
        lembretes, avisos = servico.enviar_lembrete_pagamento(hoje=hoje), servico.avisar_vencidas(hoje=hoje)
    click.echo(f"lembretes: {lembretes}, avisos de atraso: {avisos}")


@click.command("bloquear")
@DATA
@click.option("--previa", is_flag=True, help="Só mostra quem seria bloqueado.")
@click.option("--confirmado", is_flag=True, help="Bloqueia mesmo acima do disjuntor e em dia sem bloqueio.")
def bloquear(data: dt.date | None, previa: bool, confirmado: bool) -> None:
    """Bloqueia quem está em atraso pela política em vigor."""
    hoje = (data or relogio.hoje()) if previa else relogio.exigir_que_chegou(data or relogio.hoje())
    with transacao() as sessao:
        prevista = FaturamentoService(sessao).simular_bloqueio(hoje=hoje)
    contratos = ngettext("%(num)d contrato", "%(num)d contratos", len(prevista.eleitos))
    click.echo(f"{contratos} ({numero(prevista.percentual, 1)}% da base), dívida de {formatar_reais(prevista.divida)}")
    for motivo, quantos in prevista.poupados:
        click.echo(f"  poupados: {quantos} ({motivo})")
    if previa:
        return
    click.echo(f"bloqueados: {FaturamentoService.bloquear_do_dia(hoje=hoje, confirmado=confirmado)}")
