"""Customers of the story: they arrive, change plan, pause, leave, and are shown the door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.clientes.models import Cliente, Endereco, TipoEndereco
from app.clientes.services import ClienteService
from app.contratos.models import Contrato
from app.contratos.services import ContratoService, NovoContrato
from app.core import relogio
from app.core.datas import mais_meses, primeiro_vencimento
from app.demonstracao import comportamento as c
from app.demonstracao.historia import Assinante, Historia
from app.demonstracao.pessoas import Pessoa, uma_pessoa
from app.faturamento.estados import TipoLancamento
from app.faturamento.models import ContratoCiclo
from app.faturamento.services import FaturamentoService, Inicio

LOTE = 500
DIAS_ATE_ENCERRAR = 75
FILIAIS, PROMOCAO, COM_TAXA = 0.12, 0.22, 0.3      # companies with a branch on the same bill; among new customers
PAUSA, MUDANCA = 0.005, 0.007      # chances in a month
UM_MES = 30


def chegar(sessao: Session, historia: Historia, quantos: int, dia: dt.date) -> None:
    """``quantos`` customers sign today; on the first day those of before are taken over, with their contracts' own dates."""
    primeiro = len(historia.assinantes)
    for n in range(primeiro, primeiro + quantos, LOTE):
        pessoas = [uma_pessoa(historia.sorteio, i) for i in range(n, min(n + LOTE, primeiro + quantos))]
        novos = _cadastrar(sessao, historia, pessoas, dia)
        _contratar(sessao, historia, novos, _enderecar(sessao, novos, pessoas), dia)
        filiais = [a for a in novos if a.empresa and historia.sorteio.random() < FILIAIS]
        _contratar(sessao, historia, filiais, _enderecar(sessao, filiais, [uma_pessoa(historia.sorteio, 0) for _a in filiais]), dia)
        _cobrar_instalacoes(sessao, historia, novos, dia)


def _cadastrar(sessao: Session, historia: Historia, pessoas: Sequence[Pessoa], dia: dt.date) -> list[Assinante]:
    clientes = ClienteService(sessao).incluir_varios([
        Cliente(
            nome=p.nome, cpf_cnpj=p.documento, nome_fantasia=p.fantasia, data_nascimento=p.nascimento, email=p.email, telefone=p.telefone,
            whatsapp=p.telefone,
        )
        for p in pessoas
    ])
    novos = [_assinante(historia, cliente.id, p, dia) for cliente, p in zip(clientes, pessoas, strict=True)]
    historia.assinantes |= {a.cliente_id: a for a in novos}
    return novos


def _assinante(historia: Historia, cliente_id: int, pessoa: Pessoa, dia: dt.date) -> Assinante:
    sorteio = historia.sorteio
    desde = c.instalado_em(sorteio, dia) if dia == historia.inicio else dia
    plano = c.EMPRESARIAL if pessoa.pj and sorteio.random() < 0.45 else sorteio.choices(range(len(historia.planos)), [p.peso for p in historia.planos])[0]
    return Assinante(cliente_id, [], c.um_pagador(sorteio), desde, plano, c.sortear(sorteio, c.DIAS), empresa=pessoa.pj)


def _enderecar(sessao: Session, assinantes: Sequence[Assinante], pessoas: Sequence[Pessoa]) -> list[int]:
    enderecos = [
        Endereco(
            cliente_id=a.cliente_id, tipo=TipoEndereco.instalacao, cep=p.cep, logradouro=p.logradouro, numero=p.numero, complemento=p.complemento,
            bairro=p.bairro, municipio=p.cidade.nome, uf=p.cidade.uf, codigo_ibge=p.cidade.ibge,
        )
        for a, p in zip(assinantes, pessoas, strict=True)
    ]
    sessao.add_all(enderecos)
    sessao.flush()
    return [e.id for e in enderecos]


def _contratar(sessao: Session, historia: Historia, assinantes: Sequence[Assinante], enderecos: Sequence[int], dia: dt.date) -> None:
    """One contract more for each; the second joins the first one's bill."""
    ciclos = dict(sessao.execute(
        select(ContratoCiclo.contrato_id, ContratoCiclo.ciclo_faturamento_id).where(ContratoCiclo.contrato_id.in_([i for a in assinantes for i in a.contratos]))
    ).all())
    contratos = ContratoService(sessao).criar_contratos([_pedido(historia, a, e, dia) for a, e in zip(assinantes, enderecos, strict=True)])
    inicios = []
    for assinante, contrato in zip(assinantes, contratos, strict=True):
        inicio = Inicio(contrato.id, assinante.desde, assinante.vencimento, ciclo_faturamento_id=ciclos.get(next(iter(assinante.contratos), None)))
        if assinante.desde < dia:
            primeiro = primeiro_vencimento(dia, assinante.vencimento)
            inicio = inicio._replace(primeiro=primeiro, faturar_desde=primeiro)
            contrato.data_renovacao = _renovacao(assinante.desde, dia)
        inicios.append(inicio)
        assinante.contratos.append(contrato.id)
    FaturamentoService(sessao).ativar_contratos(inicios)


