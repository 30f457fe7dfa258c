"""Customers of the story: they arrive, change plan, pause, leave, and are shown the door."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.clientes.models import Endereco, TipoEndereco
from app.clientes.services import ClienteService
from app.contratos.models import Contrato
from app.contratos.services import ContratoService
from app.core import relogio
from app.core.datas import mais_meses, primeiro_vencimento
from app.core.dinheiro import ZERO
from app.demonstracao import comportamento as c
from app.demonstracao.historia import Assinante, Historia
from app.demonstracao.pessoas import Pessoa, uma_pessoa
from app.faturamento.estados import TipoLancamento
from app.faturamento.models import ContratoCiclo
from app.faturamento.services import FaturamentoService

DIAS_ATE_ENCERRAR = 75
PAUSA, MUDANCA = 0.003, 0.007      # chances in a month
UM_MES = 30


def chegar(sessao: Session, historia: Historia, quantos: int, dia: dt.date) -> None:
    """``quantos`` customers sign today; on the first day those of before are taken over, with their contracts' own dates."""
    for _n in range(quantos):
        antigo = dia == historia.inicio
        desde = c.instalado_em(historia.sorteio, dia) if antigo else dia
        _assinar(sessao, historia, uma_pessoa(historia.sorteio, len(historia.assinantes)), desde, dia)


def _assinar(sessao: Session, historia: Historia, pessoa: Pessoa, desde: dt.date, dia: dt.date) -> None:
    sorteio = historia.sorteio
    cliente_id, endereco_id = _cadastrar(sessao, pessoa)
    plano = c.EMPRESARIAL if pessoa.pj and sorteio.random() < 0.45 else sorteio.choices(range(len(historia.planos)), [p.peso for p in historia.planos])[0]
    assinante = Assinante(cliente_id, [], c.um_pagador(sorteio), desde, plano, empresa=pessoa.pj)
    historia.assinantes[cliente_id] = assinante
    vencimento = c.sortear(sorteio, c.DIAS)
    _contratar(sessao, historia, assinante, endereco_id, vencimento, dia)
    if pessoa.pj and sorteio.random() < 0.12:      # a branch on the same bill
        _contratar(sessao, historia, assinante, _endereco(sessao, cliente_id, uma_pessoa(sorteio, 0)), vencimento, dia)
    if desde == dia and sorteio.random() < 0.3:
        FaturamentoService(sessao).lancar(
            cliente_id, tipo=TipoLancamento.acrescimo, descricao="Taxa de instalação", valor=Decimal("150.00"), parcelas=3, a_partir_de=dia
        )


def _contratar(sessao: Session, historia: Historia, assinante: Assinante, endereco_id: int, vencimento: int, dia: dt.date) -> None:
    sorteio, desde = historia.sorteio, assinante.desde
    com_desconto = desde == dia and sorteio.random() < 0.22
    contrato = ContratoService(sessao).criar_contrato(
        assinante.cliente_id, historia.planos[assinante.plano].id, data_inicio=desde, endereco_instalacao_id=endereco_id,
        desconto=Decimal("20.00") if com_desconto else ZERO, desconto_ate=dia + dt.timedelta(days=90) if com_desconto else None,
        itens=_adicionais(historia, desde),
    )
    do_cliente = select(ContratoCiclo.ciclo_faturamento_id).where(ContratoCiclo.contrato_id.in_(assinante.contratos))
    juntar = {"ciclo_faturamento_id": sessao.scalar(do_cliente)} if assinante.contratos else {}
    if desde < dia:
        juntar |= {"primeiro": primeiro_vencimento(dia, vencimento), "faturar_desde": primeiro_vencimento(dia, vencimento)}
        contrato.data_renovacao = _renovacao(desde, dia)
    FaturamentoService(sessao).ativar_contrato(contrato.id, em=desde, dia_vencimento=vencimento, **juntar)
    assinante.contratos.append(contrato.id)


def _renovacao(desde: dt.date, dia: dt.date) -> dt.date:
    """The first anniversary after the take-over."""
    anos = dia.year - desde.year
    return next(d for n in (anos, anos + 1) if (d := mais_meses(desde, 12 * n)) > dia)


def _cadastrar(sessao: Session, p: Pessoa) -> tuple[int, int]:
    cliente = ClienteService(sessao).cadastrar(
        nome=p.nome, cpf_cnpj=p.documento, nome_fantasia=p.fantasia, data_nascimento=p.nascimento, email=p.email, telefone=p.telefone, whatsapp=p.telefone,
    )
    return cliente.id, _endereco(sessao, cliente.id, p)


def _endereco(sessao: Session, cliente_id: int, p: Pessoa) -> int:
    endereco = Endereco(
        cliente_id=cliente_id, tipo=TipoEndereco.instalacao, cep=p.cep, logradouro=p.logradouro, numero=p.numero, complemento=p.complemento,
        bairro=p.bairro, municipio=p.cidade.nome, uf=p.cidade.uf, codigo_ibge=p.cidade.ibge,
    )
    sessao.add(endereco)
    sessao.flush()
    return endereco.id


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