def _pedido(historia: Historia, assinante: Assinante, endereco_id: int, dia: dt.date) -> NovoContrato:
    desconto = {}
    if assinante.desde == dia and historia.sorteio.random() < PROMOCAO:
        desconto = {"desconto": Decimal("20.00"), "desconto_ate": dia + dt.timedelta(days=90)}
    return NovoContrato(
        assinante.cliente_id, historia.planos[assinante.plano].id, assinante.desde, endereco_instalacao_id=endereco_id,
        itens=_adicionais(historia, assinante.desde), **desconto,
    )


def _cobrar_instalacoes(sessao: Session, historia: Historia, novos: Sequence[Assinante], dia: dt.date) -> None:
    for assinante in novos:
        if assinante.desde == dia and historia.sorteio.random() < COM_TAXA:
            FaturamentoService(sessao).lancar(
                assinante.cliente_id, tipo=TipoLancamento.acrescimo, descricao="Taxa de instalação", valor=Decimal("150.00"), parcelas=3, a_partir_de=dia
            )


def _renovacao(desde: dt.date, dia: dt.date) -> dt.date:
    """The first anniversary after the take-over."""
    anos = dia.year - desde.year
    return next(d for n in (anos, anos + 1) if (d := mais_meses(desde, 12 * n)) > dia)


def _adicionais(historia: Historia, desde: dt.date) -> list[dict]:
    if historia.sorteio.random() > 0.25:
        return []
    escolhido = historia.sorteio.choice(historia.opcionais)
    return [{"adicional_id": escolhido.id, "quantidade": 1, "preco": escolhido.preco, "de": desde}]


# ---- what they do later


def viver(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Each customer is looked at once a month, on the day of the month he came: he may leave, pause or change plan. Pauses end."""
    for assinante in historia.assinantes.values():
        if assinante.saiu:
            continue
        if assinante.parado_ate == dia:
            _voltar(sessao, assinante, dia)
        elif assinante.parado_ate is None and assinante.desde.day == dia.day and (dia - assinante.desde).days > UM_MES:
            _um_mes(sessao, historia, assinante, dia)
    _encerrar_devedores(sessao, historia, dia)


def _um_mes(sessao: Session, historia: Historia, assinante: Assinante, dia: dt.date) -> None:
    sorte, sai = historia.sorteio.random(), c.DESISTENCIA[assinante.pagador.tipo]
    if sorte < sai:
        _sair(sessao, assinante, dia, c.sortear(historia.sorteio, c.MOTIVOS_EMPRESA if assinante.empresa else c.MOTIVOS))
    elif sorte < sai + PAUSA:
        assinante.parado_ate = dia + dt.timedelta(days=historia.sorteio.choice((30, 45, 60, 90)))
        for contrato_id in assinante.contratos:
            FaturamentoService(sessao).suspender_a_pedido(contrato_id, em=dia)
    elif sorte < sai + PAUSA + MUDANCA and assinante.plano < c.EMPRESARIAL - 1:
        assinante.plano += 1
        FaturamentoService(sessao).mudar_plano(assinante.contratos[0], historia.planos[assinante.plano].id, em=dia)


def _voltar(sessao: Session, assinante: Assinante, dia: dt.date) -> None:
    assinante.parado_ate = None
    for contrato_id in assinante.contratos:
        FaturamentoService(sessao).retomar(contrato_id, em=dia)


def _sair(sessao: Session, assinante: Assinante, dia: dt.date, motivo: str) -> None:
    assinante.saiu = True
    for contrato_id in assinante.contratos:
        FaturamentoService(sessao).encerrar_contrato(contrato_id, em=dia, motivo=motivo)


def _encerrar_devedores(sessao: Session, historia: Historia, dia: dt.date) -> None:
    limite = relogio.instante(dia - dt.timedelta(days=DIAS_ATE_ENCERRAR))
    antigos = select(Contrato.cliente_id).join(Bloqueio, Bloqueio.contrato_id == Contrato.id).where(
        Bloqueio.fim.is_(None), Bloqueio.motivo == MotivoBloqueio.inadimplencia, Bloqueio.inicio < limite
    )
    for cliente_id in sessao.scalars(antigos.distinct().order_by(Contrato.cliente_id)).all():
        if not historia.assinantes[cliente_id].saiu:
            _sair(sessao, historia.assinantes[cliente_id], dia, c.POR_INADIMPLENCIA)
